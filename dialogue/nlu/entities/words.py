"""Words of a message with their places, and a matcher for phrases of a gazetteer.

Used by places.py and studies.py. Everything is compared in lower case without diacritics.
"""

import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

from dialogue.nlu.normalise import fold

_TOKEN = re.compile(r"<\w+>|\w+(?:'\w+)?")


@dataclass(frozen=True)
class Word:
    """One word: as written, folded, and where it stands."""

    text: str
    folded: str
    start: int
    end: int


@dataclass(frozen=True)
class Found:
    """An entity in a message, in Rasa's terms."""

    entity: str
    value: str
    start: int
    end: int

    def overlaps(self, other: "Found") -> bool:
        """Whether both cover some of the same text."""
        return self.start < other.end and other.start < self.end


def words_of(text: str) -> List[Word]:
    """The words of a text in order; `text` must be in composed form, so that places agree."""
    return [Word(m.group(), fold(m.group()), m.start(), m.end()) for m in _TOKEN.finditer(text)]


@dataclass(frozen=True)
class Hit:
    """A phrase of a gazetteer at the words from `first` up to `last` (exclusive)."""

    value: Any
    first: int
    last: int


class Phrases:
    """A gazetteer: phrases of one or more words, the longest match wins."""

    def __init__(
        self, phrases: Iterable[Tuple[str, Any]], endings: Optional[Callable[[str], Iterator[str]]] = None
    ) -> None:
        self._by_words: Dict[Tuple[str, ...], Any] = {}
        self._longest = 1
        for phrase, value in phrases:
            key = tuple(word.folded for word in words_of(phrase))
            if not key:
                continue
            for last in [key[-1], *(endings(key[-1]) if endings else ())]:
                self._by_words.setdefault((*key[:-1], last), value)
            self._longest = max(self._longest, len(key))

    def hits(self, words: List[Word]) -> Iterator[Hit]:
        """All matches from left to right, none overlapping."""
        folded = [word.folded for word in words]
        first = 0
        while first < len(words):
            for last in range(min(len(words), first + self._longest), first, -1):
                value = self._by_words.get(tuple(folded[first:last]))
                if value is not None:
                    yield Hit(value, first, last)
                    first = last - 1
                    break
            first += 1

    def __contains__(self, phrase: str) -> bool:
        return tuple(word.folded for word in words_of(phrase)) in self._by_words


def distance(one: str, other: str, most: int) -> int:
    """Edits between two words (a swap of neighbours is one); more than `most` is `most + 1`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: List[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, right in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
