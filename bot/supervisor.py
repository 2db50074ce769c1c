"""`bot run`: starts the three programs on one machine, watches them, stops them together.

A program that dies is started again after a growing pause. Each child holds the reading end of a
pipe of ours: when we are gone, even by `kill -9`, it reads the end and leaves its port.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bot.errors import BotError
from bot.log_files import LogFile
from bot.settings import ROOT, WITHHELD_FROM_ENGINE, Settings

PARENT_PIPE = "BOT_PARENT_PIPE"
# A program that has run this long is healthy: the next pause starts small again.
_HEALTHY_SECONDS = 60.0
_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_STOP_SECONDS = 15.0
_LAST_LINES_SECONDS = 2.0
_LOOK_SECONDS = 1.0
# How often the logs are looked at for what is too old.
_TIDY_SECONDS = 600.0

Say = Callable[[str], None]


class StartFailed(BotError):
    """The programs could not be started; the message says what to do."""


@dataclass(frozen=True)
class Program:
    """One of the three programs."""

    name: str
    command: Sequence[str]
    health_url: str
    port: int
    host: str
    env: Mapping[str, str] = field(default_factory=dict)


def programs(settings: Settings, *, dialogue_python: Path) -> list[Program]:
    """Return the three programs of one machine, in the order in which they start."""
    dialogue, actions = urlsplit(settings.dialogue_url), urlsplit(settings.actions_url)
    shared = {
        "SHARED_SECRET": settings.shared_secret,
        "DIALOGUE_URL": settings.dialogue_url,
        "ACTIONS_URL": settings.actions_url,
        "TRACKER_URL": settings.tracker_url,
        "VAR_DIR": str(settings.var_dir),
        "DATABASE_URL": settings.database_url,
        "ENCRYPTION_KEYS": settings.encryption_keys,
        "BOT_CLOCK": settings.clock_text,
        "RASA_TELEMETRY_ENABLED": "false",
    }
    return [
        Program(
            "dialogue server", [str(dialogue_python), "-m", "dialogue.server"], f"{settings.dialogue_url}/health",
            dialogue.port or 80, dialogue.hostname or "127.0.0.1",
            {**shared, **WITHHELD_FROM_ENGINE, "TRACKER_KEYS": settings.tracker_keys()},
        ),
        Program(
            "action server", [sys.executable, "-m", "bot.cli", "serve-actions"],
            f"{actions.scheme}://{actions.netloc}/health", actions.port or 80, actions.hostname or "127.0.0.1", shared,
        ),
        Program(
            "bot", [sys.executable, "-m", "bot.cli", "serve"],
            f"http://{settings.http_host}:{settings.http_port}/health/live", settings.http_port, settings.http_host,
            shared,
        ),
    ]  # fmt: skip


def check_ports(wanted: Sequence[Program]) -> None:
    """Refuse to start beside somebody else.

    Raises:
        StartFailed: a port is taken; names it and the setting that changes it.
    """
    setting = {"dialogue server": "DIALOGUE_URL", "action server": "ACTIONS_URL", "bot": "HTTP_PORT"}
    taken = []
    for program in wanted:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((program.host, program.port))
            except OSError:
                change = f"change it with {setting[program.name]}"
                taken.append(f"port {program.port} of the {program.name} is taken ({change})")
    if taken:
        raise StartFailed(
            "Cannot start: " + "; ".join(taken) + ". Is the bot running already? Stop it, or choose other ports."
        )


class Supervisor:
    """Runs programs until it is told to stop."""

    def __init__(self, wanted: Sequence[Program], say: Say, *, log_dir: Path, log_kept: timedelta) -> None:
        self._programs = list(wanted)
        self._say = say
        self._log_dir = log_dir
        self._log_kept = log_kept
        self._logs: dict[str, LogFile] = {}
        self._stop = threading.Event()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._pipe_out, self._pipe_in = os.pipe()
        os.set_inheritable(self._pipe_out, True)

    def stop(self, *_: object) -> None:
        """Ask for the end; safe in a signal handler."""
        self._stop.set()

    def run(self, when_ready: Callable[[], None]) -> int:
        """Start all programs, call `when_ready` once they answer, and stay until `stop`."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self.stop)
        for program in self._programs:
            self._logs[program.name] = LogFile(self._log_dir / f"{program.name.replace(' ', '-')}.log", self._log_kept)
        threading.Thread(target=self._tidy_logs, daemon=True).start()
        watchers = [threading.Thread(target=self._watch, args=(program,), daemon=True) for program in self._programs]
        for watcher in watchers:
            watcher.start()
        if self._wait_until_ready():
            when_ready()
        # A signal may be given to another thread, and only this one acts on it: it must wake to see it.
        while not self._stop.wait(_LOOK_SECONDS):
            pass
        self._say("Stopping ...")
        self._end_all()
        for watcher in watchers:
            watcher.join(timeout=_STOP_SECONDS)
        for log in self._logs.values():
            log.close()
        self._say("Stopped.")
        return 0

    def _watch(self, program: Program) -> None:
        """Keep one program alive."""
        fast_deaths = 0
        while not self._stop.is_set():
            began = time.monotonic()
            with self._lock:
                if self._stop.is_set():
                    return
                self._running[program.name] = self._start(program)
            process = self._running[program.name]
            following = threading.Thread(target=self._follow, args=(program, process), daemon=True)
            following.start()
            code = process.wait()
            # Its last lines; a helper of its own that lives on may keep the pipe open.
            following.join(timeout=_LAST_LINES_SECONDS)
            if self._stop.is_set():
                return
            lived = time.monotonic() - began
            fast_deaths = 0 if lived > _HEALTHY_SECONDS else fast_deaths + 1
            pause = _PAUSES[min(fast_deaths, len(_PAUSES) - 1)]
            self._say(
                f"The {program.name} ended ({_ending(code)}) after {lived:.0f} s; starting it again in {pause:g} s."
            )
            self._stop.wait(pause)

    def _start(self, program: Program) -> subprocess.Popen[bytes]:
        env = {**os.environ, **program.env, PARENT_PIPE: str(self._pipe_out), "PYTHONUNBUFFERED": "1"}
        # A group of its own: Ctrl-C reaches us alone, and we stop the others in order.
        return subprocess.Popen(
            program.command,
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            pass_fds=(self._pipe_out,),
            start_new_session=True,
        )

    def _tidy_logs(self) -> None:
        while not self._stop.wait(_TIDY_SECONDS):
            for log in self._logs.values():
                log.tidy()

    def _follow(self, program: Program, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is not None:
            self._logs[program.name].follow(process.stdout)

    def _wait_until_ready(self) -> bool:
        waiting = {program.name: program for program in self._programs}
        began, said = time.monotonic(), 0.0
        while waiting and not self._stop.is_set():
            for name in [name for name, program in waiting.items() if _answers(program.health_url)]:
                self._say(f"  {name} is ready ({time.monotonic() - began:.0f} s)")
                del waiting[name]
            if waiting and time.monotonic() - said > 10:
                if said:
                    self._say(f"  waiting for the {' and the '.join(waiting)} (logs: {self._log_dir})")
                said = time.monotonic()
            self._stop.wait(0.2)
        return not waiting

    def _end_all(self) -> None:
        with self._lock:
            running = list(self._running.values())
        for process in reversed(running):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for process in running:
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def leave_with_parent() -> None:
    """End this process when the supervisor is gone. Called first thing by each child."""
    descriptor = os.environ.get(PARENT_PIPE)  # set by the supervisor, not a setting of people
    if descriptor is None:
        return

    def watch() -> None:
        try:
            os.read(int(descriptor), 1)
        except OSError:
            return
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()
