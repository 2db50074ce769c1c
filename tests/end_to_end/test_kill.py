"""`kill -9` of each program while youths write: nothing lost, nothing doubled, order kept, nobody ignored."""

from __future__ import annotations

import random
import sqlite3
import threading
from pathlib import Path

import pytest

from tests.end_to_end.system import PROGRAMS, System, wait_until
from tests.fakes.telegram import TelegramServer

pytestmark = pytest.mark.end_to_end

YOUTHS = 16
QUESTIONS = (
    "vad är komvux?", "var finns det en folkhögskola i motala?", "how do i apply?", "vad är kaa?",
    "jag vill prata med en människa", "what is the folk high school?",
)  # fmt: skip


def rows(system: System, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(system.folder / "bot.db", timeout=20)
    try:
        return list(connection.execute(query))
    finally:
        connection.close()


def settled(system: System) -> bool:
    """Whether nothing waits any more, in the inbox or in the outbox."""
    open_inbound = rows(system, "SELECT count(*) FROM inbound_message WHERE status IN ('pending', 'in_turn')")
    open_outbound = rows(system, "SELECT count(*) FROM outbound_message WHERE state IN ('queued', 'sending', 'retry')")
    return open_inbound == [(0,)] and open_outbound == [(0,)]


def check(system: System, telegram: TelegramServer, sent: dict[int, int]) -> None:
    """Hold what Telegram delivered against what the tables say."""
    stored = rows(system, "SELECT count(*) FROM inbound_message")[0][0]
    assert stored == sum(sent.values()), "an update was lost or stored twice"
    delivered = len(telegram.sent())
    outbox = rows(system, "SELECT count(*) FROM outbound_message WHERE state = 'sent'")[0][0]
    assert delivered == outbox, "a message was lost or sent twice"
    failed = rows(system, "SELECT failed_reason FROM outbound_message WHERE state = 'failed'")
    assert failed == []
    bookings = rows(system, "SELECT request_key, count(*) FROM handover GROUP BY request_key HAVING count(*) > 1")
    assert bookings == []
    for chat, count in sent.items():
        assert len(telegram.sent(chat=chat)) >= 2 + 1, f"chat {chat} wrote {count} times and heard nothing"


@pytest.mark.parametrize("program", list(PROGRAMS))
def test_a_killed_program_loses_and_doubles_nothing(program: str, tmp_path: Path) -> None:
    chance = random.Random(program)
    sent: dict[int, int] = {}
    with TelegramServer() as telegram, System(tmp_path / "var", telegram) as system:
        for round_number in range(3):
            for chat in range(5001, 5001 + YOUTHS):
                telegram.text(chat=chat, text=QUESTIONS[(chat + round_number) % len(QUESTIONS)])
                sent[chat] = sent.get(chat, 0) + 1
            # Somewhere in the burst's quiet, the turns or the sending.
            threading.Event().wait(chance.uniform(0.5, 6.0))
            system.kill(program)
        telegram.redeliver()
        wait_until(lambda: settled(system), 240, "everything to be answered\n" + system.logs())
        system.wait_ready()
        telegram.redeliver()
        telegram.text(chat=4999, text="/start")
        sent[4999] = 1
        telegram.wait_for(chat=4999, count=3, seconds=60)
        wait_until(lambda: settled(system), 60, "the last words to be sent")
        check(system, telegram, sent)


def test_a_killed_supervisor_is_taken_up_where_it_was(tmp_path: Path) -> None:
    sent: dict[int, int] = {}
    with TelegramServer() as telegram:
        first = System(tmp_path / "var", telegram).start()
        for chat in range(6001, 6001 + YOUTHS):
            telegram.text(chat=chat, text=QUESTIONS[chat % len(QUESTIONS)])
            sent[chat] = 1
        threading.Event().wait(3.5)
        first.kill_all()
        second = System(tmp_path / "var", telegram)
        with second:
            wait_until(lambda: settled(second), 120, "everything to be answered\n" + second.logs())
            check(second, telegram, sent)
            assert not any("password:" in line for line in second.lines), "the first sign-in is shown once"
