"""The sender's side of the outbox: what is due, and what became of it. Each function is one transaction.

States go queued -> sending -> sent | retry | failed, committed before and after the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from bot.channels.telegram import layout
from bot.channels.telegram.receive import CHANNEL
from bot.conversations import outbox
from bot.conversations.models import (
    Alert,
    AlertKind,
    Conversation,
    ConversationState,
    OutboundMessage,
    OutboundState,
)  # fmt: skip
from bot.db.session import Database
from bot.handover import service as handover
from bot.handover.models import EndReason
from bot.people import own_copy
from bot.people.models import Person
from bot.people.vault import Vault

# With one try a minute this is a day, after which the words have lost their sense.
GIVE_UP_ATTEMPTS = 1_450
LONGEST_PAUSE = timedelta(seconds=60)
# An answer that never came may mean that the message did: it is sent once more, not more often.
MAX_TIMEOUTS = 1
NO_ADDRESS = "no_address"
NO_CONNECTION = "no_connection"
UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True)
class Due:
    """The next message of a chat."""

    id: str
    conversation_id: str


@dataclass(frozen=True)
class Sending:
    """A message in our hands."""

    id: str
    conversation_id: str
    attempt: int
    address: str
    parts: tuple[str, ...]
    done: int
    """How many parts have been sent in earlier attempts."""
    keyboard: layout.Keyboard | None
    plain: bool

    def key(self, part: int) -> str:
        """Return the journal's key of one request."""
        return send_key(self.id, self.attempt, part)


def send_key(message_id: str, attempt: int, part: int) -> str:
    """Return the journal's key: one for each part of each attempt."""
    return f"{message_id}:{attempt}:{part}"


def next_due(db: Database, now: datetime, *, limit: int = 200) -> list[Due]:
    """Return the next message of each chat that has one due, oldest first.

    A chat's later messages wait for its earlier ones; only a message that was queued for a later
    hour (a reminder) does not hold up what is said before it is due.
    """
    message = OutboundMessage
    open_now = or_(
        message.state.in_([OutboundState.RETRY, OutboundState.SENDING]),
        and_(message.state == OutboundState.QUEUED, message.due_at <= now),
    )
    first = (
        select(message.conversation_id, func.min(message.seq).label("seq"))
        .join(Conversation, Conversation.id == message.conversation_id)
        .where(Conversation.channel == CHANNEL, open_now)
        .group_by(message.conversation_id)
        .subquery()
    )
    with db.reading() as session:
        rows = session.execute(
            select(message.id, message.conversation_id)
            .join(first, and_(first.c.conversation_id == message.conversation_id, first.c.seq == message.seq))
            .where(message.state.in_([OutboundState.QUEUED, OutboundState.RETRY]), message.due_at <= now)
            .order_by(message.due_at, message.created_at)
            .limit(limit)
        ).all()
    return [Due(row.id, row.conversation_id) for row in rows]


def begin(db: Database, vault: Vault, message_id: str, machine: str) -> Sending | None:
    """Take a message for sending; None when it is gone, in other hands, or for nobody whom we can reach."""
    with db.transaction() as session:
        message = session.get(OutboundMessage, message_id, with_for_update=True)
        if message is None or message.state not in (OutboundState.QUEUED, OutboundState.RETRY):
            return None
        conversation = session.get_one(Conversation, message.conversation_id)
        address = vault.address_of(session, conversation.person_id)
        if address is None:
            # Left as it is it would be due for ever, and stand before what others wait for.
            message.state, message.failed_reason = OutboundState.NOT_SENT, NO_ADDRESS
            own_copy.let_go(message)
            return None
        message.state = OutboundState.SENDING
        message.attempts += 1
        message.failed_reason = in_hand_of(machine)
        return Sending(
            id=message.id,
            conversation_id=conversation.id,
            attempt=message.attempts,
            address=address,
            parts=tuple(layout.split(own_copy.as_read(session, message))),
            done=parts_done(message),
            keyboard=layout.keyboard(message.buttons),
            plain=message.plain,
        )


def part_sent(db: Database, sending: Sending, part: int, message_id: str | None, now: datetime) -> None:
    """Note that one part has arrived; with the last one the message is sent."""
    with db.transaction() as session:
        message = _mine(session, sending)
        if message is None:
            return
        note_part(message, message_id)
        if part + 1 < len(sending.parts):
            return
        message.state, message.sent_at, message.failed_reason = OutboundState.SENT, now, None
        own_copy.let_go(message)
        whose = select(Conversation.person_id).where(Conversation.id == message.conversation_id)
        session.execute(
            update(Person)
            .where(Person.id == whose.scalar_subquery(), Person.unreachable_since.is_not(None))
            .values(unreachable_since=None)
        )


def wait(db: Database, sending: Sending, seconds: float, now: datetime) -> None:
    """Try again when Telegram allows it."""
    with db.transaction() as session:
        message = _mine(session, sending)
        if message is not None:
            message.state, message.failed_reason = OutboundState.RETRY, "too_fast"
            message.due_at = now + timedelta(seconds=seconds)


def not_sent(db: Database, sending: Sending, now: datetime) -> None:
    """Try again after a growing pause, for a day at most."""
    with db.transaction() as session:
        message = _mine(session, sending)
        if message is None:
            return
        if message.attempts >= GIVE_UP_ATTEMPTS:
            _fail(session, message, "no_connection_for_a_day", now)
            return
        message.state, message.failed_reason = OutboundState.RETRY, NO_CONNECTION
        message.due_at = now + pause_after(message.attempts)


