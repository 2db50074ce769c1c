"""Signing in: what went wrong counts by account and network, how a session was opened, wrong proofs inside it"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'failed_sign_in',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('account', sa.String(length=64), nullable=False),
        sa.Column('source', sa.String(length=64), nullable=False),
        sa.Column('stranger', sa.Boolean(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_failed_sign_in')),
    )
    op.create_index('ix_failed_sign_in_account', 'failed_sign_in', ['account', 'at'])
    op.create_index('ix_failed_sign_in_at', 'failed_sign_in', ['at'])
    # In place: a copy of `staff` on SQLite would drop what hangs on it.
    op.add_column('staff_session', sa.Column('municipal', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('staff_session', sa.Column('wrong_proofs', sa.Integer(), nullable=False, server_default='0'))
    # No password opens an account without one: these sessions were opened by the municipality.
    op.execute(
        "UPDATE staff_session SET municipal = true WHERE staff_id IN"
        " (SELECT id FROM staff WHERE oidc_subject IS NOT NULL AND password_hash = '')"
    )
    op.drop_column('staff', 'failed_sign_ins')
    op.drop_column('staff', 'locked_until')


def downgrade() -> None:
    op.add_column('staff', sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('staff', sa.Column('failed_sign_ins', sa.Integer(), nullable=False, server_default='0'))
    op.drop_column('staff_session', 'wrong_proofs')
    op.drop_column('staff_session', 'municipal')
    op.drop_table('failed_sign_in')
