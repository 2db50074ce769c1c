"""A chat in the terminal: writes to the inbox and shows the outbox, as a channel of its own (`bot chat`).

The answers come from the running bot program; when it does not run, this says so.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import bell as bells
from bot.conversations.incoming import Incoming
from bot.conversations.models import Author, Conversation, InboundKind, OutboundMessage, OutboundState
from bot.given import whole_number
from bot.languages import Language, language_or_default
from bot.people import own_copy
from bot.people.erasure import receipt, receipt_for, receipt_was_sent
from bot.wiring import Services

CHANNEL = "terminal"
POLL_SECONDS = 0.3
# A worker takes what is due within half a second; so long without one means that there is none.
NOBODY_AFTER = timedelta(seconds=6)

_WORDS = {
    Language.SV: {
        "hello": "Skriv och tryck Enter. En siffra väljer en knapp. /quit avslutar.",
        "nobody": "(Botprogrammet verkar inte vara igång. Starta det med `make run`. Det du skrev är kvar.)",
        "database": "(Databasen svarar inte: {error}. Kör `make run` först.)",
        "over": "(Chatten är borttagen. Kör kommandot igen för en ny.)",
        "bot": "Bot", "counsellor": "Vägledare", "system": "Meddelande",
    },
    Language.EN: {
        "hello": "Write and press Enter. A number picks a button. /quit ends.",
        "nobody": "(The bot program does not seem to run. Start it with `make run`; what you wrote is kept.)",
        "database": "(The database does not answer: {error}. Run `make run` first.)",
        "over": "(The chat is deleted. Run the command again for a new one.)",
        "bot": "Bot", "counsellor": "Counsellor", "system": "Notice",
    },
}  # fmt: skip


class TerminalChat:
    """One chat. `look` shows what is new; `write` takes a line."""

    def __init__(self, services: Services, language: Language, show: Callable[[str], None]) -> None:
        self._services = services
        self._language = language
        self._show = show
        self._words = _WORDS[language]
        self._address = secrets.token_urlsafe(12)
        self._lines = 0
        self._shown: set[str] = set()
        self._buttons: list[str] = []
        self._said_nobody = False
        self.over = False

    def write(self, line: str) -> None:
        """Send a line, or press the button that its number stands for."""
        self._lines += 1
        number = whole_number(line) or 0
        pressed = self._buttons[number - 1] if 0 < number <= len(self._buttons) else None
        self._buttons = []
        received = self._services.inbox.receive(
            Incoming(
                channel=CHANNEL,
                update_id=f"{self._address}:{self._lines}",
                address=self._address,
                kind=InboundKind.BUTTON if pressed else InboundKind.TEXT,
                text=None if pressed else line,
                payload=pressed,
                channel_message_id=str(self._lines),
                language_hint=self._language,
            )
        )
        self._said_nobody = False
        self._services.bell.ring(bells.WORK, bells.SEND, bells.STAFF, f"chat:{received.conversation_id}")

    def look(self) -> None:
        """Show what was said since the last look, and say so when nobody takes what was written."""
        with self._services.db.reading() as session:
            person = self._services.vault.find_person(session, CHANNEL, self._address)
            if person is None:
                self._look_for_receipt(session)
                return
            conversation = session.scalar(select(Conversation).where(Conversation.person_id == person.id))
            if conversation is None:
                return
            rows = session.scalars(
                select(OutboundMessage)
                .where(OutboundMessage.conversation_id == conversation.id)
                .order_by(OutboundMessage.sent_at, OutboundMessage.seq)
            ).all()
            for row in rows:
                if row.state == OutboundState.SENT and row.id not in self._shown:
                    self._show_row(session, row)
            self._look_for_worker(conversation, rows)

    def _show_row(self, session: Session, row: OutboundMessage) -> None:
        self._shown.add(row.id)
        who = self._words[row.author if row.author in set(Author) else "bot"]
        self._show(f"{who}: {own_copy.as_read(session, row)}")
        if row.buttons:
            answers = [button for button in row.buttons if "token" in button]
            self._buttons = [str(button["token"]) for button in answers] or self._buttons
            titles = [f"[{number}] {button['title']}" for number, button in enumerate(answers, start=1)]
            titles += [f"{button['title']}: {button['url']}" for button in row.buttons if "url" in button]
            self._show("     " + "  ".join(titles))

    def _look_for_worker(self, conversation: Conversation, rows: Sequence[OutboundMessage]) -> None:
        late = self._services.clock() - NOBODY_AFTER
        ready = conversation.ready_at
        waits = ready is not None and ready < late and conversation.claimed_by is None
        unsent = any(row.state == OutboundState.QUEUED and row.due_at < late for row in rows)
        if (waits or unsent) and not self._said_nobody:
            self._said_nobody = True
            self._show(self._words["nobody"])

    def _look_for_receipt(self, session: Session) -> None:
        fingerprint = self._services.vault.fingerprint(self._address, f"channel:{CHANNEL}")
        erasure = receipt_for(session, CHANNEL, fingerprint)
        if erasure is not None and erasure.engine_done_at is not None and not self.over:
            self.over = True
            self._show(f"{self._words['bot']}: {receipt(self._services.texts, erasure).text}")
            self._show(self._words["over"])
            with self._services.db.transaction() as writing:
                receipt_was_sent(writing, erasure.id, self._services.clock())


def run_terminal_chat(
    services: Services, language: str, *, ask: Callable[[], str] = input, show: Callable[[str], None] = print
) -> None:
    """Chat until /quit or the end of the input."""
    chosen = language_or_default(language)
    chat = TerminalChat(services, chosen, show)
    words, stop = _WORDS[chosen], threading.Event()

    def watch() -> None:
        while not stop.wait(POLL_SECONDS):
            try:
                chat.look()
            except SQLAlchemyError as error:
                show(words["database"].format(error=type(error).__name__))
                stop.wait(5)

    show(words["hello"])
    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        while not chat.over:
            line = ask().strip()
            if line in ("/quit", "/exit"):
                break
            if line:
                try:
                    chat.write(line)
                except SQLAlchemyError as error:
                    show(words["database"].format(error=type(error).__name__))
    except (EOFError, KeyboardInterrupt):
        return
    finally:
        stop.set()
        watching.join()
