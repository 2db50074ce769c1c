"""Finds names of people: by what is said around them and by lists of names. Called by `bot.safety.redact`.

Names that are ordinary words as well ("My", "Will", "Hans") need the sentence to show a person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from bot.safety.redaction.name_cues import (
    PARTICLES,
    SAYS,
    TITLES,
    cue_after,
    cue_at,
    meets_before,
)
from bot.safety.redaction.spans import Kind, Span
from bot.safety.redaction.tokens import Token, tokens_of
from bot.safety.redaction.word_lists import words

# Without those that end ordinary words as well: -sen ("kursen"), -ska ("svenska"), -nen ("vännen"), -ova ("prova").
_SURNAME_SHAPE = re.compile(
    r"[^\W\d_]{2,}(?:sson|ström|strom|qvist|kvist|gren|berg|lund|ović|ovic|ević|evic|vić|ski|ská|enko|chuk|oğlu|oglu|zadeh|pour"
    r"|nejad|shvili|escu|dottir|witz)$"
)
_DOUBLED = re.compile(r"(.)\1")
_NAME, _MAYBE, _NONE = 2, 1, 0


def find_names(text: str) -> Iterator[Span]:
    """Find names; first and last name together are one value, as written."""
    tokens = tokens_of(text)
    marked = _marked(tokens, text)
    ends = {index: _genitive(tokens[index]) if index in marked else 0 for index in marked}
    index = 0
    while index < len(tokens):
        if index not in marked:
            index += 1
            continue
        last = index
        while last + 1 in marked and tokens[last + 1].near and not ends[last]:
            last += 1
        start, end = tokens[index].start, tokens[last].end - ends[last]
        yield Span(Kind.PERSON_NAME, text[start:end], start, end)
        index = last + 1


def _marked(tokens: list[Token], text: str) -> set[int]:
    marked: set[int] = set()
    for index, token in enumerate(tokens):
        if token.kept:
            continue
        first = cue_at(tokens, index)
        if first is not None and first < len(tokens):
            marked.update(_after_cue(tokens, first, text))
        if _alone(tokens, index) or _beside_people(tokens, index) or _introduced(tokens, index, text):
            marked.add(index)
    for index in sorted(marked):
        marked.update(_surnames_after(tokens, index, marked))
    for index in range(len(tokens) - 1):
        marked.update(_pair(tokens, index))
    known = {tokens[index].low for index in marked}
    for index, token in enumerate(tokens):
        plain = token.low not in words("not_names") and token.low not in words("ambiguous")
        if not token.kept and len(token.low) > 2 and token.low in known and (plain or (token.capital and not token.opens)):
            marked.add(index)
    return marked


def _alone(tokens: list[Token], index: int) -> bool:
    """A first or last name that is no other word."""
    token = tokens[index]
    if weight(token.low) == _NAME:
        return True
    if token.capital and not token.opens and (last_name(token.low) or _variant(token.low) in _variants()):
        return True
    if token.capital and len(token.low) == 4 and token.low.endswith("s") and weight(token.low[:-1]) == _NAME:
        return token.low not in words("not_names")
    if token.capital and token.low in words("ambiguous") and index + 1 < len(tokens) and tokens[index + 1].low in SAYS:
        return True
    # "Hans Larsson", "my svensson": the last name makes the first one sure.
    if token.low in words("ambiguous") and index + 1 < len(tokens):
        after = tokens[index + 1]
        sure = last_name(after.low) and after.near and not after.kept
        return sure and (token.capital or token.low not in words("not_names"))
    return False


@cache
def _variants() -> frozenset[str]:
    listed = words("first_names_nordic") | words("first_names_world")
    return frozenset(_variant(low) for low in listed) - {""}


@cache
def _variant(low: str) -> str:
    """Return what spellings of a name have in common: Mohammed and Mohamed, Sofia and Sophia, Jose and José."""
    plain = "".join(c if c in "åäö" else unicodedata.normalize("NFD", c)[0] for c in unicodedata.normalize("NFC", low))
    for written, same in (("ph", "f"), ("ck", "k"), ("th", "t"), ("kh", "k"), ("w", "v"), ("y", "i"), ("q", "k"), ("ou", "u")):
        plain = plain.replace(written, same)
    plain = _DOUBLED.sub(r"\1", plain)
    return plain if len(plain) > 3 and low not in words("not_names") and low not in words("ambiguous") else ""


@cache
def weight(low: str) -> int:
    """Return 2 for a name, 1 for a name that is an ordinary word as well, else 0; genitives count."""
    if low in words("ambiguous"):
        return _MAYBE
    if low in words("first_names_nordic") or low in words("first_names_world"):
        return _NONE if low in words("not_names") else _NAME
    if low in words("surnames") or (low.endswith("sson") and last_name(low)):
        return _NAME
    if "-" in low:
        parts = low.split("-")
        if weight(parts[0]) and any(weight(part) == _NAME for part in parts) and all(weight(part) for part in parts):
            return _NAME
        return _NAME if parts[0] in {"al", "abd", "abu"} and len(low) > 5 else _NONE
    base = _base(low)
    if base != low and len(base) >= 4 and low not in words("not_names") and weight(base) == _NAME:
        return _NAME
    return _MAYBE if low in words("surnames_ambiguous") else _NONE


def last_name(low: str) -> bool:
    """Whether a word is a last name, or has the form of one."""
    base = _base(low)
    if low in words("surnames") or base in words("surnames"):
        return True
    return low not in words("not_names") and bool(_SURNAME_SHAPE.match(low))


def _base(low: str) -> str:
    return low[:-2] if low.endswith("'s") else low.removesuffix("s")


def _genitive(token: Token) -> int:
    """Return how many letters of a genitive ending stay outside the value."""
    low = token.low
    if low.endswith("'s"):
        return 2
    if not low.endswith("s") or len(low) < 4 or _listed(low):
        return 0
    return 1 if weight(low[:-1]) == _NAME else 0


def _listed(low: str) -> bool:
    return any(low in words(name) for name in ("first_names_nordic", "first_names_world", "surnames", "ambiguous"))


def _after_cue(tokens: list[Token], first: int, text: str) -> set[int]:
    """The words after "jag heter": the first that can be a name, and the last names behind it."""
    token = tokens[first]
    if token.kept or (token.low in words("not_names") and not _weighty(tokens, first)):
        return set()
    following = tokens[first + 1] if first + 1 < len(tokens) else None
    if following is not None and following.near and following.low in words("things") and weight(token.low) == _NONE:
        return set()
    if token.text.isupper() and 2 <= len(token.text) <= 4 and weight(token.low) == _NONE and token.capital:
        # "something called IMV"
        return set()
    if len(token.low) < 2 and not token.capital:
        return set()
    found = {first}
    found.update(_surnames_after(tokens, first, found))
    last = max(found)
    follower = tokens[last + 1] if last + 1 < len(tokens) else None
    if follower is not None and follower.near and _ends(tokens, last + 1, text) and _free(follower) and len(found) == 1:
        found.add(last + 1)
    return found


def _weighty(tokens: list[Token], index: int) -> bool:
    """"heter My" and "heter love, 17": an ordinary word that is a name, written so or standing last."""
    token = tokens[index]
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    return token.low in words("ambiguous") and (token.capital or after is None or not after.near or after.low in words("after_name"))


def _ends(tokens: list[Token], index: int, text: str) -> bool:
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    rest = text[tokens[index].end : after.start if after else len(text)].strip()
    return (after is None and not any(c.isalnum() for c in rest)) or rest[:1] in {",", ".", "!"} or (
        after is not None and after.low in {"och", "and", "o", "från", "from"}
    )


def _free(token: Token) -> bool:
    return not token.kept and token.low not in words("not_names") and token.low not in words("after_name") and len(token.low) > 2


def _surnames_after(tokens: list[Token], index: int, marked: set[int]) -> set[int]:
    """Last names, middle names and particles that go on from a name: "leyla al hassan", "Anna von Berg"."""
    found: set[int] = set()
    position = index + 1
    while position < len(tokens) and position - index <= 4:
        token = tokens[position]
        place = _only_place(token) and tokens[position - 1].low not in PARTICLES
        if not token.near or place or (_genitive(tokens[position - 1]) and tokens[position - 1].low.endswith("'s")):
            break
        name = last_name(token.low) or weight(token.low) == _NAME or (
            token.low in words("surnames_ambiguous") and (token.capital or tokens[index].low in words("first_names_world"))
        ) or (token.low in words("surnames_ambiguous") and position + 1 == len(tokens) and token.low not in words("not_names"))
        written = token.capital and tokens[index].capital and token.low not in words("not_names")
        if name or written:
            found.update(range(index + 1, position + 1))
        elif not (token.low in PARTICLES and position + 1 < len(tokens)):
            break
        position += 1
    return found


def _only_place(token: Token) -> bool:
    """Whether a word names a place or school and cannot be a last name too, as Berg can."""
    return token.kept and token.low not in words("surnames_ambiguous")


def _beside_people(tokens: list[Token], index: int) -> bool:
    """"min kompis Anna", "läraren Göran", "fru Lind", "pratade med Maj"."""
    token = tokens[index]
    if index == 0 or token.opens or not token.near or token.low in words("people") or token.low in TITLES:
        return False
    before = tokens[index - 1]
    if token.text.isupper() and len(token.text) < 4:
        return False
    named = (token.capital and token.low not in words("not_names")) or (token.capital and weight(token.low) == _MAYBE)
    if before.low in TITLES:
        return named or weight(token.low) == _NAME
    if before.low in words("people"):
        return named and before.low not in words("things")
    return named and token.low not in words("things") and meets_before(tokens, index)


def _introduced(tokens: list[Token], index: int, text: str) -> bool:
    """"jag är Kim", "i'm max and ...", "Kim här", "/Kim": words that only lists can tell from others."""
    token = tokens[index]
    likely = weight(token.low) > 0
    if not likely:
        return cue_after(tokens, index) and (token.capital or _free(token))
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    closes = after is None or not after.near or after.low in words("after_name")
    previous = tuple(word.low for word in tokens[max(0, index - 2) : index])
    joined = " ".join(previous)
    says_who = joined.endswith(("jag är", "i'm", " im", "i am", "this is", "det är", "it's", "här är", "ja e", "jag e")) or joined == "im"
    if says_who and token.near and (closes or token.capital) and (token.capital or token.low not in words("not_names")):
        return closes or (token.capital and weight(token.low) > 0)
    if cue_after(tokens, index) and (token.capital or token.low not in words("not_names")):
        return True
    # A signature: "/Kim" or "mvh\nKim" at the end.
    signed = token.gap.rstrip(" ").endswith(("/", "//")) and index + 1 == len(tokens) and " " not in text[token.end :].strip()
    return signed and bool(token.gap.strip()) and (token.capital or token.low not in words("not_names")) and not token.low.isdigit()


def _pair(tokens: list[Token], index: int) -> set[int]:
    """A capitalised first and last name of which one is known, or both in the middle of a sentence."""
    first, second = tokens[index], tokens[index + 1]
    if not (first.capital and second.capital and second.near) or first.kept or second.kept:
        return set()
    if first.low in words("not_names") and weight(first.low) == _NONE:
        return set()
    if second.low in words("not_names") and weight(second.low) == _NONE:
        return set()
    sure = last_name(second.low) or weight(first.low) == _NAME
    likely = weight(first.low) == _MAYBE and weight(second.low) == _MAYBE
    return {index, index + 1} if (sure and first.low not in words("things")) or likely else set()
