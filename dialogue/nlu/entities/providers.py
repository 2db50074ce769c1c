"""Finds schools and other providers by name or nickname; the value is the catalogue's id.

A name made only of a form of education and a place ("komvux i Linköping") is no name here: it asks a question.
"""

from typing import Any, Dict, Iterator, List, Set

from dialogue.nlu.entities.places import Places
from dialogue.nlu.entities.studies import find_forms
from dialogue.nlu.entities.words import Found, Hit, Phrases, Word, words_of

_CAREFUL = frozenset(
    [
        "haga",
        "katte",
        "platen",
        "eber",
        "valla",
        "linne",
        "facetten",
        "katedralen",
        "idrottsgymnasiet",
        "idrottsgymnasium",
        "lbs",
    ]
)
"""Nicknames that are also words, or too short to be taken anywhere."""
_LITTLE = frozenset(
    """
    i in pa at the a for och and kommun gymnasiet gymnasium skola skolan school im lärling larling gymnasieskola
""".split()
)


class Providers:
    """Knows the providers of the catalogue."""

    def __init__(self, data: List[List[str]]) -> None:
        self._names = Phrases([(name, value) for name, value in data], _endings)

    def find(self, words: List[Word]) -> List[Found]:
        """Providers named in the message."""
        found = []
        for hit in self._names.hits(words):
            if hit.last - hit.first == 1 and words[hit.first].folded in _CAREFUL and not _is_place_of_study(hit, words):
                continue
            found.append(Found("provider", hit.value, words[hit.first].start, words[hit.last - 1].end))
        return found


def _is_place_of_study(hit: Hit, words: List[Word]) -> bool:
    before = words[hit.first - 1].folded if hit.first else ""
    return (
        before in ("pa", "at", "till", "to", "fran", "from", "om", "about", "av", "of", "har", "is", "ar")
        or len(words) <= 2
    )


def _endings(word: str) -> Iterator[str]:
    if len(word) >= 4 and not word.endswith("s"):
        yield word + "s"


def gazetteer(providers: List[Dict[str, Any]], places: Places) -> List[List[str]]:
    """What the model keeps of the catalogue files: names that are names, each with its id."""
    kept = []
    for row in providers:
        for name in [row["name"], *(row.get("aliases") or [])]:
            words = words_of(name)
            covered: Set[int] = set()
            in_county = [one for one in places.find(words, "sv") if places.is_name(name[one.start : one.end])]
            for found in [*find_forms(name.lower()), *in_county]:
                covered |= {place for place, word in enumerate(words) if found.start <= word.start < found.end}
            covered |= {place for place, word in enumerate(words) if word.folded in _LITTLE}
            if len(covered) < len(words):
                kept.append([name, row["id"]])
    return kept
