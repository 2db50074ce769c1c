"""A database that is locked or gone: nothing is said to be received, and the work waits."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot.bell import Bell
from bot.clock import FakeClock
from bot.conversations.inbox import Inbox
from bot.conversations.incoming import Incoming
from bot.conversations.models import InboundKind, InboundMessage
from bot.conversations.worker import Worker
from bot.db.session import Database
from bot.people.vault import Vault
from bot.texts import Texts
from tests.databases import sqlite_at
from tests.fakes.dialogue import FakeDialogue

HELLO = Incoming("test", "anna:1", "anna", InboundKind.TEXT, text="hej")


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[tuple[Database, sqlite3.Connection]]:
    """A database, and somebody else who holds its write lock."""
    db = sqlite_at(tmp_path / "bot.db", busy_ms=50)
    other = sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
    yield db, other
    other.close()
    db.close()


def test_an_update_is_not_called_received_while_the_database_is_locked(
    locked: tuple[Database, sqlite3.Connection], vault: Vault, texts: Texts, clock: FakeClock
) -> None:
    db, other = locked
    inbox = Inbox(db, vault, texts, clock)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError):
        inbox.receive(HELLO)
    other.execute("ROLLBACK")

    assert not inbox.receive(HELLO).repeated
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(InboundMessage)) == 1


async def test_a_worker_waits_for_a_locked_database_and_then_answers(
    locked: tuple[Database, sqlite3.Connection], vault: Vault, texts: Texts, clock: FakeClock
) -> None:
    db, other = locked
    dialogue = FakeDialogue()
    bell, stop, asked = Bell(), asyncio.Event(), asyncio.Event()
    dialogue.meanwhile = lambda: loop.call_soon_threadsafe(asked.set)
    loop = asyncio.get_running_loop()
    Inbox(db, vault, texts, clock).receive(HELLO)
    clock.advance(seconds=5)
    other.execute("BEGIN IMMEDIATE")
    worker = Worker(db, dialogue, texts, clock, bell, name="w")
    with pytest.raises(OperationalError):
        await worker.work_once()
    running = asyncio.create_task(worker.run(stop))
    other.execute("ROLLBACK")

    await asyncio.wait_for(asked.wait(), timeout=20)
    stop.set()
    await running
    assert [turn["text"] for turn in dialogue.turns] == ["hej"]
