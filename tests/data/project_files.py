"""Reads the Rasa project's YAML for the checks in this folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"(?<!\{)\{([a-z_0-9]+)\}(?!\})")


@dataclass(frozen=True)
class Variation:
    """One language of one response."""

    name: str
    language: str
    file: str
    text: str
    buttons: tuple[tuple[str, str], ...]
    condition: tuple[tuple[str, str, str], ...]
    facts: tuple[str, ...]
    keys: frozenset[str]
    asks: str | None = None
    """How its question is answered, where that is not by a button alone."""

    @property
    def placeholders(self) -> frozenset[str]:
        """Names in single braces, in the text and in the titles."""
        return frozenset(PLACEHOLDER.findall(" ".join([self.text, *(title for title, _ in self.buttons)])))


def read(path: Path) -> Any:
    """Return the content of one YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


@cache
def domain() -> dict[str, Any]:
    """Return domain.yml."""
    return dict(read(ROOT / "domain.yml"))


def intents() -> set[str]:
    """Return the names of the intents."""
    return {next(iter(entry)) if isinstance(entry, dict) else entry for entry in domain()["intents"]}


@cache
def variations() -> tuple[Variation, ...]:
    """Return every variation of every response, in file order."""
    return tuple(_variations())


def _variations() -> Iterator[Variation]:
    for path in sorted((ROOT / "data" / "responses").glob("*.yml")):
        for name, rows in read(path).get("responses", {}).items():
            for row in rows:
                condition = tuple((c["type"], c["name"], c["value"]) for c in row.get("condition", ()))
                language = next((value for _, key, value in condition if key == "language"), "sv")
                yield Variation(
                    name,
                    language,
                    path.name,
                    row.get("text", ""),
                    tuple((button["title"], button["payload"]) for button in row.get("buttons", ())),
                    condition,
                    tuple((row.get("metadata") or {}).get("facts", ())),
                    frozenset(row),
                    (row.get("metadata") or {}).get("asks"),
                )


@cache
def rules() -> tuple[tuple[str, dict[str, Any]], ...]:
    """Return every rule and story with the name of its file."""
    found = []
    for folder in ("rules", "stories"):
        for path in sorted((ROOT / "data" / folder).glob("*.yml")):
            content = read(path)
            found += [(path.name, entry) for entry in content.get("rules", []) + content.get("stories", [])]
    return tuple(found)


def step_intents(entry: dict[str, Any]) -> set[str]:
    """Return the intents that the steps of a rule name, those in an `or` included."""
    found: set[str] = set()
    for step in entry["steps"]:
        for part in step.get("or", [step]):
            if "intent" in part:
                found.add(part["intent"])
    return found


def step_actions(entry: dict[str, Any]) -> list[str]:
    """Return the actions of a rule in order."""
    return [step["action"] for step in entry["steps"] if "action" in step]
