"""Live chat: what is read, who types, replies, messages for later, practice; the console's list of all conversations, latest first"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'read_up_to',
        sa.Column('staff_id', sa.String(length=36), nullable=False),
        sa.Column('conversation_id', sa.String(length=36), nullable=False),
        sa.Column('seq', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['conversation_id'], ['conversation.id'], name=op.f('fk_read_up_to_conversation_id_conversation'),
            ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['staff_id'], ['staff.id'], name=op.f('fk_read_up_to_staff_id_staff'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('staff_id', 'conversation_id', name=op.f('pk_read_up_to')),
    )
    op.create_index('ix_read_up_to_conversation_id', 'read_up_to', ['conversation_id'])
    op.create_table(
        'typing_sign',
        sa.Column('conversation_id', sa.String(length=36), nullable=False),
        sa.Column('side', sa.String(length=8), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['conversation_id'], ['conversation.id'], name=op.f('fk_typing_sign_conversation_id_conversation'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('conversation_id', 'side', name=op.f('pk_typing_sign')),
    )
    op.create_index('ix_typing_sign_at', 'typing_sign', ['at'])
    op.create_table(
        'canned_reply',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('starter', sa.String(length=40), nullable=True),
        sa.Column('title', sa.String(length=60), nullable=False),
        sa.Column('text_sv', sa.Text(), nullable=False),
        sa.Column('text_en', sa.Text(), nullable=False),
        sa.Column('active', sa.Boolean(), nullable=False),
        sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('changed_by', sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_canned_reply')),
        sa.UniqueConstraint('starter', name=op.f('uq_canned_reply_starter')),
    )
    op.create_table(
        'scheduled_message',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('conversation_id', sa.String(length=36), nullable=False),
        sa.Column('staff_id', sa.String(length=36), nullable=False),
        sa.Column('text', sa.LargeBinary(), nullable=False),
        sa.Column('send_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('after_seq', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=12), nullable=False),
        sa.Column('reason', sa.String(length=16), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ['conversation_id'], ['conversation.id'], name=op.f('fk_scheduled_message_conversation_id_conversation'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_scheduled_message')),
    )
    op.create_index('ix_scheduled_message_conversation_id', 'scheduled_message', ['conversation_id'])
    op.create_index('ix_scheduled_message_due', 'scheduled_message', ['state', 'send_at'])
    op.create_table(
        'practice_round',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('staff_id', sa.String(length=36), nullable=False),
        sa.Column('scenario', sa.String(length=40), nullable=False),
        sa.Column('lines', sa.LargeBinary(), nullable=False),
        sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ['staff_id'], ['staff.id'], name=op.f('fk_practice_round_staff_id_staff'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_practice_round')),
    )
    op.create_index('ix_practice_round_staff_id', 'practice_round', ['staff_id'])
    op.create_index('ix_conversation_latest', 'conversation', ['last_inbound_at'])


def downgrade() -> None:
    op.drop_index('ix_conversation_latest', 'conversation')
    op.drop_table('practice_round')
    op.drop_table('scheduled_message')
    op.drop_table('canned_reply')
    op.drop_table('typing_sign')
    op.drop_table('read_up_to')
