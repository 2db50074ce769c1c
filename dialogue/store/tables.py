"""The engine's tables and the connection to them: SQLite in WAL mode, or a schema of its own in PostgreSQL.

Made at start. Used by conversations.py only.
"""

import re
from typing import Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.engine.url import URL
from sqlalchemy.schema import CreateSchema

SCHEMA = "dialogue"
_NAME = re.compile(r"^[a-z_][a-z0-9_]{0,62}$")
_SEARCH_PATH = re.compile(r"search_path(?:=|%3D)([^,\s]+)", re.IGNORECASE)
_BUSY_MS, _CHECKPOINT_BUSY_MS = 10_000, 1_000
"""How long a writer waits for another on SQLite, and how long the folding of its log waits for readers."""
_START_LOCK = 0x7274
"""Number of the PostgreSQL advisory lock under which tables are made: two replicas may start at once."""

metadata = sa.MetaData()

conversation = sa.Table(
    "conversation",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),  # rises with each saved turn; the optimistic check
    sa.Column("deleted", sa.SmallInteger, nullable=False, default=0),  # a tombstone: all else is empty then
    sa.Column("asked_session", sa.Integer, nullable=False, default=0),  # highest `session` of a request so far
    sa.Column("session_place", sa.Integer, nullable=False, default=0),  # place of the session's first event
    sa.Column("window_place", sa.Integer, nullable=False, default=0),  # place of the first event that is loaded
    sa.Column("next_place", sa.Integer, nullable=False, default=0),
    sa.Column("turns", sa.Integer, nullable=False, default=0),  # in this session
    sa.Column("window_turns", sa.Integer, nullable=False, default=0),
    sa.Column("last_turn_at", sa.Float, nullable=False, default=0.0),  # epoch seconds by BOT_CLOCK
    sa.Column("before_window", sa.Text),  # JSON: what the events before the window amount to
    sa.Column("language", sa.Text),  # JSON: memory of the language choice
)

event = sa.Table(
    "event",
    metadata,
    sa.Column("conversation_id", sa.String(64), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("quarantined", sa.SmallInteger, nullable=False, default=0),
    sa.Column("data", sa.Text, nullable=False),
)

turn = sa.Table(
    "turn",
    metadata,
    sa.Column("conversation_id", sa.String(64), primary_key=True),
    sa.Column("message_id", sa.String(64), primary_key=True),
    sa.Column("reply", sa.Text, nullable=False),
    sa.Column("answered_at", sa.Float, nullable=False),
)


def connect(url: str) -> Tuple[Engine, Optional[str]]:
    """Return an engine for `TRACKER_URL` and the PostgreSQL schema that its tables live in.

    Raises:
        ValueError: neither SQLite nor PostgreSQL, or a schema name that is none.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address), None
    if address.get_backend_name() != "postgresql":
        raise ValueError("TRACKER_URL must be sqlite:///… or postgresql://…")
    schema, address = _schema_of(address)
    arguments = {"connect_timeout": 5, "options": f"-c search_path={schema} -c statement_timeout=10000"}
    engine = sa.create_engine(
        address, connect_args=arguments, pool_size=8, max_overflow=8, pool_pre_ping=True, hide_parameters=True
    )
    return engine, schema


def _schema_of(address: URL) -> Tuple[str, URL]:
    """Take the schema out of the address: `?options=-csearch_path=x`, `?search_path=x` or `?schema=x`."""
    query = dict(address.query)
    given = query.pop("search_path", None) or query.pop("schema", None)
    options = str(query.pop("options", ""))
    found = _SEARCH_PATH.search(options)
    schema = str(given or (found.group(1) if found else SCHEMA))
    if not _NAME.match(schema):
        raise ValueError("The PostgreSQL schema in TRACKER_URL must be a plain lower-case name.")
    return schema, address.set(drivername="postgresql+psycopg2", query=query)


def _sqlite(address: URL) -> Engine:
    if address.database:
        from pathlib import Path

        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    arguments = {"timeout": 10, "check_same_thread": False}
    engine = sa.create_engine(address, connect_args=arguments, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def opened(connection, _record):  # type: ignore[no-untyped-def]
        # The driver's own transaction handling begins too late for a read followed by a write.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={_BUSY_MS}", "secure_delete=ON"):
            connection.execute(f"pragma {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begun(connection):  # type: ignore[no-untyped-def]
        connection.exec_driver_sql("begin immediate" if connection.get_execution_options().get("writes") else "begin")

    return engine


def writing(engine: Engine) -> Connection:
    """A connection whose transaction takes the write lock at once (SQLite)."""
    return engine.connect().execution_options(writes=True)


def overwrite_freed(engine: Engine) -> bool:
    """Fold SQLite's write-ahead log into the file: what was deleted stood in it; `secure_delete` does the rest.

    False when somebody still reads from the log: it stands as it was, and this must be tried again.
    """
    if engine.dialect.name != "sqlite":
        return True
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        # While it waits for readers, nobody can write: it is tried again instead of waiting long.
        raw.execute(f"pragma busy_timeout={_CHECKPOINT_BUSY_MS}")
        try:
            busy, _, _ = raw.execute("pragma wal_checkpoint(truncate)").fetchone()
        finally:
            raw.execute(f"pragma busy_timeout={_BUSY_MS}")
    return not busy


def make_tables(engine: Engine, schema: Optional[str]) -> None:
    """Make what is missing. Safe when several replicas start at once."""
    with writing(engine) as connection, connection.begin():
        if schema is not None:
            connection.execute(sa.text("select pg_advisory_xact_lock(:n)"), {"n": _START_LOCK})
            known = connection.execute(sa.text("select 1 from pg_namespace where nspname = :name"), {"name": schema})
            if known.first() is None:
                connection.execute(CreateSchema(schema))
        metadata.create_all(connection)
