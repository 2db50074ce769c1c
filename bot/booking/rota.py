"""Who is there for whom, and when: active counsellors, the municipalities they cover, their hours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.booking.hours import Period, parse_time
from bot.booking.models import WeeklyHours
from bot.console.models import Staff

COUNSELLOR = "counsellor"


def active_counsellors(session: Session) -> list[Staff]:
    """Return all counsellors who work here now, by name."""
    rows = session.scalars(select(Staff).where(Staff.active.is_(True)).order_by(Staff.display_name, Staff.id))
    return [row for row in rows if COUNSELLOR in row.roles]


def covers(scope: Sequence[str], municipality: str | None) -> bool:
    """Whether a scope takes in a municipality. An empty scope is the whole county."""
    return not scope or municipality is None or municipality in scope


def counsellors_for(session: Session, municipality: str | None) -> list[Staff]:
    """Return the active counsellors who cover a municipality; None asks for anybody."""
    return [row for row in active_counsellors(session) if covers(row.municipalities, municipality)]


def is_covered(session: Session, municipality: str) -> bool:
    """Whether some active counsellor covers a municipality."""
    return bool(counsellors_for(session, municipality))


def hours_of(session: Session, staff_ids: Iterable[str]) -> dict[str, list[Period]]:
    """Return the hours each person has set; who has set none is not in the result."""
    found: dict[str, list[Period]] = {}
    rows = session.scalars(
        select(WeeklyHours)
        .where(WeeklyHours.staff_id.in_(list(staff_ids)))
        .order_by(WeeklyHours.weekday, WeeklyHours.starts)
    )
    for row in rows:
        period = Period(row.weekday, parse_time(row.starts), parse_time(row.ends))
        found.setdefault(row.staff_id, []).append(period)
    return found


def set_hours(session: Session, staff_id: str, periods: Iterable[Period]) -> None:
    """Replace a person's weekly hours."""
    for row in session.scalars(select(WeeklyHours).where(WeeklyHours.staff_id == staff_id)):
        session.delete(row)
    session.flush()
    for period in sorted(set(periods)):
        session.add(
            WeeklyHours(
                staff_id=staff_id,
                weekday=period.weekday,
                starts=f"{period.starts:%H:%M}",
                ends=f"{period.ends:%H:%M}",
            )
        )
    session.flush()
