"""Meetings of any length: quarter-hours that can be taken once, rules and calendars of counsellors"""

import secrets
from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('availability_exception',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('staff_id', sa.String(length=36), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('starts', sa.String(length=5), nullable=True),
    sa.Column('ends', sa.String(length=5), nullable=True),
    sa.Column('away', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_availability_exception_staff_id_staff'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_availability_exception'))
    )
    with op.batch_alter_table('availability_exception', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_availability_exception_staff_id'), ['staff_id'], unique=False)

    op.create_table('busy_span',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('staff_id', sa.String(length=36), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_busy_span_staff_id_staff'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_busy_span'))
    )
    with op.batch_alter_table('busy_span', schema=None) as batch_op:
        batch_op.create_index('ix_busy_span_staff', ['staff_id', 'starts_at'], unique=False)

    op.create_table('calendar_link',
    sa.Column('staff_id', sa.String(length=36), nullable=False),
    sa.Column('feed_hash', sa.String(length=64), nullable=True),
    sa.Column('feed_token', sa.LargeBinary(), nullable=True),
    sa.Column('discreet', sa.Boolean(), nullable=False),
    sa.Column('import_url', sa.LargeBinary(), nullable=True),
    sa.Column('import_fault', sa.String(length=24), nullable=True),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('import_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_calendar_link_staff_id_staff'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_calendar_link')),
    sa.UniqueConstraint('feed_hash', name=op.f('uq_calendar_link_feed_hash'))
    )
    with op.batch_alter_table('calendar_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_calendar_link_import_due_at'), ['import_due_at'], unique=False)

    op.create_table('meeting_rules',
    sa.Column('staff_id', sa.String(length=36), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('buffer_minutes', sa.Integer(), nullable=False),
    sa.Column('notice_minutes', sa.Integer(), nullable=False),
    sa.Column('horizon_days', sa.Integer(), nullable=False),
    sa.Column('ways', sa.JSON(), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=True),
    sa.Column('video_link', sa.String(length=300), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_meeting_rules_staff_id_staff'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_meeting_rules'))
    )
    op.create_table('booking_cell',
    sa.Column('staff_id', sa.String(length=36), nullable=False),
    sa.Column('cell', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('booking_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['booking_id'], ['booking.id'], name=op.f('fk_booking_cell_booking_id_booking'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_booking_cell_staff_id_staff')),
    sa.PrimaryKeyConstraint('staff_id', 'cell', name=op.f('pk_booking_cell'))
    )
    with op.batch_alter_table('booking_cell', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_booking_cell_booking_id'), ['booking_id'], unique=False)

    with op.batch_alter_table('booking', schema=None) as batch_op:
        batch_op.add_column(sa.Column('uid', sa.String(length=36), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('sequence', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('token', sa.String(length=43), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('coming_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('outcome', sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column('outcome_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_index(batch_op.f('uq_booking_taken'), sqlite_where=sa.text("state = 'booked'"), postgresql_where=sa.text("state = 'booked'"))
        batch_op.create_index('ix_booking_starts', ['state', 'starts_at'], unique=False)
        batch_op.create_index('ix_booking_token', ['token'], unique=False)
    _carry_over(op.get_bind())


def _carry_over(connection: sa.Connection) -> None:
    """Give the meetings there are their calendar name, and take the quarter-hours of those that stand."""
    rows = connection.execute(sa.text("SELECT id, staff_id, state, minutes FROM booking")).all()
    booking = sa.table("booking", sa.column("id"), sa.column("starts_at", sa.DateTime(timezone=True)))
    starts = dict(connection.execute(sa.select(booking.c.id, booking.c.starts_at)).tuples().all())
    fill = sa.text("UPDATE booking SET uid = :uid, token = :token WHERE id = :id")
    take = sa.text("INSERT INTO booking_cell (staff_id, cell, booking_id) VALUES (:staff_id, :cell, :id)")
    for row in rows:
        connection.execute(fill, {"id": row.id, "uid": row.id, "token": secrets.token_urlsafe(32)})
        if row.state != "booked":
            continue
        start = starts[row.id]
        if start.tzinfo is None:
            start = start.replace(tzinfo=UTC)
        first = int(start.timestamp()) // 900
        for cell in range(first, first - (-row.minutes // 15)):
            connection.execute(take, {"staff_id": row.staff_id, "cell": cell, "id": row.id})



def downgrade() -> None:
    with op.batch_alter_table('booking', schema=None) as batch_op:
        batch_op.drop_index('ix_booking_token')
        batch_op.drop_index('ix_booking_starts')
        batch_op.create_index(batch_op.f('uq_booking_taken'), ['staff_id', 'starts_at'], unique=True, sqlite_where=sa.text("state = 'booked'"), postgresql_where=sa.text("state = 'booked'"))
        batch_op.drop_column('outcome_at')
        batch_op.drop_column('outcome')
        batch_op.drop_column('coming_at')
        batch_op.drop_column('token')
        batch_op.drop_column('sequence')
        batch_op.drop_column('uid')

    with op.batch_alter_table('booking_cell', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_booking_cell_booking_id'))

    op.drop_table('booking_cell')
    op.drop_table('meeting_rules')
    with op.batch_alter_table('calendar_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_calendar_link_import_due_at'))

    op.drop_table('calendar_link')
    with op.batch_alter_table('busy_span', schema=None) as batch_op:
        batch_op.drop_index('ix_busy_span_staff')

    op.drop_table('busy_span')
    with op.batch_alter_table('availability_exception', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_availability_exception_staff_id'))

    op.drop_table('availability_exception')
