"""A youth, an inbox and a worker on a real database, with a dialogue that tests control."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.bell import Bell
from bot.clock import FakeClock
from bot.conversations.inbox import QUIET, Inbox, Received
from bot.conversations.incoming import Incoming
from bot.conversations.models import Conversation, InboundKind, InboundMessage, OutboundMessage
from bot.conversations.worker import Worker
from bot.db.session import Database
from bot.people import own_copy
from bot.texts import Texts
from tests.fakes.dialogue import FakeDialogue


class Youth:
    """Somebody who writes to us."""

    def __init__(self, inbox: Inbox, database: Database, clock: FakeClock, address: str) -> None:
        self._inbox = inbox
        self._database = database
        self._clock = clock
        self.address = address
        self._numbers = itertools.count(1)

    def send(self, text: str | None = None, *, update_id: str | None = None, **values: object) -> Received:
        """Send a text, or whatever `values` of an Incoming say."""
        number = next(self._numbers)
        fields = {"kind": InboundKind.TEXT, "channel_message_id": f"{self.address}-{number}", **values}
        return self._inbox.receive(
            Incoming(
                channel="test",
                update_id=update_id or f"{self.address}:{number}",
                address=self.address,
                text=text,
                **fields,  # type: ignore[arg-type]
            )
        )

    def press(self, title: str) -> Received:
        """Press the latest button of this title."""
        for message in reversed(self.outbox()):
            for button in message.buttons:
                if button["title"] == title:
                    return self.send(None, kind=InboundKind.BUTTON, payload=button["token"])
        raise AssertionError(f"no button {title!r} has been shown")

    @property
    def conversation(self) -> Conversation:
        """The conversation as it stands in the database."""
        with self._database.reading() as session:
            row = session.scalar(
                select(Conversation)
                .join(InboundMessage, InboundMessage.conversation_id == Conversation.id)
                .where(InboundMessage.update_id.startswith(f"{self.address}:"))
                .limit(1)
            )
            assert row is not None, "this youth has no conversation"
            return row

    def outbox(self) -> list[OutboundMessage]:
        """Everything queued for this youth, in order."""
        with self._database.reading() as session:
            return list(
                session.scalars(
                    select(OutboundMessage)
                    .where(OutboundMessage.conversation_id == self.conversation.id)
                    .order_by(OutboundMessage.seq)
                )
            )

    def heard(self) -> list[str]:
        """The words queued for this youth after the first notice, as they read them."""
        rows = [row for row in self.outbox() if not row.key.startswith("notice:")]
        with self._database.reading() as session:
            return [own_copy.as_read(session, row) for row in rows]

    def said(self) -> list[str | None]:
        """The names of the responses queued after the first notice."""
        return [row.response for row in self.outbox() if not row.key.startswith("notice:")]

    def inbox(self) -> list[InboundMessage]:
        """Everything that this youth has sent, in order."""
        with self._database.reading() as session:
            return list(
                session.scalars(
                    select(InboundMessage)
                    .where(InboundMessage.conversation_id == self.conversation.id)
                    .order_by(InboundMessage.seq)
                )
            )


@pytest.fixture
def dialogue() -> FakeDialogue:
    """The dialogue server of this test."""
    return FakeDialogue()


@pytest.fixture
def worker(database: Database, dialogue: FakeDialogue, texts: Texts, clock: FakeClock) -> Worker:
    """One worker."""
    return Worker(database, dialogue, texts, clock, Bell(), name="worker-1")


@pytest.fixture
def youth(inbox: Inbox, database: Database, clock: FakeClock) -> Youth:
    """One youth."""
    return Youth(inbox, database, clock, "anna")


@pytest.fixture
def make_youth(inbox: Inbox, database: Database, clock: FakeClock) -> Callable[[str], Youth]:
    """More youths."""
    return lambda address: Youth(inbox, database, clock, address)


@pytest.fixture
def settle(worker: Worker, clock: FakeClock) -> Callable[[], object]:
    """Let the quiet of a burst pass and do all that is due."""

    async def run() -> None:
        clock.advance(seconds=QUIET.total_seconds())
        while await worker.work_once():
            pass

    return run
