"""Which half-hours are free, and with whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.booking.hours import DEFAULT_HOURS, HORIZON_DAYS, slots_of, spans_of
from bot.booking.models import BookingRow, BookingState
from bot.booking.rota import counsellors_for, hours_of
from bot.booking.views import MeetingTime
from bot.clock import STOCKHOLM

# A counsellor has time to read what it is about.
NOTICE = timedelta(hours=2)


def all_free(
    session: Session, municipality: str | None, now: datetime, not_before: datetime | None = None
) -> Iterator[MeetingTime]:
    """Yield every free half-hour with every counsellor who covers a municipality, earliest first.

    At equal times the counsellor with the fewest meetings comes first.
    """
    people = counsellors_for(session, municipality)
    if not people:
        return
    hours = hours_of(session, [row.id for row in people])
    earliest = max(now + NOTICE, not_before or now)
    booked = session.execute(
        select(BookingRow.staff_id, BookingRow.starts_at).where(
            BookingRow.state == BookingState.BOOKED, BookingRow.starts_at >= now
        )
    ).all()
    taken = {(row.staff_id, row.starts_at) for row in booked}
    load = Counter(row.staff_id for row in booked)
    today = now.astimezone(STOCKHOLM).date()
    first = max(0, (earliest.astimezone(STOCKHOLM).date() - today).days)
    for number in range(first, HORIZON_DAYS + 1):
        day = today + timedelta(days=number)
        free = [
            (start, load[person.id], person.display_name, person.id)
            for person in people
            for span in spans_of(day, hours.get(person.id, DEFAULT_HOURS))
            for start in slots_of(span)
            if start >= earliest and (person.id, start) not in taken
        ]
        for start, _, name, staff_id in sorted(set(free)):
            yield MeetingTime(start, staff_id, name)


def first_free(
    session: Session, municipality: str | None, now: datetime, *, limit: int, after: datetime | None = None
) -> tuple[MeetingTime, ...]:
    """Return the first free times, each instant once; `after` means strictly later."""
    found: list[MeetingTime] = []
    for time in all_free(session, municipality, now, not_before=after):
        if len(found) == limit:
            break
        if (after is None or time.starts_at > after) and (not found or found[-1].starts_at != time.starts_at):
            found.append(time)
    return tuple(found)


def closest_free(
    session: Session, municipality: str | None, now: datetime, wanted: datetime, *, limit: int
) -> tuple[MeetingTime, ...]:
    """Return the free times that lie closest to a wanted one, in order of time."""
    earlier: list[MeetingTime] = []
    later: list[MeetingTime] = []
    for time in all_free(session, municipality, now):
        side = earlier if time.starts_at < wanted else later
        if not side or side[-1].starts_at != time.starts_at:
            side.append(time)
        if len(later) == limit:
            break
    closest = sorted([*earlier[-limit:], *later], key=lambda time: abs(time.starts_at - wanted))[:limit]
    return tuple(sorted(closest, key=lambda time: time.starts_at))


def free_at(session: Session, municipality: str | None, now: datetime, starts_at: datetime) -> list[MeetingTime]:
    """Return with whom a meeting can begin at this instant."""
    found = []
    for time in all_free(session, municipality, now, not_before=starts_at):
        if time.starts_at != starts_at:
            break
        found.append(time)
    return found
