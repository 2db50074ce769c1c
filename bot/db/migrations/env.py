"""Alembic's entry: migrates over the connection that `bot.db.migrate` hands in."""

from alembic import context

from bot.db.metadata import metadata

connection = context.config.attributes["connection"]
# SQLite cannot alter most things in place: a table is copied instead.
context.configure(
    connection=connection,
    target_metadata=metadata(),
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
