"""What belongs to a report of concern for a child (orosanmälan) is kept until the municipality has registered it.

A counsellor marks the conversation; from then on neither `/radera` nor retention loses it: the copy is
brought up to date before anything is erased, and stands until somebody says under which number it is
registered. Then it goes by the retention plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
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


def mark(
    session: Session, conversation: Conversation, *, staff_id: str, municipality: str | None, now: datetime
) -> PreservedRecord:
    """Keep a conversation for a report; marked twice, it is brought up to date."""
    row = _record_of(session, conversation.id)
    if row is None:
        row = PreservedRecord(
            conversation_id=conversation.id,
            municipality=municipality,
            made_at=now,
            made_by=staff_id,
            document=_document(session, conversation, now),
            updated_at=now,
        )
        session.add(row)
        session.flush()
    elif row.registered_at is None:
        row.document, row.updated_at = _document(session, conversation, now), now
    return row


def bring_up_to_date(session: Session, conversation: Conversation, now: datetime) -> int:
    """Write what is about to be erased into the record that must stay; the number of records that stay."""
    row = _record_of(session, conversation.id)
    if row is None:
        return 0
    if row.registered_at is None and conversation.blanked_at is None:
        row.document, row.updated_at = _document(session, conversation, now), now
    return 1


def register(session: Session, record_id: str, *, number: str, staff_id: str, now: datetime) -> PreservedRecord | None:
    """Say under which number a record stands in the municipality's own system; None when there is no such record."""
    row = session.get(PreservedRecord, record_id, with_for_update=True)
    if row is not None and row.registered_at is None:
        row.registered_at, row.registered_by, row.registered_as = now, staff_id, number
    return row


def records(session: Session) -> list[Record]:
    """Return all records, those that nobody has registered first, the oldest before the newer."""
    rows = session.scalars(
        select(PreservedRecord).order_by(PreservedRecord.registered_at.is_not(None), PreservedRecord.made_at)
    )
    return [
        Record(
            row.id, row.conversation_id, row.municipality, row.made_at, row.made_by, row.updated_at,
            row.registered_at, row.registered_as,
        )
        for row in rows
    ]  # fmt: skip


def _record_of(session: Session, conversation_id: str) -> PreservedRecord | None:
    return session.scalar(select(PreservedRecord).where(PreservedRecord.conversation_id == conversation_id))


def _document(session: Session, conversation: Conversation, now: datetime) -> str:
    # The report is the municipality's, so it is in Swedish and holds also what staff have noted.
    return export.document(session, conversation, Language.SV, now, for_staff=True)
