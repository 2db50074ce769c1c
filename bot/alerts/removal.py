"""Takes what was said about an erased chat away from counsellors' phones. Functions on an open session, or one each.

Telegram lets a bot delete a message of its own for 48 hours (core.telegram.org/bots/api#deletemessage). What is to go
stands in rows of its own: they outlive the chat, and a crash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.alerts.models import MessageState, Path, PhoneRemoval, StaffContact, StaffMessage
from bot.db.session import Database

POSSIBLE = timedelta(hours=48)
RETRY = timedelta(minutes=1)


@dataclass(frozen=True)
class Due:
    """A message that is to go from a phone."""

    id: str
    address: str
    message_id: str


def queue(session: Session, conversation_id: str, now: datetime) -> None:
    """Note every message about a chat that is to go from a phone. Called before the chat's rows are taken."""
    rows = session.execute(
        select(StaffMessage.staff_id, StaffMessage.channel_message_id, StaffMessage.sent_at).where(
            StaffMessage.conversation_id == conversation_id,
            StaffMessage.path == Path.TELEGRAM,
            StaffMessage.state == MessageState.SENT,
        )
    ).tuples()
    for staff_id, message_id, sent_at in rows:
        if sent_at is not None:
            add(session, staff_id, message_id, sent_at, now)


def add(session: Session, staff_id: str | None, message_id: str | None, sent_at: datetime, now: datetime) -> None:
    """Note one message, if it can still go."""
    if staff_id is not None and message_id is not None and sent_at > now - POSSIBLE:
        session.add(PhoneRemoval(staff_id=staff_id, channel_message_id=message_id, sent_at=sent_at, due_at=now))


def next_due(db: Database, now: datetime, limit: int = 50) -> list[Due]:
    """Return what is due and can go: only from the phone that it was sent to."""
    with db.reading() as session:
        rows = session.execute(
            select(PhoneRemoval.id, StaffContact.address, PhoneRemoval.channel_message_id)
            .join(StaffContact, StaffContact.staff_id == PhoneRemoval.staff_id)
            .where(
                PhoneRemoval.due_at <= now,
                PhoneRemoval.sent_at > now - POSSIBLE,
                StaffContact.fingerprint.is_not(None),
                StaffContact.linked_at <= PhoneRemoval.sent_at,
            )
            .order_by(PhoneRemoval.due_at, PhoneRemoval.sent_at)
            .limit(limit)
        ).tuples()
        return [Due(row_id, address, message_id) for row_id, address, message_id in rows if address is not None]


def done(db: Database, removal_id: str) -> None:
    """Forget a message that has gone, or that Telegram does not take away any more."""
    with db.transaction() as session:
        session.execute(delete(PhoneRemoval).where(PhoneRemoval.id == removal_id))


def later(db: Database, removal_id: str, now: datetime, seconds: float) -> None:
    """Try again after a pause, or after as long as Telegram says."""
    due_at = now + max(RETRY, timedelta(seconds=seconds))
    with db.transaction() as session:
        session.execute(update(PhoneRemoval).where(PhoneRemoval.id == removal_id).values(due_at=due_at))


def forget_old(session: Session, now: datetime) -> None:
    """Forget what Telegram does not take away any more."""
    session.execute(delete(PhoneRemoval).where(PhoneRemoval.sent_at <= now - POSSIBLE))
