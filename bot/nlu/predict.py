"""`bot nlu predict`: what the model makes of messages.

Texts pass the same redaction as in a chat; placeholders are resolved again in what is printed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

from bot.nlu.engine import EngineFailed, Parse, engine
from bot.safety.redact import redact
from bot.settings import Settings

BATCH = 128
_PLACEHOLDER = re.compile(r"<([a-z_]+)_(\d+)>")


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
    with engine(settings, dialogue_python) as running:
        for start in range(0, len(texts), BATCH):
            for record in records(running.parse, texts[start : start + BATCH], settings.clock().date()):
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


def records(parse: Parse, texts: list[str], today: date, now: str | None = None) -> list[dict[str, Any]]:
    """Return what `bot nlu predict` prints for these texts.

    Args:
        parse: understands texts in which nobody can be recognised.
        texts: as people wrote them.
        today: the day on which a date of birth is turned into an age.
        now: the moment (ISO 8601) from which "imorgon" is counted; None is the engine's own clock.
    """
    numbers = [_Numbers() for _ in texts]
    day = datetime.fromisoformat(now).date() if now else today
    redactions = [redact(text, numbering=number, today=day) for text, number in zip(texts, numbers, strict=True)]
    results = parse([redaction.text for redaction in redactions], now)
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
