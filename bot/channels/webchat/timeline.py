"""What a chat shows, in order: read from the inbox and the outbox for the page and the live stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.channels.webchat.words import Words
from bot.console.models import Staff
from bot.conversations.incoming import Command
from bot.conversations.models import (
    Author,
    Button,
    Conversation,
    InboundKind,
    InboundMessage,
    OutboundMessage,
    OutboundState,
)  # fmt: skip
from bot.languages import Language
from bot.people import own_copy
from bot.people.vault import resolve

YOU = "you"
_NOTICE = "notice:"


@dataclass(frozen=True)
class Choice:
    """A button under a bubble: one that answers, or one that opens a page."""

    title: str
    token: str = ""
    url: str = ""


@dataclass(frozen=True)
class Item:
    """One bubble."""

    author: str
    """`bot`, `counsellor`, `system` or `you`."""
    name: str
    """Who writes, for eyes and for screen readers."""
    text: str
    at: datetime
    seq: int = 0
    """Of what is said to the youth: its number; 0 for their own words."""
    choices: tuple[Choice, ...] = ()


def said_after(session: Session, conversation: Conversation, after: int, words: Words) -> list[Item]:
    """Return what was said to the youth since number `after`, in order.

    Also what has a lower number but was sent later, as a reminder that was queued long ago. The
    first message (who we are, what is kept) is left out: the page itself shows it from the start.
    """
    message = OutboundMessage
    last_sent = session.scalar(
        select(message.sent_at).where(message.conversation_id == conversation.id, message.seq == after)
    )
    newer = message.seq > after
    if last_sent is not None:
        newer = or_(newer, message.sent_at > last_sent)
    rows = session.scalars(
        select(message)
        .where(
            message.conversation_id == conversation.id,
            message.state == OutboundState.SENT,
            newer,
            ~message.key.startswith(_NOTICE),
        )
        .order_by(message.sent_at, message.seq)
    ).all()
    return [_said(session, conversation, row, words) for row in rows]


def whole(session: Session, conversation: Conversation, words: Words) -> list[Item]:
    """Return the chat from its beginning, with the youth's own words.

    Only what came after their last word keeps its buttons: older ones have had their answer.
    """
    said = said_after(session, conversation, 0, words)
    own = _own(session, conversation, words)
    items = sorted([*own, *said], key=lambda item: (item.at, item.seq))
    last_own = max((number for number, item in enumerate(items) if item.author == YOU), default=-1)
    return [
        item if number > last_own else Item(item.author, item.name, item.text, item.at, item.seq)
        for number, item in enumerate(items)
    ]


def notice(session: Session, conversation_id: str) -> Sequence[OutboundMessage]:
    """Return the rows of the first message, whose buttons the page shows before there is a chat."""
    return session.scalars(
        select(OutboundMessage)
        .where(OutboundMessage.conversation_id == conversation_id, OutboundMessage.key.startswith(_NOTICE))
        .order_by(OutboundMessage.seq)
    ).all()


def _said(session: Session, conversation: Conversation, row: OutboundMessage, words: Words) -> Item:
    return Item(
        author=row.author, name=_name(session, row, Language(conversation.language), words),
        text=own_copy.as_read(session, row), at=row.sent_at or row.created_at, seq=row.seq,
        choices=tuple(
            Choice(str(button["title"]), str(button.get("token", "")), str(button.get("url", "")))
            for button in row.buttons
        ),
    )  # fmt: skip


def _name(session: Session, row: OutboundMessage, language: Language, words: Words) -> str:
    if row.author == Author.COUNSELLOR:
        staff = session.get(Staff, row.staff_id) if row.staff_id else None
        return words.say("counsellor", language, name=staff.display_name if staff else "Vi")
    return words.say("system" if row.author == Author.SYSTEM else "bot", language)


def _own(session: Session, conversation: Conversation, words: Words) -> list[Item]:
    language = Language(conversation.language)
    rows = session.scalars(
        select(InboundMessage).where(InboundMessage.conversation_id == conversation.id).order_by(InboundMessage.seq)
    )
    items = []
    for row in rows:
        text = _own_text(session, row, words, language)
        if text:
            items.append(Item(YOU, words.say("you", language), text, row.received_at))
    return items


def _own_text(session: Session, row: InboundMessage, words: Words, language: Language) -> str | None:
    match row.kind:
        case InboundKind.TEXT | InboundKind.EDIT:
            # The raw text is short-lived; then the redacted one with its values put back is left.
            return row.raw_text or resolve(session, row.conversation_id, row.text or "")
        case InboundKind.COMMAND:
            return words.say("human", language) if row.payload == Command.HUMAN else f"/{row.payload}"
        case InboundKind.BUTTON:
            # Payloads lie encrypted, so the database cannot compare them.
            shown = session.scalars(
                select(Button)
                .where(Button.conversation_id == row.conversation_id)
                .order_by(Button.used_at.is_(None), Button.created_at.desc())
            )
            return next((button.title for button in shown if button.payload == row.payload), None)
        case _:
            return None
