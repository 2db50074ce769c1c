"""Finds names of people: by what is said around them and by lists of names. Called by `bot.safety.redact`.

Names that are ordinary words as well ("My", "Will", "Hans") need the sentence to show a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.safety.redaction.name_context import AND, is_short_form, is_unknown, named_by_place
from bot.safety.redaction.name_cues import cue_after, cue_at, is_person, meets_before
from bot.safety.redaction.name_lists import MAYBE, NONE, SURE, genitive, is_variant, last_name, weight
from bot.safety.redaction.spans import Kind, Span
from bot.safety.redaction.tokens import Token, tokens_of
from bot.safety.redaction.word_lists import words

_INITIAL = re.compile(r"(?<!\w)[A-ZÅÄÖ]\.\s?$")
_ONE_WORD = frozenset(["i'm", "im", "it's", "its"])
_TWO_WORDS = frozenset(
    tuple(said.split())
    for said in ("jag är", "jag e", "ja e", "i am", "this is", "it is", "it was", "det är", "de e", "här är", "det var")
)


def find_names(text: str) -> Iterator[Span]:
    """Find names; first and last name together are one value, as written."""
    tokens = tokens_of(text)
    marked = _marked(tokens, text)
    index = 0
    while index < len(tokens):
        if index not in marked:
            index += 1
            continue
        last = index
        while last + 1 in marked and tokens[last + 1].near and not genitive(tokens[last]):
            last += 1
        start, end = tokens[index].start, tokens[last].end - genitive(tokens[last])
        initial = _INITIAL.search(text, max(0, start - 4), start)
        start = initial.start() if initial else start
        yield Span(Kind.PERSON_NAME, text[start:end], start, end)
        index = last + 1


def _marked(tokens: list[Token], text: str) -> set[int]:
    marked: set[int] = set()
    for index, token in enumerate(tokens):
        first = None if token.kept else cue_at(tokens, index)
        if first is not None:
            marked.update(_after_cue(tokens, first, text))
        if not token.kept and (
            _alone(tokens, index)
            or _beside_people(tokens, index)
            or _introduced(tokens, index, text)
            or named_by_place(tokens, index, text)
        ):
            marked.add(index)
    for index in sorted(marked):
        marked.update(_surnames_after(tokens, index))
    for index in range(len(tokens) - 1):
        marked.update(_pair(tokens, index))
    marked.update(_joined(tokens, marked))
    return marked | _said_again(tokens, marked)


def _joined(tokens: list[Token], marked: set[int]) -> set[int]:
    """Find "Malva och Ture": beside a name, a capitalised word that can be one."""
    found: set[int] = set()
    for index in range(1, len(tokens) - 1):
        # "Moa, Saga och Li": between two names.
        here, after = tokens[index], tokens[index + 1]
        listed = here.gap.strip() == "," and (after.gap.strip() == "," or after.low in AND)
        if listed and index - 1 in marked and not here.kept and weight(here.low):
            found.add(index)
    for index in range(len(tokens) - 2):
        link, second = tokens[index + 1 : index + 3]
        if link.low not in AND or not (link.near and second.near):
            continue
        for one, other in ((index, index + 2), (index + 2, index)):
            token = tokens[other]
            if one in marked and token.capital and not token.kept and (weight(token.low) or _free(token)):
                found.add(other)
    return found


def _said_again(tokens: list[Token], marked: set[int]) -> set[int]:
    """The same word in another place of the text, where nothing shows that it is a name."""
    known = {tokens[index].low for index in marked if len(tokens[index].low) > 2}
    return {
        index
        for index, token in enumerate(tokens)
        if token.low in known and not token.kept and (_plain(token) or (token.capital and not token.opens))
    }


def _plain(token: Token) -> bool:
    return token.low not in words("not_names") and token.low not in words("ambiguous")


def _alone(tokens: list[Token], index: int) -> bool:
    """A first or last name that is no other word, or that its last name or its verb makes one."""
    token = tokens[index]
    if weight(token.low) == SURE:
        return True
    if token.capital and not token.opens and (last_name(token.low) or is_variant(token.low)):
        return True
    if token.capital and len(token.low) == 4 and token.low.endswith("s") and weight(token.low[:-1]) == SURE:
        # "Alis pappa", "Evas": in lower case too many words look so.
        return token.low not in words("not_names")
    if index + 1 == len(tokens):
        return False
    after = tokens[index + 1]
    if token.low in words("ambiguous"):
        named = after.near and not after.kept and last_name(after.low)
        if named and (token.capital or _free(token)):
            return True
        return token.capital and not token.text.isupper() and after.low in words("says")
    # "Zbyszko sa", in the middle of a sentence or not, says nothing: that may be any noun.
    return False


def _after_cue(tokens: list[Token], first: int, text: str) -> set[int]:
    """The words after "jag heter": the first that can be a name, and the last names behind it."""
    token = tokens[first]
    if token.kept or (token.low in words("not_names") and not _weighty(tokens, first)):
        return set()
    after = tokens[first + 1] if first + 1 < len(tokens) else None
    unknown = weight(token.low) == NONE
    if unknown and after is not None and after.near and after.low in words("things"):
        return set()
    if unknown and (len(token.low) < 2 or (token.capital and token.text.isupper() and len(token.text) <= 4)):
        # "something called IMV"
        return {first} if token.capital and len(token.text) == 1 else set()
    found = {first} | _surnames_after(tokens, first)
    follower = tokens[first + 1] if len(found) == 1 and first + 1 < len(tokens) else None
    if follower is not None and follower.near and _ends(tokens, first + 1, text) and _free(follower):
        found.add(first + 1)
    return found


def _weighty(tokens: list[Token], index: int) -> bool:
    """Whether an ordinary word is a name: "heter My" and "heter love, 17", capitalised or standing last."""
    token = tokens[index]
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    last = after is None or not after.near or after.low in words("after_name")
    return token.low in words("ambiguous") and (token.capital or last)


def _ends(tokens: list[Token], index: int, text: str) -> bool:
    """Whether the sentence or its part ends behind a word."""
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    rest = text[tokens[index].end : after.start if after else len(text)].strip()
    if after is None:
        return not any(mark.isalnum() for mark in rest)
    return rest[:1] in {",", ".", "!"} or after.low in {"och", "and", "o", "från", "from", "jag"}


def _free(token: Token) -> bool:
    bound = token.low in words("not_names") or token.low in words("after_name")
    return not token.kept and not bound and len(token.low) > 2


def _surnames_after(tokens: list[Token], index: int) -> set[int]:
    """Last names, middle names and particles that go on from a name: "leyla al hassan", "Anna von Berg"."""
    found: set[int] = set()
    for position in range(index + 1, min(index + 5, len(tokens))):
        token, before = tokens[position], tokens[position - 1]
        place = token.kept and token.low not in words("surnames_ambiguous") and before.low not in words("particles")
        if not token.near or place or before.low.endswith("'s"):
            break
        if _goes_on(tokens, index, position):
            found.update(range(index + 1, position + 1))
        elif token.low not in words("particles") or position + 1 == len(tokens):
            break
    return found


def _goes_on(tokens: list[Token], index: int, position: int) -> bool:
    token, first = tokens[position], tokens[index]
    if last_name(token.low) or weight(token.low) == SURE:
        return True
    if token.low in words("not_names"):
        return False
    if token.low in words("surnames_ambiguous"):
        return token.capital or position + 1 == len(tokens) or first.low in words("first_names_world")
    can_be = is_unknown(token) or (weight(token.low) == MAYBE and token.low not in words("ambiguous_function"))
    return (token.capital and first.capital) or (token.text.isupper() and first.text.isupper() and can_be)


def _beside_people(tokens: list[Token], index: int) -> bool:
    """Find "min kompis Anna", "läraren Göran", "fru Lind", "pratade med Maj", "mamma till Kuba"."""
    token = tokens[index]
    if index == 0 or token.opens or not token.near or token.low in words("people") or token.low in words("titles"):
        return False
    if is_short_form(token):
        return False
    before = tokens[index - 1]
    named = token.capital and (token.low not in words("not_names") or weight(token.low) == MAYBE)
    if before.low in words("titles"):
        return named or weight(token.low) == SURE
    if is_person(before.low):
        return named
    if (
        before.low in {"till", "to", "of", "med", "with", "är", "e", "is"}
        and index > 1
        and is_person(tokens[index - 2].low)
    ):
        return named and token.low not in words("things")
    return named and token.low not in words("things") and meets_before(tokens, index)


def _introduced(tokens: list[Token], index: int, text: str) -> bool:
    """Find "jag är Kim", "i'm max and ...", "Kim här", "/Kim", "det var Ceylan som"."""
    token = tokens[index]
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    says_who = token.near and _says_who(tokens, index)
    possible = token.capital or token.low not in words("not_names")
    if not weight(token.low):
        if says_who and token.capital and after is not None and after.low in {"som", "who"}:
            return _free(token) and token.low not in words("things")
        return cue_after(tokens, index) and (token.capital or _free(token))
    closes = after is None or not after.near or after.low in words("after_name")
    if says_who and possible and (closes or token.capital):
        return True
    if cue_after(tokens, index) and possible:
        return True
    # A signature: "/Kim" at the end.
    return possible and after is None and token.gap.rstrip(" ").endswith("/") and not text[token.end :].strip(" .!\n")


def _says_who(tokens: list[Token], index: int) -> bool:
    """Whether "jag är", "i'm" or the like stands before a word."""
    if index and tokens[index - 1].low in _ONE_WORD:
        return True
    return index > 1 and (tokens[index - 2].low, tokens[index - 1].low) in _TWO_WORDS


def _pair(tokens: list[Token], index: int) -> set[int]:
    """A capitalised first and last name of which one is known, or both names that are words as well."""
    first, second = tokens[index], tokens[index + 1]
    if (
        not (first.capital and second.capital and second.near)
        or first.kept
        or second.kept
        or first.low in words("titles")
    ):
        return set()
    if any(token.low in words("not_names") and weight(token.low) == NONE for token in (first, second)):
        return set()
    sure = (last_name(second.low) or weight(first.low) == SURE) and first.low not in words("things")
    likely = weight(first.low) == MAYBE and weight(second.low) == MAYBE
    return {index, index + 1} if sure or likely else set()
