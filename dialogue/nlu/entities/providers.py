"""Finds schools and other providers by name or nickname; the value is the catalogue's id.

A name made only of a form of education and a place ("komvux i Linköping") is no name here: it asks a question.
"""

import re
from typing import Any, Dict, Iterator, List, Set

from dialogue.nlu.entities.forms import find_forms
from dialogue.nlu.entities.places import Places
from dialogue.nlu.entities.words import Found, Hit, Phrases, Word, words_of

_CAREFUL = frozenset(
    """
    haga katte valla linne katedralen katedral idrottsgymnasiet idrottsgymnasium lbs bona carlsund karlsund kungsgarden
    praktiska liljeholmen
""".split()
)
"""Nicknames that are also words or names of places: only beside a word of school."""
_ORDINARY = frozenset("haga valla linne katedralen katedral bona".split())
_SCHOOL = re.compile(
    r"\b(?:skol\w*|gymnasi\w*|program\w*|linje\w*|plugga\w*|laser?|lasa|laste|studera\w*|soka|sokt|gar|ga|gick|byta|"
    r"antagen|rektor\w*|elev\w*|betyg|kurs\w*|folkis|school\w*|study\w*|class\w*|course\w*|phone|address|adress|tel\w*|"
    r"nummer|hemsida|website|email|mejl)\b"
)
_LITTLE = frozenset(
    """
    i in pa at the a for och and kommun gymnasiet gymnasium skola skolan school im lärling larling gymnasieskola
""".split()
)


_BEFORE_SCHOOL = frozenset("pa at till to fran from om about av of har is ar sokt lamnade left eller or".split())


class Providers:
    """Knows the providers of the catalogue."""

    def __init__(self, data: List[List[str]]) -> None:
        names = [(name, value) for name, value in data]
        for swedish, english in ((" i ", " in "), (" folkhögskola", " folk high school")):
            names += [(name.replace(swedish, english), value) for name, value in data if swedish in name]
        self._names = Phrases(names, _endings)

    def find(self, words: List[Word]) -> List[Found]:
        """Providers named in the message."""
        found = []
        for hit in self._names.hits(words):
            if hit.last - hit.first == 1 and words[hit.first].folded in _CAREFUL and not _is_school(hit, words):
                continue
            found.append(Found("provider", hit.value, words[hit.first].start, words[hit.last - 1].end))
        return found


def _is_school(hit: Hit, words: List[Word]) -> bool:
    """Whether a nickname that has another meaning stands for the school."""
    before = words[hit.first - 1].folded if hit.first else ""
    after = words[hit.last].folded if hit.last < len(words) else ""
    if before in ("heter", "named", "called", "i", "in", "katten") or before.isdigit():
        return False
    if len(words) <= 2:
        return True
    speaks_of_school = bool(_SCHOOL.search(" ".join(word.folded for word in words)))
    if words[hit.first].folded in _ORDINARY:
        return speaks_of_school and before in _BEFORE_SCHOOL
    return hit.first == 0 or before in _BEFORE_SCHOOL or speaks_of_school or after in ("i", "in", "eller", "or")


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
            if len(covered) < len(words) or _is_proper(name):
                kept.append([name, row["id"]])
    return kept


def _is_proper(name: str) -> bool:
    """ "Mjölby gymnasium" and "Vadstena folkhögskola" are names; "gymnasiet i Mjölby" describes."""
    return len(name.split()) == 2 and name.lower().endswith((" gymnasium", " folkhögskola", " folkis"))
