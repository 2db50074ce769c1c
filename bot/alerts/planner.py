"""From an alert to messages: who is told now, at which step. Run every second by the program.

Each message is a row under a key of alert, step and person, so a step is told once whatever is
killed in between; a step that was missed is not made up for, the latest one is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.alerts import contacts, removal, wording
from bot.alerts.models import MessageState, Path, StaffContact, StaffMessage
from bot.alerts.outbox import Button, phone_of, tell
from bot.alerts.rules import step_due, told_at
from bot.conversations.models import Alert, AlertKind
from bot.db.session import Database
from bot.duty.plan import DutyPlan
from bot.duty.service import night_duty
from bot.handover.models import Handover, HandoverState
from bot.handover.summary import known_municipality
from bot.handover.transitions import open_handover

# What was said to staff is kept so long, for sorting out what happened.
KEPT = timedelta(days=14)


@dataclass(frozen=True)
class _Told:
    """One message that is due."""

    staff_id: str
    key: str
    path: Path
    text: str
    buttons: Sequence[Button]
    alert_id: str
    conversation_id: str | None
    handover_id: str | None


def plan(db: Database, now: datetime) -> int:
    """Queue what is due for every alert that stands; return how many messages were queued."""
    with db.reading() as session:
        alerts = session.scalars(select(Alert).where(Alert.acknowledged_at.is_(None)).order_by(Alert.created_at)).all()
        taken = session.scalar(select(StaffMessage.id).where(*_TAKEN).limit(1)) is not None
        duty = DutyPlan(session, now) if alerts else None
        due = [told for alert in alerts if duty is not None for told in _due(session, alert, duty, now)]
    if not due and not taken:
        return 0
    with db.transaction() as session:
        session.execute(
            update(StaffMessage)
            .where(*_TAKEN)
            .values(state=MessageState.NOT_NEEDED)
            .execution_options(synchronize_session=False)
        )
        return sum(_queue(session, told, now) for told in due)


# Messages about an alert that somebody has taken before they left: they need not be said any more.
_TAKEN = (
    StaffMessage.state == MessageState.QUEUED,
    StaffMessage.alert_id.in_(select(Alert.id).where(Alert.acknowledged_at.is_not(None))),
)


def tidy(db: Database, now: datetime) -> None:
    """Remove old messages to staff, void codes, and what no phone gives back any more."""
    with db.transaction() as session:
        session.execute(delete(StaffMessage).where(StaffMessage.created_at < now - KEPT))
        contacts.forget_old_codes(session, now)
        removal.forget_old(session, now)


def _queue(session: Session, told: _Told, now: datetime) -> bool:
    alert = session.get(Alert, told.alert_id)
    if alert is None or alert.acknowledged_at is not None:
        return False
    return tell(
        session,
        told.staff_id,
        told.text,
        key=told.key,
        now=now,
        path=told.path,
        buttons=told.buttons,
        conversation_id=told.conversation_id,
        handover_id=told.handover_id,
        alert_id=told.alert_id,
    )


def _due(session: Session, alert: Alert, duty: DutyPlan, now: datetime) -> list[_Told]:
    step = step_due(alert.kind, now - alert.created_at)
    if step is None:
        return []
    row = open_handover(session, alert.conversation_id) if alert.conversation_id else None
    place = row.municipality if row is not None else None
    if place is None and alert.conversation_id:
        place = known_municipality(session, alert.conversation_id)
    text, buttons = wording.alert_text(alert, row, place, now)
    handover_id = row.id if row is not None else None
    found: list[_Told] = []
    for staff_id in told_at(step, _circles(session, alert, row, place, duty)):
        phone, contact = phone_of(session, staff_id), session.get(StaffContact, staff_id)
        ways: list[tuple[Path, str]] = []
        if phone is not None:
            ways.append((Path.TELEGRAM, f"alert:{alert.id}:{step}:{staff_id}"))
        # E-mail is the further path: at once without a phone, else when the first call was not heard.
        if contact is not None and contact.email and contact.email_on and (phone is None or step > 0):
            ways.append((Path.EMAIL, f"alert:{alert.id}:mail:{staff_id}"))
        found += [
            _Told(staff_id, key, path, text, buttons, alert.id, alert.conversation_id, handover_id)
            for path, key in ways
            if session.scalar(select(StaffMessage.id).where(StaffMessage.key == key)) is None
        ]
    return found


def _circles(
    session: Session, alert: Alert, row: Handover | None, place: str | None, duty: DutyPlan
) -> list[list[str]]:
    """Return who an alert concerns, the nearest first."""
    if alert.staff_id is not None:
        return [[alert.staff_id]]
    owner = [row.owner] if row is not None and row.state == HandoverState.LIVE and row.owner else []
    if alert.kind in (AlertKind.DELIVERY, AlertKind.UNREACHABLE):
        return [owner]
    here = [person.id for person in duty.on_duty(place)]
    county = [person.id for person in duty.on_duty_in_county()]
    night = night_duty(session, place)
    last = [night.responsible] if night.responsible else []
    if alert.kind == AlertKind.APPROVAL:
        return [here, county]
    if alert.kind == AlertKind.HANDOVER:
        # Nobody is rung up at night for a request that can wait; at opening it is a new call.
        return [here, county, last] if duty.is_open(place) else []
    answers = [night.crisis_owner] if night.crisis_owner else []
    if not night.decided:
        # Nobody has decided who answers: better too many than nobody.
        answers = [person.id for person in duty.people(place)]
    return [[*owner, *here], county, [*answers, *([] if night.crisis_nobody else last)]]
