"""Nothing is lost and nothing is said twice: two sweepers at once, and a program that is killed in the middle."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import func, select

from bot.bell import Bell
from bot.clock import FakeClock
from bot.conversations.models import OutboundMessage
from bot.db.base import use_keyring
from bot.db.session import Database
from bot.reminders.models import Reminder, ReminderKind
from bot.reminders.service import Reminders
from bot.reminders.sweeper import Sweeper
from bot.safety.crypto import Keyring, new_key
from bot.texts import Texts
from tests.booking.conftest import new_conversation
from tests.booking.steps import wall
from tests.reminders.conftest import said_to_anybody

DUE = wall("2026-11-27T16:30")


def wait_for_many(reminders: Reminders, add_conversation: Callable[[], str], count: int) -> None:
    """Let so many people wait for the same afternoon."""
    for number in range(count):
        reminders.remind(add_conversation(), DUE, kind=ReminderKind.ASKED, subject=f"turn-{number}")


def test_sweepers_that_race_say_each_thing_once(
    database: Database, reminders: Reminders, add_conversation: Callable[[], str], clock: FakeClock, texts: Texts
) -> None:
    wait_for_many(reminders, add_conversation, 25)
    clock.now = DUE
    sweepers = [Sweeper(database, clock, texts, Bell()) for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(Sweeper.sweep, sweepers))

    assert sum(said) == 25
    assert set(Counter(said_to_anybody(database)).values()) == {1}
    assert len(said_to_anybody(database)) == 25


def test_a_sweeper_that_is_killed_again_and_again_loses_and_repeats_nothing(
    sqlite_database: Database, clock: FakeClock, texts: Texts
) -> None:
    key = new_key()
    use_keyring(Keyring.from_text(key))
    wait_for_many(Reminders(sqlite_database, clock), lambda: new_conversation(sqlite_database, clock), 40)
    program = [sys.executable, str(Path(__file__).parent / "killed_sweeper.py")]
    program += [str(sqlite_database.engine.url), key, DUE.isoformat()]

    for _ in range(3):
        before = len(said_to_anybody(sqlite_database))
        running = subprocess.Popen(program, stdout=subprocess.PIPE)
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        # It is killed while it works: as soon as something of it can be seen.
        while len(said_to_anybody(sqlite_database)) == before < 40 and running.poll() is None:
            pass
        running.kill()
        running.wait()
        running.stdout.close()
        with sqlite_database.reading() as session:
            sent = session.scalar(select(func.count()).select_from(Reminder).where(Reminder.state == "sent"))
            queued = session.scalar(select(func.count()).select_from(OutboundMessage))
        assert sent == queued, "noted as sent and queued are one thing"

    clock.now = DUE
    Sweeper(sqlite_database, clock, texts).sweep()
    keys = said_to_anybody(sqlite_database)
    assert len(keys) == len(set(keys)) == 40
