"""Empty databases for tests, made quickly: the tables are created once in each process and used again.

A SQLite file is a copy of an empty one. A PostgreSQL schema is emptied and handed on; one that cannot be
emptied, because a test left a lock behind, is put aside. Every test has a database to itself.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import text

from bot.db.metadata import metadata
from bot.db.session import Database

POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/test")
# A commit need not reach the disk before it returns: no test cuts the power of the database's machine.
_OPTIONS = "-csearch_path%3D{schema}%20-csynchronous_commit%3Doff"
_LOCK_MS = 2_000


def _postgres_answers() -> bool:
    try:
        psycopg.connect(POSTGRES, connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


POSTGRES_ANSWERS = _postgres_answers()


def make_database(kind: str, folder: Path) -> Iterator[Database]:
    """Open an empty database with all tables and take it away afterwards."""
    if kind == "sqlite":
        db = sqlite_at(folder / "bot.db")
        yield db
        db.close()
        return
    schema = _free.pop() if _free else _new_schema()
    db = _postgres(schema)
    yield db
    db.close()
    if _emptied(schema):
        _free.append(schema)


def sqlite_at(path: Path, *, busy_ms: int | None = None) -> Database:
    """Open a new SQLite database with all tables and no rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_empty_sqlite(), path)
    url = f"sqlite:///{path}"
    return Database(url) if busy_ms is None else Database(url, busy_ms=busy_ms)


@lru_cache(maxsize=1)
def _empty_sqlite() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="empty-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    db = Database(f"sqlite:///{folder / 'empty.db'}")
    metadata().create_all(db.engine)
    db.overwrite_freed([])
    db.close()
    return folder / "empty.db"


_free: list[str] = []
_made: list[str] = []


def _postgres(schema: str) -> Database:
    return Database(f"{POSTGRES}?options={_OPTIONS.format(schema=schema)}")


def _new_schema() -> str:
    schema = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
    if not _made:
        atexit.register(_drop_all)
    _made.append(schema)
    db = _postgres(schema)
    metadata().create_all(db.engine)
    with db.engine.begin() as connection:
        # Without it rows would not lie in the order of their insertion any more at some moment of its choice.
        for table in metadata().sorted_tables:
            connection.execute(text(f"ALTER TABLE {table.name} SET (autovacuum_enabled = false)"))
    db.close()
    return schema


def _emptied(schema: str) -> bool:
    """Empty all tables and begin their numbers at one again; False when it cannot be used again."""
    filled = SQL("; ").join(
        SQL("DELETE FROM {}").format(Identifier(schema, table.name)) for table in metadata().sorted_tables
    )
    try:
        with psycopg.connect(POSTGRES) as connection:
            connection.execute(SQL("SET lock_timeout = {}").format(_LOCK_MS))
            migrated = connection.execute("SELECT to_regclass(%s)", (f"{schema}.alembic_version",)).fetchone()
            if migrated != (None,):
                # A test of the migrations has made other tables here, and a next one would find them up to date.
                return False
            # No foreign key is checked row by row: in the end all tables are empty.
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(filled)
            connection.execute(
                "SELECT setval(format('%%I.%%I', schemaname, sequencename), 1, false) FROM pg_sequences"
                " WHERE schemaname = %s AND last_value IS NOT NULL",
                (schema,),
            )
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def _drop_all() -> None:
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(SQL("SET lock_timeout = {}").format(_LOCK_MS))
        for schema in _made:
            connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(schema)))
