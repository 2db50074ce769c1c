"""What belongs to a report of concern for a child (orosanmälan) is kept until the municipality has registered it.

A counsellor marks the conversation; from then on neither `/radera` nor retention loses it: what has come
to it is added to the copy before anything is erased or emptied, and nothing is ever taken out of the copy.
It stands until somebody says under which number it is registered. Then it goes by the retention plan, and
a new concern in the same conversation gets a record of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation
from bot.languages import Language
from bot.people import export
from bot.people.models import PreservedRecord


@dataclass(frozen=True)
class Record:
    """A preserved record, without its text."""

    record_id: str
    conversation_id: str
    municipality: str | None
    made_at: datetime
    made_by: str
    updated_at: datetime
    registered_at: datetime | None
    registered_as: str | None


class Kept(StrEnum):
    """What became of a wish to keep a conversation."""

    NEW = "new"
    ANOTHER = "another"
    """A new one, beside those that are registered."""
    UPDATED = "updated"


@dataclass(frozen=True)
class Marked:
    """The record in which a conversation is kept."""

    id: str
    kept: Kept


def mark(
    session: Session, conversation: Conversation, *, staff_id: str, municipality: str | None, now: datetime
) -> Marked:
    """Keep a conversation for a report; while its record is not registered, that one is brought up to date.

    The caller holds the conversation.
    """
    rows = _rows_of(session, conversation.id)
    for row in rows:
        if row.registered_at is None:
            _extend(session, row, conversation, now)
            return Marked(row.id, Kept.UPDATED)
    row = PreservedRecord(
        conversation_id=conversation.id,
        municipality=municipality,
        made_at=now,
        made_by=staff_id,
        # The report is the municipality's, so it is in Swedish and holds also what staff have noted.
        document=export.document(session, conversation, Language.SV, now, for_staff=True),
        updated_at=now,
    )
    session.add(row)
    session.flush()
    return Marked(row.id, Kept.ANOTHER if rows else Kept.NEW)


def bring_up_to_date(session: Session, conversation: Conversation, now: datetime) -> int:
    """Add what is about to be erased to the record that must stay; the number of records that stay.

    The caller holds the conversation.
    """
    rows = _rows_of(session, conversation.id)
    for row in rows:
        if row.registered_at is None and conversation.blanked_at is None:
            _extend(session, row, conversation, now)
    return len(rows)


def waiting() -> Select[tuple[str]]:
    """Select the conversations with a record that nobody has registered."""
    return select(PreservedRecord.conversation_id).where(PreservedRecord.registered_at.is_(None))


def register(session: Session, record_id: str, *, number: str, staff_id: str, now: datetime) -> PreservedRecord | None:
    """Say under which number a record stands in the municipality's own system; None when there is no such record."""
    row = session.get(PreservedRecord, record_id, with_for_update=True)
    if row is not None and row.registered_at is None:
        row.registered_at, row.registered_by, row.registered_as = now, staff_id, number
    return row


def records(session: Session, conversation_id: str | None = None) -> list[Record]:
    """Return all records, or those of a conversation: those that nobody has registered first, the oldest first."""
    chosen = select(PreservedRecord).order_by(PreservedRecord.registered_at.is_not(None), PreservedRecord.made_at)
    if conversation_id is not None:
        chosen = chosen.where(PreservedRecord.conversation_id == conversation_id)
    return [
        Record(
            row.id, row.conversation_id, row.municipality, row.made_at, row.made_by, row.updated_at,
            row.registered_at, row.registered_as,
        )
        for row in session.scalars(chosen)
    ]  # fmt: skip


def _rows_of(session: Session, conversation_id: str) -> Sequence[PreservedRecord]:
    return session.scalars(select(PreservedRecord).where(PreservedRecord.conversation_id == conversation_id)).all()


def _extend(session: Session, row: PreservedRecord, conversation: Conversation, now: datetime) -> None:
    extended = export.extended(row.document, session, conversation, Language.SV, now, for_staff=True)
    if extended != row.document:
        row.document, row.updated_at = extended, now
