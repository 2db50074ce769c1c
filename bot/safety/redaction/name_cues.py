"""What is said around names in Swedish and English. Used by the name finder."""

from __future__ import annotations

from functools import cache

from bot.safety.redaction.spans import FILLER
from bot.safety.redaction.tokens import Token
from bot.safety.redaction.word_lists import phrases, words

_SELF = frozenset(["jag", "ja", "jg", "han", "hon", "hen", "i", "he", "she", "they", "who", "vem", "du"])
# "X heter jag", "X är mitt namn", "X här".
_STATES = frozenset(["heter", "är", "e", "is", "här", "here"])
_WITH = frozenset(["med", "with", "to", "till", "från", "from", "hos"])


@cache
def is_person(low: str) -> bool:
    """Whether a word says who somebody is: "kompis", "mattelärare", "fosterbror", "teacher"."""
    return low in words("people") or low.endswith(tuple(words("people_ends")))


def cue_at(tokens: list[Token], index: int) -> int | None:
    """Return where the name starts if a phrase such as "jag heter" starts at `index`, else None."""
    if tokens[index].low not in _openings():
        return None
    for length in (4, 3, 2, 1):
        window = tokens[index : index + length]
        cue = tuple(token.low for token in window)
        if len(window) < length or cue not in _all_cues():
            continue
        after = index + length
        while after + 1 < len(tokens) and tokens[after].low in words("adverbs") and tokens[after + 1].near:
            after += 1
        return after if after < len(tokens) and _leads_to(tokens, cue, index, after) else None
    return None


@cache
def _openings() -> frozenset[str]:
    return frozenset(cue[0] for cue in _all_cues())


@cache
def _all_cues() -> frozenset[tuple[str, ...]]:
    lists = ("cues", "cues_with_sign", "cues_with_subject", "cues_closing")
    return frozenset().union(*(phrases(name) for name in lists))


def _leads_to(tokens: list[Token], cue: tuple[str, ...], index: int, after: int) -> bool:
    """Whether the marks between cue and name, and the subject, let the cue stand."""
    gap = tokens[after].gap.strip()
    if cue in phrases("cues_with_sign"):
        return gap in {":", "-", "=", ":-"}
    if any(mark.isalnum() or mark in {FILLER, "?"} for mark in gap):
        return False
    if gap and gap not in {":", "-", "=", ",", '"', "..", "..."} and cue not in phrases("cues_closing"):
        return False
    return cue not in phrases("cues_with_subject") or _of_person(tokens, index, after)


def _of_person(tokens: list[Token], cue: int, name: int) -> bool:
    """Whether a person is the subject of "heter": the school that "heter" something is none."""
    before = []
    for token in reversed(tokens[max(0, cue - 4) : cue]):
        before.append(token.low)
        if token.opens:
            break
    if before and before[0] in _SELF:
        # "hon heter X", but "vem heter" and "vad heter du" go nowhere: their next word is no name.
        return True
    for low in before:
        if low in words("things"):
            return False
        if is_person(low) or low in _SELF or (low in {"som", "who"} and tokens[name].capital):
            return True
    return tokens[name].capital or not before or tokens[name].low in words("first_names_nordic")


def cue_after(tokens: list[Token], index: int) -> bool:
    """Whether what follows says that this word is a name: "X heter jag", "X är mitt namn", "X is my name"."""
    if index + 1 == len(tokens) or tokens[index + 1].low not in _STATES:
        return False
    rest = tuple(token.low for token in tokens[index + 1 : index + 4])
    if len(rest) >= 2 and tokens[index + 1].near:
        if rest[:2] in {("heter", "jag"), ("heter", "hon"), ("heter", "han")}:
            return tokens[index].low not in {"vad", "what", "så", "och", "det", "hur"}
        if rest[:2] in {("heter", "min"), ("heter", "mitt")} and len(rest) == 3 and is_person(rest[2]):
            return True
        if rest[:3] in {("är", "mitt", "namn"), ("is", "my", "name"), ("is", "the", "name"), ("e", "mitt", "namn")}:
            return tokens[index].low not in {"vad", "what", "det", "så", "this", "that", "it"}
    weighty = any(tokens[index].low in words(name) for name in ("ambiguous", "first_names_nordic", "first_names_world"))
    plain = tokens[index].low in words("ambiguous") and not (tokens[index].capital or tokens[index].opens)
    return weighty and not plain and rest in {("här",), ("here",)} and tokens[index + 1].near


def meets_before(tokens: list[Token], index: int) -> bool:
    """Whether somebody is met, talked to or asked: "pratade med Maj", "I met Will"."""
    before = tokens[index - 1].low
    if tokens[index].low.endswith(tuple(words("organisation_ends"))):
        return False
    if before in {"med", "with", "hos"} and (before == "hos" or tokens[index].low in words("ambiguous")):
        return True
    if before in _WITH and index >= 2:
        return tokens[index - 2].low in words("talks") or (index >= 3 and tokens[index - 3].low in words("talks"))
    return before in words("meets") and before not in _WITH and before not in {"av", "by", "åt", "called", "from"}
