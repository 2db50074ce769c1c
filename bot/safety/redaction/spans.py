"""What the finders exchange: spans of a text, and the text as the finders see it.

Used by every finder and by `bot.safety.redact`. A view has one character per visible character of the original.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

# Stands in a view where something has been found already; no finder matches it.
FILLER = "\ufffc"


class Kind(StrEnum):
    """The kinds of placeholders."""

    PERSON_NAME = "person_name"
    PHONE_NUMBER = "phone_number"
    EMAIL = "email"
    PERSONAL_NUMBER = "personal_number"
    BIRTH_DATE = "birth_date"
    ADDRESS = "address"
    HANDLE = "handle"
    CARD = "card"
    CLASS = "class"


@dataclass(frozen=True)
class Span:
    """A value found at `start` (included) to `end` (excluded) of a view."""

    kind: Kind
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class View:
    """A text without invisible characters and with plain digits, and where each character came from."""

    text: str
    # One longer than the text: position of each character in the original, then the original's length.
    origin: tuple[int, ...]


_PLAIN = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
    **dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u2018\u2019\u02bc\u00b4\u0060", "'"),
    "\uff20": "@", "\ufe6b": "@", "\uff0b": "+", "\uff0e": ".", "\u00b7": ".", "\u2024": ".",
}  # fmt: skip
# Latin letters with their marks on stand for themselves, as most texts do.
_NOT_PLAIN = re.compile("[`\xa0\xad\xb4\xb7\u0250-\U0010ffff]")
_INVISIBLE = {"Cf", "Mn", "Me"}


def view_of(text: str) -> View:
    """Return the text as the finders see it: marks joined to their letters, invisible characters gone."""
    if _NOT_PLAIN.search(text) is None:
        return View(text, tuple(range(len(text) + 1)))
    characters: list[str] = []
    origin: list[int] = []
    for position, character in enumerate(text):
        if character in _PLAIN:
            plain = _PLAIN[character]
        elif unicodedata.category(character) in _INVISIBLE:
            joined = unicodedata.normalize("NFC", characters[-1] + character) if characters else ""
            if len(joined) == 1:
                characters[-1] = joined
            continue
        else:
            plain = _plain(character)
        characters.append(plain)
        origin.append(position)
    return View("".join(characters), (*origin, len(text)))


def _plain(character: str) -> str:
    if character < "\u0250":
        return character
    digit = unicodedata.digit(character, None) if character.isdecimal() else None
    if digit is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def hide(text: str, spans: Iterable[Span]) -> str:
    """Return the text with the spans filled, so that the next finder leaves them alone."""
    letters = list(text)
    for span in spans:
        letters[span.start : span.end] = FILLER * (span.end - span.start)
    return "".join(letters)
