"""The whole system as a person starts it: `bot run`, on ports of its own, with a Telegram of our own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from tests.fakes.telegram import TelegramServer

ROOT = Path(__file__).resolve().parent.parent.parent
# As the supervisor names its logs; what their command lines contain.
PROGRAMS = {"dialogue server": "dialogue.server", "action server": "serve-actions", "bot": "bot.cli serve"}


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for other processes; they have no clock of ours to move."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s for {what}")
        threading.Event().wait(0.05)


class System:
    """`bot run` in a process of its own."""

    def __init__(self, folder: Path, telegram: TelegramServer, **environ: str) -> None:
        self.folder = folder
        self.telegram = telegram
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.secret = "the secret of this test"
        self.dialogue_url = f"http://127.0.0.1:{free_port()}"
        models = folder / "models"
        folder.mkdir(parents=True, exist_ok=True)
        if not models.exists():
            # Trained once for all tests (`make test` does it before).
            models.symlink_to(ROOT / "var" / "models")
        self.environ = {
            "VAR_DIR": str(folder),
            "HTTP_PORT": str(self.port),
            "DIALOGUE_URL": self.dialogue_url,
            "ACTIONS_URL": f"http://127.0.0.1:{free_port()}/webhook",
            "SHARED_SECRET": self.secret,
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_BASE_URL": telegram.base_url,
            **environ,
        }
        self.lines: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    def start(self, *, seconds: float = 180) -> System:
        """Start and wait until it says that it is ready."""
        self.process = subprocess.Popen(
            [str(ROOT / ".venv" / "bin" / "bot"), "run"], cwd=ROOT, env={**os.environ, **self.environ},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        process = self.process

        def read() -> None:
            assert process.stdout is not None
            with process.stdout as output:
                self.lines.extend(line.rstrip() for line in output)

        threading.Thread(target=read, daemon=True).start()
        wait_until(lambda: "Ready." in self.lines or process.poll() is not None, seconds, "the system to be ready")
        if process.poll() is not None:
            raise AssertionError("the system did not start:\n" + "\n".join(self.lines) + self.logs())
        return self

    def stop(self) -> int:
        """Press Ctrl-C and wait for the end; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=40)

    def __enter__(self) -> System:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()

    @property
    def first_password(self) -> str:
        """The password of the first account, as it was shown."""
        match = re.search(r"password: (\S+)", "\n".join(self.lines))
        assert match, "no first sign-in was shown"
        return match[1]

    def find(self, program: str) -> psutil.Process | None:
        """Return the running process of a program."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if PROGRAMS[program] in " ".join(child.cmdline()):
                    return child
            except (psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
        return None

    def kill(self, program: str) -> None:
        """`kill -9` a program; the supervisor starts it again."""
        found = self.find(program)
        if found is not None:
            found.kill()

    def kill_all(self) -> None:
        """`kill -9` the supervisor, and with it everything."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()

        def ended() -> bool:
            return not any(child.is_running() and child.status() != "zombie" for child in children)

        wait_until(ended, 20, "the end")

    def wait_ready(self, seconds: float = 120) -> None:
        """Wait until all programs answer."""

        def ready() -> bool:
            try:
                return httpx.get(f"{self.url}/health/ready", timeout=5, trust_env=False).status_code == 200
            except httpx.HTTPError:
                return False

        wait_until(ready, seconds, "all programs to be ready\n" + self.logs())

    def logs(self) -> str:
        """The ends of the programs' logs."""
        parts = []
        for path in sorted((self.folder / "log").glob("*.log")):
            parts.append(f"\n--- {path.name}\n{path.read_text(errors='replace')[-3000:]}")
        return "".join(parts)
