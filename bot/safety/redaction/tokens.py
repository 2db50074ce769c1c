"""Cuts a text into words with what the name rules must know of each. Used by the name finder."""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.safety.redaction.word_lists import first_words_kept, words
from bot.safety.redaction.word_lists import kept as kept_phrases

_WORD = re.compile(r"[^\W\d_]++(?:['-][^\W\d_]++)*+")
_SENTENCE = re.compile(r"[.!?:\n\"(*•;]|- ")
# A point after these ends no sentence: "Mrs. Yıldız".
_ABBREVIATED = frozenset(["dr", "mr", "mrs", "ms", "prof"])
_SCHOOL = re.compile(
    r"(?:gymnasi(?:um|et|ums)|gymnasieskola.*|skola|skolan|skolans|folkhögskola.*|school|college|högskola.*"
    r"|universitet.*|university"
    r"|academy|akademi.*|stiftelse.*|institut.*|centrum|centret|kyrka.*|församling.*|kommun.*|museum|sjukhus.*)$"
)
_SURE_SCHOOL = re.compile(r"(?:gymnasi|folkhögskol|gymnasieskol|academy|akademi)")


class Token(NamedTuple):
    """One word. `gap` is the text between it and the word before."""

    text: str
    low: str
    start: int
    end: int
    gap: str
    capital: bool
    opens: bool
    kept: bool = False

    @property
    def near(self) -> bool:
        """Whether only a blank parts it from the word before."""
        return self.gap in {" ", "  "}


def tokens_of(text: str) -> list[Token]:
    """Return the words; in a text that is all capitals none counts as capitalised."""
    matches = list(_WORD.finditer(text))
    letters = [match[0][0] for match in matches]
    capitals = sum(letter.isupper() for letter in letters)
    shouting = text.isupper() or (len(letters) >= 5 and capitals >= 0.8 * len(letters))
    found: list[Token] = []
    before = 0
    for match in matches:
        gap = text[before : match.start()]
        if found and gap == ". " and found[-1].low in _ABBREVIATED:
            gap = " "
        opens = not found or (gap != " " and _SENTENCE.search(gap) is not None)
        found.append(
            Token(
                match[0],
                match[0].lower(),
                match.start(),
                match.end(),
                gap,
                match[0][0].isupper() and not shouting,
                opens,
                _in_code(text, match.start(), match.end()),
            )
        )
        before = match.end()
    return _with_kept(found)


def _in_code(text: str, start: int, end: int) -> bool:
    """Whether letters belong to a code such as SVESVE01."""
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    return before.isdigit() or after.isdigit() or before == "_" or after == "_"


def _with_kept(tokens: list[Token]) -> list[Token]:
    """Mark the words of schools, places and authorities, which are never names here."""
    kept: set[int] = set()
    listed, openings = kept_phrases(), first_words_kept()
    for index, token in enumerate(tokens):
        first = token.low.split("-")[0]
        for length in (4, 3, 2, 1) if first in openings or first.removesuffix("s") in openings else ():
            window = tokens[index : index + length]
            if len(window) < length or any(not word.near and word.gap not in {"-", ":"} for word in window[1:]):
                continue
            lows = tuple(part for word in window for part in word.low.split("-"))
            bare = (*lows[:-1], lows[-1].removesuffix("s"))
            if length == 1 and token.low in words("ambiguous"):
                # Ulrika is a village and a first name: the name rules have the say.
                break
            if lows in listed or bare in listed:
                kept.update(range(index, index + length))
                break
        if _SCHOOL.match(token.low):
            kept.update(_named_school(tokens, index))
    return [token._replace(kept=True) if index in kept else token for index, token in enumerate(tokens)]


def _named_school(tokens: list[Token], school: int) -> set[int]:
    """Return the words that name a school: "Anders Ljungstedts gymnasium", "Curt Nicolin Gymnasiet"."""
    first = school
    while first > 0 and school - first < 3 and tokens[first].near and _part_of_school(tokens, first - 1, school):
        first -= 1
    length = school - first
    sure = _SURE_SCHOOL.match(tokens[school].low) is not None or tokens[school].capital
    return set(range(first, school + 1)) if length >= 2 or (length == 1 and sure) else set()


def _part_of_school(tokens: list[Token], index: int, school: int) -> bool:
    word = tokens[index]
    if word.low in words("not_names"):
        return False
    if word.capital or index + 1 == school:
        return word.capital or word.low.endswith("s")
    # In lower case a first name belongs to the school only before a genitive: "anders ljungstedts gymnasium".
    return word.low in _first_names() and tokens[school - 1].low.endswith("s")


def _first_names() -> frozenset[str]:
    return words("first_names_nordic") | words("first_names_world")
