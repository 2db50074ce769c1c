"""The outbox: the one way to say anything to a youth. Order is a running number per chat."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import (
    Author,
    Button,
    Conversation,
    ConversationState,
    OutboundMessage,
    OutboundState,
)
from bot.db.base import new_id
from bot.texts import Bubble

# A button with such a payload opens a page in the youth's own browser; nothing comes back to us.
LINK = "url:"


def lock_conversation(session: Session, conversation_id: str) -> Conversation | None:
    """Take the conversation's row for this transaction; None when it has been erased.

    On PostgreSQL this waits for whoever holds the row; on SQLite a write transaction is
    alone anyway. Numbers (seq, placeholders) are given out under this lock.
    """
    return session.get(Conversation, conversation_id, with_for_update=True, populate_existing=True)


def unless_live(conversation: Conversation) -> OutboundState:
    """Return the state of what the bot wants to say: withheld while a person has the chat.

    Asked in the transaction that queues, under the conversation's lock: the bot can never speak over
    a person (product.md 2.2, rule 2). What a youth asks of the program itself, a sign of danger and
    reminders are answered all the same.
    """
    return OutboundState.NOT_SENT if conversation.state == ConversationState.LIVE else OutboundState.QUEUED


def queue(
    session: Session,
    conversation: Conversation,
    *,
    key: str,
    bubble: Bubble,
    now: datetime,
    author: Author = Author.BOT,
    staff_id: str | None = None,
    turn_id: str | None = None,
    state: OutboundState = OutboundState.QUEUED,
    due_at: datetime | None = None,
) -> OutboundMessage:
    """Put one bubble in the outbox; under a key that was used before, return that message.

    The caller holds the conversation (`lock_conversation`).
    """
    earlier = session.scalar(select(OutboundMessage).where(OutboundMessage.key == key))
    if earlier is not None:
        return earlier
    conversation.outbound_seq += 1
    message = OutboundMessage(
        id=new_id(),
        conversation_id=conversation.id,
        seq=conversation.outbound_seq,
        key=key,
        author=author,
        staff_id=staff_id,
        response=bubble.response,
        text=bubble.text,
        turn_id=turn_id,
        state=state,
        due_at=due_at or now,
        created_at=now,
        buttons=[],
    )
    rows = []
    for button in bubble.buttons:
        if not button.payload or button.payload.startswith(LINK):
            # Of a school whose page or place nobody knows there is nothing to open.
            address = button.payload.removeprefix(LINK)
            if address.startswith(("https://", "http://")):
                rows.append({"title": button.title, "url": address})
            continue
        token = secrets.token_urlsafe(9)
        session.add(
            Button(
                token=token,
                conversation_id=conversation.id,
                outbound_id=message.id,
                title=button.title,
                payload=button.payload,
                created_at=now,
            )
        )
        rows.append({"title": button.title, "token": token})
    message.buttons = rows
    session.add(message)
    session.flush()
    return message


def queue_all(
    session: Session, conversation: Conversation, *, key: str, bubbles: Sequence[Bubble], now: datetime
) -> None:
    """Queue several bubbles of one answer, in order."""
    for number, bubble in enumerate(bubbles):
        queue(session, conversation, key=f"{key}:{number}", bubble=bubble, now=now)


def payload_of(session: Session, conversation_id: str, token: str, now: datetime) -> str | None:
    """Return the payload of a button of this conversation, or None for any other token."""
    button = session.get(Button, token)
    if button is None or button.conversation_id != conversation_id:
        return None
    button.used_at = button.used_at or now
    return button.payload
