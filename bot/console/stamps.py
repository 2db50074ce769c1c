"""A short text that changes when something a page shows has changed, and the address a page listens at."""

from __future__ import annotations

import hashlib
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.booking.models import BookingRow, BookingState
from bot.console.models import Note
from bot.conversations.models import Alert, Conversation, OutboundMessage, OutboundState
from bot.db.session import Database
from bot.handover.models import Handover, HandoverState
from bot.livechat.models import ReadUpTo, ScheduledMessage, ScheduledState, Side
from bot.livechat.typing import is_typing
from bot.practice.service import stamp_of

# A list of all conversations changes with any of them; a chat and the queue do not look at the others.
ALL = "all"
# Before the id of a round of practice, which is no conversation.
PRACTICE = "practice:"


def live_address(db: Database, now: datetime, conversation_id: str = "") -> str:
    """Return where a page listens for changes. Ask before reading what the page shows.

    Args:
        conversation_id: of the chat the page shows; `ALL` for a list of all.
    """
    with db.reading() as session:
        seen = stamp(session, now, conversation_id)
    return f"/console/events?{urlencode({'chat': conversation_id, 'seen': seen})}"


def stamp(session: Session, now: datetime, conversation_id: str = "") -> str:
    """Return a text that changes when the queue, a call, a booking or the open chat changes."""
    queue = session.execute(
        select(
            func.count(),
            func.sum(Handover.version),
            func.sum(Conversation.inbound_seq),
            func.max(Conversation.risk_at),
        )
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(Handover.state != HandoverState.CLOSED)
    ).one()
    calls = session.execute(
        select(func.count(), func.max(Alert.created_at)).where(Alert.acknowledged_at.is_(None))
    ).one()
    meetings = session.execute(
        select(func.count(), func.max(BookingRow.created_at)).where(BookingRow.state == BookingState.BOOKED)
    ).one()
    read = session.scalar(select(func.sum(ReadUpTo.seq)))
    parts: list[object] = [*queue, *calls, *meetings, read]
    if conversation_id == ALL:
        parts.append(session.scalar(select(func.max(Conversation.last_inbound_at))))
    elif conversation_id.startswith(PRACTICE):
        parts.append(stamp_of(session, conversation_id.removeprefix(PRACTICE), now))
    elif conversation_id:
        parts += _chat_stamp(session, now, conversation_id)
    text = "|".join(part.isoformat() if isinstance(part, datetime) else str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _chat_stamp(session: Session, now: datetime, conversation_id: str) -> list[object]:
    chat = session.get(Conversation, conversation_id)
    if chat is None:
        return ["erased"]
    unsettled = session.scalar(
        select(func.count())
        .select_from(OutboundMessage)
        .where(
            OutboundMessage.conversation_id == conversation_id,
            OutboundMessage.state.in_([OutboundState.QUEUED, OutboundState.SENDING, OutboundState.RETRY]),
        )
    )
    notes = session.scalar(select(func.count()).select_from(Note).where(Note.conversation_id == conversation_id))
    typing = is_typing(session, chat, Side.YOUTH, now)
    later = session.scalar(
        select(func.count()).where(
            ScheduledMessage.conversation_id == conversation_id, ScheduledMessage.state == ScheduledState.WAITING
        )
    )
    return [chat.inbound_seq, chat.outbound_seq, chat.state, chat.risk_at, unsettled, notes, typing, later]
