"""Signs of typing, both ways. A sign fades by itself; what is typed never leaves the typist's page.

Kept in a table because several `bot` processes may serve the two sides of one chat.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation, ConversationState
from bot.conversations.outbox import lock_conversation
from bot.livechat.models import Side, TypingSign

TOPIC = "typing"
"""What the bell rings when a counsellor types: Telegram must be told, the web chat looks by itself."""
# A page says it again this often while somebody types, and it fades a little later.
EVERY = timedelta(seconds=3)
FADES = timedelta(seconds=6)


def note(session: Session, conversation_id: str, side: Side, now: datetime) -> bool:
    """Note that a side is typing; False when no two people are in this chat, and nothing is noted."""
    conversation = lock_conversation(session, conversation_id)
    if conversation is None or conversation.state != ConversationState.LIVE:
        return False
    sign = session.get(TypingSign, (conversation_id, side.value))
    if sign is None:
        session.add(TypingSign(conversation_id=conversation_id, side=side.value, at=now))
    else:
        sign.at = now
    return True


def stop(session: Session, conversation_id: str, side: Side) -> None:
    """Take a sign down: the message it announced is there."""
    session.execute(
        delete(TypingSign).where(TypingSign.conversation_id == conversation_id, TypingSign.side == side.value)
    )


def is_typing(session: Session, conversation: Conversation, side: Side, now: datetime) -> bool:
    """Whether a side is typing now, in a chat between two people."""
    if conversation.state != ConversationState.LIVE:
        return False
    at = session.scalar(
        select(TypingSign.at).where(TypingSign.conversation_id == conversation.id, TypingSign.side == side.value)
    )
    if at is None or at + FADES <= now:
        return False
    # What the youth has sent since is what they were typing.
    return side is Side.STAFF or conversation.last_inbound_at is None or conversation.last_inbound_at < at


def staff_typing_on(session: Session, channel: str, now: datetime) -> list[str]:
    """Return the people of a channel to whom a counsellor is typing now."""
    return list(
        session.scalars(
            select(Conversation.person_id)
            .join(TypingSign, TypingSign.conversation_id == Conversation.id)
            .where(
                TypingSign.side == Side.STAFF.value,
                TypingSign.at > now - FADES,
                Conversation.channel == channel,
                Conversation.state == ConversationState.LIVE,
            )
        )
    )
