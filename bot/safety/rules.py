"""The first layer of screening: phrases of danger, after harmless look-alikes have been hidden.

Called by `bot.safety.screen`. The phrases themselves are in bot/safety/phrases/*.yml.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.safety.danger import Danger, Kind, Risk
from bot.safety.normalise import Normaliser
from bot.safety.phrasebook import Hit, Phrasebook, Words, read_phrases, read_words, vocabulary
from bot.safety.subject import FIRST, About, about_whom, mark_prepositions, subject_of

_DANGERS = ("suicide", "self_injury", "abuse", "fear_control", "honour", "threat_to_others")
_LEVELS = ("phrases", "urgent", "timing", "doubtful")
_HARMLESS = ("idioms", "denials", "frames_before", "frames_after", "past", "recovered", "bereaved")


HIDDEN = "_"
_BUT = frozenset("men but fast dock however though although samtidigt".split())
_AND = frozenset("och o and so sa for because eftersom sen da samt therefore darfor cause cuz bc".split())
_SEEING = frozenset("se see watch".split())
_THEM = frozenset("dom dem honom henne him her them".split())
_SHORTEST_MENDED = 6


@dataclass(frozen=True)
class Reading:
    """What the phrases say of a message."""

    words: tuple[str, ...]
    dangers: tuple[Danger, ...]
    # Whether turns of speech are all that is said, but for a word: "im dying to know".
    only_idioms: bool


class Rules:
    """Judges messages by the phrase files."""

    def __init__(self, words: Words) -> None:
        self._dangers = Phrasebook([p for name in _DANGERS for p in read_phrases(name, _LEVELS, words)])
        self._harmless = Phrasebook(read_phrases("harmless", _HARMLESS, words))
        self._stems = words.mended
        self._not_stems = frozenset(words.not_mended)
        known = words.vocabulary() | vocabulary(self._dangers.phrases) | vocabulary(self._harmless.phrases)
        self._known = frozenset(known | set(self._stems))
        self._normaliser = Normaliser(self._known, frozenset(words.common), self._mend)

    def read(self, text: str) -> Reading:
        """Find every sign of danger in a text, harmless look-alikes left out."""
        words = self._normaliser.words(text)
        harmless = self._harmless.find(words)
        shown = _hide(words, harmless)
        words = mark_prepositions(words)
        result = []
        for hit in self._dangers.find(shown):
            if self._mistaken(words, hit) or _over(words, hit, harmless):
                continue
            result.append(self._danger(words, hit))
        return Reading(tuple(words), tuple(_without_overlaid(result)), _only_idioms(words, harmless))

    def _danger(self, words: list[str], hit: Hit) -> Danger:
        kind = Kind(hit.kind)
        violence = kind.risk is Risk.VIOLENCE
        about = about_whom(words, hit.start, hit.end, hit.whom, violence=violence)
        if kind is Kind.THREAT_TO_OTHERS:
            about = About.OTHER
        elif (
            violence
            and hit.whom is not None
            and about is About.OTHER
            and subject_of(words, hit.start, hit.end) is About.SELF
        ):
            # "I hit her": the writer is the danger.
            kind = Kind.THREAT_TO_OTHERS
        return Danger(
            kind=kind,
            about=about,
            urgent=hit.level in ("urgent", "timing"),
            doubtful=hit.level in ("timing", "doubtful"),
            explicit=hit.whom is not None,
            start=hit.start,
            end=hit.end,
        )

    @staticmethod
    def _mistaken(words: list[str], hit: Hit) -> bool:
        """Tell whether it is the other way round: "jag slog mig", "han vill döda mig", "vill se dem dö"."""
        if hit.kind == Kind.SUICIDE and hit.whom is None:
            inside = words[hit.start : hit.end - 1]
            return bool(_SEEING.intersection(inside) and _THEM.intersection(inside))
        if hit.whom is None or hit.whom.split()[0] not in ("mig", "mej", "maj"):
            return False
        if hit.kind in (Kind.SUICIDE, Kind.SELF_INJURY):
            return subject_of(words, hit.start, hit.end) is About.OTHER
        here = words[max(0, hit.start - 3) : hit.end]
        return bool(FIRST.intersection(here)) and subject_of(words, hit.start, hit.end) is About.SELF

    def _mend(self, word: str) -> str | None:
        if len(word) < _SHORTEST_MENDED or word in self._not_stems:
            return None
        for stem in self._stems:
            alike = abs(len(stem) - len(word)) <= 1 and (stem[0] == word[0] or len(stem) >= 8)
            if alike and OSA.distance(stem, word, score_cutoff=1) <= 1:
                return stem
        return None


def _without_overlaid(dangers: list[Danger]) -> list[Danger]:
    """Leave out a vague sign of self-harm on the same words as a plain one of violence."""
    plain = [danger for danger in dangers if danger.kind.risk is Risk.VIOLENCE and danger.explicit]
    return [
        danger
        for danger in dangers
        if danger.explicit
        or danger.kind.risk is Risk.VIOLENCE
        or not any(other.start < danger.end and other.end > danger.start for other in plain)
    ]


def _only_idioms(words: list[str], harmless: Sequence[Hit]) -> bool:
    said = {place for place, word in enumerate(words) if word.isalpha()}
    idioms = {place for mark in harmless if mark.level == "idioms" for place in range(mark.start, mark.end)}
    return bool(said & idioms) and len(said - idioms) <= 1


def _hide(words: list[str], harmless: Sequence[Hit]) -> list[str]:
    shown = list(words)
    for hit in harmless:
        if hit.level in ("idioms", "denials"):
            first, last = hit.start, hit.end
        elif hit.level == "frames_before":
            first, last = hit.start, _scope_end(words, hit.end)
        elif hit.level == "frames_after":
            first, last = _scope_start(words, hit.start), hit.end
        else:
            continue
        for place in range(first, last):
            if shown[place] != ".":
                shown[place] = HIDDEN
    return shown


def _scope_end(words: list[str], place: int) -> int:
    """Return where a frame such as "an essay about" ends: at the sentence, "but", or a clause of the writer's own."""
    while place < len(words) and words[place] != "." and words[place] not in _BUT:
        if words[place] in _AND and place + 1 < len(words) and words[place + 1] in FIRST:
            break
        place += 1
    return place


def _scope_start(words: list[str], place: int) -> int:
    while place > 0 and words[place - 1] != "." and words[place - 1] not in _BUT:
        place -= 1
    return place


def _clause(words: list[str], hit: Hit) -> tuple[int, int]:
    first = _scope_start(words, hit.start)
    last = hit.end
    while last < len(words) and words[last] not in (".", ",") and words[last] not in _BUT:
        last += 1
    return first, last


def _over(words: list[str], hit: Hit, harmless: Sequence[Hit]) -> bool:
    """Tell whether the danger is past and the writer says that it is over, or mourns somebody long dead."""
    first, last = _clause(words, hit)
    inside = {mark.level for mark in harmless if mark.start < last and mark.end > first}
    if "bereaved" in inside:
        return True
    return "past" in inside and any(mark.level == "recovered" for mark in harmless)


@lru_cache(maxsize=1)
def load_rules() -> Rules:
    """Read the phrase files once."""
    return Rules(read_words())
