"""The form for weekly hours: two periods a day, so that a break fits in between."""

from __future__ import annotations

from dataclasses import dataclass

from bot.booking.hours import DEFAULT_HOURS, Period, parse_time
from bot.console.accounts import AccountError
from bot.console.security import Form
from bot.console.words import WEEKDAYS

PERIODS = 2


@dataclass(frozen=True)
class DayFields:
    """One row of the form."""

    weekday: int
    name: str
    periods: tuple[tuple[str, str], ...]
    """Start and end of each period, empty where there is none."""


def fields_of(periods: list[Period], *, default: bool = True) -> list[DayFields]:
    """Return the rows of the form for hours that are set; without any, for the default, or empty."""
    rows = []
    for weekday, name in enumerate(WEEKDAYS):
        times = [
            (f"{period.starts:%H:%M}", f"{period.ends:%H:%M}")
            for period in sorted(periods or (DEFAULT_HOURS if default else ()))
            if period.weekday == weekday
        ]
        padded = [*times, *[("", "")] * PERIODS][: max(PERIODS, len(times))]
        rows.append(DayFields(weekday, name, tuple(padded)))
    return rows


def read_hours(form: Form) -> list[Period]:
    """Read the form.

    Raises:
        AccountError: a period has no end, ends before it begins, or lies over another one.
    """
    periods: list[Period] = []
    for weekday, name in enumerate(WEEKDAYS):
        for number in range(PERIODS):
            starts, ends = form.one(f"starts_{weekday}_{number}"), form.one(f"ends_{weekday}_{number}")
            if not starts.strip() and not ends.strip():
                continue
            try:
                period = Period(weekday, parse_time(starts), parse_time(ends))
            except ValueError:
                raise AccountError(f"{name}: skriv både start och slut, till exempel 09:00 och 12:00.") from None
            if period.starts >= period.ends:
                raise AccountError(f"{name}: sluttiden måste vara senare än starttiden.")
            if any(other.weekday == weekday and other.starts < period.ends and period.starts < other.ends
                   for other in periods):  # fmt: skip
                raise AccountError(f"{name}: tiderna går in i varandra.")
            periods.append(period)
    return periods
