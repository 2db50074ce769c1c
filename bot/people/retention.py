"""Retention (gallring): what is kept goes away by itself, by the plan in `data/retention.yml`.

Run daily in the background and by `bot retention run`. A chat that has been silent is emptied of every
word, name and address, and its rows stay for the statistics: what they say is the same before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, inspect, or_, select, update
from sqlalchemy.orm import Session

from bot.booking.models import BookingRow, BookingState
from bot.console.models import AccessLog, StaffSession
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
from bot.people import data_map, erasure
from bot.people.models import Erasure, ExportLink, Person, PreservedRecord, RetentionRun
from bot.people.retention_plan import Plan
from bot.reminders.models import Reminder, ReminderChoice, ReminderState
from bot.reminders.rules import ASKED_STALE


@dataclass(frozen=True)
class Report:
    """What was removed, or would be, by document type."""

    counts: Mapping[str, int]
    dry_run: bool

    def __str__(self) -> str:
        verb = "would be removed" if self.dry_run else "removed"
        found = ", ".join(f"{name}: {count}" for name, count in self.counts.items() if count)
        return f"{found} {verb}." if found else f"Nothing {verb}."


def run(db: Database, now: datetime, *, plan: Plan, dry_run: bool = False, started_by: str = "command") -> Report:
    """Remove what has been kept long enough, and write down what was.

    A chat that a person has, a meeting that lies ahead, a reminder or a message that is still to be sent
    keeps its conversation.

    Args:
        plan: how long each document type is kept.
        dry_run: only count; nothing is removed and nothing is written down.
        started_by: `daily` or `command`, for the log.
    """
    silent = _silent(now, plan)
    counts: dict[str, int] = {}
    with db.reading() as session:
        chats = list(session.scalars(select(Conversation.id).where(*silent)))
        meetings = _old_meetings(session, now, plan)
        counts = {
            "raw_text": _count(session, InboundMessage, _old_words(now, plan)),
            "chat": len(chats),
            "booking": len(meetings),
            **{name: _count(session, model, where) for name, model, where in _rows(now, plan)},
        }
    if dry_run:
        return Report(counts, dry_run=True)
    counts["chat"] = sum(_each(db, chats, silent, lambda s, c: erasure.blank(s, c, now)))
    with db.transaction() as session:
        session.execute(update(InboundMessage).where(*_old_words(now, plan)).values(raw_text=None))
        booking = Base.metadata.tables["booking"]
        session.execute(update(booking).where(booking.c.id.in_(meetings)).values(erasure.empty_values(booking)))
        for _, model, where in _rows(now, plan):
            session.execute(delete(model).where(*where))
        # Sign-ins that have ended, and links that nobody followed.
        session.execute(delete(StaffSession).where(StaffSession.expires_at < now))
        session.execute(delete(ExportLink).where(ExportLink.expires_at < now))
        session.add(RetentionRun(at=now, started_by=started_by, counts=counts))
    if any(counts.values()):
        db.overwrite_freed(table.name for table in data_map.tables_of_a_person())
    return Report(counts, dry_run=False)


Where = tuple[ColumnElement[bool], ...]


def _old_words(now: datetime, plan: Plan) -> Where:
    live = select(Conversation.id).where(Conversation.state == ConversationState.LIVE)
    return (
        InboundMessage.raw_text.is_not(None),
        InboundMessage.received_at < now - plan["raw_text"].kept,
        InboundMessage.conversation_id.not_in(live),
    )


def _silent(now: datetime, plan: Plan) -> Where:
    before = now - plan["chat"].kept
    meeting_ahead = exists().where(
        BookingRow.conversation_id == Conversation.id,
        BookingRow.state == BookingState.BOOKED,
        BookingRow.starts_at > now,
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
        ~meeting_ahead,
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


def _each(db: Database, chats: list[str], still: Where, work: Callable[[Session, Conversation], object]) -> list[bool]:
    """Empty each chat in a transaction of its own; somebody may have written since we looked."""
    done = []
    for conversation_id in chats:
        with db.transaction() as session:
            conversation = outbox.lock_conversation(session, conversation_id)
            found = session.scalar(select(Conversation.id).where(Conversation.id == conversation_id, *still))
            if conversation is not None and found is not None:
                work(session, conversation)
                done.append(True)
    return done


def _count(session: Session, model: Any, where: Where) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*where)) or 0
