"""`bot bench nlu`: how well our pipeline and Rasa's default pipeline understand, in one run.

Both are trained on the same few examples of each intent and asked the same labelled messages, one by one.
"""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from bot.bench import subset
from bot.errors import BotError
from bot.nlu.engine import engine, free_port
from bot.nlu.figures import OUT_OF_SCOPE
from bot.nlu.labelled import Labelled
from bot.safety.redact import redact
from bot.settings import ROOT, Settings, engine_environ

EXAMPLES = 24
_READY_SECONDS = 300.0
Say = Callable[[str], None]
Ask = Callable[[str], dict[str, Any]]


class BenchFailed(BotError):
    """A pipeline could not be trained or did not answer."""


@dataclass(frozen=True)
class Measured:
    """Figures of one pipeline; latencies in milliseconds, memory in megabytes."""

    name: str
    accuracy: dict[str, float]
    before_fallback: float
    out_of_scope_recall: float
    refused: float
    train_seconds: float
    p50: float
    p95: float
    megabytes: float


def run(settings: Settings, dialogue_python: Path, rows: list[Labelled], say: Say) -> None:
    """Train both, ask both, print the figures.

    Raises:
        BenchFailed: with the last lines of the program that failed.
    """
    labelled = [row for row in rows if row.intent]
    texts = [redact(row.text).text for row in labelled]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures = []
        for title, default, serve in (
            ("our pipeline", False, _ours),
            ("Rasa's default pipeline", True, _theirs),
        ):
            project = subset.make(ROOT, folder / title.split()[0], examples=EXAMPLES, default_pipeline=default)
            say(f"Training {title} on {EXAMPLES} examples an intent ...")
            model, seconds = _train(dialogue_python, project, folder / f"{title.split()[0]}-model", default)
            with serve(settings, dialogue_python, model, folder) as (ask, pid):
                say(f"Asking {title} {len(texts)} messages ...")
                figures.append(_measure(title, labelled, texts, ask, pid, seconds))
    for one in figures:
        say(_lines(one))


def _train(python: Path, project: Path, out: Path, default: bool) -> tuple[Path, float]:
    env = engine_environ({"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)})
    ours = [str(python), "-m", "dialogue.train", "--project", str(project), "--out", str(out)]
    theirs = [
        str(python.parent / "rasa"), "train", "nlu", "--nlu", "data/nlu", "--config", "config.yml", "--domain",
        "domain.yml", "--out", str(out), "--fixed-model-name", "default",
    ]  # fmt: skip
    began = time.monotonic()
    command, cwd = (theirs, project) if default else (ours, ROOT)
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchFailed(f"The pipeline could not be trained:\n{(done.stderr or done.stdout)[-2000:]}")
    return next(out.glob("*.tar.gz")), time.monotonic() - began


@contextlib.contextmanager
def _ours(settings: Settings, python: Path, model: Path, _folder: Path) -> Iterator[tuple[Ask, int]]:
    with engine(settings, python, model) as running:
        yield lambda text: running.parse([text])[0], running.pid


@contextlib.contextmanager
def _theirs(_settings: Settings, python: Path, model: Path, folder: Path) -> Iterator[tuple[Ask, int]]:
    url = f"http://127.0.0.1:{free_port()}"
    log = folder / "rasa.log"
    command = [
        str(python.parent / "rasa"), "run", "--enable-api", "--model", str(model), "--port", url.rsplit(":", 1)[1],
        "--interface", "127.0.0.1",
    ]  # fmt: skip
    env = engine_environ({"TF_CPP_MIN_LOG_LEVEL": "3"})
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=output)
    try:
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            deadline = time.monotonic() + _READY_SECONDS
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if client.get("/status").status_code == 200:
                        break
                if time.monotonic() > deadline or process.poll() is not None:
                    raise BenchFailed(f"Rasa's server did not start:\n{log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.3)

            def ask(text: str) -> dict[str, Any]:
                body = client.post("/model/parse", json={"text": text}).raise_for_status().json()
                return {"intent": body["intent"]["name"], "ranking": body["intent_ranking"]}

            yield ask, process.pid
    finally:
        process.terminate()
        process.wait()


def _measure(name: str, rows: list[Labelled], texts: list[str], ask: Ask, pid: int, seconds: float) -> Measured:
    answers, times = [], []
    for text in texts[:20]:
        ask(text)
    for text in texts:
        began = time.perf_counter()
        answers.append(ask(text))
        times.append((time.perf_counter() - began) * 1000)
    pairs = list(zip(rows, answers, strict=True))
    inside = [(row, answer) for row, answer in pairs if row.intent != OUT_OF_SCOPE]
    outside = [answer for row, answer in pairs if row.intent == OUT_OF_SCOPE]
    ordered = sorted(times)
    return Measured(
        name=name,
        accuracy={
            language: _share([row.intent == answer["intent"] for row, answer in inside if row.language == language])
            for language in sorted({row.language for row, _ in inside})
        },
        before_fallback=_share([row.intent == _best(answer) for row, answer in inside]),
        out_of_scope_recall=_share([answer["intent"] == OUT_OF_SCOPE for answer in outside]),
        refused=_share([answer["intent"] == OUT_OF_SCOPE for _, answer in inside]),
        train_seconds=seconds,
        p50=statistics.median(ordered),
        p95=ordered[int(len(ordered) * 0.95) - 1],
        megabytes=psutil.Process(pid).memory_info().rss / 1e6,
    )


def _best(answer: dict[str, Any]) -> str | None:
    """The likeliest intent, had nothing been refused."""
    return next((row["name"] for row in answer["ranking"] if row["name"] != OUT_OF_SCOPE), None)


def _share(hits: list[bool]) -> float:
    return sum(hits) / len(hits) if hits else 0.0


def _lines(one: Measured) -> str:
    accuracy = ", ".join(f"{language} {share:.3f}" for language, share in one.accuracy.items())
    return (
        f"{one.name}\n  accuracy in scope: {accuracy} (before the fallback {one.before_fallback:.3f})\n"
        f"  out of scope: recall {one.out_of_scope_recall:.3f}, in-scope messages refused {one.refused:.3f}\n"
        f"  training {one.train_seconds:.0f} s, a message p50 {one.p50:.1f} ms, p95 {one.p95:.1f} ms, "
        f"memory {one.megabytes:.0f} MB"
    )
