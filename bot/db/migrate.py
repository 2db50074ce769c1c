"""Brings the database to the tables of this version (`bot db upgrade`, and at every start)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.db.session import Database

# One number for all processes: PostgreSQL lets one of them migrate, the others wait.
_ADVISORY_LOCK = 7_302_511


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(db: Database) -> bool:
    """Apply the migrations that are missing; False when there were none."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with db.engine.connect().execution_options(writes=False) as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return False
    with db.engine.begin() as connection:
        _alone(connection)
        if MigrationContext.configure(connection).get_current_revision() == head:
            return False
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True


def _alone(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=_ADVISORY_LOCK))
