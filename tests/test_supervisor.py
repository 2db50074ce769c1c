"""The supervisor: restarts with a pause, stops all, refuses taken ports, and is never outlived."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from bot.supervisor import Program, StartFailed, Supervisor, check_ports

SERVER = """
import http.server, os, sys
from bot.supervisor import leave_with_parent
leave_with_parent()
print("on standard output", flush=True)
print("on standard error", file=sys.stderr, flush=True)
class Ok(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(str(os.getpid()).encode())
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer.allow_reuse_address = True
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Ok).serve_forever()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(port: int) -> Program:
    return Program("helper", [sys.executable, "-c", SERVER, str(port)], f"http://127.0.0.1:{port}/", port, "127.0.0.1")


def wait_for(check: object, seconds: float = 20) -> None:
    """Wait for another process: there is no clock of ours to move in it."""
    deadline = time.monotonic() + seconds
    while not check():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.02)


def test_a_taken_port_is_refused_with_its_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(StartFailed, match="is taken"):
            check_ports([Program("bot", [], "", taken.getsockname()[1], "127.0.0.1")])


SUPERVISOR = """
import sys
from datetime import timedelta
from pathlib import Path
from bot.supervisor import Program, Supervisor
port, folder, source = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
helper = Program("helper", [sys.executable, "-c", source, str(port)], f"http://127.0.0.1:{port}/", port, "127.0.0.1")
say = lambda line: print(line, flush=True)
sys.exit(Supervisor([helper], say, log_dir=folder, log_kept=timedelta(days=14)).run(lambda: say("READY")))
"""


class Running:
    """A supervisor in a process of its own, with what it has said."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, str(self.port), str(folder), SERVER],
            stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parent.parent,
        )  # fmt: skip
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        wait_for(lambda: "READY" in self.lines)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            self.lines.extend(line.strip() for line in output)

    def child(self) -> psutil.Process | None:
        children = psutil.Process(self.process.pid).children()
        return children[0] if children else None

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=20)
        self._reader.join(timeout=5)
        return code


def test_a_program_that_dies_is_started_again_and_it_is_said(tmp_path: Path) -> None:
    running = Running(tmp_path)
    child = running.child()
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    wait_for(lambda: (other := running.child()) is not None and other.pid != child.pid)
    log = tmp_path / "helper.log"
    # What both lives have said, in one file.
    wait_for(lambda: [log.read_text().count(f"on standard {where}") for where in ("output", "error")] == [2, 2])

    assert running.end() == 0
    assert any("helper ended (signal 9)" in line and "starting it again" in line for line in running.lines)


def test_ctrl_c_stops_everything_cleanly(tmp_path: Path) -> None:
    running = Running(tmp_path)
    child = running.child()
    assert child is not None

    assert running.end() == 0
    assert not psutil.pid_exists(child.pid)
    assert running.lines[-1] == "Stopped."


def test_a_killed_supervisor_leaves_nobody_on_its_ports(tmp_path: Path) -> None:
    running = Running(tmp_path)
    running.process.kill()
    running.process.wait()

    def free() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", running.port)) != 0

    wait_for(free)
    running._reader.join(timeout=5)


def test_stop_before_ready_ends_too(tmp_path: Path) -> None:
    supervisor = Supervisor([program(free_port())], lambda _: None, log_dir=tmp_path, log_kept=timedelta(days=14))
    supervisor.stop()

    assert not supervisor._wait_until_ready()
