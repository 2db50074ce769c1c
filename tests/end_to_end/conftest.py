"""One running system for the tests that leave it as they found it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.end_to_end.system import System
from tests.fakes.telegram import TelegramServer

# Long enough to be searched for in files.
_chats = count(4_815_162_001)


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A running system."""
    with TelegramServer() as telegram, System(tmp_path_factory.mktemp("system"), telegram) as running:
        yield running


@pytest.fixture
def telegram(system: System) -> TelegramServer:
    """The Telegram of that system."""
    return system.telegram


@pytest.fixture
def chat() -> int:
    """A youth whom nobody has met."""
    return next(_chats)


@pytest.fixture
def fresh_folder(tmp_path: Path) -> Path:
    """A folder for a system of its own."""
    return tmp_path / "var"
