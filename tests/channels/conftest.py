"""What the tests of the channels share: services on a real database, and a Bot API server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.bell import Bell
from bot.clock import Clock, FakeClock
from bot.conversations.inbox import Inbox
from bot.db.session import Database
from bot.people.vault import Vault
from bot.settings import Settings, TelegramSettings
from bot.texts import Texts
from bot.wiring import Services
from tests.fakes.telegram import TOKEN, TelegramServer

WEBHOOK_SECRET = "a-secret-of-the-webhook"

MakeServices = Callable[..., Services]


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    """Telegram, as the bot sees it."""
    with TelegramServer() as server:
        yield server


@pytest.fixture
def make_services(vault: Vault, texts: Texts, tmp_path: Path) -> MakeServices:
    """Make services as `bot.wiring` does, with a database and a clock of the test."""

    def make(
        db: Database,
        clock: Clock,
        *,
        api: str = "http://127.0.0.1:1",
        mode: str = "polling",
        webhook_url: str = "",
        telegram: bool = True,
    ) -> Services:
        settings = Settings(
            telegram=TelegramSettings(TOKEN, api, mode, webhook_url, WEBHOOK_SECRET) if telegram else None,
            database_url="", dialogue_url="", actions_url="", tracker_url="", public_url="http://127.0.0.1",
            shared_secret="a shared secret of the tests", encryption_keys="", http_host="127.0.0.1",
            http_port=1, var_dir=tmp_path / "var", clock=clock,
        )  # fmt: skip
        return Services(
            settings=settings,
            clock=clock,
            db=db,
            vault=vault,
            texts=texts,
            bell=Bell(),
            inbox=Inbox(db, vault, texts, clock),
        )

    return make


@pytest.fixture
def services(database: Database, clock: FakeClock, telegram: TelegramServer, make_services: MakeServices) -> Services:
    """Services on each kind of database, by polling."""
    return make_services(database, clock, api=telegram.base_url)


@pytest.fixture
def sqlite_services(
    sqlite_database: Database, clock: FakeClock, telegram: TelegramServer, make_services: MakeServices
) -> Services:
    """Services on SQLite, for what does not depend on the kind of database."""
    return make_services(sqlite_database, clock, api=telegram.base_url)
