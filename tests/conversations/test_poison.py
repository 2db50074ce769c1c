"""No message stops the others: what breaks us is counted and goes to people, whatever it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from bot.bell import Bell
from bot.clock import FakeClock
from bot.conversations import own_words
from bot.conversations.claims import LEASE
from bot.conversations.inbox import QUIET
from bot.conversations.models import Alert, InboundKind, InboundMessage, Turn, TurnStatus
from bot.conversations.worker import FAILURE_PAUSES, Worker
from bot.db.session import Database
from bot.dialogue_client import DialogueClient
from bot.safety.crypto import UndecipherableError
from bot.texts import Texts
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue
from tests.fakes.engine import Engine

Settle = Callable[[], Awaitable[None]]
WORDS = "min moster odlar tomater på balkongen"


@pytest.fixture
async def wired(database: Database, texts: Texts, clock: FakeClock) -> AsyncIterator[tuple[Worker, Engine]]:
    """A worker with the client of the program, and the engine that it reaches."""
    with Engine() as engine:
        client = DialogueClient(engine.url, "secret")
        yield Worker(database, client, texts, clock, Bell(), name="wired"), engine
        await client.close()


async def test_half_a_character_reaches_the_engine_whole(
    youth: Youth, clock: FakeClock, wired: tuple[Worker, Engine]
) -> None:
    worker, engine = wired
    youth.send("hej \ud83d")
    youth.send("och \ud83d\ude00")
    clock.advance(seconds=QUIET.total_seconds())
    await worker.work_once()

    assert [turn["text"] for turn in engine.turns] == ["hej \ufffd\noch \N{GRINNING FACE}"]
    assert youth.heard() == ["Svar: hej \ufffd\noch \N{GRINNING FACE}"]


async def test_half_a_character_that_was_kept_before_is_mended_where_it_is_read(
    youth: Youth, clock: FakeClock, wired: tuple[Worker, Engine], database: Database
) -> None:
    worker, engine = wired
    youth.send("hej")
    with database.transaction() as session:
        row = session.scalars(select(InboundMessage)).one()
        row.raw_text = row.text = "hej \ud83d"
        row.entities = [{"entity": "municipality", "value": "Motala \ude00"}]
    clock.advance(seconds=QUIET.total_seconds())
    await worker.work_once()

    [turn] = engine.turns
    assert (turn["text"], turn["entities"][0]["value"]) == ("hej \ufffd", "Motala \ufffd")
    assert youth.heard() == ["Svar: hej \ufffd"]


async def test_a_button_with_half_a_character_is_no_button_of_ours(youth: Youth, settle: Settle) -> None:
    youth.send(None, kind=InboundKind.BUTTON, payload="\ud800\x00")
    await settle()

    assert youth.said() == ["utter_button_expired"]


async def test_a_fault_that_nobody_thought_of_is_counted_and_other_chats_go_on(
    make_youth: Callable[[str], Youth], settle: Settle, dialogue: FakeDialogue, clock: FakeClock, database: Database
) -> None:
    first, second = make_youth("first"), make_youth("second")
    first.send(WORDS)
    clock.advance(seconds=1)
    second.send("hej")
    dialogue.errors = [UnicodeEncodeError("utf-8", WORDS, 0, 1, WORDS)]
    with capture_logs() as logs:
        await settle()

    assert second.heard() == ["Svar: hej"]
    with database.reading() as session:
        turn = session.scalars(select(Turn).where(Turn.conversation_id == first.conversation.id)).one()
    assert (turn.status, turn.attempts) == (TurnStatus.OPEN, 1)
    assert any(line.get("error") == "UnicodeEncodeError" for line in logs)
    assert WORDS not in str([{key: value for key, value in line.items() if key != "exc_info"} for line in logs])

    dialogue.errors = [ValueError(), KeyError("x")]
    for pause in FAILURE_PAUSES:
        clock.advance(seconds=pause.total_seconds())
        await settle()
    assert first.said() == ["utter_set_aside"]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Alert)) == 1
    first.send("hej igen")
    await settle()
    assert first.heard()[-1] == "Svar: hej igen"


async def test_a_result_that_cannot_be_kept_is_counted_too(
    youth: Youth, settle: Settle, dialogue: FakeDialogue, database: Database
) -> None:
    dialogue.slots = {"municipality": "Motala \ud800"}
    youth.send("hej")
    await settle()

    with database.reading() as session:
        assert session.scalars(select(Turn)).one().attempts == 1


async def test_what_breaks_before_there_is_a_turn_goes_to_people(
    make_youth: Callable[[str], Youth], settle: Settle, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise LookupError

    monkeypatch.setattr(own_words, "answer", break_down)
    first, second = make_youth("first"), make_youth("second")
    first.send("/hjalp")
    second.send("hej")
    await settle()

    assert first.said() == ["utter_set_aside"]
    assert [row.status for row in first.inbox()] == ["set_aside"]
    assert second.heard() == ["Svar: hej"]
    with database.reading() as session:
        assert session.scalars(select(Alert.kind)).all() == ["set_aside"]


async def test_a_chat_that_cannot_even_be_set_aside_waits_and_the_others_go_on(
    make_youth: Callable[[str], Youth], worker: Worker, dialogue: FakeDialogue, database: Database, clock: FakeClock
) -> None:
    first, second = make_youth("first"), make_youth("second")
    first.send("hej")
    with database.transaction() as session:
        row = session.scalars(select(InboundMessage)).one()
        session.connection().exec_driver_sql("UPDATE inbound_message SET entities = raw_text")
        assert row.seq == 1
    clock.advance(seconds=1)
    second.send("hej på dig")
    clock.advance(seconds=QUIET.total_seconds())
    with pytest.raises(UndecipherableError):
        await worker.work_once()
    stop, asked = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    dialogue.meanwhile = lambda: loop.call_soon_threadsafe(asked.set) and None
    clock.advance(seconds=(LEASE + timedelta(seconds=1)).total_seconds())
    running = asyncio.create_task(worker.run(stop))
    await asyncio.wait_for(asked.wait(), timeout=30)
    stop.set()
    await running

    assert second.heard() == ["Svar: hej på dig"]
