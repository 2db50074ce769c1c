"""Erasure: up to where updates are not taken again, and what is to go from counsellors' phones"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('erasure', sa.Column('last_update', sa.BigInteger(), nullable=True))
    op.create_table(
        'phone_removal',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('staff_id', sa.String(length=36), nullable=False),
        sa.Column('channel_message_id', sa.String(length=80), nullable=False),
        sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['staff_id'], ['staff.id'], name=op.f('fk_phone_removal_staff_id_staff'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_phone_removal')),
    )
    op.create_index(op.f('ix_phone_removal_due_at'), 'phone_removal', ['due_at'])


def downgrade() -> None:
    op.drop_table('phone_removal')
    op.drop_column('erasure', 'last_update')
