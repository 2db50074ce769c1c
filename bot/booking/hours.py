"""Opening hours: weekly periods in Stockholm wall time, without Swedish holidays. Pure.

Used by bookings (which times can be offered) and by the handover (is anybody there, and when).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import holidays

from bot.clock import STOCKHOLM
from bot.given import whole_number

# Nothing is promised further ahead than this.
HORIZON_DAYS = 56


@dataclass(frozen=True, order=True)
class Period:
    """A recurring time of a week; 0 is Monday."""

    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True, order=True)
class Span:
    """A time between two instants (UTC)."""

    starts_at: datetime
    ends_at: datetime


# In force while nobody has set hours: Monday to Friday 9 to 16, as a municipality's office keeps them.
DEFAULT_HOURS: tuple[Period, ...] = tuple(Period(weekday, time(9), time(16)) for weekday in range(5))


@lru_cache(maxsize=16)
def _closed_days(year: int) -> frozenset[date]:
    # "de facto": Midsummer, Christmas and New Year's Eve, when offices are closed although no law says so.
    # Sundays are no holidays here: a counsellor may choose to be there.
    sweden = holidays.country_holidays("SE", years=year, include_sundays=False, categories=("public", "de_facto"))
    return frozenset(sweden.keys())


def is_holiday(day: date) -> bool:
    """Whether a day is a Swedish public holiday, or one of the three eves when everything is closed."""
    return day in _closed_days(day.year)


def parse_time(text: str) -> time:
    """Read ``09:00``, or ``9.00`` as Swedes write it.

    Raises:
        ValueError: it is no time of day.
    """
    hours, _, minutes = text.strip().replace(".", ":").partition(":")
    hour, minute = whole_number(hours, most=23), whole_number(minutes, most=59)
    if hour is None or minute is None or len(minutes) != 2:
        raise ValueError(f"{text!r} is no time of day such as 09:00")
    return time(hour, minute)


def instant(day: date, wall: time) -> datetime:
    """Return the instant (UTC) at which a clock on a Stockholm wall shows this time of this day.

    In the night of a clock change a time may come twice (the first is meant) or never (then the
    instant after the gap).
    """
    return datetime.combine(day, wall, STOCKHOLM).astimezone(UTC)


def spans_of(day: date, periods: Iterable[Period]) -> list[Span]:
    """Return the open times of one day, in order; none on a holiday."""
    if is_holiday(day):
        return []
    spans = [
        Span(instant(day, period.starts), instant(day, period.ends))
        for period in periods
        if period.weekday == day.weekday()
    ]
    return sorted(span for span in spans if span.starts_at < span.ends_at)


def spans_from(now: datetime, periods: Sequence[Period], days: int = HORIZON_DAYS) -> Iterator[Span]:
    """Yield the open times that end after `now`, in order."""
    today = now.astimezone(STOCKHOLM).date()
    for number in range(days + 1):
        for span in spans_of(today + timedelta(days=number), periods):
            if span.ends_at > now:
                yield span


def is_open(now: datetime, periods: Sequence[Period]) -> bool:
    """Whether `now` lies within the hours."""
    return any(span.starts_at <= now for span in spans_from(now, periods, days=0))


def next_opening(now: datetime, periods: Sequence[Period]) -> datetime | None:
    """Return the next instant at which somebody comes; None when none lies within the horizon."""
    return next((span.starts_at for span in spans_from(now, periods) if span.starts_at > now), None)
