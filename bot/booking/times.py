"""Which times are free, and with whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.booking.availability import busy_of, exceptions_of, rules_of, ways_offered
from bot.booking.hours import DEFAULT_HOURS, Period, Span
from bot.booking.models import BookingCell, BookingRow, BookingState, ContactHow
from bot.booking.rota import counsellors_for, hours_of
from bot.booking.rules import Exceptional, Rules, TimeWindow, cells_of, open_spans, starts_in, without
from bot.booking.views import MeetingTime
from bot.clock import STOCKHOLM


@dataclass(frozen=True)
class _Person:
    """A counsellor and everything that decides when they are free."""

    staff_id: str
    name: str
    rules: Rules
    hours: list[Period]
    exceptions: list[Exceptional]
    busy: list[Span]
    taken: set[int]
    meetings: int

    def starts_on(self, day: date, now: datetime, not_before: datetime) -> Iterator[datetime]:
        """Yield when a meeting can begin on a day."""
        earliest = max(not_before, now + timedelta(minutes=self.rules.notice_minutes))
        length = self.rules.minutes + self.rules.buffer_minutes
        for span in without(open_spans(day, self.hours, self.exceptions), self.busy):
            for start in starts_in(span, self.rules.minutes):
                if start >= earliest and self.taken.isdisjoint(cells_of(start, length)):
                    yield start


def _people(session: Session, municipality: str | None, now: datetime, how: ContactHow | None) -> list[_Person]:
    rows = counsellors_for(session, municipality)
    ids = [row.id for row in rows]
    rules, hours, exceptions = rules_of(session, ids), hours_of(session, ids), exceptions_of(session, ids)
    busy = busy_of(session, ids, now)
    taken: dict[str, set[int]] = defaultdict(set)
    cells = session.execute(
        select(BookingCell.staff_id, BookingCell.cell).where(
            BookingCell.staff_id.in_(ids), BookingCell.cell >= cells_of(now, 0).start
        )
    )
    for staff_id, cell in cells:
        taken[staff_id].add(cell)
    meetings = Counter(
        dict(
            session.execute(
                select(BookingRow.staff_id, func.count())
                .where(BookingRow.state == BookingState.BOOKED, BookingRow.starts_at >= now)
                .group_by(BookingRow.staff_id)
            )
            .tuples()
            .all()
        )
    )
    return [
        _Person(
            row.id,
            row.display_name,
            rules[row.id],
            hours.get(row.id, list(DEFAULT_HOURS)),
            exceptions.get(row.id, []),
            busy.get(row.id, []),
            taken[row.id],
            meetings[row.id],
        )
        for row in rows
        if how is None or how in rules[row.id].ways
    ]


def all_free(
    session: Session,
    municipality: str | None,
    now: datetime,
    *,
    how: ContactHow | None = None,
    not_before: datetime | None = None,
) -> Iterator[MeetingTime]:
    """Yield every free time with every counsellor who covers a municipality and meets so, earliest first.

    At equal times the counsellor with the fewest meetings comes first.
    """
    people = _people(session, municipality, now, how)
    earliest = max(now, not_before or now)
    today = now.astimezone(STOCKHOLM).date()
    first = (earliest.astimezone(STOCKHOLM).date() - today).days
    horizon = max((person.rules.horizon_days for person in people), default=-1)
    for number in range(first, horizon + 1):
        day = today + timedelta(days=number)
        free = sorted({
            (start, person.meetings, person.name, person.staff_id, person.rules.minutes)
            for person in people
            if number <= person.rules.horizon_days
            for start in person.starts_on(day, now, earliest)
        })  # fmt: skip
        for start, _, name, staff_id, minutes in free:
            yield MeetingTime(start, staff_id, name, minutes)


def first_free(
    session: Session,
    municipality: str | None,
    now: datetime,
    *,
    limit: int,
    how: ContactHow | None = None,
    after: datetime | None = None,
    window: TimeWindow | None = None,
) -> tuple[MeetingTime, ...]:
    """Return the first free times, each instant once; `after` means strictly later."""
    not_before = max((time for time in (after, window.begins() if window else None) if time), default=None)
    found: list[MeetingTime] = []
    for time in all_free(session, municipality, now, how=how, not_before=not_before):
        if len(found) == limit:
            break
        if window is not None and window.is_over(time.starts_at):
            break
        if (after is not None and time.starts_at <= after) or (window is not None and not window.holds(time.starts_at)):
            continue
        if not found or found[-1].starts_at != time.starts_at:
            found.append(time)
    return tuple(found)


def closest_free(
    session: Session,
    municipality: str | None,
    now: datetime,
    wanted: datetime,
    *,
    limit: int,
    how: ContactHow | None = None,
) -> tuple[MeetingTime, ...]:
    """Return the free times that lie closest to a wanted one, in order of time."""
    earlier: list[MeetingTime] = []
    later: list[MeetingTime] = []
    for time in all_free(session, municipality, now, how=how):
        side = earlier if time.starts_at < wanted else later
        if not side or side[-1].starts_at != time.starts_at:
            side.append(time)
        if len(later) == limit:
            break
    closest = sorted([*earlier[-limit:], *later], key=lambda time: abs(time.starts_at - wanted))[:limit]
    return tuple(sorted(closest, key=lambda time: time.starts_at))


def free_at(
    session: Session, municipality: str | None, now: datetime, starts_at: datetime, how: ContactHow | None = None
) -> list[MeetingTime]:
    """Return with whom a meeting can begin at this instant."""
    found = []
    for time in all_free(session, municipality, now, how=how, not_before=starts_at):
        if time.starts_at != starts_at:
            break
        found.append(time)
    return found


def ways(session: Session, municipality: str | None) -> tuple[ContactHow, ...]:
    """Return how one can meet somebody who covers a municipality."""
    ids = [row.id for row in counsellors_for(session, municipality)]
    return ways_offered(rules_of(session, ids).values())
