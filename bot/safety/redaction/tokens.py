"""Cuts a text into words with what the name rules must know of each. Used by the name finder."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.safety.redaction.word_lists import phrases, words

_WORD = re.compile(r"[^\W\d_]++(?:['-][^\W\d_]++)*+")
_SCHOOL = re.compile(
    r"(?:gymnasi(?:um|et|ums)|gymnasieskola.*|skola|skolan|skolans|folkhögskola.*|school|college|högskola.*|universitet.*|university"
    r"|academy|akademi.*|stiftelse.*|institut.*|centrum|centret|kyrka.*|församling.*|kommun.*|museum|sjukhus.*)$"
)
_SURE_SCHOOL = re.compile(r"(?:gymnasi|folkhögskol|gymnasieskol|academy|akademi)")


@dataclass(frozen=True)
class Token:
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
        opens = not found or any(mark in gap for mark in ".!?:\n\"(*•;") or "- " in gap
        found.append(
            Token(
                match[0], match[0].lower(), match.start(), match.end(), gap,
                match[0][0].isupper() and not shouting, opens, _in_code(text, match.start(), match.end()),
            )
        )
        before = match.end()
    return _with_kept(found)


def _in_code(text: str, start: int, end: int) -> bool:
    """Whether letters belong to a code such as SVESVE01."""
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return any(mark.isdigit() or mark == "_" for mark in around)


def _with_kept(tokens: list[Token]) -> list[Token]:
    """Mark the words of schools, places and authorities, which are never names here."""
    kept: set[int] = set()
    listed = phrases("keep")
    for index, token in enumerate(tokens):
        for length in (4, 3, 2, 1):
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
    return [
        Token(t.text, t.low, t.start, t.end, t.gap, t.capital, t.opens, t.kept or index in kept) for index, t in enumerate(tokens)
    ]


def _named_school(tokens: list[Token], school: int) -> set[int]:
    """Return the words that name a school: "Anders Ljungstedts gymnasium", "Curt Nicolin Gymnasiet"."""
    first = school
    while first > 0 and school - first < 3 and tokens[first].near:
        previous = tokens[first - 1]
        if previous.low in words("not_names") or not (previous.capital or tokens[first].low == tokens[school].low):
            # A lower-case word belongs to the school only as its genitive: "anders ljungstedts gymnasium".
            if not (first < school and previous.low in _first_names() and tokens[school - 1].low.endswith("s")):
                break
        if not previous.capital and first == school and not previous.low.endswith("s"):
            break
        first -= 1
    length = school - first
    sure = _SURE_SCHOOL.match(tokens[school].low) is not None or tokens[school].capital
    return set(range(first, school + 1)) if length >= 2 or (length == 1 and sure) else set()


def _first_names() -> frozenset[str]:
    return words("first_names_nordic") | words("first_names_world")
