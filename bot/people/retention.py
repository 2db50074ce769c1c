"""Retention: what is kept goes away by itself (`bot retention run`, and daily in the background).

The times are those that the privacy text names (`utter_privacy_full_2`). A municipality that has
decided on other times changes them here and there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, or_, select, update

from bot.booking.models import BookingRow, BookingState
from bot.conversations import outbox
from bot.conversations.models import Conversation, ConversationState, InboundMessage
from bot.db.session import Database
from bot.people import erasure
from bot.people.models import Erasure
from bot.reminders.models import Reminder, ReminderChoice, ReminderState
from bot.reminders.rules import ASKED_STALE

# What somebody wrote, word for word, is for the counsellor of that chat and for a short time.
RAW_TEXT = timedelta(days=7)
# Everything else about a person, counted from their last message.
PERSON = timedelta(days=30)
# The content-free record that an erasure took place.
ERASURE = timedelta(days=90)


@dataclass(frozen=True)
class RetentionReport:
    """What was removed, or would be."""

    raw_texts: int
    people: int
    erasures: int
    dry_run: bool

    def __str__(self) -> str:
        verb = "would be removed" if self.dry_run else "removed"
        return f"{self.raw_texts} raw texts, {self.people} people and {self.erasures} old receipts {verb}."


def run(db: Database, now: datetime, *, dry_run: bool = False) -> RetentionReport:
    """Remove what has been kept long enough.

    A chat that a person has, a meeting that lies ahead or a reminder that was asked for keeps its conversation.
    """
    old_text = (
        InboundMessage.raw_text.is_not(None), InboundMessage.received_at < now - RAW_TEXT,
        InboundMessage.conversation_id.not_in(
            select(Conversation.id).where(Conversation.state == ConversationState.LIVE)
        ),
    )  # fmt: skip
    old_erasure = (Erasure.requested_at < now - ERASURE, Erasure.engine_done_at.is_not(None))
    meeting_ahead = exists().where(
        BookingRow.conversation_id == Conversation.id,
        BookingRow.state == BookingState.BOOKED,
        BookingRow.starts_at > now,
    )
    # Somebody who asked to hear from us later is still there then.
    wants_to_hear = or_(
        exists().where(
            Reminder.conversation_id == Conversation.id,
            Reminder.state == ReminderState.WAITING,
            Reminder.due_at > now - ASKED_STALE,
        ),
        exists().where(ReminderChoice.conversation_id == Conversation.id, ReminderChoice.next_at > now - ASKED_STALE),
    )
    silent = (
        or_(Conversation.last_inbound_at < now - PERSON, Conversation.last_inbound_at.is_(None)),
        Conversation.created_at < now - PERSON, Conversation.state != ConversationState.LIVE, ~meeting_ahead,
        ~wants_to_hear,
    )  # fmt: skip
    with db.reading() as session:
        texts = session.scalar(select(func.count()).select_from(InboundMessage).where(*old_text)) or 0
        receipts = session.scalar(select(func.count()).select_from(Erasure).where(*old_erasure)) or 0
        people = list(session.scalars(select(Conversation.id).where(*silent)))
    if dry_run:
        return RetentionReport(texts, len(people), receipts, dry_run=True)
    removed = 0
    for conversation_id in people:
        with db.transaction() as session:
            conversation = outbox.lock_conversation(session, conversation_id)
            # Somebody may have written since we looked.
            still = session.scalar(select(Conversation.id).where(Conversation.id == conversation_id, *silent))
            if conversation is None or still is None:
                continue
            erasure.begin(session, conversation, now, receipt=False)
            removed += 1
    with db.transaction() as session:
        session.execute(update(InboundMessage).where(*old_text).values(raw_text=None))
        for row in session.scalars(select(Erasure).where(*old_erasure)):
            session.delete(row)
    return RetentionReport(texts, removed, receipts, dry_run=False)
