"""What all tests share: real databases, a clock that stands still, the project's own words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import FakeClock
from bot.conversations.inbox import Inbox
from bot.db.base import use_keyring
from bot.db.session import Database
from bot.people.vault import Vault
from bot.safety.crypto import Keyring, new_key
from bot.texts import Texts
from tests.databases import POSTGRES_ANSWERS, make_database

ROOT = Path(__file__).resolve().parent.parent
# A Monday in winter at 10.00 in Stockholm: within everybody's hours.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


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
