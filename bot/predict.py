"""`bot nlu predict` and `bot nlu evaluate`: what the model makes of messages, outside any chat.

Texts pass the same redaction as in a chat; placeholders are resolved again in what is printed.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import httpx

from bot import launch
from bot.errors import BotError
from bot.safety.redact import redact
from bot.settings import ROOT, Settings

BATCH = 128
# As long as the engine needs to load on a slow machine.
_LOAD_SECONDS = 180.0
_PLACEHOLDER = re.compile(r"<([a-z_]+)_(\d+)>")

Parse = Callable[[list[str]], list[dict[str, Any]]]


class EngineFailed(BotError):
    """The dialogue engine did not start or did not answer."""


class _Numbers:
    """Numbers the placeholders of one message, and remembers their values."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, int], str] = {}

    def number(self, kind: str, value: str) -> int:
        """Return the number of a value."""
        for (known_kind, number), known in self.values.items():
            if known_kind == kind and known == value:
                return number
        number = 1 + sum(known_kind == kind for known_kind, _ in self.values)
        self.values[(kind, number)] = value
        return number

    def resolve(self, text: str) -> str:
        """Put the values back."""
        return _PLACEHOLDER.sub(lambda match: self.values.get((match[1], int(match[2])), match[0]), text)


def predict(settings: Settings, dialogue_python: Path, source: TextIO, target: TextIO) -> None:
    """Print one JSON line for each JSON line with a `text`, in the same order.

    Raises:
        EngineFailed: the model does not load, or a line is no such JSON object.
    """
    texts = list(_texts(source))
    with engine(settings, dialogue_python) as parse:
        for start in range(0, len(texts), BATCH):
            for record in records(parse, texts[start : start + BATCH], settings):
                target.write(json.dumps(record, ensure_ascii=False) + "\n")
            target.flush()


def _texts(source: TextIO) -> Iterator[str]:
    for number, line in enumerate(source, start=1):
        if not line.strip():
            continue
        try:
            yield str(json.loads(line)["text"])
        except (ValueError, KeyError, TypeError):
            hint = f'line {number} is no JSON object with a `text`; write one such as {{"text": "hej"}}'
            raise EngineFailed(hint) from None


def records(parse: Parse, texts: list[str], settings: Settings) -> list[dict[str, Any]]:
    """Return what `bot nlu predict` prints for these texts."""
    numbers = [_Numbers() for _ in texts]
    today = settings.clock().date()
    redactions = [redact(text, numbering=number, today=today) for text, number in zip(texts, numbers, strict=True)]
    results = parse([redaction.text for redaction in redactions])
    found = []
    for text, redaction, number, result in zip(texts, redactions, numbers, results, strict=True):
        entities: dict[str, Any] = {}
        for entity in result.get("entities") or []:
            value = entity["value"]
            entities.setdefault(entity["entity"], number.resolve(value) if isinstance(value, str) else value)
        for derived in redaction.entities:
            entities[derived.entity] = derived.value
        ranking = result.get("ranking") or []
        found.append(
            {
                "text": text,
                "language": result["language"],
                "intent": result["intent"],
                "confidence": ranking[0]["confidence"] if ranking else 0.0,
                "ranking": ranking,
                "entities": entities,
            }
        )
    return found


def evaluate(settings: Settings, dialogue_python: Path, file: Path, say: Callable[[str], None]) -> None:
    """Print accuracy by language and intent, and the commonest confusions, on labelled messages."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    with engine(settings, dialogue_python) as parse:
        began = time.monotonic()
        answers: list[dict[str, Any]] = []
        for start in range(0, len(rows), BATCH):
            answers += records(parse, [row["text"] for row in rows[start : start + BATCH]], settings)
        seconds = time.monotonic() - began
    for line in report(rows, answers):
        say(line)
    say(f"{len(rows) / seconds:.0f} messages a second")


def report(rows: list[dict[str, Any]], answers: list[dict[str, Any]]) -> list[str]:
    """Return the lines of an evaluation; `rows` have text, lang (or language), intent, entities."""
    right: dict[str, list[bool]] = defaultdict(list)
    by_intent: dict[str, list[bool]] = defaultdict(list)
    confusions: Counter[tuple[str, str]] = Counter()
    for row, answer in zip(rows, answers, strict=True):
        language = row.get("lang") or row.get("language") or "?"
        hit = row["intent"] == answer["intent"]
        scope = "out of scope" if row["intent"] == "nlu_fallback" else "in scope"
        right[f"{scope} {language}"].append(hit)
        by_intent[row["intent"]].append(hit)
        if scope == "in scope":
            right[f"refused {language}"].append(answer["intent"] == "nlu_fallback")
        if not hit:
            confusions[(row["intent"], answer["intent"])] += 1
    lines = [f"{name:20} {sum(hits) / len(hits):.3f} of {len(hits)}" for name, hits in sorted(right.items())]
    lines += [f"{name:20} F1 {f1:.3f}" for name, f1 in entity_f1(rows, answers).items()]
    weak = sorted((sum(hits) / len(hits), name, len(hits)) for name, hits in by_intent.items())
    lines += [f"weakest: {name} {share:.2f} of {count}" for share, name, count in weak[:8]]
    lines += [f"confused: {a} -> {b} ({count})" for (a, b), count in confusions.most_common(10)]
    return lines


def entity_f1(rows: list[dict[str, Any]], answers: list[dict[str, Any]]) -> dict[str, float]:
    """Return F1 for each kind of entity that is labelled in the rows."""
    kinds = sorted({kind for row in rows for kind in row.get("entities") or {}})
    figures = {}
    for kind in kinds:
        wanted = [str((row.get("entities") or {}).get(kind, "")) for row in rows]
        given = [str(answer["entities"].get(kind, "")) for answer in answers]
        hits = sum(a == b != "" for a, b in zip(wanted, given, strict=True))
        total = sum(map(bool, wanted)) + sum(map(bool, given))
        figures[kind] = 2 * hits / total if total else 0.0
    return figures


@contextlib.contextmanager
def engine(settings: Settings, dialogue_python: Path) -> Iterator[Parse]:
    """Start a dialogue server of its own for a while and give a function that parses texts.

    Raises:
        EngineFailed: it did not become ready.
    """
    launch.train(settings, dialogue_python, lambda _: None)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        env = {
            **os.environ, "DIALOGUE_URL": url, "TRACKER_URL": f"sqlite:///{folder}/tracker.db",
            "SHARED_SECRET": settings.shared_secret, "VAR_DIR": str(settings.var_dir),
            "RASA_TELEMETRY_ENABLED": "false",
        }  # fmt: skip
        log = Path(folder) / "engine.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(dialogue_python), "-m", "dialogue.server"], cwd=ROOT, env=env, stdout=output, stderr=output
            )
        headers = {"Authorization": f"Bearer {settings.shared_secret}"}
        try:
            with httpx.Client(base_url=url, headers=headers, timeout=120, trust_env=False) as client:
                _wait(client, process)

                def parse(texts: list[str]) -> list[dict[str, Any]]:
                    response = client.post("/parse", json={"texts": texts})
                    response.raise_for_status()
                    body = response.json()
                    return list(body["results"] if isinstance(body, dict) else body)

                yield parse
        finally:
            process.terminate()
            process.wait()


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _LOAD_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if client.get("/health").status_code == 200:
                return
        time.sleep(0.2)
    raise EngineFailed("The dialogue engine did not start. `make run` shows its log in var/log/dialogue-server.log.")
