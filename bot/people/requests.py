"""Requests that staff handle for somebody: erase them, or give them a copy (`bot forget`, `bot export`)."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from bot.conversations import outbox
from bot.conversations.models import Conversation
from bot.db.session import Database
from bot.errors import BotError
from bot.languages import Language
from bot.people import erasure, export
from bot.people.models import Erasure


class NoSuchConversation(BotError):
    """There is no conversation of this id (any more)."""


def forget_person(db: Database, conversation_id: str, now: datetime) -> Erasure:
    """Erase a person from every store, as `/radera` does; the running bot finishes it and sends the receipt.

    Raises:
        NoSuchConversation: there is none of this id.
    """
    with db.transaction() as session:
        conversation = outbox.lock_conversation(session, conversation_id)
        if conversation is None or conversation.blanked_at is not None:
            raise _none(conversation_id)
        return erasure.begin(session, conversation, now, by=erasure.STAFF)


def export_of(
    db: Database, conversation_id: str, language: Language, now: datetime, *, with_notes: bool = False
) -> str:
    """Return the copy of everything that is kept of a person.

    Raises:
        NoSuchConversation: there is none of this id.
    """
    with db.reading() as session:
        conversation = session.get(Conversation, conversation_id)
        if conversation is None or conversation.blanked_at is not None:
            raise _none(conversation_id)
        return export.document(session, conversation, language, now, for_staff=with_notes)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; one that is there already is not touched.

    Raises:
        BotError: there is such a file.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BotError(f"{path} is there already. Name another file.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _none(conversation_id: str) -> NoSuchConversation:
    return NoSuchConversation(
        f"There is no conversation {conversation_id[:40]!r}. Take the id from the address of its page in the console."
    )
