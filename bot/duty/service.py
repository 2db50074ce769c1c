"""Use cases of duty: signing on and off by hand, absence, opening hours, who answers at night.

Functions on an open session; the console and the handover wrap them in their transactions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.booking.hours import Period, instant
from bot.clock import STOCKHOLM
from bot.console.models import Staff
from bot.db.base import new_id
from bot.duty.models import COUNTY, Absence, DutySetting, DutySign, OpeningHours
from bot.duty.plan import DutyPlan

# Nobody signs on for longer than a long day; who forgets to sign off is off again by then.
LONGEST_SHIFT = timedelta(hours=16)
LONGEST_ABSENCE = timedelta(days=400)


class DutyError(ValueError):
    """What was asked for cannot be; the text says what to do instead, in Swedish."""


@dataclass(frozen=True)
class NightDuty:
    """Who answers for a crisis when nobody is on duty, as it is set."""

    municipality: str
    crisis_owner: str | None
    crisis_nobody: bool
    responsible: str | None
    inherited: bool
    """The municipality has no setting of its own: the county's holds."""

    @property
    def decided(self) -> bool:
        """Whether somebody has decided; until then the console says so where people begin."""
        return self.crisis_owner is not None or self.crisis_nobody


def sign_on(session: Session, staff_id: str, *, until: datetime, now: datetime) -> None:
    """Go on duty beside the rota.

    Raises:
        DutyError: the end lies in the past or too far ahead.
    """
    if not now < until <= now + LONGEST_SHIFT:
        hours = int(LONGEST_SHIFT.total_seconds() // 3600)
        raise DutyError(f"Passet måste sluta efter nu och inom {hours} timmar.")
    _sign(session, staff_id, on=True, now=now, until=until)


def sign_off(session: Session, staff_id: str, *, now: datetime) -> None:
    """Go off duty for the rest of the day. Live chats are the caller's to settle first (handover.shift)."""
    tomorrow = now.astimezone(STOCKHOLM).date() + timedelta(days=1)
    _sign(session, staff_id, on=False, now=now, until=instant(tomorrow, time(0)))


def follow_rota(session: Session, staff_id: str) -> None:
    """Take back what was said by hand: the rota decides again."""
    session.execute(delete(DutySign).where(DutySign.staff_id == staff_id))


def _sign(session: Session, staff_id: str, *, on: bool, now: datetime, until: datetime) -> None:
    session.merge(DutySign(staff_id=staff_id, on=on, since=now, until=until))
    session.flush()


def add_absence(session: Session, staff_id: str, *, starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    """Note that somebody is away; returns the id.

    Raises:
        DutyError: it ends before it begins, has passed, or is longer than a year.
    """
    if not starts_at < ends_at or ends_at <= now:
        raise DutyError("Frånvaron måste sluta efter att den börjar, och inte vara över redan.")
    if ends_at - starts_at > LONGEST_ABSENCE:
        raise DutyError("Frånvaron är längre än ett år. Stäng kontot i stället.")
    row = Absence(id=new_id(), staff_id=staff_id, starts_at=starts_at, ends_at=ends_at)
    session.add(row)
    session.flush()
    return row.id


def remove_absence(session: Session, staff_id: str, absence_id: str) -> bool:
    """Take an absence of this person away; False when there is none."""
    row = session.get(Absence, absence_id)
    if row is None or row.staff_id != staff_id:
        return False
    session.delete(row)
    return True


def absences_of(session: Session, staff_id: str, now: datetime) -> list[Absence]:
    """Return the absences that have not passed, in order."""
    statement = select(Absence).where(Absence.staff_id == staff_id, Absence.ends_at > now).order_by(Absence.starts_at)
    return list(session.scalars(statement))


def set_opening_hours(session: Session, municipality: str, periods: Iterable[Period]) -> None:
    """Replace the opening hours of a municipality (or of the county: COUNTY); none: the rota decides alone."""
    session.execute(delete(OpeningHours).where(OpeningHours.municipality == municipality))
    for period in sorted(set(periods)):
        session.add(
            OpeningHours(
                id=new_id(),
                municipality=municipality,
                weekday=period.weekday,
                starts=f"{period.starts:%H:%M}",
                ends=f"{period.ends:%H:%M}",
            )
        )
    session.flush()


def set_night_duty(
    session: Session,
    municipality: str,
    *,
    crisis_owner: str | None,
    crisis_nobody: bool,
    responsible: str | None,
    by: str,
    now: datetime,
) -> None:
    """Decide who answers for a crisis at night, and who is responsible in the end.

    Raises:
        DutyError: neither a person nor "nobody" was chosen, or both, or somebody who does not work here.
    """
    if (crisis_owner is not None) == crisis_nobody:
        raise DutyError("Välj en person som larmas när ingen är i tjänst, eller att ingen larmas.")
    for staff_id in (crisis_owner, responsible):
        person = session.get(Staff, staff_id) if staff_id else None
        if staff_id and (person is None or not person.active):
            raise DutyError("Personen finns inte, eller har slutat. Välj någon annan.")
    session.merge(
        DutySetting(
            municipality=municipality,
            crisis_owner=crisis_owner,
            crisis_nobody=crisis_nobody,
            responsible=responsible,
            changed_at=now,
            changed_by=by,
        )
    )
    session.flush()


def night_duty(session: Session, municipality: str | None) -> NightDuty:
    """Return who answers for a municipality: its own setting, else the county's, else nobody decided."""
    for place in dict.fromkeys((municipality or COUNTY, COUNTY)):
        row = session.get(DutySetting, place)
        if row is None:
            continue
        owner = row.crisis_owner if _works_here(session, row.crisis_owner) else None
        responsible = row.responsible if _works_here(session, row.responsible) else None
        return NightDuty(place, owner, row.crisis_nobody, responsible, inherited=place != (municipality or COUNTY))
    return NightDuty(municipality or COUNTY, None, False, None, inherited=False)


def undecided_places(session: Session, places: Sequence[str]) -> list[str]:
    """Return those of these places (COUNTY: the county) for which nobody has decided about the night.

    The county alone when nothing at all is decided: one decision there settles all of them.
    """
    settings = {row.municipality: row for row in session.scalars(select(DutySetting))}
    at_work = set(session.scalars(select(Staff.id).where(Staff.active.is_(True))))

    def decided(place: str) -> bool:
        row = settings.get(place) or settings.get(COUNTY)
        return row is not None and (row.crisis_nobody or row.crisis_owner in at_work)

    found = [place for place in places if not decided(place)]
    return [COUNTY] if COUNTY in found and len(found) == len(places) else found


def somebody_answers_now(session: Session, municipality: str | None, now: datetime) -> bool:
    """Whether a crisis alert reaches somebody now: on duty, or the one who answers at night.

    While nobody has decided about the night, an alert goes to everybody it may concern, and nobody
    can be promised.
    """
    return bool(DutyPlan(session, now).on_duty(municipality)) or bool(night_duty(session, municipality).crisis_owner)


def _works_here(session: Session, staff_id: str | None) -> bool:
    person = session.get(Staff, staff_id) if staff_id else None
    return person is not None and person.active
