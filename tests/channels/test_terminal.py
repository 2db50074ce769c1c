"""The terminal chat shows what the bot says, takes numbers as buttons, and says when nobody works."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.channels.terminal import run_terminal_chat
from bot.channels.webchat.send import WebSender
from bot.clock import FakeClock, system_clock
from bot.conversations.models import InboundKind, InboundMessage
from bot.conversations.worker import Worker
from bot.db.session import Database
from bot.people.erasure import Eraser
from bot.wiring import Services
from tests.channels.conftest import MakeServices
from tests.channels.running import Task, running
from tests.fakes.dialogue import FakeDialogue


class Terminal:
    """A person at a terminal."""

    def __init__(self, services: Services, language: str = "sv") -> None:
        self.shown: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()
        self._thread = threading.Thread(
            target=run_terminal_chat, args=(services, language),
            kwargs={"ask": self._lines.get, "show": self.shown.append},
        )  # fmt: skip

    def __enter__(self) -> Terminal:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.write("/quit")
        self._thread.join(timeout=10)
        assert not self._thread.is_alive(), "/quit does not end the chat"

    def write(self, line: str) -> None:
        """Type a line."""
        self._lines.put(line)

    def wait_for(self, part: str) -> str:
        """Wait until a line with these words is shown."""
        return self.wait_until(lambda: next((line for line in self.shown if part in line), ""))

    def wait_until(self, found: Callable[[], str]) -> str:
        """Wait until something is found."""
        end = time.monotonic() + 20
        while not (line := found()):
            assert time.monotonic() < end, self.shown
            time.sleep(0.02)
        return line


@pytest.fixture
def services(sqlite_database: Database, make_services: MakeServices) -> Services:
    return make_services(sqlite_database, system_clock, telegram=False)


def working(services: Services) -> list[Task]:
    """The parts of the bot program that answer."""
    dialogue = FakeDialogue()
    eraser = Eraser(services.db, dialogue, services.clock)

    async def erase(stop: object) -> None:
        import asyncio

        assert isinstance(stop, asyncio.Event)
        while not stop.is_set():
            if not await eraser.work_once():
                await asyncio.sleep(0.05)

    worker = Worker(services.db, dialogue, services.texts, services.clock, services.bell, name="test")
    return [worker.run, WebSender(services.db, services.clock, services.bell).run, erase]


def test_a_chat_shows_the_first_message_and_the_answer(services: Services) -> None:
    with running(*working(services)), Terminal(services) as terminal:
        terminal.write("hej")
        assert terminal.wait_for("Svar: hej").startswith("Bot: ")
        terminal.wait_for("[1] Ja")
    assert "jag är en bot" in terminal.shown[1]


def test_a_number_presses_the_button(services: Services) -> None:
    with running(*working(services)), Terminal(services) as terminal:
        terminal.write("hej")
        terminal.wait_for("[1] Ja")
        terminal.wait_for("Svar: hej")
        terminal.write("1")
        terminal.wait_for("Svar: /affirm")


def test_without_the_bot_program_it_says_so(
    sqlite_database: Database, clock: FakeClock, make_services: MakeServices
) -> None:
    services = make_services(sqlite_database, clock, telegram=False)
    with Terminal(services) as terminal:
        terminal.write("hej")
        time.sleep(0.5)
        clock.advance(seconds=20)
        terminal.wait_for("make run")
        terminal.write("är någon där?")
        with services.db.reading() as session:
            assert session.scalars(select(InboundMessage.kind)).all()[0] == InboundKind.TEXT


def test_a_chat_in_english(services: Services) -> None:
    with running(*working(services)), Terminal(services, "en") as terminal:
        terminal.write("hello")
        terminal.wait_for("I am a bot")
    assert terminal.shown[0].startswith("Write and press Enter")


def test_deleting_everything_ends_the_chat_with_a_receipt(services: Services) -> None:
    with running(*working(services)), Terminal(services) as terminal:
        terminal.write("/radera")
        terminal.wait_for("[1] Ja, ta bort det")
        terminal.write("1")
        terminal.wait_for("Chatten är borttagen")


def test_a_database_that_is_down_is_told_plainly(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_: object) -> None:
        raise OperationalError("select", {}, Exception("down"))

    monkeypatch.setattr(services.inbox, "receive", down)
    with Terminal(services) as terminal:
        terminal.write("hej")
        terminal.wait_for("Databasen svarar inte")
