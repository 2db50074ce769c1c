"""What the commands share."""

from __future__ import annotations

from bot import settings as settings_module
from bot.settings import ROOT, Settings

DIALOGUE_PYTHON = ROOT / "dialogue" / ".venv" / "bin" / "python"


def current_settings() -> Settings:
    """Return the settings of this environment."""
    return settings_module.load()
