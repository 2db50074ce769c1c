"""Words of a message with their places, and a matcher for phrases of a gazetteer.

Used by places.py, programmes.py and providers.py. Everything is compared in lower case; a writer may leave diacritics
out, but a written one must be the right one: "värd" is not "vård".
"""

import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

from dialogue.nlu.normalise import fold

_TOKEN = re.compile(r"<\w+>|\w+(?:'(?!s\b)\w+)?")
_NORDIC = str.maketrans({"ø": "ö", "æ": "ä"})


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


def spelled_as(text: str, phrase: str) -> bool:
    """Whether each diacritic in `text` is one of `phrase`, which folds to the same letters."""
    return all(
        letter == meant or letter == fold(letter) for letter, meant in zip(text.lower().translate(_NORDIC), phrase)
    )


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
        self._by_words: Dict[Tuple[str, ...], List[Tuple[str, Any]]] = {}
        self._longest = 1
        for phrase, value in phrases:
            words = words_of(phrase)
            if not words:
                continue
            before, final = "".join(word.text for word in words[:-1]), words[-1].text.lower()
            for last in [final, *(endings(final) if endings else ())]:
                key = (*(word.folded for word in words[:-1]), fold(last))
                self._by_words.setdefault(key, []).append((before.lower() + last, value))
            self._longest = max(self._longest, len(words))

    def hits(self, words: List[Word]) -> Iterator[Hit]:
        """All matches from left to right, none overlapping."""
        folded = [word.folded for word in words]
        first = 0
        while first < len(words):
            for last in range(min(len(words), first + self._longest), first, -1):
                value = self._value(folded[first:last], words[first:last])
                if value is not None:
                    yield Hit(value, first, last)
                    first = last - 1
                    break
            first += 1

    def _value(self, folded: List[str], words: List[Word]) -> Any:
        known = self._by_words.get(tuple(folded), ())
        written = "".join(word.text for word in words) if known else ""
        return next((value for phrase, value in known if spelled_as(written, phrase)), None)

    def __contains__(self, phrase: str) -> bool:
        words = words_of(phrase)
        return self._value([word.folded for word in words], words) is not None


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


def is_ordinary(word: str) -> bool:
    """Whether a dictionary has the word, in lower case, as anything but a proper name."""
    import simplemma

    return any(
        simplemma.is_known(word, lang=language) and simplemma.lemmatize(word, lang=language).islower()
        for language in ("sv", "en")
    )
