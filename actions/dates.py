"""Times in words, in Stockholm and in the youth's language; and times that a message names.

Used by the actions on meetings and on waiting for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from bot.booking.rules import TimeWindow
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


ANY_TIME = TimeWindow()


@dataclass(frozen=True)
class Wanted:
    """A time that somebody asked for: an instant, or days and parts of days."""

    exact: datetime | None = None
    window: TimeWindow = ANY_TIME


def wanted_time(text: str) -> Wanted | None:
    """Read an entity `time`: ISO 8601 days, times, both, or an interval of them, in Stockholm unless it has a zone.

    "2026-11-26", "2026-11-26T14:00", "14:00", "14:00/17:00", "2026-11-23/2026-11-29",
    "2026-11-26T12:00/2026-11-26T17:00" (also over several days: that part of each). Anything else is None.
    """
    first, _, last = (part.strip() for part in text.partition("/"))
    try:
        day, clock, instant = _read(first)
        if not last:
            if instant is not None:
                return Wanted(exact=instant)
            return Wanted(window=TimeWindow(day, day, clock))
        last_day, last_clock, _ = _read(last)
    except ValueError:
        return None
    return Wanted(window=TimeWindow(day, last_day, clock, last_clock if last_clock != clock else None))


def _read(text: str) -> tuple[date | None, time | None, datetime | None]:
    """Return the day, the time of day and, when there are both, the instant.

    Raises:
        ValueError: it is none of these.
    """
    if "T" in text:
        instant = datetime.fromisoformat(text)
        local = instant.astimezone(STOCKHOLM) if instant.tzinfo else instant.replace(tzinfo=STOCKHOLM)
        return local.date(), local.time(), local
    if ":" in text:
        return None, time.fromisoformat(text), None
    return date.fromisoformat(text), None, None
