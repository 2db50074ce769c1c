"""The labels of the web chat, read from `words.yml` beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from bot.languages import Language

WORDS_FILE = Path(__file__).with_name("words.yml")


class Words:
    """The labels in both languages."""

    def __init__(self, labels: Mapping[str, Mapping[str, str]]) -> None:
        self._labels = labels

    @classmethod
    def load(cls) -> Words:
        """Read the file.

        Raises:
            ValueError: a label lacks a language.
        """
        labels = yaml.safe_load(WORDS_FILE.read_text(encoding="utf-8"))
        lacking = [name for name, label in labels.items() if set(label) != set(Language)]
        if lacking:
            raise ValueError(f"words.yml: {', '.join(lacking)} need exactly {', '.join(Language)}")
        return cls(labels)

    def say(self, label: str, language: Language, /, **values: object) -> str:
        """Return one label with its placeholders filled."""
        words = self._labels[label][language]
        return words.format(**values) if values else words

    def all(self, language: Language) -> dict[str, str]:
        """Return all labels of a language, placeholders unfilled."""
        return {name: label[language] for name, label in self._labels.items()}


def preferred_language(accept_language: str) -> Language:
    """Choose by a browser's Accept-Language: whichever of ours it wants more, else Swedish."""
    wishes: dict[str, float] = {}
    for number, part in enumerate(accept_language.split(",")[:20]):
        code, _, quality = part.partition(";q=")
        short = code.strip().split("-")[0].lower()
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        wishes.setdefault(short, weight - number / 1000)
    ours = {language: wishes[language] for language in Language if language in wishes}
    return max(ours, key=lambda language: ours[language]) if ours else Language.SV
