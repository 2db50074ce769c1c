"""Erasure: every store, durably, with a receipt."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from sqlalchemy import func, select

from bot.clock import FakeClock
from bot.conversations.models import Conversation
from bot.db.session import Database
from bot.errors import DialogueUnavailable
from bot.people.data_map import tables_of_a_person
from bot.people.erasure import Eraser, receipt, receipt_was_sent, waiting_receipts
from bot.people.models import Erasure
from bot.texts import Texts
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue

Settle = Callable[[], Awaitable[None]]


async def erase(youth: Youth, settle: Settle) -> None:
    youth.send("jag heter Leyla, ring 070-123 45 67")
    await settle()
    youth.send("/radera")
    await settle()
    youth.press("Ja, ta bort det")
    await settle()


async def test_nothing_of_a_person_is_left_in_any_table(youth: Youth, settle: Settle, database: Database) -> None:
    await erase(youth, settle)

    with database.reading() as session:
        left = {table.name: session.scalar(select(func.count()).select_from(table)) for table in tables_of_a_person()}
    assert {"inbound_message", "vault_value", "person"} <= left.keys()
    assert {name: rows for name, rows in left.items() if rows} == {}


async def test_the_engines_store_is_emptied_even_when_it_is_away_at_first(
    youth: Youth, settle: Settle, database: Database, dialogue: FakeDialogue, clock: FakeClock
) -> None:
    youth.send("hej")
    conversation = youth.conversation.id
    await erase(youth, settle)
    eraser = Eraser(database, dialogue, clock)
    dialogue.errors = [DialogueUnavailable("down")]

    assert await eraser.work_once()
    assert dialogue.deleted == []
    clock.advance(seconds=10)
    assert await eraser.work_once()
    assert dialogue.deleted == [conversation]
    assert not await eraser.work_once()


async def test_the_receipt_names_what_was_removed_and_then_the_address_goes_too(
    youth: Youth, settle: Settle, database: Database, dialogue: FakeDialogue, clock: FakeClock, texts: Texts
) -> None:
    await erase(youth, settle)
    await Eraser(database, dialogue, clock).work_once()

    with database.transaction() as session:
        (waiting,) = waiting_receipts(session, "test")
        assert waiting.address == "anna"
        words = receipt(texts, waiting).text
        receipt_was_sent(session, waiting.id, clock())
    assert re.search(r"Meddelanden: [1-9]\d*, namn och nummer: [1-9]", words)
    assert "lagen" not in words
    with database.reading() as session:
        assert session.scalars(select(Erasure.address)).all() == [None]


async def test_no_receipt_before_every_store_is_empty(youth: Youth, settle: Settle, database: Database) -> None:
    await erase(youth, settle)

    with database.reading() as session:
        assert waiting_receipts(session, "test") == []


async def test_somebody_who_writes_again_after_erasure_is_new(youth: Youth, settle: Settle, database: Database) -> None:
    youth.send("hej")
    before = youth.conversation.id
    await erase(youth, settle)
    youth.send("hej igen")

    with database.reading() as session:
        assert session.scalars(select(Conversation.id)).all() != [before]
    assert [row.response for row in youth.outbox()][:2] == ["utter_welcome", "utter_privacy_short"]
