"""What becomes of messages that a killed sender left in the middle of sending.

Called by the sender when it has taken its seat: from then on no live sender holds them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from bot.channels.telegram import layout, outgoing
from bot.channels.telegram.journal import Mark, SendJournal
from bot.channels.telegram.receive import CHANNEL
from bot.conversations.models import Conversation, OutboundMessage, OutboundState
from bot.db.session import Database
from bot.log import get_logger
from bot.people import own_copy

log = get_logger(__name__)


def settle(db: Database, journal: SendJournal, machine: str, now: datetime, *, in_hand: Collection[str] = ()) -> int:
    """Decide about messages that a sender left in the middle of sending; return how many there were.

    Called once the seat is ours, so no live sender holds them. What this machine's sender left is
    decided by its journal. What another machine's sender left may have arrived: once more at most.
    """
    broken: list[str] = []
    with db.transaction() as session:
        rows = session.scalars(
            select(OutboundMessage)
            # A text that no key opens must not keep all others from being settled.
            .options(defer(OutboundMessage.text))
            .join(Conversation, Conversation.id == OutboundMessage.conversation_id)
            .where(Conversation.channel == CHANNEL, OutboundMessage.state == OutboundState.SENDING)
            .with_for_update(of=OutboundMessage)
        ).all()
        left_over = [row for row in rows if row.id not in in_hand]
        for message in left_over:
            if message.failed_reason != outgoing.in_hand_of(machine):
                outgoing.once_more(session, message, now)
                continue
            try:
                _by_journal(session, message, journal, now)
            except Exception as error:
                log.exception("send.fault", message_id=message.id, error=type(error).__name__)
                broken.append(message.id)
    for message_id in broken:
        outgoing.failed(db, message_id, "our_fault", now)
    return len(left_over)


def _by_journal(session: Session, message: OutboundMessage, journal: SendJournal, now: datetime) -> None:
    total = len(layout.split(own_copy.as_read(session, message)))
    left = range(outgoing.parts_done(message), total)
    marks = [journal.mark_of(outgoing.send_key(message.id, message.attempts, part)) for part in left]
    for mark in marks:
        if mark not in (Mark.LEFT, Mark.ANSWERED):
            # Not with Telegram: it goes again from here.
            message.state, message.failed_reason = OutboundState.QUEUED, None
            return
        outgoing.note_part(message, None)
    message.state, message.sent_at = OutboundState.SENT, now
    message.failed_reason = None if all(mark is Mark.ANSWERED for mark in marks) else outgoing.UNCONFIRMED
    own_copy.let_go(message)
