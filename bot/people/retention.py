"""Retention (gallring): what is kept goes away by itself, by the plan in `data/retention.yml`.

Run daily in the background and by `bot retention run`. A chat that has been silent is emptied of every
word, name and address, and its rows stay for the statistics: what they say is the same before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Result, Select, delete, exists, func, inspect, or_, select, update
from sqlalchemy.orm import Session

from bot.alerts.models import MessageState, StaffMessage
from bot.booking.models import BookingRow, BookingState
from bot.console.guesses import FORGOTTEN_AFTER
from bot.console.models import AccessLog, FailedSignIn, StaffSession
from bot.conversations import outbox
from bot.conversations.models import (
    Conversation,
    ConversationState,
    InboundMessage,
    OutboundMessage,
    OutboundState,
)  # fmt: skip
from bot.db.base import Base
from bot.db.session import Database
from bot.livechat.models import ScheduledMessage, ScheduledState
from bot.people import data_map, erasure, own_copy, preserve
from bot.people.models import Erasure, ExportLink, Person, PreservedRecord, RetentionRun
from bot.people.retention_plan import TIMED, Plan
from bot.reminders.models import Reminder, ReminderChoice, ReminderState
from bot.reminders.rules import ASKED_STALE


@dataclass(frozen=True)
class Report:
    """What was removed, or would be, by document type."""

    counts: Mapping[str, int]
    dry_run: bool
    finished: bool = True
    """False when what was removed may linger on the disk, for the database was in use: the run is to go on."""

    def __str__(self) -> str:
        verb = "would be removed" if self.dry_run else "removed"
        found = ", ".join(f"{name}: {count}" for name, count in self.counts.items() if count)
        said = f"{found} {verb}." if found else f"Nothing {verb}."
        if not self.finished:
            said += " It is not overwritten yet, for the database was in use: run this again."
        return said


def run(db: Database, now: datetime, *, plan: Plan, dry_run: bool = False, started_by: str = "command") -> Report:
    """Remove what has been kept long enough, and write down what was. A run that was broken off goes on.

    A chat that a person has, a meeting that the plan still keeps, a reminder or a message that is still to be
    sent keeps its conversation. What belongs to a report of concern is first written into its record.

    Args:
        plan: how long each document type is kept.
        dry_run: only count; nothing is removed and nothing is written down.
        started_by: `daily` or `command`, for the log.
    """
    silent = _silent(now, plan)
    with db.reading() as session:
        chats = list(session.scalars(select(Conversation.id).where(*silent)))
        for_reports = list(session.scalars(preserve.waiting()))
        meetings = _old_meetings(session, now, plan)
        if dry_run:
            return Report(_counts(session, now, plan, chats, meetings), dry_run=True)
    run_id = _written_down(db, now, started_by)
    removal = _Removal(db, now, plan, run_id, meetings)
    for conversation_id in chats:
        removal.of_chat(conversation_id, silent, removal.blank)
    for conversation_id in for_reports:
        removal.of_chat(conversation_id, (Conversation.blanked_at.is_(None),), removal.shorten_what_is_reported)
    removal.of_the_rest()
    # Whatever this run removed: one that was broken off may not have come so far.
    finished = db.overwrite_freed(table.name for table in data_map.tables_of_a_person())
    with db.transaction() as session:
        log = session.get_one(RetentionRun, run_id)
        log.finished_at = now if finished else None
    return Report(log.counts, dry_run=False, finished=finished)


def _written_down(db: Database, now: datetime, started_by: str) -> str:
    """Write the run into the log before anything is removed, or take up the one that was broken off."""
    with db.transaction() as session:
        unfinished = select(RetentionRun).where(
            RetentionRun.finished_at.is_(None), RetentionRun.started_by == started_by
        )
        run = session.scalars(unfinished.order_by(RetentionRun.at.desc())).first()
        if run is None:
            run = RetentionRun(at=now, started_by=started_by, counts=dict.fromkeys(TIMED, 0))
            session.add(run)
            session.flush()
        return run.id


Where = tuple[ColumnElement[bool], ...]


class _Removal:
    """What one run removes. Each transaction also brings the run's counts in the log up to date."""

    def __init__(self, db: Database, now: datetime, plan: Plan, run_id: str, meetings: list[str]) -> None:
        self._db = db
        self._now = now
        self._plan = plan
        self._run_id = run_id
        self._meetings = meetings

    def of_chat(self, conversation_id: str, still: Where, work: Callable[[Session, Conversation], None]) -> None:
        """Work on one chat in a transaction of its own; somebody may have written since we looked."""
        with self._db.transaction() as session:
            conversation = outbox.lock_conversation(session, conversation_id)
            found = session.scalar(select(Conversation.id).where(Conversation.id == conversation_id, *still))
            if conversation is not None and found is not None:
                work(session, conversation)

    def blank(self, session: Session, conversation: Conversation) -> None:
        """Empty a silent chat."""
        erasure.blank(session, conversation, self._now)
        self._count(session, "chat", 1)

    def shorten_what_is_reported(self, session: Session, conversation: Conversation) -> None:
        """Write what a report of concern needs into its record, and only then empty what has been kept long enough."""
        preserve.bring_up_to_date(session, conversation, self._now)
        session.flush()
        self._shorten(session, select(Conversation.id).where(Conversation.id == conversation.id))

    def of_the_rest(self) -> None:
        """Empty and delete what goes by age in all other chats, and what is of no chat."""
        with self._db.transaction() as session:
            self._shorten(session, select(Conversation.id).where(Conversation.id.not_in(preserve.waiting())))
            for name, model, where in _rows(self._now, self._plan):
                self._count(session, name, _changed(session.execute(delete(model).where(*where))))
            # Sign-ins that have ended, wrong passwords that count no more, and links that nobody followed.
            session.execute(delete(StaffSession).where(StaffSession.expires_at < self._now))
            session.execute(delete(FailedSignIn).where(FailedSignIn.at < self._now - FORGOTTEN_AFTER))
            session.execute(delete(ExportLink).where(ExportLink.expires_at < self._now))
            # What an earlier version of ours left in messages that have gone: accounts, and copies of everything.
            session.execute(update(StaffMessage).where(*_accounts_left()).values(address=None))
            own_copy.forget_handed_over(session)

    def _shorten(self, session: Session, chats: Select[tuple[str]]) -> None:
        """Empty words as they were written, and meetings that are long past."""
        words = update(InboundMessage).where(InboundMessage.conversation_id.in_(chats))
        emptied = session.execute(words.where(*_old_words(self._now, self._plan)).values(raw_text=None))
        self._count(session, "raw_text", _changed(emptied))
        booking = Base.metadata.tables["booking"]
        meetings = update(booking).where(booking.c.id.in_(self._meetings), booking.c.conversation_id.in_(chats))
        self._count(session, "booking", _changed(session.execute(meetings.values(erasure.empty_values(booking)))))

    def _count(self, session: Session, name: str, removed: int) -> None:
        run = session.get_one(RetentionRun, self._run_id)
        run.counts = {**run.counts, name: run.counts.get(name, 0) + removed}
        session.flush()


