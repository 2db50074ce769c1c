"""Each run of the retention is written down with what it did, wherever it is stopped, and goes on to its end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.clock import FakeClock
from bot.conversations.inbox import Inbox
from bot.conversations.incoming import Incoming
from bot.conversations.models import InboundKind
from bot.db.base import keyring, use_keyring
from bot.db.session import Database
from bot.people import retention
from bot.people.models import Erasure, Person, RetentionRun
from bot.people.vault import Vault
from bot.safety.crypto import Keyring, new_key
from bot.texts import Texts
from tests.conftest import ROOT
from tests.conversations.conftest import Youth
from tests.databases import sqlite_at
from tests.people.stopping import Stopped, Stopping
from tests.people.test_retention import PLAN, rows, run


async def test_each_run_is_written_down_with_what_it_did(youth: Youth, database: Database, clock: FakeClock) -> None:
    youth.send("hej")
    clock.advance(days=40)
    retention.run(database, clock(), plan=PLAN, started_by="daily")

    with database.reading() as session:
        (row,) = session.scalars(select(RetentionRun)).all()
    assert (row.started_by, row.counts["chat"], row.at) == ("daily", 1, clock())


@pytest.mark.parametrize("steps", range(7))
def test_a_run_that_is_stopped_anywhere_has_written_down_what_it_did_and_goes_on(
    make_youth: Callable[[str], Youth], database: Database, clock: FakeClock, steps: int
) -> None:
    for name in ("anna", "bo", "cim"):
        make_youth(name).send("hej")
    clock.advance(days=40)
    stopping = Stopping(database, steps=steps)
    with pytest.raises(Stopped):
        run(stopping, clock)
    stopping.close()
    # The run's row, three chats, the rest, the overwriting, the end.
    assert rows(database, Erasure) == min(max(steps - 1, 0), 3)
    with database.reading() as session:
        logs = session.scalars(select(RetentionRun)).all()
    assert [(log.counts["chat"], log.finished_at) for log in logs] == [(rows(database, Erasure), None)] * (steps > 0)

    clock.advance(minutes=1)
    run(database, clock)
    with database.reading() as session:
        (log,) = session.scalars(select(RetentionRun)).all()
    assert (log.counts["chat"], log.finished_at) == (3, clock())


def test_a_retention_that_is_killed_again_and_again_has_written_down_what_it_did(
    sqlite_database: Database, clock: FakeClock, texts: Texts, vault: Vault
) -> None:
    before, key = keyring(), new_key()
    use_keyring(Keyring.from_text(key))
    try:
        inbox = Inbox(sqlite_database, vault, texts, clock)
        for number in range(30):
            inbox.receive(Incoming("test", f"u{number}", f"a{number}", InboundKind.TEXT, text="hej"))
        clock.advance(days=40)
        program = [sys.executable, str(Path(__file__).parent / "killed_retention.py")]
        program += [str(sqlite_database.engine.url), key, clock().isoformat()]
        for _ in range(2):
            emptied = rows(sqlite_database, Erasure)
            running = subprocess.Popen(program, cwd=ROOT)
            # It is killed while it works: as soon as something of it can be seen.
            while rows(sqlite_database, Erasure) == emptied < 30 and running.poll() is None:
                pass
            running.kill()
            running.wait()
            with sqlite_database.reading() as session:
                logged = sum(log.counts["chat"] for log in session.scalars(select(RetentionRun)))
            assert logged == rows(sqlite_database, Erasure) > emptied
        run(sqlite_database, clock)
        assert rows(sqlite_database, Erasure) == 30
    finally:
        use_keyring(before)


def test_a_run_is_over_only_when_what_it_removed_is_overwritten(
    tmp_path: Path, clock: FakeClock, texts: Texts, vault: Vault
) -> None:
    db = sqlite_at(tmp_path / "busy.db", busy_ms=50)
    Inbox(db, vault, texts, clock).receive(Incoming("test", "u", "a", InboundKind.TEXT, text="hej"))
    clock.advance(days=8)
    with db.reading() as reader:
        assert reader.scalar(select(func.count()).select_from(Person)) == 1
        report = retention.run(db, clock(), plan=PLAN)
    assert (report.counts["raw_text"], report.finished) == (1, False)
    assert "run this again" in str(report)

    assert retention.run(db, clock(), plan=PLAN).finished
    with db.reading() as session:
        assert session.scalars(select(RetentionRun.finished_at)).all() == [clock()]
    db.close()
