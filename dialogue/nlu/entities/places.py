"""Finds municipalities: by name, nickname, locality, genitive, without diacritics, and with slips of the finger.

Gazetteers come from data/catalogue through component.py.
"""

import re
from typing import Any, Dict, Iterator, List, Optional, Tuple

import simplemma

from dialogue.nlu.entities.words import Found, Hit, Phrases, Word, distance, is_ordinary
from dialogue.nlu.normalise import fold

BEFORE_PLACE = frozenset(
    """
    i in from fran till to nara near vid at around runt kring utanfor outside genom via mot towards inom mellan och
    and eller or
""".split()
)
BEFORE_PLACE_SURE = BEFORE_PLACE - frozenset(["och", "and", "eller", "or", "at", "till", "to", "mot", "towards"])
_NOT_AFTER_KINDA = frozenset(
    """
    a the of like weird bad sad hard lost stuck funny late early shit ok okay good stupid sick tired bored boring
    jobbigt jobbig svart ratt bra daligt rorig skumt konstigt lame scared scary crazy dumb annoying want wanna need
    hate feel just not
""".split()
)
_NOT_BEFORE_PLACE = frozenset("jag ska maste vill att behover i'm my min heter am is called".split())
_WORDS_THAT_ARE_PLACES = frozenset(
    """
    berg horn ryd gryt ulrika berga anna asby hestra viken vreta haga berget lindo grebo aby
""".split()
)
"""Localities that are also ordinary words or people's names: only after a preposition, or alone."""
_COMPOUNDS = (
    "bo bor borna are trakten området hållet sidan skola skolan skolor skolorna kille killen tjej tjejen ungdom "
    "ungdomar bussen area region"
).split()
_TOWNS_ELSEWHERE = frozenset(
    """
    lidkoping falkoping jonkoping nykoping enkoping malmkoping koping soderhamn sodertalje molndal lincoln
""".split()
)
"""Look like one of ours with a slip of the finger, and are not."""


class Places:
    """Knows the places of the county and the municipality of each."""

    def __init__(self, data: Dict[str, Any]) -> None:
        self._names = Phrases([(name, value) for name, value in data["names"]], _endings)
        self._localities = Phrases([(name, value) for name, value in data["localities"]], _endings)
        self._careful = {fold(name) for name in data["careful"]} | _WORDS_THAT_ARE_PLACES
        spelled: Dict[str, str] = {}
        for name, value in [*data["localities"], *data["names"]]:
            single = fold(name)
            if re.fullmatch(r"[a-z]{5,}", single) and single not in self._careful:
                spelled[single] = value
        self._spelled = spelled

    def find(self, words: List[Word], language: str) -> List[Found]:
        """Municipalities named in the message, by official name."""
        found = [_found(hit, words) for hit in self._names.hits(words) if self._sure(hit, words, language)]
        taken = {place for hit in self._names.hits(words) for place in range(hit.first, hit.last)}
        for hit in self._localities.hits(words):
            if not taken & set(range(hit.first, hit.last)) and self._sure(hit, words, language):
                found.append(_found(hit, words))
                taken |= set(range(hit.first, hit.last))
        for place, word in enumerate(words):
            value = self._misspelled(word) if place not in taken else None
            if value is not None:
                found.append(_found(Hit(value, place, place + 1), words))
        return sorted(found, key=lambda one: one.start)

    def is_name(self, text: str) -> bool:
        """Whether this is a municipality's own name or nickname, rather than a locality's."""
        return text in self._names

    def _sure(self, hit: Hit, words: List[Word], language: str) -> bool:
        """Whether a name that is also a word stands for the place here."""
        if hit.last - hit.first > 1:
            return True
        word = words[hit.first]
        if word.folded.startswith("kinda"):
            return _is_kinda(hit.first, words, language)
        root = word.folded[:-1] if word.folded.endswith("s") else word.folded
        if root not in self._careful and word.folded not in self._careful:
            return True
        before = words[hit.first - 1].folded if hit.first else ""
        if before in BEFORE_PLACE_SURE or len(words) == 1:
            return True
        return len(words) <= 3 and before not in _NOT_BEFORE_PLACE and (word.text[:1].isupper() or len(words) == 2)

    def _misspelled(self, word: Word) -> Optional[str]:
        """The place whose name this word is, but for one or two slips; None when it may be another word."""
        text = word.folded
        if len(text) < 5 or text in _TOWNS_ELSEWHERE or not text.isalpha():
            return None
        near: List[Tuple[int, str]] = []
        for name, value in self._spelled.items():
            most = 1 if len(name) < 9 or len(text) < 6 else 2
            if name[0] != text[0] or (len(name) < 6 and len(text) < 6 and name[-1] != text[-1]):
                continue
            for form in (name, name + "s"):
                edits = distance(text, form, most)
                if edits <= most:
                    near.append((edits, value))
        best = min(near, default=None)
        if best is None or len({value for edits, value in near if edits == best[0]}) > 1:
            return None
        return None if _is_known(word) else best[1]


def _is_known(word: Word) -> bool:
    """Whether a dictionary has the word, names of other places included: then it is no slip."""
    return any(simplemma.is_known(text, lang=("sv", "en")) for text in (word.folded, word.text.lower()))


def _endings(word: str) -> Iterator[str]:
    """Forms of a place name: genitive, people of the place, and compounds with it."""
    if not word.endswith("s"):
        yield word + "s"
    for ending in _COMPOUNDS:
        yield word + "s" + ending
        yield word + ending


def _is_kinda(place: int, words: List[Word], language: str) -> bool:
    """Kinda is a municipality, and in English (and young Swedish) a word for "rather"."""
    word = words[place]
    before = words[place - 1].folded if place else ""
    after = words[place + 1].folded if place + 1 < len(words) else ""
    if after in ("kommun", "municipality") or len(words) == 1 or word.folded == "kindas":
        return True
    if before in BEFORE_PLACE_SURE and word.text[0].isupper() and not words[place - 1].text.isupper():
        return True
    if after in _NOT_AFTER_KINDA:
        return False
    if before in BEFORE_PLACE_SURE and (before != "at"):
        return True
    if place and word.text[0].isupper() and not words[place - 1].text.isupper():
        return True
    return (
        language == "sv"
        and (not after or len(words) <= 3)
        and before not in ("ar", "e", "va", "var", "kanns", "typ", "blir", "lite")
    )


def _found(hit: Hit, words: List[Word]) -> Found:
    return Found("municipality", hit.value, words[hit.first].start, words[hit.last - 1].end)


def gazetteer(municipalities: List[Dict[str, Any]], localities: List[Dict[str, Any]]) -> Dict[str, Any]:
    """What the model keeps of the catalogue files: names and localities of the county, each with its municipality."""
    inside = [row for row in municipalities if not row.get("outside_county")]
    official = {row["name"] for row in inside}
    names = [(name, row["name"]) for row in inside for name in [row["name"], *(row.get("aliases") or [])]]
    places = [
        (name, row["municipality"])
        for row in localities
        if row.get("municipality") in official
        for name in [row["name"], *(row.get("aliases") or [])]
    ]
    single = [name for name, _ in places if " " not in name]
    return {
        "names": names,
        "localities": places,
        "careful": sorted({name for name in single if is_ordinary(name.lower())}),
    }
