"""`bot run` itself: quick the second time, clean at Ctrl-C, plain about what is in the way."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from bot.safety.crypto import new_key
from tests.end_to_end.system import ROOT, System
from tests.fakes.telegram import TelegramServer

pytestmark = pytest.mark.end_to_end


def test_a_second_start_prepares_nothing_and_ctrl_c_leaves_no_process(fresh_folder: Path) -> None:
    with TelegramServer() as telegram:
        first = System(fresh_folder, telegram).start()
        assert first.first_password
        assert first.stop() == 0
        second = System(fresh_folder, telegram).start()
        try:
            said = "\n".join(second.lines)
            assert "Training" not in said
            assert "password:" not in said
        finally:
            assert second.stop() == 0
        for port in (second.port, int(second.dialogue_url.rsplit(":", 1)[1])):
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_taken_port_is_named_with_what_to_change(fresh_folder: Path) -> None:
    with TelegramServer() as telegram, socket.socket() as taken:
        system = System(fresh_folder, telegram)
        taken.bind(("127.0.0.1", system.port))
        taken.listen()
        began = time.monotonic()
        result = subprocess.run(
            [str(ROOT / ".venv" / "bin" / "bot"), "run"], env={**os.environ, **system.environ}, capture_output=True,
            text=True, check=False, timeout=60,
        )  # fmt: skip
    assert result.returncode != 0
    assert f"port {system.port}" in result.stderr
    assert "HTTP_PORT" in result.stderr
    assert time.monotonic() - began < 30


def test_a_new_key_takes_over_everywhere_and_the_talk_goes_on(fresh_folder: Path, chat: int) -> None:
    old, new = new_key(), new_key()
    with TelegramServer() as telegram:
        with System(fresh_folder, telegram, ENCRYPTION_KEYS=old):
            telegram.text(chat=chat, text="/start", language="sv")
            telegram.wait_for(chat=chat, count=3, seconds=40)
            telegram.text(chat=chat, text="jag är 17 och bor i motala")
            telegram.wait_for(chat=chat, count=4, seconds=40)

        with System(fresh_folder, telegram, ENCRYPTION_KEYS=f"{new},{old}") as system:
            rotated = subprocess.run(
                [str(ROOT / ".venv" / "bin" / "bot"), "keys", "rotate"], env={**os.environ, **system.environ},
                capture_output=True, text=True, check=False, timeout=120,
            )  # fmt: skip
        assert rotated.returncode == 0, rotated.stderr
        assert "; 0 could not be read" in rotated.stdout

        with System(fresh_folder, telegram, ENCRYPTION_KEYS=new):
            before = len(telegram.sent(chat=chat))
            telegram.text(chat=chat, text="finns det någon folkhögskola?")
            telegram.wait_until(
                lambda: any("Motala" in sent.text for sent in telegram.sent(chat=chat)[before:]), 40, "the place"
            )
