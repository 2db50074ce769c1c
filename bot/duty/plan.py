"""The duty of everybody at one instant, read from the database once and then asked as often as needed.

A counsellor is on duty in their weekly hours, not on a Swedish holiday, not while absent, and within the
opening hours of the municipality where such are set; and whenever they have signed on by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.booking.hours import DEFAULT_HOURS, HORIZON_DAYS, Period, Span, instant, parse_time, spans_of
from bot.booking.rota import active_counsellors, covers, hours_of
from bot.clock import STOCKHOLM
from bot.console.models import Staff
from bot.duty.models import COUNTY, Absence, DutySign, OpeningHours
from bot.duty.rules import joined, within, without


class DutyPlan:
    """Who is there for a municipality (None: for anybody), now and later.

    Args:
        since: how far back absences are read, for who looks at days that have passed.
    """

    def __init__(self, session: Session, now: datetime, *, since: datetime | None = None) -> None:
        self.now = now
        self._people = active_counsellors(session)
        self._hours = hours_of(session, [row.id for row in self._people])
        self._absences = _absences(session, since or now)
        self._signs = {row.staff_id: row for row in session.scalars(select(DutySign).where(DutySign.until > now))}
        self._opening = opening_hours(session)
        self._days: dict[tuple[str | None, date], list[Span]] = {}

    def people(self, municipality: str | None) -> list[Staff]:
        """Return who covers a municipality; nobody does: the whole county steps in."""
        return [row for row in self._people if covers(row.municipalities, municipality)] or list(self._people)

    def on_duty(self, municipality: str | None) -> list[Staff]:
        """Return who of them is on duty now, by name."""
        return [row for row in self.people(municipality) if self.is_on_duty(row, municipality)]

    def on_duty_in_county(self) -> list[Staff]:
        """Return everybody who is on duty now, wherever."""
        return [row for row in self._people if self._is_at_work(row.id)]

    def is_on_duty(self, person: Staff, municipality: str | None) -> bool:
        """Whether this counsellor is on duty now for a municipality."""
        today = self.now.astimezone(STOCKHOLM).date()
        spans = self._of_person(person.id, today, self._frames(municipality, today))
        return any(span.starts_at <= self.now < span.ends_at for span in spans)

    def _is_at_work(self, staff_id: str) -> bool:
        spans = self._of_person(staff_id, self.now.astimezone(STOCKHOLM).date(), None)
        return any(span.starts_at <= self.now < span.ends_at for span in spans)

    def works_now(self, staff_id: str) -> bool:
        """Whether this counsellor is on duty now, for whatever municipality."""
        return any(row.id == staff_id for row in self._people) and self._is_at_work(staff_id)

    def by_hand(self, staff_id: str) -> DutySign | None:
        """Return what somebody has said by hand and still holds."""
        return self._signs.get(staff_id)

    def is_open(self, municipality: str | None) -> bool:
        """Whether somebody is there now."""
        today = self.now.astimezone(STOCKHOLM).date()
        return any(span.starts_at <= self.now < span.ends_at for span in self._of_day(municipality, today))

    def next_opening(self, municipality: str | None) -> datetime | None:
        """Return the next instant at which somebody comes; None when none lies within the horizon."""
        return next(
            (span.starts_at for span in self.spans(municipality, self.now) if span.starts_at > self.now),
            None,
        )

    def spans(self, municipality: str | None, start: datetime, days: int = HORIZON_DAYS) -> Iterator[Span]:
        """Yield the times from `start` on when somebody is there, in order."""
        first = start.astimezone(STOCKHOLM).date()
        for number in range(days + 1):
            for span in self._of_day(municipality, first + timedelta(days=number)):
                if span.ends_at > start:
                    yield span

    def _of_day(self, municipality: str | None, day: date) -> list[Span]:
        key = (municipality, day)
        if key not in self._days:
            frames = self._frames(municipality, day)
            people = self.people(municipality)
            if people:
                spans = [span for row in people for span in self._of_person(row.id, day, frames)]
            else:
                # No counsellor has an account yet: the hours alone decide.
                spans = frames if frames is not None else spans_of(day, DEFAULT_HOURS)
            self._days[key] = joined(spans)
        return self._days[key]

    def _of_person(self, staff_id: str, day: date, frames: list[Span] | None) -> list[Span]:
        spans = spans_of(day, self._hours.get(staff_id, DEFAULT_HOURS))
        if frames is not None:
            spans = within(spans, frames)
        spans = without(spans, self._absences.get(staff_id, ()))
        sign = self._signs.get(staff_id)
        if sign is None:
            return spans
        said = Span(sign.since, sign.until)
        if not sign.on:
            return without(spans, [said])
        whole_day = Span(instant(day, time(0)), instant(day + timedelta(days=1), time(0)))
        return joined([*spans, *within([said], [whole_day])])

    def _frames(self, municipality: str | None, day: date) -> list[Span] | None:
        periods = self._opening.get(municipality or COUNTY) or self._opening.get(COUNTY)
        return None if periods is None else joined(spans_of(day, periods))


def _absences(session: Session, since: datetime) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for row in session.scalars(select(Absence).where(Absence.ends_at > since)):
        found.setdefault(row.staff_id, []).append(Span(row.starts_at, row.ends_at))
    return found


def opening_hours(session: Session) -> dict[str, list[Period]]:
    """Return the opening hours that are set, by municipality (COUNTY: of the county)."""
    found: dict[str, list[Period]] = {}
    for row in session.scalars(select(OpeningHours).order_by(OpeningHours.weekday, OpeningHours.starts)):
        period = Period(row.weekday, parse_time(row.starts), parse_time(row.ends))
        found.setdefault(row.municipality, []).append(period)
    return found
