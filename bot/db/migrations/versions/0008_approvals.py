"""Approve before send: the chosen topics, and answers that wait for a counsellor"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'approval_topic',
        sa.Column('intent', sa.String(length=64), nullable=False),
        sa.Column('chosen_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('chosen_by', sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint('intent', name=op.f('pk_approval_topic')),
    )
    op.create_table(
        'held_answer',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('conversation_id', sa.String(length=36), nullable=False),
        sa.Column('turn_id', sa.String(length=36), nullable=False),
        sa.Column('intent', sa.String(length=64), nullable=False),
        sa.Column('bubbles', sa.LargeBinary(), nullable=False),
        sa.Column('state', sa.String(length=12), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('decided_by', sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ['conversation_id'], ['conversation.id'], name=op.f('fk_held_answer_conversation_id_conversation'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_held_answer')),
    )
    op.create_index('ix_held_answer_conversation_id', 'held_answer', ['conversation_id'])
    op.create_index('ix_held_answer_due', 'held_answer', ['state', 'due_at'])


def downgrade() -> None:
    op.drop_table('held_answer')
    op.drop_table('approval_topic')
