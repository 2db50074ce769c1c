"""What a youth decides about reminders: to be reminded, how often, no more. One transaction each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.booking.models import BookingRow, BookingState
from bot.clock import Clock
from bot.conversations import outbox
from bot.conversations.models import Conversation, OutboundMessage, OutboundState
from bot.db.session import Database
from bot.errors import ConversationErased
from bot.log import get_logger
from bot.reminders import rules
from bot.reminders.models import CheckIns, Feedback, Reminder, ReminderChoice, ReminderKind, ReminderState

log = get_logger(__name__)

KEY = "reminder:"
"""The outbox keys of everything said unasked begin so."""


@dataclass(frozen=True)
class Reminded:
    """A reminder that stands."""

    at: datetime


@dataclass(frozen=True)
class TimePast:
    """The time lies behind us, or further ahead than anything is promised."""


class Reminders:
    """What the dialogue asks for."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def remind(
        self, conversation_id: str, at: datetime, *, kind: ReminderKind, subject: str, note: str | None = None
    ) -> Reminded | TimePast:
        """Remind somebody at a time; at night, a little before it or in the morning after.

        Args:
            subject: the request, or the date of the year: the same twice is one reminder.
            note: what they wrote, with placeholders; said back to them then.

        Raises:
            ConversationErased: the youth has erased everything meanwhile.
        """
        now = self._clock()
        due = rules.out_of_quiet(at, now)
        if not now < due < now + rules.LONGEST_AHEAD:
            return TimePast()
        with self._db.transaction() as session:
            conversation = _hold(session, conversation_id)
            row = session.scalar(
                select(Reminder).where(
                    Reminder.conversation_id == conversation_id, Reminder.kind == kind, Reminder.subject == subject
                )
            )
            if row is None:
                row = Reminder(conversation_id=conversation_id, kind=kind, subject=subject, created_at=now)
                session.add(row)
            if row.state != ReminderState.SENT:
                row.state, row.due_at, row.note, row.settled_at = ReminderState.WAITING, due, note, None
            choice = choice_of(session, conversation.id)
            choice.stopped_at = None
            session.flush()
            plan_check_in(session, conversation, choice)
            log.info("reminder.set", reminder=row.id, kind=str(kind))
            return Reminded(row.due_at)

    def stop(self, conversation_id: str) -> None:
        """Say nothing unasked any more."""
        with self._db.transaction() as session:
            stop(session, _hold(session, conversation_id), self._clock())


def _hold(session: Session, conversation_id: str) -> Conversation:
    conversation = outbox.lock_conversation(session, conversation_id)
    if conversation is None:
        raise ConversationErased("the conversation was erased")
    return conversation


def choice_of(session: Session, conversation_id: str) -> ReminderChoice:
    """Return what somebody chose; the defaults when they have chosen nothing."""
    row = session.get(ReminderChoice, conversation_id)
    if row is None:
        row = ReminderChoice(conversation_id=conversation_id, check_ins=CheckIns.OFF, step=0)
        session.add(row)
    return row


def stop(session: Session, conversation: Conversation, now: datetime) -> None:
    """Cancel everything that waits, also what stands in the outbox unsent. Holds at once.

    The caller holds the conversation.
    """
    choice = choice_of(session, conversation.id)
    choice.check_ins, choice.next_at, choice.stopped_at = CheckIns.OFF, None, now
    session.execute(
        update(Reminder)
        .where(Reminder.conversation_id == conversation.id, Reminder.state == ReminderState.WAITING)
        .values(state=ReminderState.CANCELLED, settled_at=now)
    )
    session.execute(
        update(OutboundMessage)
        .where(
            OutboundMessage.conversation_id == conversation.id,
            OutboundMessage.key.startswith(KEY),
            OutboundMessage.state.in_([OutboundState.QUEUED, OutboundState.RETRY]),
        )
        .values(state=OutboundState.NOT_SENT)
    )
    log.info("reminders.stopped", conversation=conversation.id)


def subscribe(session: Session, conversation: Conversation, mode: CheckIns, now: datetime) -> None:
    """Check in from now on. The caller holds the conversation."""
    choice = choice_of(session, conversation.id)
    choice.check_ins, choice.since, choice.step, choice.stopped_at = mode, now, 0, None
    session.flush()
    plan_check_in(session, conversation, choice)


def plan_check_in(session: Session, conversation: Conversation, choice: ReminderChoice) -> None:
    """Set when the next check-in is due, by all that is known now."""
    if choice.since is None:
        return
    mode = CheckIns(choice.check_ins)
    heard = conversation.last_inbound_at
    if mode is CheckIns.SILENCE and heard is not None and heard > choice.since:
        # They wrote: a new silence begins, with its first step.
        choice.since, choice.step = heard, 0
    said = session.execute(
        select(Reminder.due_at, Reminder.settled_at, Reminder.state).where(
            Reminder.conversation_id == conversation.id,
            Reminder.kind.in_(rules.UNASKED),
            Reminder.state.in_([ReminderState.SENT, ReminderState.WAITING]),
        )
    )
    times = [row.settled_at or row.due_at for row in said]
    choice.next_at = rules.next_check_in(mode, choice.since, choice.step, heard, times)


def note_coming(session: Session, conversation: Conversation, now: datetime) -> datetime | None:
    """Note that somebody is coming to their next meeting; return when it is, None when there is none."""
    row = session.scalar(
        select(BookingRow)
        .where(
            BookingRow.conversation_id == conversation.id,
            BookingRow.state == BookingState.BOOKED,
            BookingRow.starts_at > now,
        )
        .order_by(BookingRow.starts_at)
        .limit(1)
    )
    if row is None:
        return None
    row.coming_at = now
    return row.starts_at


def answer_feedback(session: Session, conversation: Conversation, answer: str, now: datetime) -> None:
    """Keep the answer to the question that was asked last; a second thought replaces the first."""
    row = session.scalar(
        select(Feedback).where(Feedback.conversation_id == conversation.id).order_by(Feedback.asked_at.desc()).limit(1)
    )
    if row is not None:
        row.answer, row.answered_at = answer, now


def last_asked(session: Session, conversation: Conversation) -> Reminder | None:
    """Return the reminder that was asked for and said last."""
    return session.scalar(
        select(Reminder)
        .where(
            Reminder.conversation_id == conversation.id,
            Reminder.kind.in_([ReminderKind.ASKED, ReminderKind.SEASON]),
            Reminder.state == ReminderState.SENT,
        )
        .order_by(Reminder.settled_at.desc())
        .limit(1)
    )
