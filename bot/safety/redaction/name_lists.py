"""What the lists and forms of names say of one word. Used by the name finder."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from bot.safety.redaction.tokens import Token
from bot.safety.redaction.word_lists import vocabulary, words

# A name and nothing else; a name that is an ordinary word as well; no name that we know.
SURE, MAYBE, NONE = 2, 1, 0

# Without the forms that end ordinary words as well: -sen ("kursen"), -ska ("svenska"), -nen ("vännen"), -ova ("prova").
_SURNAME_SHAPE = re.compile(
    r"[^\W\d_]{2,}(?:sson|ström|strom|qvist|kvist|gren|berg|lund|ović|ovic|ević|evic|vić|ski|ská|enko|chuk|oğlu"
    r"|oglu|zadeh|pour"
    r"|nejad|shvili|escu|dottir|witz)$"
)
_DOUBLED = re.compile(r"(.)\1")
_SAME_SOUND = (("ph", "f"), ("ck", "k"), ("th", "t"), ("kh", "k"), ("w", "v"), ("y", "i"), ("q", "k"), ("ou", "u"))


@cache
def weight(low: str) -> int:
    """Return SURE, MAYBE or NONE for a lower-case word; the genitive of a name counts as the name."""
    if low in words("ambiguous"):
        return MAYBE
    if low in words("first_names_nordic") or low in words("first_names_world"):
        return NONE if low in words("not_names") else SURE
    if low in words("surnames") or (low.endswith("sson") and last_name(low)):
        return SURE
    if "-" in low:
        return _weight_of_parts(low.split("-"))
    base = _base(low)
    ordinary = low in words("not_names") or low in vocabulary()
    if base != low and len(base) >= 4 and not ordinary and weight(base) == SURE:
        return SURE
    return MAYBE if low in words("surnames_ambiguous") else NONE


def _weight_of_parts(parts: list[str]) -> int:
    if all(weight(part) for part in parts) and not all(part in words("ambiguous_function") for part in parts):
        return SURE
    # "el-Masri", but no "el-linje".
    arabic = parts[0] in {"al", "abd", "abu"} or (parts[0] in {"el", "ben", "bin"} and weight(parts[-1]) == SURE)
    return SURE if arabic and len(parts[-1]) > 2 else NONE


def last_name(low: str) -> bool:
    """Whether a word is a last name, or has the form of one."""
    if low in words("surnames") or _base(low) in words("surnames"):
        return True
    return low not in words("not_names") and bool(_SURNAME_SHAPE.match(low))


def _base(low: str) -> str:
    return low[:-2] if low.endswith("'s") else low.removesuffix("s")


def genitive(token: Token) -> int:
    """Return how many letters of a genitive ending stay outside the value."""
    low = token.low
    if low.endswith("'s"):
        return 2
    if not low.endswith("s") or len(low) < 4 or _listed(low):
        return 0
    return 1 if weight(low[:-1]) == SURE else 0


def _listed(low: str) -> bool:
    return any(low in words(name) for name in ("first_names_nordic", "first_names_world", "surnames", "ambiguous"))


def is_variant(low: str) -> bool:
    """Whether a word is another spelling of a listed first name: Mohammed and Mohamed, Sofia and Sophia."""
    return variant(low) in _variants()


@cache
def _variants() -> frozenset[str]:
    listed = words("first_names_nordic") | words("first_names_world")
    return frozenset(variant(low) for low in listed) - {""}


@cache
def variant(low: str) -> str:
    """Return what the spellings of a name have in common; empty for what is too short or a word."""
    if low in words("not_names") or low in words("ambiguous"):
        return ""
    plain = "".join(letter if letter in "åäö" else unicodedata.normalize("NFD", letter)[0] for letter in low)
    for written, same in _SAME_SOUND:
        plain = plain.replace(written, same)
    plain = _DOUBLED.sub(r"\1", plain)
    return plain if len(plain) > 3 else ""
