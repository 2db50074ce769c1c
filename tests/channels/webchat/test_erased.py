"""A web chat that is being erased takes nothing more: whoever waits for the erasure finds that it was."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select

from bot.channels.webchat.chats import Chats, Refused
from bot.channels.webchat.words import Words
from bot.conversations.models import Conversation, InboundMessage
from bot.languages import Language
from bot.people import erasure
from bot.people.models import Person
from bot.wiring import Services


@contextmanager
def _waiting(services: Services) -> Iterator[threading.Event]:
    """Say when another thread than this one asks for what only one can have at a time."""
    here, waits = threading.get_ident(), threading.Event()

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        locks = statement.startswith(("BEGIN IMMEDIATE", "UPDATE")) or "FOR UPDATE" in statement
        if locks and threading.get_ident() != here:
            waits.set()

    event.listen(services.db.engine, "before_cursor_execute", look)
    yield waits
    event.remove(services.db.engine, "before_cursor_execute", look)


def test_a_message_that_waits_for_an_erasure_makes_nobody_new(services: Services) -> None:
    chats = Chats(services, Words.load())
    chats.write("an-address", "message-1", "hej", Language.SV)
    with ThreadPoolExecutor(1) as pool, _waiting(services) as waits:
        with services.db.transaction() as session:
            conversation = session.scalars(select(Conversation).with_for_update()).one()
            erasure.begin(session, conversation, services.clock())
            late = pool.submit(chats.write, "an-address", "message-2", "en hemlighet", Language.SV)
            assert waits.wait(10)
        with pytest.raises(Refused, match="erased"):
            late.result(30)

    with services.db.reading() as session:
        counts = [session.scalar(select(func.count()).select_from(model)) for model in (Person, InboundMessage)]
    assert counts == [0, 0]


def test_a_message_that_came_before_an_erasure_goes_with_it(services: Services) -> None:
    chats = Chats(services, Words.load())
    conversation = chats.write("an-address", "message-1", "hej", Language.SV)
    chats.write("an-address", "message-2", "en hemlighet", Language.SV)
    with services.db.transaction() as session:
        erasure.begin(session, session.get_one(Conversation, conversation, with_for_update=True), services.clock())

    with pytest.raises(Refused, match="erased"):
        # The page's own repeat of what it had sent.
        chats.write("an-address", "message-2", "en hemlighet", Language.SV)
