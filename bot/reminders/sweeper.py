"""Says what is due. Each reminder is one transaction: checked again under the conversation's lock, noted as
sent and queued in the outbox together. A crash before the commit leaves it due, after it sent; two sweepers
meet at the lock, and the unique keys of the tables hold for whoever does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot import bell as bells
from bot.bell import Bell
from bot.booking.models import BookingRow, BookingState, Outcome
from bot.clock import Clock
from bot.conversations import outbox
from bot.conversations.models import Conversation, ConversationState
from bot.db.session import Database
from bot.handover.models import EndReason, Handover, HandoverState
from bot.languages import Language
from bot.log import get_logger
from bot.people.models import Person
from bot.reminders import rules
from bot.reminders.models import CheckIns, Feedback, Reminder, ReminderChoice, ReminderKind, ReminderState
from bot.reminders.service import KEY, plan_check_in
from bot.reminders.wording import bubble_of
from bot.texts import Texts

log = get_logger(__name__)

_OF_MEETINGS = (ReminderKind.MEETING_DAY, ReminderKind.MEETING_SOON)
# With nobody but the bot in the chat. A reminder of a meeting also reaches somebody who waits for a person.
_WITH_THE_BOT = (ConversationState.BOT, ConversationState.OFF_HOURS_QUEUED, ConversationState.TIMED_OUT)
_NOT_ASKED_AFTER = (EndReason.YOUTH_DELETED_DATA, EndReason.YOUTH_UNREACHABLE)


@dataclass(frozen=True)
class Due:
    """Something that may be due."""

    conversation_id: str
    kind: ReminderKind
    subject: str
    starts_at: datetime | None = None


class Sweeper:
    """Run often; says each thing once."""

    def __init__(self, db: Database, clock: Clock, texts: Texts, bell: Bell | None = None) -> None:
        self._db = db
        self._clock = clock
        self._texts = texts
        self._bell = bell

    def sweep(self) -> int:
        """Say what is due now; return how much was said."""
        now = self._clock()
        with self._db.reading() as session:
            found = list(_found(session, now))
        said = sum(self._say(due, now) for due in found)
        if said and self._bell is not None:
            self._bell.ring(bells.SEND, bells.STAFF)
        return said

    def _say(self, due: Due, now: datetime) -> bool:
        try:
            with self._db.transaction() as session:
                conversation = outbox.lock_conversation(session, due.conversation_id)
                if conversation is None or not _may(session, conversation, due, now):
                    return False
                return _settle(session, conversation, due, now, self._texts)
        except IntegrityError:
            # Another sweeper said it at the same moment.
            return False


def _found(session: Session, now: datetime) -> Iterator[Due]:
    """Look for what may be due; only reads, and leaves out who cannot be told anything now."""
    yield from _meetings_ahead(session, now)
    if rules.is_quiet(now):
        return
    yield from _meetings_past(session, now)
    yield from _chats_past(session, now)
    for row in session.scalars(
        _reachable(select(Reminder), Reminder.conversation_id).where(
            Reminder.state == ReminderState.WAITING, Reminder.due_at <= now
        )
    ):
        yield Due(row.conversation_id, ReminderKind(row.kind), row.subject)
    for choice in session.scalars(
        _reachable(select(ReminderChoice), ReminderChoice.conversation_id).where(ReminderChoice.next_at <= now)
    ):
        yield Due(choice.conversation_id, ReminderKind.CHECK_IN, "")


def _reachable[Row: tuple[Any, ...]](
    statement: Select[Row], conversation_id: InstrumentedAttribute[str]
) -> Select[Row]:
    return (
        statement.join(Conversation, Conversation.id == conversation_id)
        .join(Person, Person.id == Conversation.person_id)
        .where(
            Person.unreachable_since.is_(None),
            Conversation.state != ConversationState.LIVE,
            # Emptied by retention, a chat has no address any more.
            Conversation.blanked_at.is_(None),
        )
    )


def _not_yet(kind: ReminderKind) -> ColumnElement[bool]:
    return ~exists().where(
        Reminder.conversation_id == BookingRow.conversation_id,
        Reminder.kind == kind,
        Reminder.subject == BookingRow.id,
    )


def _meetings_ahead(session: Session, now: datetime) -> Iterator[Due]:
    # A day, and what the quiet hours can bring forward.
    horizon = now + timedelta(hours=36)
    rows = session.scalars(
        _reachable(select(BookingRow), BookingRow.conversation_id).where(
            BookingRow.state == BookingState.BOOKED,
            BookingRow.starts_at.between(now, horizon),
            or_(_not_yet(ReminderKind.MEETING_DAY), _not_yet(ReminderKind.MEETING_SOON)),
        )
    )
    for row in rows:
        kind = rules.meeting_reminder(now, row.starts_at, row.created_at)
        if kind is not None:
            yield Due(row.conversation_id, kind, row.id, row.starts_at)


def _meetings_past(session: Session, now: datetime) -> Iterator[Due]:
    rows = session.scalars(
        _reachable(select(BookingRow), BookingRow.conversation_id).where(
            BookingRow.state == BookingState.BOOKED,
            BookingRow.starts_at.between(now - rules.STALE, now),
            ~exists().where(Feedback.about == ReminderKind.AFTER_MEETING, Feedback.subject == BookingRow.id),
            _not_yet(ReminderKind.MISSED),
        )
    )
    for row in rows:
        over = row.starts_at + timedelta(minutes=row.minutes) + rules.AFTER_MEETING
        if row.outcome == Outcome.NOT_COME:
            yield Due(row.conversation_id, ReminderKind.MISSED, row.id)
        elif row.outcome != Outcome.MOVED and over <= now:
            yield Due(row.conversation_id, ReminderKind.AFTER_MEETING, row.id)


def _chats_past(session: Session, now: datetime) -> Iterator[Due]:
    rows = session.scalars(
        _reachable(select(Handover), Handover.conversation_id).where(
            Handover.state == HandoverState.CLOSED,
            Handover.first_reply_at.is_not(None),
            Handover.closed_at.between(now - rules.STALE, now - rules.AFTER_CHAT),
            or_(Handover.end_reason.is_(None), Handover.end_reason.not_in(_NOT_ASKED_AFTER)),
            ~exists().where(Feedback.about == ReminderKind.AFTER_CHAT, Feedback.subject == Handover.id),
        )
    )
    for row in rows:
        yield Due(row.conversation_id, ReminderKind.AFTER_CHAT, row.id)


def _may(session: Session, conversation: Conversation, due: Due, now: datetime) -> bool:
    """Decide again under the lock: much can have happened since we looked."""
    if conversation.blanked_at is not None:
        return False
    person = session.get(Person, conversation.person_id, populate_existing=True)
    choice = session.get(ReminderChoice, conversation.id, populate_existing=True)
    if person is None or person.unreachable_since is not None or (choice is not None and choice.stopped_at is not None):
        return False
    if due.kind in _OF_MEETINGS:
        return conversation.state != ConversationState.LIVE
    if conversation.state not in _WITH_THE_BOT or rules.is_quiet(now):
        return False
    if conversation.risk_at is not None and now - conversation.risk_at < rules.AFTER_DANGER:
        return False
    return conversation.last_inbound_at is None or now - conversation.last_inbound_at >= rules.PAUSE


def _settle(session: Session, conversation: Conversation, due: Due, now: datetime, texts: Texts) -> bool:
    match due.kind:
        case ReminderKind.MEETING_DAY | ReminderKind.MEETING_SOON | ReminderKind.MISSED:
            if not _stands(session, due, now):
                return False
            _note_sent(session, conversation, due, now)
        case ReminderKind.AFTER_MEETING | ReminderKind.AFTER_CHAT:
            asked = select(Feedback.id).where(Feedback.about == due.kind, Feedback.subject == due.subject)
            if session.scalar(asked) is not None:
                return False
            session.add(Feedback(conversation_id=conversation.id, about=due.kind, subject=due.subject, asked_at=now))
        case ReminderKind.CHECK_IN:
            return _check_in(session, conversation, now, texts)
        case ReminderKind.ASKED | ReminderKind.SEASON:
            row = _row(session, due)
            if row is None or row.state != ReminderState.WAITING or row.due_at > now:
                return False
            if now - row.due_at > rules.ASKED_STALE:
                row.state, row.settled_at = ReminderState.PAST, now
                log.warning("reminder.past", reminder=row.id)
                return False
            row.state, row.settled_at = ReminderState.SENT, now
            choice = session.get(ReminderChoice, conversation.id)
            session.flush()
            if choice is not None:
                plan_check_in(session, conversation, choice)
    bubble = bubble_of(texts, Language(conversation.language), due.kind, now=now, starts_at=due.starts_at)
    outbox.queue(session, conversation, key=f"{KEY}{due.kind}:{conversation.id}:{due.subject}", bubble=bubble, now=now)
    log.info("reminder.sent", kind=str(due.kind), subject=due.subject)
    return True


def _row(session: Session, due: Due) -> Reminder | None:
    return session.scalar(
        select(Reminder).where(
            Reminder.conversation_id == due.conversation_id,
            Reminder.kind == due.kind,
            Reminder.subject == due.subject,
        )
    )


def _note_sent(session: Session, conversation: Conversation, due: Due, now: datetime) -> None:
    session.add(
        Reminder(
            conversation_id=conversation.id, kind=due.kind, subject=due.subject, due_at=now, created_at=now,
            state=ReminderState.SENT, settled_at=now,
        )
    )  # fmt: skip
    session.flush()


def _stands(session: Session, due: Due, now: datetime) -> bool:
    """Whether the meeting still stands and this has not been said."""
    row = session.get(BookingRow, due.subject, populate_existing=True)
    if row is None or row.state != BookingState.BOOKED or _row(session, due) is not None:
        return False
    if due.kind == ReminderKind.MISSED:
        return row.outcome == Outcome.NOT_COME
    return rules.meeting_reminder(now, row.starts_at, row.created_at) == due.kind


def _check_in(session: Session, conversation: Conversation, now: datetime, texts: Texts) -> bool:
    choice = session.get(ReminderChoice, conversation.id)
    if choice is None:
        return False
    # They may have written, or asked for something else, since this was planned.
    plan_check_in(session, conversation, choice)
    if choice.next_at is None or choice.next_at > now:
        return False
    mode, step = CheckIns(choice.check_ins), choice.step
    due = Due(conversation.id, ReminderKind.CHECK_IN, f"{choice.since:%Y%m%d%H%M%S}:{step}")
    if _row(session, due) is not None:
        return False
    _note_sent(session, conversation, due, now)
    choice.step += 1
    plan_check_in(session, conversation, choice)
    bubble = bubble_of(texts, Language(conversation.language), due.kind, now=now, mode=mode, step=step)
    outbox.queue(session, conversation, key=f"{KEY}check_in:{conversation.id}:{due.subject}", bubble=bubble, now=now)
    log.info("reminder.sent", kind="check_in", step=step)
    return True
