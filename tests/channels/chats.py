"""Chats as the rest of the bot leaves them to a channel: a person, a conversation, an outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import select

from bot.bell import SEND
from bot.conversations import outbox
from bot.conversations.models import Author, Conversation, OutboundMessage
from bot.db.base import new_id
from bot.people.models import Person
from bot.texts import Bubble, ButtonText
from bot.wiring import Services


def new_chat(services: Services, channel: str, address: str) -> str:
    """Make a person who has been told who we are; return the conversation's id."""
    now = services.clock()
    with services.db.transaction() as session:
        person = Person(id=new_id(), channel=channel, created_at=now, last_seen_at=now, notice_shown_at=now)
        session.add(person)
        session.flush()
        services.vault.add_identity(session, person, address)
        conversation = Conversation(
            id=new_id(), person_id=person.id, channel=channel, created_at=now, language="sv",
            inbound_seq=0, outbound_seq=0, claim_no=0, session=0, state="BOT", risk="none",
        )  # fmt: skip
        session.add(conversation)
        return conversation.id


def say(
    services: Services,
    conversation_id: str,
    text: str,
    *,
    buttons: Sequence[tuple[str, str]] = (),
    due_at: datetime | None = None,
    author: Author = Author.BOT,
    staff_id: str | None = None,
) -> str:
    """Queue one bubble and ring; return its id."""
    bubble = Bubble(text, tuple(ButtonText(title, payload) for title, payload in buttons))
    with services.db.transaction() as session:
        conversation = outbox.lock_conversation(session, conversation_id)
        assert conversation is not None
        queue = partial(outbox.queue, session, conversation, key=new_id(), bubble=bubble)
        message = queue(now=services.clock(), due_at=due_at, author=author, staff_id=staff_id)
    services.bell.ring(SEND)
    return message.id


def row(services: Services, message_id: str) -> OutboundMessage:
    """Read a message of the outbox."""
    with services.db.reading() as session:
        return session.get_one(OutboundMessage, message_id)


def outbox_of(services: Services, conversation_id: str) -> Sequence[OutboundMessage]:
    """Read the outbox of a conversation, in order."""
    with services.db.reading() as session:
        return session.scalars(
            select(OutboundMessage)
            .where(OutboundMessage.conversation_id == conversation_id)
            .order_by(OutboundMessage.seq)
        ).all()
