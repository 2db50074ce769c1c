"""What counsellors do that a youth must hear of: a meeting that is off, a step put into the plan."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.booking.models import BookingRow, BookingState
from bot.booking.service import cancel_row
from bot.clock import Clock
from bot.console.models import Staff
from bot.conversations import outbox
from bot.conversations.models import Author, Conversation, ConversationState
from bot.db.session import Database
from bot.languages import Language
from bot.names import Response
from bot.plan import service as plans
from bot.reminders import rules
from bot.reminders.wording import when_in_words
from bot.texts import Bubble, Texts

# A meeting that is off so soon is said at any hour: nobody shall go there in vain.
_URGENT = timedelta(hours=14)
# Several steps in a row are told of once.
_TOLD_ONCE = timedelta(hours=1)


class StaffActions:
    """Each method is one transaction; the word to the youth is part of it."""

    def __init__(self, db: Database, clock: Clock, texts: Texts) -> None:
        self._db = db
        self._clock = clock
        self._texts = texts

    def cancel_meeting(self, booking_id: str, staff_id: str) -> bool:
        """Cancel a meeting of one's own that lies ahead, and offer the youth a new time; False when there is none."""
        now = self._clock()
        with self._db.transaction() as session:
            found = session.scalar(select(BookingRow.conversation_id).where(BookingRow.id == booking_id))
            conversation = outbox.lock_conversation(session, found) if found else None
            row = session.get(BookingRow, booking_id, populate_existing=True)
            if conversation is None or row is None or row.staff_id != staff_id:
                return False
            if row.state != BookingState.BOOKED or row.starts_at <= now:
                return False
            cancel_row(session, row, now, f"staff:{booking_id}")
            language = Language(conversation.language)
            when = when_in_words(row.starts_at, now, language)
            bubble = self._texts.say(Response.UTTER_MEETING_CANCELLED_BY_US, language, when=when)
            urgent = row.starts_at - now < _URGENT
            _tell(session, conversation, f"cancelled:{booking_id}", bubble, now, staff_id, at_once=urgent)
            return True

    def add_step(self, conversation_id: str, text: str, staff_id: str) -> bool:
        """Put a step into a youth's plan and say so; False when there is no such conversation.

        Raises:
            PlanFull: there are many open steps already.
        """
        now = self._clock()
        with self._db.transaction() as session:
            conversation = outbox.lock_conversation(session, conversation_id)
            if conversation is None:
                return False
            plans.add_step(session, conversation_id, text, f"staff:{staff_id}", now)
            if conversation.state != ConversationState.LIVE:
                name = session.get_one(Staff, staff_id).display_name
                language = Language(conversation.language)
                bubble = self._texts.say(Response.UTTER_PLAN_FROM_COUNSELLOR, language, name=name)
                hour = int(now.timestamp() // _TOLD_ONCE.total_seconds())
                _tell(session, conversation, f"plan:{conversation_id}:{hour}", bubble, now, staff_id)
            return True

    def set_goal(self, conversation_id: str, goal: str) -> bool:
        """Write down the goal that was agreed; False when there is no such conversation."""
        with self._db.transaction() as session:
            if outbox.lock_conversation(session, conversation_id) is None:
                return False
            plans.set_goal(session, conversation_id, goal, self._clock())
            return True

    def tick(self, conversation_id: str, number: int, *, done: bool) -> bool:
        """Tick a step, or take the tick away; False when there is no such step."""
        with self._db.transaction() as session:
            if outbox.lock_conversation(session, conversation_id) is None:
                return False
            return plans.tick(session, conversation_id, number, self._clock(), done=done)


def _tell(
    session: Session,
    conversation: Conversation,
    key: str,
    bubble: Bubble,
    now: datetime,
    staff_id: str,
    *,
    at_once: bool = False,
) -> None:
    due = now if at_once else rules.out_of_quiet(now, now)
    outbox.queue(
        session, conversation, key=key, bubble=bubble, now=now, author=Author.SYSTEM, staff_id=staff_id, due_at=due
    )
