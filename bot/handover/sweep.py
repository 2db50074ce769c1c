"""What time does to handovers: leases lapse, we open and close, somebody waits for long.

`Handover.sweep` runs this every few seconds; each request is one transaction, checked again under
the conversation's lock. Nothing expires without the youth hearing of it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.booking.hours import Period, is_open, next_opening
from bot.booking.rota import duty_hours
from bot.console.models import Staff
from bot.conversations import outbox
from bot.conversations.models import Alert, AlertKind, Conversation
from bot.db.session import Database
from bot.handover import counsellor, rules
from bot.handover.models import EndReason, Handover, HandoverState
from bot.handover.requests import end
from bot.handover.transitions import CLOCK, call_staff, move
from bot.texts import Texts


class _Duty:
    """The duty hours of each municipality, looked up once in a pass."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._known: dict[str | None, tuple[Period, ...]] = {}

    def is_open(self, municipality: str | None) -> bool:
        """Whether somebody is there now."""
        return is_open(self._now, self._of(municipality))

    def next_opening(self, municipality: str | None) -> datetime | None:
        """Return when somebody is there next."""
        return next_opening(self._now, self._of(municipality))

    def _of(self, municipality: str | None) -> tuple[Period, ...]:
        if municipality not in self._known:
            self._known[municipality] = duty_hours(self._session, municipality)
        return self._known[municipality]


def due(session: Session, now: datetime) -> list[str]:
    """Return the requests that time has changed; only reads."""
    duty = _Duty(session, now)
    rows = session.scalars(
        select(Handover).where(Handover.state != HandoverState.CLOSED).order_by(Handover.requested_at)
    )
    return [row.id for row in rows if _change_of(session, row, duty, now) is not None]


def sweep_one(db: Database, handover_id: str, now: datetime, texts: Texts) -> str | None:
    """Do what is due for one request; return what was done, for the log."""
    with db.transaction() as session:
        conversation_id = session.scalar(select(Handover.conversation_id).where(Handover.id == handover_id))
        conversation = outbox.lock_conversation(session, conversation_id) if conversation_id else None
        row = session.get(Handover, handover_id, populate_existing=True)
        if conversation is None or row is None:
            return None
        duty = _Duty(session, now)
        change = _change_of(session, row, duty, now)
        if change is not None:
            _do(session, conversation, row, change, duty, now, texts)
        return change


def _change_of(session: Session, row: Handover, duty: _Duty, now: datetime) -> str | None:
    """Say what is due for a request, if anything."""
    if row.state == HandoverState.LIVE:
        if rules.lease_has_lapsed(row, now):
            return "lease_lapsed"
        if rules.youth_fell_silent(row, now):
            return "youth_silent"
        return None if _owner_works_here(session, row) else "owner_left"
    if row.state == HandoverState.CLOSED:
        return None
    here = duty.is_open(row.municipality)
    match row.state:
        case HandoverState.REQUESTED:
            if not here:
                return "closed_for_today"
            return "timed_out" if rules.has_waited_long(row, now) else None
        case HandoverState.OFF_HOURS_QUEUED:
            if here:
                return "opened"
            # The hours were changed after we had named a time: name the new one.
            return "opening_moved" if row.opens_at is not None and row.opens_at <= now else None
        case _:
            return "remind_staff" if here and _staff_were_called_long_ago(session, row, now) else None


def _do(
    session: Session,
    conversation: Conversation,
    row: Handover,
    change: str,
    duty: _Duty,
    now: datetime,
    texts: Texts,
) -> None:
    match change:
        case "lease_lapsed" | "owner_left":
            counsellor.return_to_queue(session, conversation, row, event=change, actor=CLOCK, now=now, texts=texts)
            return
        case "youth_silent":
            counsellor.say_left(session, conversation, row, now=now, texts=texts)
            end(session, conversation, reason=EndReason.YOUTH_SILENT, actor=CLOCK, now=now)
            return
        case "remind_staff":
            call_staff(session, conversation.id, "still_waiting", now)
            return
        case "opened":
            to = HandoverState.REQUESTED
            call_staff(session, conversation.id, change, now)
        case "timed_out":
            to = HandoverState.TIMED_OUT
            call_staff(session, conversation.id, change, now)
        case _:
            to = HandoverState.OFF_HOURS_QUEUED
            row.opens_at = duty.next_opening(row.municipality)
    move(session, conversation, row, to, event=change, actor=CLOCK, now=now)
    session.flush()
    counsellor.tell_status(session, conversation, row, now=now, texts=texts)


def _owner_works_here(session: Session, row: Handover) -> bool:
    person = session.get(Staff, row.owner) if row.owner else None
    return person is None or person.active


def _staff_were_called_long_ago(session: Session, row: Handover, now: datetime) -> bool:
    last = session.scalar(
        select(Alert)
        .where(Alert.conversation_id == row.conversation_id, Alert.kind == AlertKind.HANDOVER)
        .order_by(Alert.created_at.desc())
        .limit(1)
    )
    if last is None:
        return True
    return last.acknowledged_at is not None and last.acknowledged_at + rules.REMIND_STAFF < now
