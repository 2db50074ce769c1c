"""Calls to staff that stand: who may be in danger, whom nobody answered, what could not be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.console.access import Reader, may_open
from bot.console.chatlist import may_open_where
from bot.console.sign_in import Visitor
from bot.conversations.models import Alert, AlertKind, Conversation
from bot.handover.models import Reason

# A first request stands in the queue already; as a call to staff it would only say the same twice.
_IN_QUEUE = (Reason.ASKED, Reason.TWO_MISSES, "opened", "asked_again")


@dataclass(frozen=True)
class Call:
    """A call to staff that stands."""

    alert_id: str
    kind: str
    detail: str | None
    conversation_id: str | None
    created_at: datetime

    @property
    def crisis(self) -> bool:
        """Whether somebody may be in danger."""
        return self.kind == AlertKind.CRISIS


def calls_for(session: Session, visitor: Visitor) -> list[Call]:
    """Return the calls that concern somebody: danger first, then the oldest. One query, however many stand."""
    rows = session.scalars(
        select(Alert)
        .join(Conversation, Conversation.id == Alert.conversation_id, isouter=True)
        .where(
            Alert.acknowledged_at.is_(None),
            or_(Alert.staff_id.is_(None), Alert.staff_id == visitor.staff_id),
            or_(Conversation.id.is_(None), may_open_where(session, visitor)),
        )
        .order_by(Alert.created_at)
    )
    calls = [
        Call(row.id, row.kind, row.detail, row.conversation_id, row.created_at)
        for row in rows
        if not (row.kind == AlertKind.HANDOVER and row.detail in _IN_QUEUE)
    ]
    return sorted(calls, key=lambda call: not call.crisis)


def concerns(session: Session, visitor: Reader, alert: Alert) -> bool:
    """Whether a call is any of somebody's business."""
    conversation = session.get(Conversation, alert.conversation_id) if alert.conversation_id else None
    return conversation is None or may_open(session, visitor, conversation)
