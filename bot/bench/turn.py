"""`bot bench turn`: the cost of a turn in our engine and in Rasa's own server, in one run.

Both are trained on the same few examples, have the same rules and words, call the same action
server, and keep their trackers in SQLite. Figures are for comparing within one run only.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from bot import launch
from bot import settings as settings_module
from bot.bench import subset
from bot.errors import BotError
from bot.settings import ROOT, Settings, engine_environ

EXAMPLES = 24
AT_ONCE = 20
MARKS = (10, 100, 1000)
WINDOW = 9
_READY_SECONDS = 300.0

SCRIPT = (
    "hej", "var kan jag läsa el i motala?", "visa fler", "tack", "vad är komvux?", "how do i apply?",
    "jag har inte betyg i matte, kan jag komma in ändå?", "what is folkhögskola", "ja", "nej",
    "hur mycket pengar får man från csn", "is there any school for hairdressers in norrköping", "tack så mycket",
    "vad händer om jag slutar?", "what is kaa", "jag är 19, är jag för gammal?", "can i study online",
    "vem läser det här?", "vad är en studievägledare", "ok bye",
)  # fmt: skip

Say = Callable[[str], None]
Ask = Callable[[httpx.AsyncClient, str, str], Awaitable[None]]


class BenchFailed(BotError):
    """A server did not start or did not answer."""


@dataclass(frozen=True)
class Contender:
    """One server to measure."""

    name: str
    process: subprocess.Popen[bytes]
    url: str
    ask: Ask


def run(settings: Settings, dialogue_python: Path, turns: int, epochs: int | None, say: Say) -> None:
    """Train both, measure both, print the figures and their ratios.

    Raises:
        BenchFailed: with the log of the server that failed.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fresh = {"VAR_DIR": str(folder / "var"), "DATABASE_URL": "", "TRACKER_URL": ""}
        own = settings_module.load({**os.environ, **fresh})
        actions_port = _free_port()
        actions_url = f"http://127.0.0.1:{actions_port}/webhook"
        launch.prepare(own, lambda _: None)
        models = _train(dialogue_python, folder, epochs, say)
        with contextlib.ExitStack() as stack:
            stack.enter_context(_actions(own, actions_url, folder))
            ours = stack.enter_context(_ours(own, dialogue_python, models[0], actions_url, folder))
            theirs = stack.enter_context(_theirs(own, dialogue_python, models[1], actions_url, folder))
            figures = [asyncio.run(_measure(contender, turns, say)) for contender in (ours, theirs)]
    _print(figures, say)


