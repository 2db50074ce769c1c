"""The interest guide: what somebody likes leads to two or three programmes to look at. Ideas, never a verdict.

The table stands in data/knowledge/interests.yml. Used by the action for help_me_choose, which keeps the steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.languages import Language


@dataclass(frozen=True)
class Choice:
    """One answer to one of the questions."""

    name: str
    words: tuple[str, ...]
    """Beginnings of words that mean it, for whoever writes instead of tapping."""
    response: str | None = None
    """For an area: the next question."""
    programmes: tuple[str, ...] = ()
    """For an interest: codes, the likeliest first."""


@dataclass(frozen=True)
class Interests:
    """The three questions in order, and what programmes are called."""

    areas: Mapping[str, Choice]
    interests: Mapping[str, Choice]
    ways: Mapping[str, Choice]
    names: Mapping[str, Mapping[Language, str]]

    def meant(self, text: str) -> Choice | None:
        """Return the choice that somebody's own words name: an interest before an area, since it says more."""
        typed = f" {' '.join(''.join(sign if sign.isalnum() else ' ' for sign in text.lower()).split())}"
        for table in (self.interests, self.areas, self.ways):
            for choice in table.values():
                if any(f" {word}" in typed for word in choice.words):
                    return choice
        return None


def load_interests(path: Path) -> Interests:
    """Read data/knowledge/interests.yml.

    Raises:
        ValueError: an interest leads to fewer than two programmes, or to one without a name.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = {row["code"]: {language: str(row[language]) for language in Language} for row in content["programmes"]}
    found = Interests(_table(content["areas"]), _table(content["interests"]), _table(content["ways"]), names)
    for choice in found.interests.values():
        if len(choice.programmes) < 2:
            raise ValueError(f"interests.yml, {choice.name}: one programme is a verdict; name at least two")
        if missing := [code for code in choice.programmes if code not in names]:
            raise ValueError(f"interests.yml, {choice.name}: {missing[0]} has no name under programmes")
    return found


def _table(rows: Iterable[Mapping[str, Any]]) -> dict[str, Choice]:
    return {
        row["choice"]: Choice(
            row["choice"],
            tuple(str(word) for word in row["words"]),
            row.get("response"),
            tuple(row.get("programmes", ())),
        )
        for row in rows
    }
