"""The small steps that every change of a handover is made of: find, move, record, call staff.

The caller holds the conversation (`outbox.lock_conversation`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.conversations.models import Alert, AlertKind, Conversation, ConversationState
from bot.handover.models import Handover, HandoverEvent, HandoverState

_ABOUT_REQUESTS = (AlertKind.HANDOVER, AlertKind.TRANSFER, AlertKind.SHIFT)
YOUTH = "youth"
BOT = "bot"
CLOCK = "clock"


def staff_actor(staff_id: str) -> str:
    """Return how a person of the staff stands in the record."""
    return f"staff:{staff_id}"


def open_handover(session: Session, conversation_id: str) -> Handover | None:
    """Return the request of a conversation that has not ended."""
    return session.scalar(
        select(Handover)
        .where(Handover.conversation_id == conversation_id, Handover.state != HandoverState.CLOSED)
        .order_by(Handover.requested_at.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def record(session: Session, row: Handover, *, event: str, actor: str, now: datetime, from_state: str | None) -> None:
    """Write one transition down."""
    session.add(
        HandoverEvent(handover_id=row.id, at=now, actor=actor, event=event, from_state=from_state, to_state=row.state)
    )


def move(
    session: Session,
    conversation: Conversation,
    row: Handover,
    to: HandoverState,
    *,
    event: str,
    actor: str,
    now: datetime,
    before: str | None = None,
) -> None:
    """Bring a request and its conversation to a waiting state, with nobody owning it.

    Args:
        before: the state it comes from, when that is not the request's own (a new one comes from BOT).
    """
    before = before or row.state
    row.state = to
    row.version += 1
    row.owner = None
    row.lease_until = None
    row.turn_marker = None
    row.transfer_to = row.transfer_until = None
    if to == HandoverState.REQUESTED:
        row.waiting_since = now
    conversation.state = ConversationState(to.value)
    conversation.waiting_ack_at = None
    record(session, row, event=event, actor=actor, now=now, from_state=before)


def call_staff(
    session: Session, conversation_id: str, detail: str, now: datetime, *, staff_id: str | None = None
) -> None:
    """Make sure that an unacknowledged alert stands for a request; say the latest reason.

    A new reason is a new call: the alert is told again to those on duty, from the first step.

    Args:
        staff_id: the one person it is for; without one, whoever the duty says.
    """
    settle_alert(session, conversation_id, None, now)
    alert = Alert(kind=AlertKind.HANDOVER, conversation_id=conversation_id, created_at=now)
    alert.detail, alert.staff_id = detail[:64], staff_id
    session.add(alert)
    session.flush()


def settle_alert(
    session: Session, conversation_id: str, staff_id: str | None, now: datetime, *, danger: bool = False
) -> None:
    """Take the calls about a request down: somebody has come, or nobody is needed any more.

    Args:
        danger: the call about danger too: somebody has the youth in front of them. Who has taken it
            down before stays the one who did.
    """
    session.flush()
    session.execute(
        update(Alert)
        .where(
            Alert.conversation_id == conversation_id,
            Alert.kind.in_([*_ABOUT_REQUESTS, AlertKind.CRISIS] if danger else _ABOUT_REQUESTS),
            Alert.acknowledged_at.is_(None),
        )
        .values(acknowledged_at=now, acknowledged_by=staff_id)
        .execution_options(synchronize_session="fetch")
    )


def call_about_danger_again(session: Session, conversation_id: str, since: datetime, now: datetime) -> None:
    """Let the call about danger stand again that was taken down since: who took it down has left the chat."""
    calls = session.scalars(
        select(Alert)
        .where(Alert.conversation_id == conversation_id, Alert.kind == AlertKind.CRISIS)
        .order_by(Alert.created_at.desc())
    ).all()
    if not calls or any(call.acknowledged_at is None for call in calls):
        return
    if any(call.acknowledged_at is not None and call.acknowledged_at >= since for call in calls):
        session.add(
            Alert(kind=AlertKind.CRISIS, conversation_id=conversation_id, detail=calls[0].detail, created_at=now)
        )
        session.flush()
