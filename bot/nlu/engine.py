"""A dialogue server of one's own for a while, to understand texts with."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import psutil

from bot import launch
from bot.errors import BotError
from bot.settings import ROOT, Settings, engine_environ

# As long as the engine needs to load on a slow machine.
_LOAD_SECONDS = 600.0


class EngineFailed(BotError):
    """The dialogue engine did not start or did not answer."""


class Parse(Protocol):
    """Understands texts that stand alone."""

    def __call__(self, texts: list[str], now: str | None = None) -> list[dict[str, Any]]:
        """Return what POST /parse says of each; `now` (ISO 8601) is when they were written, None is now."""


@dataclass(frozen=True)
class Engine:
    """A running engine."""

    parse: Parse
    pid: int

    def megabytes(self) -> float:
        """Resident memory of its process."""
        return float(psutil.Process(self.pid).memory_info().rss / 1e6)


@contextlib.contextmanager
def engine(settings: Settings, dialogue_python: Path, model: Path | None = None) -> Iterator[Engine]:
    """Start a dialogue server of its own; trains the project's model first unless `model` is given.

    Raises:
        EngineFailed: it did not become ready.
    """
    if model is None:
        launch.train(settings, dialogue_python, lambda _: None)
    url = f"http://127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as folder:
        env = engine_environ({
            "DIALOGUE_URL": url, "TRACKER_URL": f"sqlite:///{folder}/tracker.db",
            "SHARED_SECRET": settings.shared_secret, "VAR_DIR": str(settings.var_dir),
            "TRACKER_KEYS": settings.tracker_keys(),
            "BOT_CLOCK": settings.clock_text, **({"DIALOGUE_MODEL": str(model)} if model else {}),
        })  # fmt: skip
        log = Path(folder) / "engine.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(dialogue_python), "-m", "dialogue.server"], cwd=ROOT, env=env, stdout=output, stderr=output
            )
        headers = {"Authorization": f"Bearer {settings.shared_secret}"}
        try:
            with httpx.Client(base_url=url, headers=headers, timeout=120, trust_env=False) as client:
                _wait(client, process)

                def parse(texts: list[str], now: str | None = None) -> list[dict[str, Any]]:
                    response = client.post("/parse", json={"texts": texts, "now": now})
                    response.raise_for_status()
                    return list(response.json()["results"])

                yield Engine(parse, process.pid)
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _LOAD_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if client.get("/health").status_code == 200:
                return
        time.sleep(0.2)
    raise EngineFailed("The dialogue engine did not start. `make run` shows its log in var/log/dialogue-server.log.")
