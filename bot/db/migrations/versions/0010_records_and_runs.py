"""Reports of concern: several records of one conversation. Retention: a run is written down first, and then finished"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('preserved_record', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_preserved_record_conversation_id'), type_='unique')
        batch_op.create_index(batch_op.f('ix_preserved_record_conversation_id'), ['conversation_id'], unique=False)

    with op.batch_alter_table('retention_run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True))

    # Until now a run was written down when it was done.
    op.execute('UPDATE retention_run SET finished_at = at')


def downgrade() -> None:
    with op.batch_alter_table('retention_run', schema=None) as batch_op:
        batch_op.drop_column('finished_at')

    with op.batch_alter_table('preserved_record', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_preserved_record_conversation_id'))
        batch_op.create_unique_constraint(batch_op.f('uq_preserved_record_conversation_id'), ['conversation_id'])
