"""Times in words, in Stockholm and in the youth's language; and times that a message names.

Used by the actions on meetings and on waiting for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from bot.clock import STOCKHOLM
from bot.handover.wording import clock_time
from bot.languages import Language


def in_words(instant: datetime, language: Language) -> str:
    """Return `torsdag 26 november kl. 14.00` or `Thursday 26 November at 14:00`."""
    return clock_time(instant, language)


def in_few_words(instant: datetime, language: Language) -> str:
    """Return the same with a short month, so that it fits a button: `torsdag 26 nov kl. 14.00`."""
    day, number, month, *clock = clock_time(instant, language).split()
    return " ".join((day, number, month[:3], *clock))


@dataclass(frozen=True)
class Wanted:
    """A time that somebody asked for: the instant, or the start of a day when only a day was named."""

    starts_at: datetime
    whole_day: bool


def wanted_time(text: str) -> Wanted | None:
    """Read an entity `time`: an ISO 8601 date, instant or interval, in Stockholm unless it has a zone.

    A time of day without a day, or anything else, is None.
    """
    first = text.split("/")[0].strip()
    try:
        if len(first) == len("2026-11-26"):
            return Wanted(datetime.combine(date.fromisoformat(first), time.min, STOCKHOLM), whole_day=True)
        instant = datetime.fromisoformat(first)
    except ValueError:
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=STOCKHOLM)
    # An interval ("on Thursday afternoon") names a part of a day, not an instant.
    return Wanted(instant, whole_day="/" in text)
