"""Opening the database: SQLite in WAL mode, or PostgreSQL, behind the same two verbs.

``transaction()`` writes and rolls back unless it ends well; ``reading()`` never writes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from bot.log import get_logger

log = get_logger(__name__)

# How long a writer waits for another on SQLite before it gives up, in milliseconds.
SQLITE_BUSY_MS = 15_000
# How long folding the write-ahead log into the file waits for readers.
CHECKPOINT_BUSY_MS = 1_000
# What is raised while the database is away or busy: nothing is stored, and trying again helps.
DATABASE_DOWN = (OperationalError, InterfaceError, PoolTimeout)


def normalise_url(url: str) -> str:
    """Return a URL with the driver we ship: psycopg 3 for any spelling of PostgreSQL."""
    for prefix in ("postgresql://", "postgres://", "postgresql+psycopg2://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    return url


def make_engine(url: str, *, busy_ms: int = SQLITE_BUSY_MS) -> Engine:
    """Build an engine; on SQLite with write-ahead logging and a real transaction from the start.

    Its errors do not quote the values of a statement: they would end in a log.

    Args:
        url: of SQLite or PostgreSQL.
        busy_ms: how long a writer waits for another on SQLite.
    """
    parsed = make_url(normalise_url(url))
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed,
        connect_args={"timeout": busy_ms / 1000, "check_same_thread": False},
        pool_size=10,
        max_overflow=20,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        # Python's driver would start transactions late; we start them ourselves (below).
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.execute(f"PRAGMA busy_timeout={busy_ms}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A write transaction takes SQLite's one write lock at once: a reader that turns
        # into a writer would fail with "database is locked" without waiting.
        writes = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


class Database:
    """The bot's database."""

    def __init__(self, url: str, *, busy_ms: int = SQLITE_BUSY_MS) -> None:
        self._busy_ms = busy_ms
        self.engine = make_engine(url, busy_ms=busy_ms)
        self._reader = self.engine.execution_options(writes=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite (one writer at a time)."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a write transaction; commit when the block ends well, else roll back."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that only reads."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    def overwrite_freed(self, tables: Iterable[str]) -> bool:
        """See that what was deleted does not linger; False when it still may, and this must be tried again.

        SQLite overwrites freed pages at once (`secure_delete`), and its write-ahead log is folded into the file
        here, unless somebody still reads from it; PostgreSQL clears the dead rows of these tables.
        """
        try:
            done = self._overwrite_freed(tables)
        except (DBAPIError, sqlite3.Error) as error:
            log.warning("database.not_overwritten", error=type(error).__name__)
            return False
        if not done:
            log.warning("database.not_overwritten", error="in use")
        return done

    def _overwrite_freed(self, tables: Iterable[str]) -> bool:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not self.is_sqlite:
                quoted = ", ".join(map(self.engine.dialect.identifier_preparer.quote, tables))
                if quoted:
                    connection.execute(text(f"VACUUM {quoted}"))
                return True
            raw = connection.connection.dbapi_connection
            assert raw is not None
            # While it waits for readers, nobody can write: it is tried again instead of waiting long.
            raw.execute(f"PRAGMA busy_timeout={min(self._busy_ms, CHECKPOINT_BUSY_MS)}")
            try:
                (busy, _, _) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                raw.execute(f"PRAGMA busy_timeout={self._busy_ms}")
            return not busy

    def ping(self) -> None:
        """Ask the database for one row; raises what the driver raises when it is down."""
        with self._reader.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