def pause_after(attempts: int) -> timedelta:
    """Return the pause after so many attempts: 1, 2, 4, ... seconds, a minute at most."""
    return min(timedelta(seconds=2 ** min(attempts - 1, 10)), LONGEST_PAUSE)


def connection_is_back(db: Database, now: datetime) -> None:
    """Let the messages that waited for a connection go at once."""
    with db.transaction() as session:
        session.execute(
            update(OutboundMessage)
            .where(
                OutboundMessage.state == OutboundState.RETRY,
                OutboundMessage.failed_reason == NO_CONNECTION,
                OutboundMessage.due_at > now,
            )
            .values(due_at=now)
        )


def perhaps_sent(db: Database, sending: Sending, now: datetime) -> None:
    """The answer never came: once more, then leave it and tell staff."""
    with db.transaction() as session:
        message = _mine(session, sending)
        if message is not None:
            once_more(session, message, now)


def refused(db: Database, sending: Sending, now: datetime, *, buttons_refused: bool) -> None:
    """Telegram cannot take it: tell staff, try once more as plain text, then give up."""
    with db.transaction() as session:
        message = _mine(session, sending)
        if message is None:
            return
        if message.plain:
            _fail(session, message, "refused", now)
            return
        message.plain = True
        if buttons_refused:
            message.buttons = []
        message.state, message.failed_reason, message.due_at = OutboundState.RETRY, "refused", now
        _alert(session, AlertKind.DELIVERY, message.conversation_id, "refused", now)


def failed(db: Database, message_id: str, reason: str, now: datetime) -> None:
    """Give a message up and tell staff, so that the chat's later ones are not held up.

    Its text is not read: that may be the very fault.
    """
    with db.transaction() as session:
        chat = session.scalar(select(OutboundMessage.conversation_id).where(OutboundMessage.id == message_id))
        if chat is not None:
            values = {"state": OutboundState.FAILED, "failed_reason": reason}
            session.execute(update(OutboundMessage).where(OutboundMessage.id == message_id).values(values))
            own_copy.forget_handed_over(session, chat)
            _alert(session, AlertKind.DELIVERY, chat, reason, now)


def blocked(db: Database, conversation_id: str, now: datetime) -> None:
    """The person has blocked the bot: nothing more is sent, the counsellor is told, a handover ends."""
    with db.transaction() as session:
        conversation = outbox.lock_conversation(session, conversation_id)
        if conversation is None:
            return
        person = session.get_one(Person, conversation.person_id)
        person.unreachable_since = person.unreachable_since or now
        if conversation.state != ConversationState.BOT:
            handover.end(session, conversation, reason=EndReason.YOUTH_UNREACHABLE, actor="clock", now=now)
            session.flush()
        session.execute(
            update(OutboundMessage)
            .where(
                OutboundMessage.conversation_id == conversation_id,
                OutboundMessage.state.in_([OutboundState.QUEUED, OutboundState.SENDING, OutboundState.RETRY]),
            )
            .values(state=OutboundState.FAILED, failed_reason="blocked")
        )
        own_copy.forget_handed_over(session, conversation_id)
        _alert(session, AlertKind.UNREACHABLE, conversation_id, "blocked", now)


def once_more(session: Session, message: OutboundMessage, now: datetime) -> None:
    """Send a message that may have arrived once more; after that give it up and tell staff."""
    message.timeouts += 1
    if message.timeouts > MAX_TIMEOUTS:
        _fail(session, message, UNCONFIRMED, now)
        return
    message.state, message.failed_reason = OutboundState.RETRY, UNCONFIRMED
    message.due_at = now + timedelta(seconds=1)


def _mine(session: Session, sending: Sending) -> OutboundMessage | None:
    """Return the row if it is still this attempt's; erased or failed meanwhile, it is not."""
    message = session.get(OutboundMessage, sending.id, with_for_update=True)
    if message is None or message.state != OutboundState.SENDING or message.attempts != sending.attempt:
        return None
    return message


def _fail(session: Session, message: OutboundMessage, reason: str, now: datetime) -> None:
    message.state, message.failed_reason = OutboundState.FAILED, reason[:40]
    own_copy.let_go(message)
    _alert(session, AlertKind.DELIVERY, message.conversation_id, reason, now)


def _alert(session: Session, kind: AlertKind, conversation_id: str, detail: str, now: datetime) -> None:
    standing = session.scalar(
        select(Alert.id).where(
            Alert.conversation_id == conversation_id, Alert.kind == kind, Alert.acknowledged_at.is_(None)
        )
    )
    if standing is None:
        session.add(Alert(kind=kind, conversation_id=conversation_id, detail=detail[:64], created_at=now))


def in_hand_of(machine: str) -> str:
    """Return what stands in `failed_reason` while a machine's sender has a message in hand."""
    return f"on {machine}"[:40]


def parts_done(message: OutboundMessage) -> int:
    """Return how many parts of a long text have been sent: ``<count>:<id of the last>``, or one id."""
    if not message.channel_message_id:
        return 0
    count, colon, _ = message.channel_message_id.partition(":")
    return int(count) if colon else 1


def note_part(message: OutboundMessage, message_id: str | None) -> None:
    """Count one more part as sent."""
    count = parts_done(message) + 1
    message.channel_message_id = f"{count}:{message_id or '-'}" if count > 1 else message_id or "-"
