"""Handing the copy of `export` over to its youth (`/minadata`), so that nobody else reads it on its way.

The copy itself is behind a link, or comes here in the chat. The secret of a link is kept nowhere: it is made from a
name in the message when the youth reads it. A copy in the chat stands in the outbox until it has left.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation, OutboundMessage, OutboundState
from bot.db.base import Base
from bot.languages import Language
from bot.names import Response
from bot.people import data_map
from bot.people.export import document
from bot.people.models import ExportLink
from bot.people.vault import Vault, load_fingerprint_key, resolve
from bot.texts import Bubble, Texts

# What the bot says when it hands a copy over: for the youth alone.
HANDED_OVER = frozenset({Response.UTTER_MY_DATA_HERE, Response.UTTER_MY_DATA_LINK})
# A link is for now: whoever finds it tomorrow sees nothing.
LINK_LIVES = timedelta(hours=1)
# Telegram takes 4,096 characters; a part ends at a line.
PART = 3_500
# Channels whose youth sits where this program's own address can be opened.
_LOCAL = ("web", "terminal")
_LINK = re.compile(r"<my-data:([A-Za-z0-9_-]+)>")


def as_bubbles(
    session: Session,
    conversation: Conversation,
    texts: Texts,
    language: Language,
    *,
    now: datetime,
    public_url: str = "",
) -> list[Bubble]:
    """Return the answer to `/minadata`: how much there is, and all of it behind a link, or here in the chat.

    The link is for the web chat and the terminal, and for every channel once people can reach `public_url`.
    """
    items = ", ".join(f"{count} {name}" for name, count in _amounts(session, conversation, language))
    bubbles = [texts.say(Response.UTTER_MY_DATA, language, items=items)]
    if public_url and (conversation.channel in _LOCAL or not _is_loopback(public_url)):
        link = f"{public_url}/my-data/<my-data:{make_link(session, conversation, language, now)}>?lang={language}"
        return [*bubbles, texts.say(Response.UTTER_MY_DATA_LINK, language, link=link)]
    here = texts.say(Response.UTTER_MY_DATA_HERE, language)
    parts = _parts(document(session, conversation, language, now))
    return [*bubbles, here, *(Bubble(part, (), here.response) for part in parts)]


def as_read(session: Session, message: OutboundMessage) -> str:
    """Return a message as its youth reads it: with real names and numbers, and with the link that is kept nowhere."""
    if message.response == Response.UTTER_MY_DATA_HERE:
        # The copy has the real values, and says which placeholder stands for them.
        return message.text
    text = resolve(session, message.conversation_id, message.text)
    if message.response == Response.UTTER_MY_DATA_LINK:
        text = _LINK.sub(lambda name: _secret(session, name[1]), text)
    return text


def let_go(message: OutboundMessage) -> None:
    """Empty a copy in the outbox that has left or was given up, in the transaction that notes it."""
    if message.response == Response.UTTER_MY_DATA_HERE:
        message.text = ""


def forget_handed_over(session: Session, conversation_id: str | None = None) -> None:
    """Do the same for all messages of a chat at once, whose texts are not read.

    Without a chat, of all: what an earlier version of ours left there.
    """
    whose = () if conversation_id is None else (OutboundMessage.conversation_id == conversation_id,)
    session.execute(
        update(OutboundMessage)
        .where(
            OutboundMessage.response == Response.UTTER_MY_DATA_HERE,
            OutboundMessage.state.in_([OutboundState.SENT, OutboundState.FAILED, OutboundState.NOT_SENT]),
            *whose,
        )
        .values(text="")
    )


def make_link(session: Session, conversation: Conversation, language: Language, now: datetime) -> str:
    """Return the name of a new link; earlier ones of the same person are dead from now on."""
    for row in session.scalars(select(ExportLink).where(ExportLink.conversation_id == conversation.id)):
        session.delete(row)
    name = secrets.token_urlsafe(24)
    fingerprint = _hash(_secret(session, name))
    session.add(
        ExportLink(
            fingerprint=fingerprint, conversation_id=conversation.id, language=language, expires_at=now + LINK_LIVES
        )
    )
    session.flush()
    return name


def use_link(session: Session, secret: str, now: datetime) -> str | None:
    """Return the document behind a link, once; None when there is no such link, or no longer."""
    row = session.get(ExportLink, _hash(secret), with_for_update=True)
    if row is None or row.expires_at <= now:
        return None
    conversation = session.get(Conversation, row.conversation_id)
    language = Language(row.language)
    session.delete(row)
    return document(session, conversation, language, now) if conversation is not None else None


def _secret(session: Session, name: str) -> str:
    """Return the secret of a link: from its name it follows only for who has the keys of this program."""
    return Vault(load_fingerprint_key(session)).fingerprint(name, "my-data")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _is_loopback(url: str) -> bool:
    return (urlsplit(url).hostname or "localhost") in ("localhost", "127.0.0.1", "::1", "0.0.0.0")


def _amounts(session: Session, conversation: Conversation, language: Language) -> list[tuple[str, int]]:
    labels = {
        Language.SV: ("meddelanden från dig", "svar till dig", "namn och nummer", "bokningar"),
        Language.EN: ("messages from you", "replies to you", "names and numbers", "bookings"),
    }[language]
    counts = []
    for name in ("inbound_message", "outbound_message", "vault_value", "booking"):
        table = Base.metadata.tables[name]
        where = data_map.rows_of(table, conversation.id, conversation.person_id)
        assert where is not None
        counts.append(session.scalar(select(func.count()).select_from(table).where(where)) or 0)
    return list(zip(labels, counts, strict=True))


def _parts(text: str) -> list[str]:
    """Part a text at line ends, so that each part fits one message of a channel."""
    parts, current = [], ""
    for line in text.splitlines(keepends=True):
        for piece in (line[start : start + PART] for start in range(0, len(line), PART)):
            if len(current) + len(piece) > PART:
                parts.append(current.strip())
                current = ""
            current += piece
    return [part for part in [*parts, current.strip()] if part]
