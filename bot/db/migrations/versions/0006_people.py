"""Duty, transfer, what a youth who waits is asked, reaching staff on their phone"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('duty_setting',
    sa.Column('municipality', sa.String(length=40), nullable=False),
    sa.Column('crisis_owner', sa.String(length=36), nullable=True),
    sa.Column('crisis_nobody', sa.Boolean(), nullable=False),
    sa.Column('responsible', sa.String(length=36), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.String(length=36), nullable=False),
    sa.PrimaryKeyConstraint('municipality', name=op.f('pk_duty_setting'))
    )
    op.create_table('opening_hours',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('municipality', sa.String(length=40), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('starts', sa.String(length=5), nullable=False),
    sa.Column('ends', sa.String(length=5), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opening_hours'))
    )
    with op.batch_alter_table('opening_hours', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_opening_hours_municipality'), ['municipality'], unique=False)

    op.create_table('absence',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('staff_id', sa.String(length=36), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_absence_staff_id_staff'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absence'))
    )
    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_absence_staff_id'), ['staff_id'], unique=False)

    op.create_table('duty_sign',
    sa.Column('staff_id', sa.String(length=36), nullable=False),
    sa.Column('on', sa.Boolean(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_duty_sign_staff_id_staff'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_duty_sign'))
    )
    op.create_table('link_code',
    sa.Column('staff_id', sa.String(length=36), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_link_code_staff_id_staff'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_link_code')),
    sa.UniqueConstraint('fingerprint', name=op.f('uq_link_code_fingerprint'))
    )
    op.create_table('staff_contact',
    sa.Column('staff_id', sa.String(length=36), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=True),
    sa.Column('address', sa.LargeBinary(), nullable=True),
    sa.Column('linked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('show_text', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('email', sa.LargeBinary(), nullable=True),
    sa.Column('email_on', sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_contact_staff_id_staff'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_staff_contact')),
    sa.UniqueConstraint('fingerprint', name=op.f('uq_staff_contact_fingerprint'))
    )
    op.create_table('staff_message',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('key', sa.String(length=160), nullable=False),
    sa.Column('staff_id', sa.String(length=36), nullable=True),
    sa.Column('path', sa.String(length=12), nullable=False),
    sa.Column('address', sa.LargeBinary(), nullable=True),
    sa.Column('text', sa.LargeBinary(), nullable=False),
    sa.Column('buttons', sa.JSON(), nullable=False),
    sa.Column('conversation_id', sa.String(length=36), nullable=True),
    sa.Column('handover_id', sa.String(length=36), nullable=True),
    sa.Column('alert_id', sa.String(length=36), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('channel_message_id', sa.String(length=80), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_staff_message_conversation_id_conversation'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_message_staff_id_staff'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_message')),
    sa.UniqueConstraint('key', name=op.f('uq_staff_message_key'))
    )
    with op.batch_alter_table('staff_message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_message_conversation_id'), ['conversation_id'], unique=False)
        batch_op.create_index('ix_staff_message_due', ['path', 'state', 'due_at'], unique=False)

    with op.batch_alter_table('alert', schema=None) as batch_op:
        batch_op.add_column(sa.Column('staff_id', sa.String(length=36), nullable=True))

    with op.batch_alter_table('handover', schema=None) as batch_op:
        batch_op.add_column(sa.Column('via', sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column('transfer_to', sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column('transfer_until', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('asking', sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column('place_asked_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('youth_words', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('summary_hidden', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('summary_shown_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('asked_position', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('told_position', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('told_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('agreed', sa.LargeBinary(), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('handover', schema=None) as batch_op:
        batch_op.drop_column('agreed')
        batch_op.drop_column('told_at')
        batch_op.drop_column('told_position')
        batch_op.drop_column('asked_position')
        batch_op.drop_column('summary_shown_at')
        batch_op.drop_column('summary_hidden')
        batch_op.drop_column('youth_words')
        batch_op.drop_column('place_asked_at')
        batch_op.drop_column('asking')
        batch_op.drop_column('transfer_until')
        batch_op.drop_column('transfer_to')
        batch_op.drop_column('via')

    with op.batch_alter_table('alert', schema=None) as batch_op:
        batch_op.drop_column('staff_id')

    with op.batch_alter_table('staff_message', schema=None) as batch_op:
        batch_op.drop_index('ix_staff_message_due')
        batch_op.drop_index(batch_op.f('ix_staff_message_conversation_id'))

    op.drop_table('staff_message')
    op.drop_table('staff_contact')
    op.drop_table('link_code')
    op.drop_table('duty_sign')
    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_absence_staff_id'))

    op.drop_table('absence')
    with op.batch_alter_table('opening_hours', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_opening_hours_municipality'))

    op.drop_table('opening_hours')
    op.drop_table('duty_setting')
