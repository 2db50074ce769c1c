"""A meeting from booking to afterwards, with the real programs and a clock that the test moves."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import icalendar
import pytest

from bot.clock import STOCKHOLM
from tests.end_to_end.system import System
from tests.end_to_end.test_conversations import answer, press, start
from tests.fakes.telegram import Sent, TelegramServer

pytestmark = pytest.mark.end_to_end


class Calendar:
    """The clock of all three programs: a file with an instant in it. It goes on by itself, and jumps when it is set."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "clock"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self.set("2026-11-23T10:00")

    def set(self, wall: str) -> None:
        """Jump to a time on a Swedish wall."""
        self._start = datetime.fromisoformat(wall).replace(tzinfo=STOCKHOLM), time.monotonic()
        self._write()

    def _write(self) -> None:
        start, began = self._start
        fresh = self.path.with_suffix(".new")
        fresh.write_text((start + timedelta(seconds=time.monotonic() - began)).isoformat())
        fresh.replace(self.path)

    def _tick(self) -> None:
        while not self._stop.wait(0.2):
            self._write()

    def __enter__(self) -> Calendar:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


SV = {
    "book": "jag vill boka tid med en vägledare i motala", "how": "Här i chatten", "nobody": "Vill inte säga",
    "done": "Klart!", "topic": "Pengar", "noted": "då vet din vägledare det", "move": "flytta min tid till på fredag",
    "moved": "Din nya tid", "coming": "Kommer", "thanks": "Fint!", "cancel": "Avboka", "yes": "Ja, avboka",
    "cancelled": "avbokad", "reminder": "Hej! Du har en tid", "calendar": "Lägg i kalendern",
    "season": "påminn mig när ansökan öppnar", "set": "Jag hör av mig fredag 15 januari", "asked": "Du bad mig",
    "what": "Vad gällde det?", "title": "15 januari", "stop": "inga fler påminnelser tack",
    "stopped": "hör inte av mig mer",
}  # fmt: skip
EN = {
    "book": "i want to book a meeting with a counsellor in motala", "how": "Here in the chat",
    "nobody": "Rather not say", "done": "Done!", "topic": "Money", "noted": "then your counsellor knows",
    "move": "can i move my appointment to friday", "moved": "Your new time", "coming": "I am coming", "thanks": "Good!",
    "cancel": "Cancel it", "yes": "Yes, cancel it", "cancelled": "cancelled", "reminder": "Hi! You have a time",
    "calendar": "Add to my calendar", "season": "remind me when applications open",
    "set": "I get in touch Friday 15 January", "asked": "You asked me", "what": "What was it about?",
    "title": "15 January", "stop": "stop sending me reminders please", "stopped": "will not get in touch",
}  # fmt: skip


@dataclass(frozen=True)
class Youth:
    """Somebody on Telegram, and the words of their language."""

    telegram: TelegramServer
    chat: int
    language: str
    w: dict[str, str]

    def write(self, name: str) -> None:
        """Write the words of this name."""
        self.telegram.text(chat=self.chat, text=self.w[name], language=self.language)

    def hears(self, name: str) -> None:
        """Wait until the bot says these words."""
        self.telegram.wait_text(chat=self.chat, part=self.w[name], after=3, seconds=60)

    def press(self, name: str) -> Sent:
        """Press the button of this name as soon as it is there."""
        title = self.w.get(name, name)
        self.telegram.wait_until(lambda: title in self.telegram.sent(chat=self.chat)[-1].titles, 60, title)
        return press(self.telegram, self.chat, title)


def test_a_meeting_from_booking_to_afterwards_in_both_languages(tmp_path: Path, chat: int) -> None:
    with (
        Calendar(tmp_path) as calendar,
        TelegramServer() as telegram,
        System(tmp_path / "var", telegram, BOT_CLOCK=f"@{calendar.path}", PUBLIC_URL="https://bot.test") as system,
    ):
        youths = [Youth(telegram, chat, "sv", SV), Youth(telegram, chat + 1_000_000, "en", EN)]
        for youth in youths:
            _book_and_move(system, youth)
        # The day before: both are reminded, say that they come, and then cancel after all.
        calendar.set("2026-11-26T16:00")
        for youth in youths:
            youth.hears("reminder")
            assert youth.press("coming").text.startswith(youth.w["thanks"])
            # An older message still has its buttons, as on a phone.
            press(telegram, youth.chat, youth.w["cancel"])
            youth.press("yes")
            youth.hears("cancelled")
            youth.write("season")
            youth.hears("set")
        # The date of the year comes, and says what it was about only when asked.
        calendar.set("2027-01-15T16:31")
        for youth in youths:
            youth.hears("asked")
            assert youth.w["title"] in youth.press("what").text
            youth.write("stop")
            youth.hears("stopped")
        with closing(sqlite3.connect(system.folder / "bot.db")) as connection:
            reminders = connection.execute("SELECT kind, state, count(*) FROM reminder GROUP BY kind, state").fetchall()
        assert sorted(reminders) == [("meeting_day", "sent", 2), ("season", "sent", 2)]


def _book_and_move(system: System, youth: Youth) -> None:
    telegram, chat = youth.telegram, youth.chat
    start(telegram, chat, youth.language)
    # Booked in three taps, without a name; then, once it is safe, what it is about.
    youth.write("book")
    times = youth.press("how")
    press(telegram, chat, times.titles[0])
    youth.press("nobody")
    youth.hears("done")
    youth.press("topic")
    youth.hears("noted")
    # Moved in free text, and put into a calendar that names nobody.
    offered = answer(telegram, chat, youth.w["move"])
    press(telegram, chat, offered.titles[0])
    youth.hears("moved")
    assert re.search("fredag 27|Friday 27", telegram.texts(chat=chat)[-1])
    link = press(telegram, chat, youth.w["calendar"]).text.split()[-1]
    page = httpx.get(link.replace("https://bot.test", system.url))
    [event] = icalendar.Calendar.from_ical(page.content).walk("VEVENT")
    assert event["SEQUENCE"] == 1
