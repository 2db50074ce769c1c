"""How good the training examples are: enough of them, different from each other, copied from nowhere.

`.venv/bin/python -m tests.data.examples` prints the table; test_examples.py holds the bars.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise

from rapidfuzz import fuzz, process

from tests.data.project_files import ROOT, read

LANGUAGES = ("sv", "en")
FOLDER = ROOT / "tests" / "data" / "nlu"
ELSEWHERE = FOLDER / "not_to_copy.json"
"""Hashed pairs of words of messages that are kept for judging the model and must not be learned from."""
OUT_OF_SCOPE = "nlu_fallback"
NEAR = 90.0
"""Two examples of at least `_LONG` characters that are this alike (100: the same letters) say the same."""
_LONG = 12
_WORD = re.compile(r"\w+")
_SCHOOL = re.compile(
    r"skol|plugg|lära|lekt|läx|prov|schema|klass|rektor|rast|elev|matsal|student|lov\b|betyg|ämne|uppsats|mentor|bok\b|"
    r"kurs|studie|svenska|matte|nationella|gympa|idrott|aula|skåp|chromebook|dagis|förskol|"
    r"school|teach|lesson|homework|exam|test|class|principal|break|pupil|lunch|graduat|holiday|grade|subject|essay|"
    r"course|stud|math|locker|library|timetable|schedule|prom|assignment|unikum|vklass|teams|wifi",
    re.IGNORECASE,
)


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without diacritics."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))


@cache
def examples() -> dict[tuple[str, str], tuple[str, ...]]:
    """Return all examples by language and intent."""
    found: dict[tuple[str, str], list[str]] = {}
    for language in LANGUAGES:
        for path in sorted((ROOT / "data" / "nlu" / language).glob("*.yml")):
            for entry in read(path)["nlu"]:
                lines = [line.strip() for line in str(entry.get("examples", "")).splitlines()]
                texts = [line[2:].strip() for line in lines if line.startswith("- ")]
                if "intent" in entry:
                    found.setdefault((language, entry["intent"]), []).extend(texts)
    return {key: tuple(texts) for key, texts in found.items()}


@cache
def _fillings() -> re.Pattern[str]:
    """Places and numbers: what a template is filled with."""
    names = {row["name"] for row in read(ROOT / "data" / "catalogue" / "municipalities.yml")["municipalities"]}
    places = "|".join(sorted((" ".join(words(name)) for name in names), key=len, reverse=True))
    return re.compile(rf"\b(?:{places}|\d+)\b")


def template(text: str) -> str:
    """Return a text with places and numbers taken out: all fillings of one template give the same."""
    return _fillings().sub("#", " ".join(words(text)))


def templates(texts: Iterable[str]) -> int:
    """Return how many different templates there are; a filled template counts as one."""
    # A text of nothing but fillings is an answer of its own.
    return len({template(text) if _WORD.search(template(text)) else text for text in texts})


def nearest(texts: tuple[str, ...]) -> list[tuple[float, str, str]]:
    """Return for each text how alike its nearest neighbour is (0 to 100), and which it is."""
    plain = [" ".join(words(text)) or text for text in texts]
    table = process.cdist(plain, plain, scorer=fuzz.ratio)
    found = []
    for place, text in enumerate(texts):
        row = table[place]
        row[place] = -1
        best = int(row.argmax())
        found.append((float(row[best]), text, texts[best]))
    return found


def near_duplicates(texts: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the pairs that say the same in nearly the same letters."""
    return [(a, b) for alike, a, b in nearest(texts) if alike >= NEAR and min(len(a), len(b)) >= _LONG and a < b]


def close_pairs(ours: tuple[str, ...], theirs: tuple[str, ...], alike: float) -> int:
    """Return how many examples of one intent have a like one in the other: the line between them is drawn."""
    table = process.cdist([" ".join(words(text)) for text in ours], [" ".join(words(text)) for text in theirs],
                          scorer=fuzz.token_set_ratio)  # fmt: skip
    return int((table.max(axis=1) >= alike).sum())


def close_to_school(texts: Iterable[str]) -> int:
    """Return how many texts have to do with school."""
    return sum(_SCHOOL.search(text) is not None for text in texts)


def fingerprint(text: str) -> frozenset[str]:
    """Return hashed pairs of neighbouring words; nobody can read the text from it."""
    found = words(text)
    pairs = list(pairwise(found)) or [(found[0], "")] if found else []
    return frozenset(hashlib.sha256(" ".join(pair).encode()).hexdigest()[:10] for pair in pairs)


class Guarded:
    """Messages that the training data must not repeat, by their fingerprints."""

    def __init__(self, prints: Iterable[frozenset[str]]) -> None:
        self._prints = list(prints)
        self._places: dict[str, list[int]] = {}
        for place, found in enumerate(self._prints):
            for pair in found:
                self._places.setdefault(pair, []).append(place)

    def copied(self, text: str) -> bool:
        """Whether a text has nearly all pairs of words of such a message.

        A message of one or two pairs guards nothing: "tack så mycket" is anybody's.
        """
        own = fingerprint(text)
        others = {place for pair in own for place in self._places.get(pair, ())}
        return any(
            len(other) > 2 and len(own & other) >= 0.8 * len(own | other)
            for other in (self._prints[place] for place in others)
        )


def guarded() -> Guarded:
    """Return the messages to keep apart, from their fingerprints."""
    return Guarded(frozenset(row) for row in json.loads(ELSEWHERE.read_text(encoding="utf-8")))


def fingerprints(lines: Iterable[str]) -> str:
    """Return the content of `not_to_copy.json` for labelled messages, one JSON object a line."""
    prints = sorted(sorted(fingerprint(json.loads(line)["text"])) for line in lines if line.strip())
    return "[\n" + ",\n".join(json.dumps(row) for row in prints) + "\n]\n"


def table() -> Iterator[str]:
    """Return the lines of the report: how many, how many templates, how alike the nearest neighbours are."""
    yield f"{'language':9}{'intent':28}{'examples':>9}{'templates':>10}{'mean nearest':>13}{'most alike':>11}"
    for (language, intent), texts in sorted(examples().items()):
        alike = [value for value, _, _ in nearest(texts)]
        yield (
            f"{language:9}{intent:28}{len(texts):9}{templates(texts):10}"
            f"{sum(alike) / len(alike):13.0f}{max(alike):11.0f}"
        )


if __name__ == "__main__":
    print("\n".join(table()))
