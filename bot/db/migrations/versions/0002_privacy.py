"""Privacy: sealed entities and slots, second factor, reasons of unmasking, preserved records, the retention log"""

import json

import sqlalchemy as sa
from alembic import op

from bot.db.base import keyring

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

# What quoted a person in the clear until now.
SEALED = (
    ('inbound_message', 'id', 'entities', sa.JSON(), False),
    ('inbound_message', 'id', 'payload', sa.Text(), True),
    ('turn', 'id', 'sent_entities', sa.JSON(), False),
    ('turn', 'id', 'entities', sa.JSON(), False),
    ('turn', 'id', 'slots', sa.JSON(), False),
    ('turn', 'id', 'button', sa.Text(), True),
    ('outbound_message', 'id', 'buttons', sa.JSON(), False),
    ('button', 'token', 'title', sa.Text(), False),
    ('button', 'token', 'payload', sa.Text(), False),
)


def upgrade() -> None:
    op.create_table('preserved_record',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('conversation_id', sa.String(length=36), nullable=False),
    sa.Column('municipality', sa.String(length=40), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(length=36), nullable=False),
    sa.Column('document', sa.LargeBinary(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('registered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('registered_by', sa.String(length=36), nullable=True),
    sa.Column('registered_as', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_preserved_record')),
    sa.UniqueConstraint('conversation_id', name=op.f('uq_preserved_record_conversation_id'))
    )
    op.create_table('retention_run',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_by', sa.String(length=16), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_retention_run'))
    )
    op.create_index(op.f('ix_retention_run_at'), 'retention_run', ['at'], unique=False)
    op.create_table('export_link',
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('conversation_id', sa.String(length=36), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'],
                            name=op.f('fk_export_link_conversation_id_conversation'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('fingerprint', name=op.f('pk_export_link'))
    )
    op.create_index(op.f('ix_export_link_conversation_id'), 'export_link', ['conversation_id'], unique=False)

    # Columns are added in place: a copy of `staff` or `conversation` on SQLite would drop what hangs on them.
    op.add_column('access_log', sa.Column('municipality', sa.String(length=40), nullable=True))
    op.add_column('access_log', sa.Column('reason', sa.LargeBinary(), nullable=True))
    op.add_column('conversation', sa.Column('blanked_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('erasure', sa.Column('by', sa.String(length=48), nullable=False, server_default='youth'))
    op.add_column('erasure', sa.Column('kept', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('staff', sa.Column('totp_secret', sa.LargeBinary(), nullable=True))
    op.add_column('staff', sa.Column('totp_since', sa.DateTime(timezone=True), nullable=True))
    op.add_column('staff', sa.Column('totp_step', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('staff', sa.Column('recovery_codes', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('staff', sa.Column('oidc_subject', sa.String(length=255), nullable=True))
    op.create_index(op.f('ix_staff_oidc_subject'), 'staff', ['oidc_subject'], unique=True)
    op.add_column('staff_session', sa.Column('awaits_code', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('turn', sa.Column('municipality', sa.String(length=40), nullable=True))

    _keep_municipality()
    for table, key, column, kind, nullable in SEALED:
        _seal(table, key, column, kind, nullable)


def _keep_municipality() -> None:
    turn = sa.table('turn', sa.column('id'), sa.column('slots', sa.JSON()), sa.column('municipality'))
    connection = op.get_bind()
    for row in connection.execute(sa.select(turn.c.id, turn.c.slots)).all():
        place = (row.slots or {}).get('municipality')
        if place:
            connection.execute(turn.update().where(turn.c.id == row.id).values(municipality=str(place)[:40]))


def _seal(name: str, key: str, column: str, kind: sa.types.TypeEngine, nullable: bool) -> None:
    """Encrypt a column into a binary one of the same name."""
    sealed = f'{column}_sealed'
    op.add_column(name, sa.Column(sealed, sa.LargeBinary(), nullable=True))
    table = sa.table(name, sa.column(key), sa.column(column, kind), sa.column(sealed, sa.LargeBinary()))
    connection = op.get_bind()
    for identity, value in connection.execute(sa.select(table.c[key], table.c[column])).all():
        if value is not None:
            words = value if isinstance(kind, sa.Text) else json.dumps(value, ensure_ascii=False)
            data = keyring().encrypt(words, f'{name}.{column}')
            connection.execute(table.update().where(table.c[key] == identity).values({sealed: data}))
    with op.batch_alter_table(name, schema=None) as batch_op:
        batch_op.drop_column(column)
    with op.batch_alter_table(name, schema=None) as batch_op:
        batch_op.alter_column(sealed, new_column_name=column, existing_type=sa.LargeBinary(), nullable=nullable)


def downgrade() -> None:
    raise NotImplementedError("what is sealed is not opened again: restore the backup taken before the upgrade")
