"""What all tests share: real databases, a clock that stands still, the project's own words."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from bot.clock import FakeClock
from bot.conversations.inbox import Inbox
from bot.db.base import use_keyring
from bot.db.metadata import metadata
from bot.db.session import Database
from bot.people.vault import Vault
from bot.safety.crypto import Keyring, new_key
from bot.texts import Texts

ROOT = Path(__file__).resolve().parent.parent
# A Monday in winter at 10.00 in Stockholm: within everybody's hours.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/test")


def _postgres_answers() -> bool:
    try:
        psycopg.connect(POSTGRES, connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


POSTGRES_ANSWERS = _postgres_answers()


def pytest_report_header() -> str:
    """Say at the top whether PostgreSQL is part of this run."""
    if POSTGRES_ANSWERS:
        return "databases: SQLite and PostgreSQL"
    return "databases: SQLite only (no PostgreSQL answers on loopback; set TEST_DATABASE_URL to add it)"


@pytest.fixture(scope="session", autouse=True)
def keys() -> None:
    """Keys for the encrypted columns of this run."""
    use_keyring(Keyring.from_text(new_key()))


@pytest.fixture(params=["sqlite", "postgresql"] if POSTGRES_ANSWERS else ["sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with all tables, on each kind of database."""
    yield from make_database(request.param, tmp_path)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database, for tests that do not depend on the kind."""
    yield from make_database("sqlite", tmp_path)


def make_database(kind: str, folder: Path) -> Iterator[Database]:
    """Open an empty database with all tables and take it away afterwards."""
    if kind == "sqlite":
        db = Database(f"sqlite:///{folder / 'bot.db'}")
        metadata().create_all(db.engine)
        yield db
        db.close()
        return
    schema = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")  # type: ignore[arg-type]
    db = Database(f"{POSTGRES}?options=-csearch_path%3D{schema}")
    metadata().create_all(db.engine)
    yield db
    with db.engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    db.close()


@pytest.fixture
def clock() -> FakeClock:
    """A clock that moves only when a test moves it."""
    return FakeClock(NOW)


@pytest.fixture(scope="session")
def texts() -> Texts:
    """The project's own words."""
    return Texts.load(ROOT / "data" / "responses")


@pytest.fixture
def vault() -> Vault:
    """A vault with a key of its own."""
    return Vault("a key of this test")


@pytest.fixture
def inbox(database: Database, vault: Vault, texts: Texts, clock: FakeClock) -> Inbox:
    """The inbox on the test's database."""
    return Inbox(database, vault, texts, clock)
