"""The senders' side of messages to staff: what is due, and what became of it. Each function is one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from bot.alerts import removal
from bot.alerts.contacts import unlink
from bot.alerts.models import MessageState, Path, StaffContact, StaffMessage
from bot.db.session import Database

# With a growing pause of a minute at most this is a day; an alert is worth nothing after that.
GIVE_UP_ATTEMPTS = 1_450
LONGEST_PAUSE = timedelta(seconds=60)


@dataclass(frozen=True)
class Outgoing:
    """A message in a sender's hands."""

    id: str
    attempt: int
    staff_id: str | None
    address: str
    text: str
    buttons: list[dict[str, Any]]

    @property
    def send_key(self) -> str:
        """The key of this attempt in the sender's journal."""
        return f"{self.id}:{self.attempt}"


def next_due(db: Database, path: Path, now: datetime, limit: int = 50) -> list[str]:
    """Return the messages that are due, in the order in which they were queued."""
    with db.reading() as session:
        statement = (
            select(StaffMessage.id)
            .where(StaffMessage.path == path, StaffMessage.state == MessageState.QUEUED, StaffMessage.due_at <= now)
            .order_by(StaffMessage.created_at, StaffMessage.key)
            .limit(limit)
        )
        return list(session.scalars(statement))


def begin(db: Database, message_id: str) -> Outgoing | None:
    """Take a message in hand; None when it is gone, taken back, or its receiver cannot be reached any more."""
    with db.transaction() as session:
        message = session.get(StaffMessage, message_id, with_for_update=True)
        if message is None or message.state != MessageState.QUEUED:
            return None
        contact = session.get(StaffContact, message.staff_id) if message.staff_id else None
        linked = contact.address if contact and message.path == Path.TELEGRAM else None
        mail = contact.email if contact and message.path == Path.EMAIL else None
        address = message.address or linked or mail
        if address is None:
            message.state = MessageState.FAILED
            return None
        message.state = MessageState.SENDING
        message.attempts += 1
        return Outgoing(message.id, message.attempts, message.staff_id, address, message.text, list(message.buttons))


def sent(db: Database, outgoing: Outgoing, channel_message_id: str | None, now: datetime) -> None:
    """Note that a message has left. One whose chat was erased while it was on its way goes from the phone again."""
    if not _end(db, outgoing.id, MessageState.SENT, sent_at=now, channel_message_id=channel_message_id):
        with db.transaction() as session:
            removal.add(session, outgoing.staff_id, channel_message_id, now, now)


def later(db: Database, outgoing: Outgoing, now: datetime, seconds: float | None = None) -> None:
    """Try again after a pause: the given one, or one that grows."""
    if outgoing.attempt >= GIVE_UP_ATTEMPTS:
        _end(db, outgoing.id, MessageState.FAILED)
        return
    growing = min(timedelta(seconds=2 ** min(outgoing.attempt - 1, 10)), LONGEST_PAUSE)
    pause = timedelta(seconds=seconds) if seconds is not None else growing
    _set(db, outgoing.id, state=MessageState.QUEUED, due_at=now + pause)


def failed(db: Database, outgoing: Outgoing, *, gone: bool = False) -> None:
    """Give a message up; with `gone` the phone has blocked the bot, and is no way to reach anybody any more."""
    _end(db, outgoing.id, MessageState.FAILED)
    if gone and outgoing.staff_id is not None:
        with db.transaction() as session:
            unlink(session, outgoing.staff_id)


def left_over(db: Database, path: Path) -> list[tuple[str, str]]:
    """Return the messages that a sender left in its hands: id and key of the attempt."""
    with db.reading() as session:
        rows = session.execute(
            select(StaffMessage.id, StaffMessage.attempts).where(
                StaffMessage.path == path, StaffMessage.state == MessageState.SENDING
            )
        ).all()
    return [(row.id, f"{row.id}:{row.attempts}") for row in rows]


def settle(db: Database, message_id: str, *, has_left: bool, now: datetime) -> None:
    """Decide about a message that a killed sender left: it had gone out, or it goes again."""
    if has_left:
        _end(db, message_id, MessageState.SENT, sent_at=now)
    else:
        _set(db, message_id, state=MessageState.QUEUED)


def _end(db: Database, message_id: str, state: MessageState, **values: object) -> bool:
    """Note a message's end. Nobody needs an address of its own any more (see `StaffMessage.address`)."""
    return _set(db, message_id, state=state, address=None, **values)


def _set(db: Database, message_id: str, **values: object) -> bool:
    """Change a message; False when it is gone."""
    changed = update(StaffMessage).where(StaffMessage.id == message_id).values(**values).returning(StaffMessage.id)
    with db.transaction() as session:
        return session.scalar(changed) is not None
