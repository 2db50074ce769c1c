"""Reads when a calendar says that somebody is busy. Only when: titles, places and people are left unread."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

import icalendar
import recurring_ical_events

from bot.booking.hours import Span
from bot.booking.rules import joined
from bot.calendars.fetch import CalendarFault, Fault
from bot.clock import STOCKHOLM

MOST_EVENTS = 5_000
_TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}


def busy_spans(content: bytes, start: datetime, end: datetime) -> list[Span]:
    """Return the busy times of a calendar between two instants, joined and in order.

    Events that are marked as free, tentative ones excepted, and those that are cancelled are left out. A time
    without a zone is taken as Swedish; an event of whole days takes them from midnight to midnight.

    Raises:
        CalendarFault: it is no calendar, or has more in it than a person's calendar has.
    """
    try:
        calendar = icalendar.Calendar.from_ical(content)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise CalendarFault(Fault.NO_CALENDAR) from error
    if calendar.name != "VCALENDAR":
        raise CalendarFault(Fault.NO_CALENDAR)
    events = calendar.walk("VEVENT")
    if len(events) > MOST_EVENTS or any(_repeats_too_often(event) for event in events):
        raise CalendarFault(Fault.TOO_MUCH)
    try:
        query = recurring_ical_events.of(calendar, skip_bad_series=True)
        found = list(islice(query.between(start, end), MOST_EVENTS + 1))
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise CalendarFault(Fault.NO_CALENDAR) from error
    if len(found) > MOST_EVENTS:
        raise CalendarFault(Fault.TOO_MUCH)
    return joined(_spans(found))


def _repeats_too_often(event: Any) -> bool:
    rules = event.get("RRULE", [])
    rules = rules if isinstance(rules, list) else [rules]
    return any(str(freq).upper() in _TOO_OFTEN for rule in rules for freq in rule.get("FREQ", []))


def _spans(events: list[Any]) -> Iterator[Span]:
    for event in events:
        free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
        free = free or str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE"
        if free or str(event.get("STATUS", "")).upper() == "CANCELLED" or "DTSTART" not in event:
            continue
        starts = event["DTSTART"].dt
        ends = event["DTEND"].dt if "DTEND" in event else None
        first = _instant(starts)
        last = _instant(ends) if ends is not None else first
        if ends is None and not isinstance(starts, datetime):
            last = first + timedelta(days=1)
        if first < last:
            yield Span(first, last)


def _instant(value: date | datetime) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(), STOCKHOLM)
    return (value if value.tzinfo else value.replace(tzinfo=STOCKHOLM)).astimezone(UTC)
