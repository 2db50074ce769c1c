"""A message set for later: sent once at its time, unless the youth writes first or is gone.

The message and its row in the outbox are stored in one transaction under a key, so neither a crash nor
two sweepers at once can send it twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from bot.clock import STOCKHOLM
from bot.console.models import Staff
from bot.conversations import outbox
from bot.conversations.models import Author, Conversation, ConversationState, InboundKind, InboundMessage
from bot.db.session import Database
from bot.errors import BotError
from bot.handover.models import Handover, HandoverState
from bot.handover.transitions import open_handover
from bot.languages import Language
from bot.livechat.models import CancelReason, ScheduledMessage, ScheduledState
from bot.log import get_logger
from bot.names import Response
from bot.people.models import Person
from bot.texts import Bubble, Texts

log = get_logger(__name__)

# Nobody is written to at night (quiet hours of reminders), nor so late that nobody remembers why.
EARLIEST, LATEST = time(8), time(21)
LONGEST = timedelta(days=30)
SHOWN = 5
_HUMAN = "bot:human"
# Blocking us and coming back is no word to us.
_SILENT = (InboundKind.LEFT, InboundKind.RETURNED)


class CannotSchedule(BotError):
    """It cannot be set for later; the message says in Swedish what to do."""


def plan(
    session: Session, conversation: Conversation, staff_id: str, text: str, send_at: datetime, now: datetime
) -> ScheduledMessage:
    """Set a message for later. The caller holds the conversation.

    Raises:
        CannotSchedule: this person has never had the chat, or the time is past, at night or too far away.
    """
    if not had_chat(session, conversation.id, staff_id):
        raise CannotSchedule("Bara den som har eller har haft chatten kan skriva senare.")
    if not text.strip():
        raise CannotSchedule("Skriv något som ska skickas.")
    if send_at <= now:
        raise CannotSchedule("Välj en tid som inte har varit.")
    if send_at > now + LONGEST:
        raise CannotSchedule(f"Välj en tid inom {LONGEST.days} dagar.")
    if not EARLIEST <= send_at.astimezone(STOCKHOLM).time() < LATEST:
        raise CannotSchedule(f"Välj en tid mellan {EARLIEST:%H.%M} och {LATEST:%H.%M}.")
    row = ScheduledMessage(
        conversation_id=conversation.id,
        staff_id=staff_id,
        text=text.strip(),
        send_at=send_at,
        after_seq=conversation.inbound_seq,
        state=ScheduledState.WAITING,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def had_chat(session: Session, conversation_id: str, staff_id: str) -> bool:
    """Whether somebody has, or has had, this chat."""
    owned = exists().where(
        Handover.conversation_id == conversation_id, Handover.owner == staff_id, Handover.claimed_at.is_not(None)
    )
    return bool(session.scalar(select(owned)))


def of_conversation(session: Session, conversation_id: str) -> Sequence[ScheduledMessage]:
    """Return what waits in a conversation, and what lately became of others."""
    return session.scalars(
        select(ScheduledMessage)
        .where(ScheduledMessage.conversation_id == conversation_id)
        .order_by(ScheduledMessage.state.desc(), ScheduledMessage.send_at.desc())
        .limit(SHOWN)
    ).all()


def cancel(session: Session, message_id: str, now: datetime) -> bool:
    """Take a message back before it is sent; False when it is too late."""
    row = session.get(ScheduledMessage, message_id, with_for_update=True)
    if row is None or row.state != ScheduledState.WAITING:
        return False
    _end(row, ScheduledState.CANCELLED, now, CancelReason.BY_STAFF)
    return True


def sweep(db: Database, now: datetime, texts: Texts) -> int:
    """Send what is due and cancel what the youth has overtaken; how many changed."""
    wrote = exists().where(
        InboundMessage.conversation_id == ScheduledMessage.conversation_id,
        InboundMessage.seq > ScheduledMessage.after_seq,
        InboundMessage.kind.not_in(_SILENT),
    )
    with db.reading() as session:
        due = session.execute(
            select(ScheduledMessage.id, ScheduledMessage.conversation_id)
            .where(ScheduledMessage.state == ScheduledState.WAITING, or_(ScheduledMessage.send_at <= now, wrote))
            .order_by(ScheduledMessage.send_at)
        ).all()
    return sum(_settle(db, row.id, row.conversation_id, now, texts) for row in due)


def _settle(db: Database, message_id: str, conversation_id: str, now: datetime, texts: Texts) -> bool:
    with db.transaction() as session:
        conversation = outbox.lock_conversation(session, conversation_id)
        row = session.get(ScheduledMessage, message_id, populate_existing=True)
        if conversation is None or row is None or row.state != ScheduledState.WAITING:
            return False
        reason = _hindrance(session, conversation, row)
        if reason is not None:
            _end(row, ScheduledState.CANCELLED, now, reason)
        elif row.send_at <= now:
            _send(session, conversation, row, now, texts)
        else:
            return False
        log.info("scheduled.settled", message=row.id, state=row.state, reason=row.reason)
        return True


def _hindrance(session: Session, conversation: Conversation, row: ScheduledMessage) -> CancelReason | None:
    wrote = session.scalar(
        select(InboundMessage.id)
        .where(
            InboundMessage.conversation_id == conversation.id,
            InboundMessage.seq > row.after_seq,
            InboundMessage.kind.not_in(_SILENT),
        )
        .limit(1)
    )
    if wrote is not None:
        return CancelReason.YOUTH_WROTE
    if session.get_one(Person, conversation.person_id).unreachable_since is not None:
        return CancelReason.UNREACHABLE
    staff = session.get(Staff, row.staff_id)
    if staff is None or not staff.active:
        return CancelReason.ACCOUNT_CLOSED
    if conversation.state == ConversationState.LIVE and not _is_live_with(session, conversation.id, row.staff_id):
        return CancelReason.TAKEN
    return None


def _is_live_with(session: Session, conversation_id: str, staff_id: str) -> bool:
    handover = open_handover(session, conversation_id)
    return handover is not None and handover.state == HandoverState.LIVE and handover.owner == staff_id


def _send(session: Session, conversation: Conversation, row: ScheduledMessage, now: datetime, texts: Texts) -> None:
    # Who answers goes to the bot, unless the chat is live: one press leads back to a person.
    welcome = texts.say(Response.UTTER_WELCOME, Language(conversation.language))
    to_person = tuple(button for button in welcome.buttons if button.payload == _HUMAN)
    live = conversation.state == ConversationState.LIVE
    outbox.queue(
        session,
        conversation,
        key=f"scheduled:{row.id}",
        bubble=Bubble(row.text, () if live else to_person),
        now=now,
        author=Author.COUNSELLOR,
        staff_id=row.staff_id,
    )
    _end(row, ScheduledState.SENT, now, None)


def _end(row: ScheduledMessage, state: ScheduledState, now: datetime, reason: CancelReason | None) -> None:
    row.state, row.reason, row.done_at = state, reason, now
