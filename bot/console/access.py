"""Who may open a conversation, and the record of who did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.booking.rota import covers, is_covered
from bot.console.models import AccessLog
from bot.conversations.models import Conversation
from bot.db.session import Database
from bot.handover.models import Handover, HandoverState
from bot.handover.summary import known_municipality
from bot.handover.transitions import open_handover

# A page that stands open and refreshes itself is one opening for so long.
ONE_OPENING = timedelta(minutes=10)


class Reader(Protocol):
    """Somebody of the staff who reads: signed in to the console, or on a linked phone."""

    @property
    def staff_id(self) -> str:
        """The id of the account."""

    @property
    def municipalities(self) -> Sequence[str]:
        """Official names; empty means the whole county."""


def place_of(session: Session, conversation_id: str) -> str | None:
    """Return the municipality of a conversation: that of its latest request, else what the dialogue knows."""
    asked = session.scalar(
        select(Handover.municipality)
        .where(Handover.conversation_id == conversation_id)
        .order_by(Handover.requested_at.desc())
        .limit(1)
    )
    return asked or known_municipality(session, conversation_id)


def may_open(session: Session, visitor: Reader, conversation: Conversation) -> bool:
    """Whether a conversation lies within somebody's municipalities.

    One whose municipality is unknown, or covered by nobody, is everybody's. So is one with a sign of
    danger, one's own live chat, and one that a colleague asks to take over.
    """
    if conversation.risk != "none" or _live_with(session, visitor, conversation.id):
        return True
    place = place_of(session, conversation.id)
    return covers(visitor.municipalities, place) or (place is not None and not is_covered(session, place))


def owns(session: Session, visitor: Reader, conversation_id: str) -> bool:
    """Whether somebody has this chat now: only then are real names and numbers shown."""
    row = open_handover(session, conversation_id)
    return row is not None and row.state == HandoverState.LIVE and row.owner == visitor.staff_id


def _live_with(session: Session, visitor: Reader, conversation_id: str) -> bool:
    row = open_handover(session, conversation_id)
    return row is not None and row.state == HandoverState.LIVE and visitor.staff_id in (row.owner, row.transfer_to)


def record_opening(
    db: Database,
    visitor: Reader,
    conversation_id: str,
    what: str,
    now: datetime,
    *,
    live: bool = False,
    reason: str | None = None,
) -> None:
    """Write down that somebody opened a conversation, before they see it.

    Args:
        live: the open page refreshed itself; written down only when no opening stands for it.
        reason: why names and numbers are shown, where that was asked.
    """
    if live:
        with db.reading() as session:
            if _stands(session, visitor.staff_id, conversation_id, what, now - ONE_OPENING):
                return
    with db.transaction() as session:
        note_opening(session, visitor.staff_id, conversation_id, what, now, reason=reason)


def note_opening(
    session: Session,
    staff_id: str,
    conversation_id: str,
    what: str,
    now: datetime,
    *,
    once_in: timedelta | None = None,
    reason: str | None = None,
) -> None:
    """Write down on an open session that somebody is shown a conversation, with where the conversation belongs.

    Args:
        once_in: nobody asked for it anew, it came by itself: written down only when no opening within this time
            stands for it.
        reason: as for `record_opening`.
    """
    if once_in is not None and _stands(session, staff_id, conversation_id, what, now - once_in):
        return
    session.add(
        AccessLog(
            at=now,
            staff_id=staff_id,
            conversation_id=conversation_id,
            what=what,
            municipality=place_of(session, conversation_id),
            reason=reason,
        )
    )


def _stands(session: Session, staff_id: str, conversation_id: str, what: str, since: datetime) -> bool:
    earlier = session.scalar(
        select(AccessLog.id)
        .where(
            AccessLog.staff_id == staff_id,
            AccessLog.conversation_id == conversation_id,
            AccessLog.what == what,
            AccessLog.at > since,
        )
        .limit(1)
    )
    return earlier is not None
