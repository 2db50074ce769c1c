"""Imports of the catalogue, and edits of staff"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('catalogue_provider', schema=None) as batch_op:
        batch_op.add_column(sa.Column('distance', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('units', sa.JSON(), server_default='[]', nullable=False))

    op.create_table('catalogue_import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('fetched_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('notes', sa.JSON(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue_import'))
    )
    op.create_table('catalogue_imported_row',
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('provider_id', sa.String(length=60), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['catalogue_import.id'], name=op.f('fk_catalogue_imported_row_import_id_catalogue_import'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('import_id', 'provider_id', name=op.f('pk_catalogue_imported_row'))
    )
    op.create_table('edit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.String(length=36), nullable=False),
    sa.Column('staff_name', sa.String(length=80), nullable=False),
    sa.Column('changes', sa.JSON(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('source_date', sa.String(length=10), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by', sa.String(length=80), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_edit')),
    sa.UniqueConstraint('kind', 'key', 'number', name=op.f('uq_edit_kind_key_number'))
    )
    with op.batch_alter_table('edit', schema=None) as batch_op:
        batch_op.create_index('ix_edit_at', ['at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('edit', schema=None) as batch_op:
        batch_op.drop_index('ix_edit_at')

    op.drop_table('edit')
    op.drop_table('catalogue_imported_row')
    op.drop_table('catalogue_import')
    with op.batch_alter_table('catalogue_provider', schema=None) as batch_op:
        batch_op.drop_column('units')
        batch_op.drop_column('distance')
