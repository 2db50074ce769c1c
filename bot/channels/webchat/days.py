"""Times and days as the page says them: those of Sweden. Filters of the template; the script says the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.clock import STOCKHOLM
from bot.handover.wording import day_name
from bot.languages import Language


def clock(instant: datetime, language: str) -> str:
    """Return `23.40`, in English `23:40`."""
    local = instant.astimezone(STOCKHOLM)
    return f"{local:%H.%M}" if language == Language.SV else f"{local:%H:%M}"


def day_key(instant: datetime) -> str:
    """Return the date, to tell days apart."""
    return instant.astimezone(STOCKHOLM).date().isoformat()


def new_day(instant: datetime, earlier: datetime | None, now: datetime) -> bool:
    """Whether a bubble begins a day worth saying: another than the one before, at the top another than today."""
    return day_key(instant) != day_key(earlier or now)


def day(instant: datetime, now: datetime, language: str, words: Mapping[str, str]) -> str:
    """Return `I dag`, `I går` or `Torsdag 26 november`."""
    days = (instant.astimezone(STOCKHOLM).date() - now.astimezone(STOCKHOLM).date()).days
    name = {0: words["today"], -1: words["yesterday"]}.get(days) or day_name(instant, Language(language))
    return name[0].upper() + name[1:]
