"""Erasure: every store, durably, with a receipt."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.clock import FakeClock
from bot.console.models import AccessLog
from bot.conversations.inbox import Inbox
from bot.conversations.incoming import Incoming
from bot.conversations.models import Conversation, InboundKind
from bot.db.session import Database
from bot.errors import DialogueUnavailable
from bot.handover.models import Reason
from bot.handover.service import Handover
from bot.people.data_map import tables_of_a_person
from bot.people.erasure import Eraser, begin, forget_old_receipts, receipt, receipt_was_sent, waiting_receipts
from bot.people.models import Erasure
from bot.people.vault import Vault
from bot.texts import Texts
from tests.conftest import NOW
from tests.conversations.conftest import Youth
from tests.databases import sqlite_at
from tests.fakes.dialogue import FakeDialogue
from tests.people.stopping import Stopped, Stopping

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


@pytest.mark.parametrize("steps", range(2))
async def test_an_erasure_that_is_stopped_is_taken_up_and_says_nothing_before_it_is_overwritten(
    youth: Youth, settle: Settle, database: Database, dialogue: FakeDialogue, clock: FakeClock, steps: int
) -> None:
    await erase(youth, settle)
    stopping = Stopping(database, steps=steps)
    with pytest.raises(Stopped):
        await Eraser(stopping, dialogue, clock).work_once()
    stopping.close()
    with database.reading() as session:
        assert waiting_receipts(session, "test") == []

    assert await Eraser(database, dialogue, clock).work_once()
    with database.reading() as session:
        assert len(waiting_receipts(session, "test")) == 1


async def test_while_somebody_reads_the_database_an_erasure_is_not_over(
    tmp_path: Path, dialogue: FakeDialogue, clock: FakeClock, texts: Texts, vault: Vault
) -> None:
    db = sqlite_at(tmp_path / "busy.db", busy_ms=50)
    Inbox(db, vault, texts, clock).receive(Incoming("test", "u", "anna", InboundKind.TEXT, text="hej"))
    with db.transaction() as session:
        begin(session, session.scalars(select(Conversation)).one(), clock())
    eraser = Eraser(db, dialogue, clock)
    with db.reading() as reader:
        reader.scalar(select(func.count()).select_from(Conversation))
        assert await eraser.work_once()
        assert not await eraser.work_once(), "tried again a little later"
    with db.reading() as session:
        assert waiting_receipts(session, "test") == []

    clock.advance(seconds=10)
    assert await eraser.work_once()
    with db.reading() as session:
        assert len(waiting_receipts(session, "test")) == 1
    db.close()


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


async def test_why_staff_saw_names_goes_and_that_they_did_stays(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock
) -> None:
    youth.send("hej")
    conversation = youth.conversation.id
    with database.transaction() as session:
        for whose in (conversation, "another"):
            session.add(
                AccessLog(
                    at=clock(), staff_id="maria", conversation_id=whose, what="unmask", municipality="Motala",
                    reason="Leyla bad mig ringa sin mamma",
                )
            )  # fmt: skip
    await erase(youth, settle)

    with database.reading() as session:
        rows = session.scalars(select(AccessLog).order_by(AccessLog.conversation_id != conversation)).all()
    assert [(row.staff_id, row.what, row.at) for row in rows] == [("maria", "unmask", NOW)] * 2
    assert [row.reason for row in rows] == [None, "Leyla bad mig ringa sin mamma"]


def receipt_of(database: Database, texts: Texts) -> str:
    with database.reading() as session:
        return receipt(texts, session.scalars(select(Erasure)).one()).text


async def test_the_receipt_says_what_stays_and_where(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, texts: Texts
) -> None:
    youth.send("hej")
    Handover(database, clock, texts).request(
        conversation_id=youth.conversation.id, reason=Reason.ASKED, request_key="ask"
    )
    await erase(youth, settle)

    words = receipt_of(database, texts)
    assert "vem som har läst din chatt" in words
    assert "vägledares mobil" in words


async def test_the_receipt_says_nothing_of_phones_when_no_counsellor_was_called(
    youth: Youth, settle: Settle, database: Database, texts: Texts
) -> None:
    await erase(youth, settle)

    words = receipt_of(database, texts)
    assert "vem som har läst din chatt" in words
    assert "vägledares mobil" not in words


async def test_up_to_where_updates_are_not_taken_again_is_known_for_a_day(
    youth: Youth, settle: Settle, database: Database, dialogue: FakeDialogue, clock: FakeClock
) -> None:
    for number in ("7", "12", "9"):
        youth.send("hej", update_id=number)
    await erase(youth, settle)
    await Eraser(database, dialogue, clock).work_once()

    def known() -> list[tuple[int | None, bool]]:
        with database.transaction() as session:
            forget_old_receipts(session, clock())
            return [(row.last_update, bool(row.fingerprint)) for row in session.scalars(select(Erasure))]

    assert known() == [(12, True)]
    clock.advance(hours=25)
    assert known() == [(None, False)]


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
