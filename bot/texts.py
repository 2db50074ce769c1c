"""Every word the bot program says, read from the same response files that Rasa reads.

`data/responses/<topic>.yml` holds both languages side by side: Swedish without a condition,
English with the condition that the slot ``language`` is ``en``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.languages import Language
from bot.names import Intent, Response

# What buttons offer where nothing is known of what is meant: as many as there are after a message not understood.
USUAL_TOPICS = (Intent.ASK_WAYS_BACK, Intent.FIND_EDUCATION, Intent.BOOK_COUNSELLOR)


@dataclass(frozen=True)
class ButtonText:
    """A button: what it says, and the payload that it stands for."""

    title: str
    payload: str


@dataclass(frozen=True)
class Bubble:
    """One message to a youth."""

    text: str
    buttons: tuple[ButtonText, ...] = ()
    response: str | None = None
    facts: tuple[str, ...] = ()
    """Names of the facts that the text states (data/knowledge/facts.yml)."""


class Texts:
    """The responses by name and language."""

    def __init__(
        self,
        responses: Mapping[str, Mapping[Language, Bubble]],
        topics: Mapping[str, Mapping[Language, str]] | None = None,
        facts: Mapping[str, Mapping[Language, Sequence[str]]] | None = None,
    ) -> None:
        self._responses = responses
        self._topics = topics or {}
        self._facts = facts or {}

    @classmethod
    def load(cls, folder: Path) -> Texts:
        """Read all response files, and the titles of topics beside them.

        Raises:
            ValueError: a response lacks a language, or stands in two files (Rasa would
                silently take one of them).
        """
        responses: dict[str, dict[Language, Bubble]] = {}
        facts: dict[str, dict[Language, list[str]]] = {}
        for path in sorted(folder.glob("*.yml")):
            content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            for name, variations in content.get("responses", {}).items():
                if name in responses:
                    raise ValueError(f"{path.name}: {name} stands in another file too; keep one of them")
                responses[name] = _by_language(name, variations, path.name)
                for variation in variations:
                    for fact in (variation.get("metadata") or {}).get("facts", ()):
                        stated = facts.setdefault(fact, {}).setdefault(_language_of(variation), [])
                        stated.append(variation.get("text", ""))
        return cls(responses, _topics(folder.parent / "knowledge" / "topics.yml"), facts)

    def topic(self, intent: str, language: Language) -> str | None:
        """Return how a topic is called towards a youth; None when it has no title."""
        return self._topics.get(intent, {}).get(language)

    def say(self, response: Response, language: Language, **values: object) -> Bubble:
        """Return one bubble with its placeholders filled.

        Raises:
            KeyError: no such response, or a placeholder without a value.
        """
        bubble = self._responses[response][language]
        text = bubble.text.format(**values) if values else bubble.text
        return Bubble(text, bubble.buttons, response, bubble.facts)

    def facts_of(self, response: Response) -> tuple[str, ...]:
        """Return the names of the facts that a response states; both languages state the same."""
        return self._responses[response][Language.SV].facts

    def stating(self, fact: str) -> Mapping[Language, Sequence[str]]:
        """Return the texts that state a fact, by language."""
        return self._facts.get(fact, {})


def _topics(path: Path) -> dict[str, dict[Language, str]]:
    if not path.exists():
        return {}
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["topics"]
    return {row["intent"]: {language: row[language] for language in Language} for row in rows}


def _by_language(name: str, variations: list[dict[str, Any]], filename: str) -> dict[Language, Bubble]:
    found: dict[Language, Bubble] = {}
    for variation in variations:
        language = _language_of(variation)
        if language in found:
            continue
        buttons = tuple(ButtonText(row["title"], row["payload"]) for row in variation.get("buttons", ()))
        facts = tuple((variation.get("metadata") or {}).get("facts", ()))
        found[language] = Bubble(variation.get("text", ""), buttons, name, facts)
    missing = set(Language) - found.keys()
    if missing:
        raise ValueError(f"{filename}: {name} lacks {', '.join(sorted(missing))}")
    return found


def _language_of(variation: Mapping[str, Any]) -> Language:
    for condition in variation.get("condition", ()):
        if condition.get("name") == "language":
            return Language(condition["value"])
    return Language.SV
