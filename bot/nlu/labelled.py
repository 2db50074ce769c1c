"""Labelled messages: JSON lines with `text` and any of `lang`, `intent`, `entities`, `unjudged`, `now`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.errors import BotError
from bot.settings import ROOT

ENTITIES = (
    "municipality", "programme", "education_type", "provider", "age", "person_name", "phone_number", "email", "time",
)  # fmt: skip
OWN_SETS = ("tests/data/nlu/*.jsonl", "tests/data/entities/*.jsonl")
"""The repository's own labelled messages, which the model never learns from."""


class BadLabels(BotError):
    """A file of labelled messages is not there or cannot be read; says which line and why."""


@dataclass(frozen=True)
class Labelled:
    """One message and what it means; what is None was not labelled."""

    text: str
    language: str
    intent: str | None = None
    entities: dict[str, str] | None = None
    unjudged: frozenset[str] = field(default_factory=frozenset)
    now: str | None = None

    def judges(self, kind: str) -> bool:
        """Whether the label says what this kind of entity is here, nothing included."""
        return self.entities is not None and kind not in self.unjudged


def read(file: Path) -> list[Labelled]:
    """Read one file; a kind of entity that it never labels is not judged in it.

    Raises:
        BadLabels: a line is no JSON object with a `text`, or names an entity that there is not.
    """
    rows = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            rows.append(_row(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadLabels(f"{file}, line {number}: {error}. A line is {{'text': ..., 'lang': 'sv'}}.") from None
    never = frozenset(ENTITIES) - {kind for row in rows for kind in row.entities or ()}
    return [replace(row, unjudged=row.unjudged | never) for row in rows]


def own_sets() -> list[Labelled]:
    """Read the repository's own sets.

    Raises:
        BadLabels: there are none, as where only the program was installed.
    """
    files = sorted(path for pattern in OWN_SETS for path in ROOT.glob(pattern))
    rows = [row for file in files for row in read(file)]
    if not rows:
        raise BadLabels("There are no labelled messages under tests/data here. Name a file of your own.")
    return rows


def _row(record: dict[str, Any]) -> Labelled:
    entities = record.get("entities")
    unknown = sorted(set(entities or {}) - set(ENTITIES))
    if unknown:
        raise ValueError(f"there is no entity {unknown[0]}")
    return Labelled(
        text=str(record["text"]),
        language=str(record.get("lang") or record.get("language") or "?"),
        intent=record.get("intent"),
        entities={kind: str(value) for kind, value in entities.items()} if entities is not None else None,
        unjudged=frozenset(record.get("unjudged") or ()),
        now=record.get("now"),
    )
