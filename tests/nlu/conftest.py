"""One loaded engine for everything that asks the trained model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot import settings as settings_module
from bot.commands.parts import DIALOGUE_PYTHON
from bot.nlu.engine import Engine, engine
from bot.settings import ROOT, Settings

NOW = "2026-10-21T14:30:00+02:00"


@pytest.fixture(scope="session")
def engine_settings() -> Settings:
    """The project's own model, on a day that stands still."""
    return settings_module.load({"VAR_DIR": str(ROOT / "var"), "BOT_CLOCK": NOW})


@pytest.fixture(scope="session")
def running_engine(engine_settings: Settings) -> Iterator[Engine]:
    """The engine with the trained model."""
    with engine(engine_settings, DIALOGUE_PYTHON) as running:
        yield running
