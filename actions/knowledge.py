"""What the actions know: facts, dates, words that can be explained, the interest guide, and the texts themselves.

Read once when the action server starts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.booking.models import ContactHow
from bot.edits.knowledge import EditedKnowledge
from bot.guidance.facts import Fact, fact_from, load_facts
from bot.guidance.interests import Interests, load_interests
from bot.guidance.season import SeasonDate, load_season
from bot.languages import Language
from bot.names import Intent, Response
from bot.texts import Texts


@dataclass(frozen=True)
class Knowledge:
    """The tables of data/knowledge, and the responses for what is filled into others."""

    topics: Mapping[Intent, Mapping[Language, str]]
    words: tuple[tuple[str, Response], ...]
    """Stems in lower case, the longest first, and what explains them."""
    kinds: Mapping[str, Mapping[Language, str]]
    ways: Mapping[ContactHow, Mapping[Language, str]]
    """What the button of each way to meet says."""
    feelings: tuple[tuple[str, Response], ...]
    """Beginnings of words for how somebody feels, and the answer that takes each up."""
    simpler: Mapping[Response, Response]
    """What says the same as an answer in even fewer words."""
    facts: Mapping[str, Fact]
    """As the file has them; `facts_of` gives them as they count now."""
    season: tuple[SeasonDate, ...]
    """As the file has it; `dates` gives it as it counts now."""
    interests: Interests
    texts: Texts
    edited: EditedKnowledge | None = None
    """What staff changed in the console."""

    @classmethod
    def load(cls, folder: Path, edited: EditedKnowledge | None = None) -> Knowledge:
        """Read the tables, and the responses beside them.

        Raises:
            ValueError: an intent or a response is named that does not exist, or a row is faulty.
        """
        words = [
            (stem.lower(), Response(row["response"]))
            for row in _rows(folder / "glossary.yml", "words")
            for stem in row["stems"]
        ]
        return cls(
            topics={Intent(row["intent"]): _both(row) for row in _rows(folder / "topics.yml", "topics")},
            words=tuple(sorted(words, key=lambda pair: -len(pair[0]))),
            kinds={row["kind"]: _both(row) for row in _rows(folder / "kinds.yml", "kinds")},
            ways={ContactHow(row["way"]): _both(row) for row in _rows(folder / "ways_to_meet.yml", "ways")},
            feelings=tuple(
                (word, Response(row["response"]))
                for row in _rows(folder / "feelings.yml", "feelings")
                for word in row["words"]
            ),
            simpler={
                Response(said): Response(row["response"])
                for row in _rows(folder / "glossary.yml", "simpler")
                for said in row["said"]
            },
            facts=load_facts(folder / "facts.yml"),
            season=load_season(folder / "season.yml"),
            interests=load_interests(folder / "interests.yml"),
            texts=Texts.load(folder.parent / "responses"),
            edited=edited,
        )

    def facts_of(self, response: Response) -> tuple[Fact, ...]:
        """Return the facts that a response states as they count now, the main one first."""
        names = self.texts.facts_of(response)
        if self.edited is None:
            return tuple(self.facts[name] for name in names)
        rows = self.edited.facts()
        return tuple(fact_from(rows[name]) for name in names)

    def dates(self) -> tuple[SeasonDate, ...]:
        """Return the dates of the application year as they count now."""
        return self.season if self.edited is None else self.edited.season()

    def explanation_of(self, text: str, leave_out: Collection[str] = ()) -> Response | None:
        """Return what explains a word of the text, or None.

        Args:
            leave_out: responses that would say nothing new.
        """
        found = (response for stem, response in self.words if f" {stem}" in _typed(text))
        return next((response for response in found if response not in leave_out), None)

    def heard_in(self, text: str) -> Response | None:
        """Return the answer that takes up a feeling which a text names, or None."""
        return next((response for word, response in self.feelings if f" {word}" in _typed(text)), None)


def _typed(text: str) -> str:
    return " " + "".join(sign if sign.isalnum() else " " for sign in text.lower())


def _rows(path: Path, key: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load(path.read_text(encoding="utf-8"))[key])


def _both(row: Mapping[str, str]) -> Mapping[Language, str]:
    return {language: row[language] for language in Language}