def _train(dialogue_python: Path, folder: Path, epochs: int | None, say: Say) -> tuple[Path, Path]:
    small = subset.make(ROOT, folder / "ours", examples=EXAMPLES, default_pipeline=False)
    plain = subset.make(ROOT, folder / "default", examples=EXAMPLES, default_pipeline=True, epochs=epochs)
    env = engine_environ({"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)})
    commands = {
        "our engine": [
            str(dialogue_python), "-m", "dialogue.train", "--project", str(small), "--out", str(folder / "m")
        ],
        "Rasa's default": [
            str(dialogue_python.parent / "rasa"), "train", "--domain", "domain.yml", "--data", "data/nlu", "data/rules",
            "data/stories", "data/responses", "--out", str(folder / "d"), "--fixed-model-name", "default",
        ],
    }  # fmt: skip
    for (title, command), cwd in zip(commands.items(), (ROOT, plain), strict=True):
        say(f"Training {title} on {EXAMPLES} examples an intent ...")
        began = time.monotonic()
        result = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise BenchFailed(f"{title} could not be trained:\n{result.stderr[-2000:]}")
        say(f"  {time.monotonic() - began:.0f} s")
    return next((folder / "m").glob("*.tar.gz")), folder / "d" / "default.tar.gz"


@contextlib.contextmanager
def _process(
    title: str, command: list[str], env: dict[str, str], health: str, folder: Path, cwd: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    log = folder / f"{title}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(health, timeout=2, trust_env=False).status_code == 200:
                    break
            if time.monotonic() > deadline or process.poll() is not None:
                raise BenchFailed(f"The {title} did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.2)
        yield process
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def _actions(settings: Settings, url: str, folder: Path) -> Iterator[None]:
    env = {
        **os.environ, "ACTIONS_URL": url, "SHARED_SECRET": settings.shared_secret, "VAR_DIR": str(settings.var_dir),
        "DATABASE_URL": settings.database_url, "ENCRYPTION_KEYS": settings.encryption_keys,
    }  # fmt: skip
    health = url.removesuffix("/webhook") + "/health"
    with _process("action server", [sys.executable, "-m", "bot.cli", "serve-actions"], env, health, folder):
        yield


@contextlib.contextmanager
def _ours(settings: Settings, python: Path, model: Path, actions_url: str, folder: Path) -> Iterator[Contender]:
    url = f"http://127.0.0.1:{_free_port()}"
    env = engine_environ({
        "DIALOGUE_URL": url, "ACTIONS_URL": actions_url, "SHARED_SECRET": settings.shared_secret,
        "TRACKER_URL": f"sqlite:///{folder / 'ours.db'}", "DIALOGUE_MODEL": str(model),
        "VAR_DIR": str(settings.var_dir), "TRACKER_KEYS": settings.tracker_keys(),
    })  # fmt: skip

    async def ask(client: httpx.AsyncClient, conversation: str, text: str) -> None:
        body: dict[str, object] = {
            "conversation": conversation, "message_id": str(uuid.uuid4()), "channel": "bench", "language": None,
            "entities": [], "text": text,
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {settings.shared_secret}"}
        response = await client.post(f"{url}/turn", json=body, headers=headers)
        if response.status_code != 200:
            raise BenchFailed(f"our engine answered {response.status_code}: {response.text[:200]}")

    command = [str(python), "-m", "dialogue.server"]
    with _process("dialogue server", command, env, f"{url}/health", folder) as process:
        yield Contender("our engine", process, url, ask)


@contextlib.contextmanager
def _theirs(settings: Settings, python: Path, model: Path, actions_url: str, folder: Path) -> Iterator[Contender]:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    endpoints, credentials = folder / "endpoints.yml", folder / "credentials.yml"
    endpoints.write_text(
        f"action_endpoint:\n  url: {actions_url}\n  headers:\n    Authorization: Bearer {settings.shared_secret}\n"
        f"tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: {folder / 'default.db'}\n"
    )
    credentials.write_text("rest:\n")
    command = [
        str(python.parent / "rasa"), "run", "--model", str(model), "--port", str(port), "--interface", "127.0.0.1",
        "--endpoints", str(endpoints), "--credentials", str(credentials),
    ]  # fmt: skip

    async def ask(client: httpx.AsyncClient, conversation: str, text: str) -> None:
        body: dict[str, str] = {"sender": conversation, "message": text}
        response = await client.post(f"{url}/webhooks/rest/webhook", json=body)
        if response.status_code != 200:
            raise BenchFailed(f"Rasa's server answered {response.status_code}")

    env = engine_environ({"TF_CPP_MIN_LOG_LEVEL": "3"})
    with _process("Rasa server", command, env, f"{url}/", folder, cwd=folder) as process:
        yield Contender("Rasa's server, default pipeline", process, url, ask)


@dataclass(frozen=True)
class Figures:
    """What was measured of one server; times in milliseconds."""

    name: str
    p50: float
    p95: float
    per_second: float
    megabytes: float
    at_mark: dict[int, float]


async def _measure(contender: Contender, turns: int, say: Say) -> Figures:
    say(f"Measuring {contender.name} ...")
    async with httpx.AsyncClient(timeout=600, trust_env=False) as client:
        for text in SCRIPT[:5]:
            await contender.ask(client, str(uuid.uuid4()), text)
        script = await _conversation(client, contender, turns)
        began = time.monotonic()
        each = max(1, turns // 10)
        await asyncio.gather(*(_conversation(client, contender, each) for _ in range(AT_ONCE)))
        per_second = AT_ONCE * each / (time.monotonic() - began)
        long = await _conversation(client, contender, max(MARKS) + WINDOW)
    at_mark = {mark: statistics.median(long[max(0, mark - WINDOW // 2 - 1) : mark + WINDOW // 2]) for mark in MARKS}
    ordered = sorted(script)
    memory = psutil.Process(contender.process.pid).memory_info().rss / 1e6
    return Figures(
        contender.name, statistics.median(ordered), ordered[int(len(ordered) * 0.95) - 1], per_second, memory, at_mark
    )


async def _conversation(client: httpx.AsyncClient, contender: Contender, turns: int) -> list[float]:
    conversation = str(uuid.uuid4())
    times = []
    for number in range(turns):
        began = time.perf_counter()
        await contender.ask(client, conversation, SCRIPT[number % len(SCRIPT)])
        times.append((time.perf_counter() - began) * 1000)
    return times


def _print(figures: list[Figures], say: Say) -> None:
    say("")
    for row in figures:
        marks = ", ".join(f"{value:.0f} ms at turn {mark}" for mark, value in row.at_mark.items())
        say(
            f"{row.name}\n  a turn: p50 {row.p50:.0f} ms, p95 {row.p95:.0f} ms\n  {AT_ONCE} conversations at once: "
            f"{row.per_second:.1f} turns a second\n  memory: {row.megabytes:.0f} MB\n  one conversation: {marks}"
        )
    ours, theirs = figures
    say(f"throughput, ours to theirs: {ours.per_second / theirs.per_second:.1f} (bar: at least 2)")
    for row in figures:
        say(f"p50 at turn 1000 to turn 10, {row.name}: {row.at_mark[1000] / row.at_mark[10]:.2f} (bar for ours: 1.2)")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
