"""`bot run` itself: quick the second time, clean at Ctrl-C, plain about what is in the way."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

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