def _changed(result: Result[Any]) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount


def _counts(session: Session, now: datetime, plan: Plan, chats: list[str], meetings: list[str]) -> Mapping[str, int]:
    """Return what a run would remove now."""
    return {
        "raw_text": _count(session, InboundMessage, _old_words(now, plan)),
        "chat": len(chats),
        "booking": len(meetings),
        **{name: _count(session, model, where) for name, model, where in _rows(now, plan)},
    }


def _old_words(now: datetime, plan: Plan) -> Where:
    live = select(Conversation.id).where(Conversation.state == ConversationState.LIVE)
    return (
        InboundMessage.raw_text.is_not(None),
        InboundMessage.received_at < now - plan["raw_text"].kept,
        InboundMessage.conversation_id.not_in(live),
    )


def _accounts_left() -> Where:
    return (
        StaffMessage.address.is_not(None),
        StaffMessage.state.not_in([MessageState.QUEUED, MessageState.SENDING]),
    )


def _silent(now: datetime, plan: Plan) -> Where:
    before = now - plan["chat"].kept
    # A meeting that lies ahead, or took place so lately that the plan keeps what was agreed for it.
    has_a_meeting = exists().where(
        BookingRow.conversation_id == Conversation.id,
        BookingRow.state == BookingState.BOOKED,
        BookingRow.starts_at >= now - plan["booking"].kept,
    )
    still_to_send = exists().where(
        OutboundMessage.conversation_id == Conversation.id,
        OutboundMessage.state.in_([OutboundState.QUEUED, OutboundState.RETRY]),
        OutboundMessage.due_at > now,
    )
    set_for_later = exists().where(
        ScheduledMessage.conversation_id == Conversation.id,
        ScheduledMessage.state == ScheduledState.WAITING,
        ScheduledMessage.send_at > now,
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
    return (
        Conversation.blanked_at.is_(None),
        or_(Conversation.last_inbound_at < before, Conversation.last_inbound_at.is_(None)),
        Conversation.created_at < before,
        Conversation.state != ConversationState.LIVE,
        ~has_a_meeting,
        ~still_to_send,
        ~wants_to_hear,
        ~set_for_later,
    )


def _rows(now: datetime, plan: Plan) -> list[tuple[str, Any, Where]]:
    """Whole rows that go by age: (document type, table, which)."""
    emptied = select(Conversation.person_id).where(
        Conversation.blanked_at.is_not(None),
        func.coalesce(Conversation.last_inbound_at, Conversation.created_at) < now - plan["statistics"].kept,
    )
    return [
        ("statistics", Person, (Person.id.in_(emptied),)),
        ("preserved", PreservedRecord, (PreservedRecord.registered_at < now - plan["preserved"].kept,)),
        (
            "receipt", Erasure,
            (Erasure.requested_at < now - plan["receipt"].kept, Erasure.engine_done_at.is_not(None)),
        ),
        ("access_log", AccessLog, (AccessLog.at < now - plan["access_log"].kept,)),
        ("retention_log", RetentionRun, (RetentionRun.at < now - plan["retention_log"].kept,)),
    ]  # fmt: skip


def _old_meetings(session: Session, now: datetime, plan: Plan) -> list[str]:
    """Return the meetings that are long past and still say whom or what: the database cannot read that itself."""
    empties = erasure.empty_values(Base.metadata.tables["booking"])
    rows = session.scalars(select(BookingRow).where(BookingRow.starts_at < now - plan["booking"].kept))
    names = {column.name: _attribute(column.name) for column in BookingRow.__table__.columns if column.name in empties}
    return [row.id for row in rows if any(getattr(row, key) != empties[name] for name, key in names.items())]


def _attribute(column: str) -> str:
    return inspect(BookingRow).get_property_by_column(BookingRow.__table__.c[column]).key


def _count(session: Session, model: Any, where: Where) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*where)) or 0
