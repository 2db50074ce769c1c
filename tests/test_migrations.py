"""Migrations: they make exactly the tables of the models, on both databases, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.db.metadata import metadata
from bot.db.migrate import upgrade
from bot.db.session import Database


def test_the_migrations_make_the_tables_of_the_models(database: Database) -> None:
    metadata().drop_all(database.engine)
    assert upgrade(database)
    with database.engine.connect().execution_options(writes=False) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata())

    assert differences == []


def test_a_second_upgrade_does_nothing(database: Database) -> None:
    metadata().drop_all(database.engine)
    upgrade(database)

    assert not upgrade(database)


def test_programs_that_start_at_once_migrate_once(database: Database) -> None:
    metadata().drop_all(database.engine)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: upgrade(database), range(4)))

    assert sum(results) == 1
