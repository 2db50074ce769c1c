"""Giving a live chat to a colleague who says yes first. The owner has it until then: it is never nobody's.

Functions on an open session; each locks the conversation first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.console.models import Staff
from bot.conversations import outbox
from bot.conversations.models import Alert, AlertKind, Author, Conversation
from bot.duty.plan import DutyPlan
from bot.handover.counsellor import Claimed, Done, Gone, NotOwner, display_name, fresh, lock, owned
from bot.handover.models import Front, Handover, HandoverState
from bot.handover.rules import FIRST_REPLY, TRANSFER_OFFER, TurnMarker
from bot.handover.transitions import CLOCK, record, settle_alert, staff_actor
from bot.languages import Language
from bot.names import Response
from bot.texts import Texts


@dataclass(frozen=True)
class Offered:
    """The colleague has been asked."""

    until: datetime


@dataclass(frozen=True)
class ReceiverOff:
    """The colleague is not on duty, does not work here, or is oneself: nobody was asked."""

    display_name: str


def colleagues(session: Session, staff_id: str, now: datetime) -> list[Staff]:
    """Return who can be asked to take a chat over: everybody else who is on duty."""
    return [row for row in DutyPlan(session, now).on_duty_in_county() if row.id != staff_id]


def offer(
    session: Session, handover_id: str, staff_id: str, to: str, *, now: datetime
) -> Offered | ReceiverOff | NotOwner | Gone:
    """Ask a colleague to take a chat over. An earlier question to somebody else is taken back."""
    found = owned(session, handover_id, staff_id)
    if not isinstance(found, tuple):
        return found
    conversation, row = found
    if to not in {person.id for person in colleagues(session, staff_id, now)}:
        return ReceiverOff(display_name(session, to))
    if row.transfer_to == to and row.transfer_until is not None:
        return Offered(row.transfer_until)
    _settle(session, conversation.id, now)
    row.transfer_to, row.transfer_until = to, now + TRANSFER_OFFER
    row.version += 1
    record(session, row, event="transfer_offered", actor=staff_actor(staff_id), now=now, from_state=row.state)
    _call(session, conversation.id, to, "transfer_offered", now)
    return Offered(row.transfer_until)


def accept(
    session: Session, handover_id: str, staff_id: str, *, via: Front, now: datetime, texts: Texts
) -> Claimed | Gone:
    """Say yes: one conditional UPDATE makes the chat mine, and the youth is told who writes now."""
    conversation = lock(session, handover_id)
    row = fresh(session, handover_id)
    if conversation is None or row is None:
        return Gone()
    before = row.owner
    until = now + FIRST_REPLY
    result = session.execute(
        update(Handover)
        .where(
            Handover.id == handover_id,
            Handover.state == HandoverState.LIVE,
            Handover.transfer_to == staff_id,
            Handover.transfer_until >= now,
        )
        .values(
            owner=staff_id,
            transfer_to=None,
            transfer_until=None,
            lease_until=until,
            via=via,
            version=Handover.version + 1,
            turn_marker=TurnMarker.WAITING_COUNSELLOR,
        )
        .execution_options(synchronize_session=False)
    )
    row = fresh(session, handover_id)
    if row is None or not isinstance(result, CursorResult) or result.rowcount != 1:
        mine = row is not None and row.state == HandoverState.LIVE and row.owner == staff_id
        return Claimed(handover_id, conversation.id, row.lease_until or until) if row and mine else Gone()
    record(session, row, event="transfer_accepted", actor=staff_actor(staff_id), now=now, from_state=row.state)
    settle_alert(session, conversation.id, staff_id, now, danger=True)
    names = {"name": display_name(session, staff_id), "other": display_name(session, before)}
    outbox.queue(
        session,
        conversation,
        key=f"transferred:{row.id}:{row.version}",
        bubble=texts.say(Response.UTTER_HUMAN_TRANSFERRED, Language(conversation.language), **names),
        now=now,
        author=Author.SYSTEM,
        staff_id=staff_id,
    )
    return Claimed(row.id, conversation.id, until)


def refuse(session: Session, handover_id: str, staff_id: str, *, now: datetime) -> Done | Gone:
    """Say no: the owner keeps the chat and is told."""
    conversation = lock(session, handover_id)
    row = fresh(session, handover_id)
    if conversation is None or row is None or row.transfer_to != staff_id:
        return Gone()
    take_back(session, conversation, row, event="transfer_refused", actor=staff_actor(staff_id), now=now)
    return Done()


def take_back(
    session: Session, conversation: Conversation, row: Handover, *, event: str, actor: str = CLOCK, now: datetime
) -> None:
    """End a question to a colleague without a yes; the owner, who still has the chat, is told."""
    row.transfer_to = row.transfer_until = None
    row.version += 1
    record(session, row, event=event, actor=actor, now=now, from_state=row.state)
    _settle(session, conversation.id, now)
    if row.owner is not None:
        _call(session, conversation.id, row.owner, event, now)


def _call(session: Session, conversation_id: str, staff_id: str, detail: str, now: datetime) -> None:
    alert = Alert(kind=AlertKind.TRANSFER, conversation_id=conversation_id, detail=detail, created_at=now)
    alert.staff_id = staff_id
    session.add(alert)
    session.flush()


def _settle(session: Session, conversation_id: str, now: datetime) -> None:
    session.flush()
    for alert in session.scalars(
        select(Alert).where(
            Alert.conversation_id == conversation_id,
            Alert.kind == AlertKind.TRANSFER,
            Alert.acknowledged_at.is_(None),
        )
    ):
        alert.acknowledged_at = now
