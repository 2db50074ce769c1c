"""A sender that is killed in the middle of sending neither loses a message nor sends it twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.channels.telegram.send import Sender
from bot.channels.telegram.settle import settle
from bot.clock import system_clock
from bot.conversations.models import OutboundMessage, OutboundState
from bot.db.base import keyring, use_keyring
from bot.db.session import Database
from bot.safety.crypto import Keyring, new_key
from bot.wiring import Services
from tests.channels.chats import new_chat, row, say
from tests.channels.conftest import MakeServices
from tests.channels.running import running
from tests.conftest import ROOT
from tests.fakes.telegram import TOKEN, Fault, FaultKind, TelegramServer, too_fast


def _kill_at(point: str, services: Services, telegram: TelegramServer, keys: str, loop: str) -> None:
    """Run a sender that kills itself at a point."""
    command = [
        sys.executable, "-m", "tests.channels.telegram.killed_sender", point,
        services.db.engine.url.render_as_string(hide_password=False), str(services.settings.var_dir),
        telegram.base_url, TOKEN, keys, loop,
    ]  # fmt: skip
    ended = subprocess.run(command, cwd=ROOT, timeout=60, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


@pytest.fixture
def real(sqlite_database: Database, telegram: TelegramServer, make_services: MakeServices) -> Services:
    """Services with a running clock, for two processes look at it."""
    return make_services(sqlite_database, system_clock, api=telegram.base_url)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize(
    ("point", "reason"),
    [
        ("before the request", None),
        ("request has left", "unconfirmed"),
        ("telegram said yes", None),
        ("telegram said no", None),
    ],
)
def test_a_killed_sender_neither_loses_nor_doubles(
    real: Services, telegram: TelegramServer, point: str, reason: str | None, loop: str
) -> None:
    before, keys = keyring(), new_key()
    use_keyring(Keyring.from_text(keys))
    try:
        conversation = new_chat(real, "telegram", "7")
        first, second = say(real, conversation, "ett"), say(real, conversation, "två")
        if point == "telegram said no":
            telegram.fault(too_fast(1), chat=7)
        _kill_at(point, real, telegram, keys, loop)
        assert row(real, first).state == OutboundState.SENDING
        began = time.monotonic()
        settings = real.settings.telegram
        assert settings is not None
        with running(Sender(real, settings).run):
            telegram.wait_for(chat=7, count=2)
            _until_sent(real, second)
        assert telegram.texts(chat=7) == ["ett", "två"]
        message = row(real, first)
        assert (message.state, message.failed_reason) == (OutboundState.SENT, reason)
        # The restarted program takes its own lease up at once.
        assert time.monotonic() - began < 10
    finally:
        use_keyring(before)


def test_what_another_machine_left_goes_once_more_and_no_oftener(sqlite_services: Services, tmp_path: Path) -> None:
    from bot.channels.telegram.journal import SendJournal

    message = say(sqlite_services, new_chat(sqlite_services, "telegram", "7"), "ett")
    journal = SendJournal(tmp_path / "sender.journal")
    ends = []
    for _ in range(2):
        with sqlite_services.db.transaction() as session:
            left = session.get_one(OutboundMessage, message)
            left.state, left.failed_reason = OutboundState.SENDING, "on another-machine"
        assert settle(sqlite_services.db, journal, "this-machine", sqlite_services.clock()) == 1
        ends.append((row(sqlite_services, message).state, row(sqlite_services, message).failed_reason))
    journal.close()
    assert ends == [("retry", "unconfirmed"), ("failed", "unconfirmed")]


def test_a_text_in_parts_goes_on_where_it_was(real: Services, telegram: TelegramServer) -> None:
    from bot.channels.telegram import outgoing
    from bot.channels.telegram.journal import Mark, SendJournal

    message = say(real, new_chat(real, "telegram", "7"), f"{'a' * 4000}\n\n{'b' * 4000}\n\n{'c' * 4000}")
    begun = outgoing.begin(real.db, real.vault, message, "here")
    assert begun is not None
    journal = SendJournal(real.settings.var_dir / "sender.journal")
    journal.note(begun.key(0), Mark.ANSWERED)
    outgoing.part_sent(real.db, begun, 0, "11", real.clock())
    journal.note(begun.key(1), Mark.LEFT)
    assert settle(real.db, journal, "here", real.clock()) == 1
    journal.close()
    settings = real.settings.telegram
    assert settings is not None
    with running(Sender(real, settings).run):
        telegram.wait_for(chat=7, count=1)
        _until_sent(real, message)
    assert [text[0] for text in telegram.texts(chat=7)] == ["c"]


def test_a_sender_that_is_stopped_finishes_what_it_is_sending(real: Services, telegram: TelegramServer) -> None:
    message = say(real, new_chat(real, "telegram", "7"), "ett")
    telegram.fault(Fault(FaultKind.DELIVERED_SLOWLY, seconds=1.0), chat=7)
    settings = real.settings.telegram
    assert settings is not None
    with running(Sender(real, settings).run):
        telegram.wait_for(chat=7, count=1)
    assert row(real, message).state == OutboundState.SENT


def _until_sent(services: Services, message: str) -> None:
    end = time.monotonic() + 20
    while row(services, message).state != OutboundState.SENT:
        assert time.monotonic() < end, row(services, message).failed_reason
        time.sleep(0.02)
