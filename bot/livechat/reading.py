"""What a counsellor has not read yet, in the chats that are theirs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversations.models import InboundKind, InboundMessage
from bot.handover.models import Handover, HandoverState
from bot.livechat.models import ReadUpTo

# What a person reads; a press of a button or a block says little and counts as nothing unread.
_READABLE = (InboundKind.TEXT, InboundKind.EDIT, InboundKind.OTHER, InboundKind.STICKER)


def mark(session: Session, staff_id: str, conversation_id: str, seq: int) -> bool:
    """Note that somebody has had the messages up to a number on their screen; whether that was new."""
    row = session.get(ReadUpTo, (staff_id, conversation_id))
    if row is None:
        session.add(ReadUpTo(staff_id=staff_id, conversation_id=conversation_id, seq=seq))
        return True
    if row.seq >= seq:
        return False
    row.seq = seq
    return True


def read_up_to(session: Session, staff_id: str, conversation_id: str) -> int | None:
    """Return how far somebody has read a conversation; None when they never had it open."""
    return session.scalar(
        select(ReadUpTo.seq).where(ReadUpTo.staff_id == staff_id, ReadUpTo.conversation_id == conversation_id)
    )


def unread(session: Session, staff_id: str, conversation_ids: Sequence[str]) -> dict[str, int]:
    """Return how many messages of each conversation somebody has not read; those without any are left out.

    Messages from before a claim count as read: the summary and the thread are in front of who claims.
    """
    if not conversation_ids:
        return {}
    rows = session.execute(
        select(InboundMessage.conversation_id, func.count())
        .join(
            ReadUpTo,
            (ReadUpTo.conversation_id == InboundMessage.conversation_id) & (ReadUpTo.staff_id == staff_id),
            isouter=True,
        )
        .join(
            Handover,
            (Handover.conversation_id == InboundMessage.conversation_id) & (Handover.state == HandoverState.LIVE),
            isouter=True,
        )
        .where(
            InboundMessage.conversation_id.in_(list(conversation_ids)),
            InboundMessage.kind.in_(_READABLE),
            InboundMessage.seq > func.coalesce(ReadUpTo.seq, Handover.claimed_seq, 0),
        )
        .group_by(InboundMessage.conversation_id)
    )
    return {row[0]: row[1] for row in rows}
