"""What each counsellor has set: rules, exceptions, absence, busy times of their own calendar. Rows in, values out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.booking.hours import Span, parse_time
from bot.booking.models import AvailabilityException, BusySpan, ContactHow, MeetingRules
from bot.booking.rules import Exceptional, Rules
from bot.duty.models import Absence


def rules_of(session: Session, staff_ids: Iterable[str]) -> dict[str, Rules]:
    """Return the rules of each of these people; the defaults for who has set none."""
    ids = list(staff_ids)
    found = {staff_id: Rules() for staff_id in ids}
    for row in session.scalars(select(MeetingRules).where(MeetingRules.staff_id.in_(ids))):
        found[row.staff_id] = Rules(
            minutes=row.minutes,
            buffer_minutes=row.buffer_minutes,
            notice_minutes=row.notice_minutes,
            horizon_days=row.horizon_days,
            ways=tuple(ContactHow(way) for way in row.ways),
            place=row.place,
            video_link=row.video_link,
        )
    return found


def set_rules(session: Session, staff_id: str, rules: Rules) -> None:
    """Keep somebody's rules. Meetings that stand are not changed by them."""
    row = session.get(MeetingRules, staff_id) or MeetingRules(staff_id=staff_id)
    row.minutes, row.buffer_minutes = rules.minutes, rules.buffer_minutes
    row.notice_minutes, row.horizon_days = rules.notice_minutes, rules.horizon_days
    row.ways, row.place, row.video_link = [str(way) for way in rules.ways], rules.place, rules.video_link
    session.add(row)
    session.flush()


def exceptions_of(session: Session, staff_ids: Iterable[str]) -> dict[str, list[Exceptional]]:
    """Return the days on which other times hold."""
    found: dict[str, list[Exceptional]] = defaultdict(list)
    rows = session.scalars(select(AvailabilityException).where(AvailabilityException.staff_id.in_(list(staff_ids))))
    for row in rows:
        found[row.staff_id].append(value_of(row))
    return found


def value_of(row: AvailabilityException) -> Exceptional:
    """Return an exception as a value."""
    return Exceptional(
        row.first_day,
        row.last_day,
        parse_time(row.starts) if row.starts else None,
        parse_time(row.ends) if row.ends else None,
        row.away,
    )


def busy_of(session: Session, staff_ids: Iterable[str], now: datetime) -> dict[str, list[Span]]:
    """Return when each of them cannot be met from now on: absent, or busy by their own calendar."""
    ids = list(staff_ids)
    found: dict[str, list[Span]] = defaultdict(list)
    for table in (BusySpan, Absence):
        rows = session.execute(
            select(table.staff_id, table.starts_at, table.ends_at).where(table.staff_id.in_(ids), table.ends_at > now)
        )
        for staff_id, starts_at, ends_at in rows:
            found[staff_id].append(Span(starts_at, ends_at))
    return found


def ways_offered(rules: Collection[Rules]) -> tuple[ContactHow, ...]:
    """Return every way of meeting that somebody of these offers, in the order of the type."""
    return tuple(way for way in ContactHow if any(way in one.ways for one in rules))
