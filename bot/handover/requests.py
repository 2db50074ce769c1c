"""The youth's side of a handover: asking, writing meanwhile, going back to the bot.

Functions on an open session; the caller holds the conversation (`outbox.lock_conversation`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.alerts.outbox import relay
from bot.conversations.models import Conversation, ConversationState, InboundMessage
from bot.db.base import new_id
from bot.duty.plan import DutyPlan
from bot.handover.labels import kind_label
from bot.handover.models import EndReason, Front, Handover, HandoverState, Reason
from bot.handover.queue import estimate_for, position_of
from bot.handover.rules import BETWEEN_REPLIES, QUIET_PERIOD, TurnMarker
from bot.handover.summary import known_municipality, summary_of
from bot.handover.transitions import BOT, YOUTH, call_staff, move, open_handover, record, settle_alert


@dataclass(frozen=True)
class HandoverStatus:
    """How a request stands."""

    state: HandoverState
    position: int | None = None
    """Place in the queue, from 1; only while REQUESTED."""
    minutes: int | None = None
    """How long it tends to take at this place, as it is said; None while too little is known."""
    opens_at: datetime | None = None
    """When somebody comes (UTC); only while OFF_HOURS_QUEUED, and None when no opening is known."""


def request(
    session: Session,
    conversation: Conversation,
    *,
    reason: Reason,
    request_key: str,
    now: datetime,
    municipality: str | None = None,
) -> HandoverStatus:
    """Ask for a person. Asking again, or with the same key, changes nothing that has been asked.

    Args:
        request_key: unique to the wish; a repeated turn brings the same one.
        municipality: official name; without one the conversation's own, else the county's common queue.
    """
    known = session.scalar(select(Handover).where(Handover.request_key == request_key))
    if known is not None:
        return status_of(session, known, now)
    row = open_handover(session, conversation.id)
    if row is None:
        place = municipality or known_municipality(session, conversation.id)
        row = Handover(
            id=new_id(),
            conversation_id=conversation.id,
            request_key=request_key,
            reason=reason,
            state=HandoverState.REQUESTED,
            municipality=place,
            language=conversation.language,
            summary=summary_of(session, conversation),
            requested_at=now,
            waiting_since=now,
            version=0,
        )
        session.add(row)
        session.flush()
        wait(session, conversation, row, event="requested", now=now, first=True)
        row.asked_position = position_of(session, row) if row.state == HandoverState.REQUESTED else None
        call_staff(session, conversation.id, reason, now)
    elif row.state in (HandoverState.OFF_HOURS_QUEUED, HandoverState.TIMED_OUT):
        row.municipality = row.municipality or municipality
        wait(session, conversation, row, event="asked_again", now=now)
        call_staff(session, conversation.id, "asked_again", now)
    session.flush()
    return told(session, row, now)


def told(session: Session, row: Handover, now: datetime) -> HandoverStatus:
    """Return how a request stands, to be said now; the next update of the line counts from here."""
    status = status_of(session, row, now)
    row.told_position, row.told_at = status.position, now
    return status


def wait(
    session: Session,
    conversation: Conversation,
    row: Handover,
    *,
    event: str,
    now: datetime,
    first: bool = False,
) -> None:
    """Put a request into the queue, or keep it until somebody is there."""
    to, opens_at = waiting_state(session, row.municipality, now)
    if not first and to == row.state:
        return
    row.opens_at = opens_at
    actor = YOUTH if row.reason == Reason.ASKED else BOT
    before = ConversationState.BOT if first else None
    move(session, conversation, row, to, event=event, actor=actor, now=now, before=before)


def waiting_state(session: Session, municipality: str | None, now: datetime) -> tuple[HandoverState, datetime | None]:
    """Return in which state a request waits now, and from when somebody is there if not now."""
    duty = DutyPlan(session, now)
    if duty.is_open(municipality):
        return HandoverState.REQUESTED, None
    return HandoverState.OFF_HOURS_QUEUED, duty.next_opening(municipality)


def status_of(session: Session, row: Handover, now: datetime) -> HandoverStatus:
    """Return how a request stands."""
    state = HandoverState(row.state)
    position = position_of(session, row) if state == HandoverState.REQUESTED else None
    return HandoverStatus(
        state=state,
        position=position,
        minutes=estimate_for(session, position, now) if position is not None else None,
        opens_at=row.opens_at if state == HandoverState.OFF_HOURS_QUEUED else None,
    )


def end(session: Session, conversation: Conversation, *, reason: EndReason, actor: str, now: datetime) -> None:
    """Close the open request, if any, and give the conversation back to the bot with a fresh start."""
    row = open_handover(session, conversation.id)
    if row is None and conversation.state == ConversationState.BOT:
        return
    if row is not None:
        before = row.state
        row.state = HandoverState.CLOSED
        row.version += 1
        row.lease_until = None
        row.turn_marker = None
        row.transfer_to = row.transfer_until = None
        row.asking = None
        row.closed_at = now
        row.end_reason = reason
        record(session, row, event=reason, actor=actor, now=now, from_state=before)
        settle_alert(session, conversation.id, row.owner, now)
    conversation.state = ConversationState.BOT
    # The engine sees a higher number and forgets the task it was in: old context asks for nobody.
    conversation.session += 1
    conversation.open_question = None
    conversation.waiting_ack_at = None
    session.flush()


def youth_wrote(
    session: Session, conversation: Conversation, messages: Sequence[InboundMessage], now: datetime
) -> None:
    """Note that it is the counsellor's move in a live chat, and bring the messages to their phone if they are there."""
    row = open_handover(session, conversation.id)
    if row is None or row.state != HandoverState.LIVE:
        return
    if row.turn_marker == TurnMarker.WAITING_YOUTH:
        # The counsellor's time to answer begins now, not when they last wrote.
        row.lease_until = now + BETWEEN_REPLIES
    row.turn_marker = TurnMarker.WAITING_COUNSELLOR
    row.version += 1
    session.flush()
    if row.via == Front.TELEGRAM and row.owner is not None and messages:
        relay(
            session,
            row.owner,
            handover_id=row.id,
            conversation_id=conversation.id,
            lines=[message.text or f"({kind_label(message.kind)})" for message in messages],
            key=f"relay:{messages[0].id}",
            now=now,
        )


def acknowledgement_due(conversation: Conversation, now: datetime) -> bool:
    """Whether a message written while waiting should be acknowledged: once in a quiet period."""
    last = conversation.waiting_ack_at
    return last is None or now - last >= QUIET_PERIOD
