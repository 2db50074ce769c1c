"""Shows where a word that is an ordinary word too, or that no list knows, can only be a name. Used by the name finder.

"min bror Björn", "jag o ask", "rose from mjölby", "Thandiwe asked", "Chidera, 19": the place in the sentence says so.
"""

from __future__ import annotations

import re

from bot.safety.redaction.name_cues import is_person
from bot.safety.redaction.name_lists import MAYBE, NONE, weight
from bot.safety.redaction.tokens import Token
from bot.safety.redaction.word_lists import vocabulary, words

_I = frozenset(["jag", "ja", "jg", "i", "me", "mig", "mej", "myself"])
AND = frozenset(["och", "o", "å", "and", "&", "n"])
_BYE = frozenset(["då", "hejdå", "bye", "tack", "thanks", "hälsar", "yours"])
# Words for people that stand before anything: "måste man", "bästa sättet", "a person who".
_ANY = frozenset(
    "man bästa bästis gode mate person personen people guy child kid barn barnet boy girl ex gravid fru ms miss".split()
)
_PLACE_STARTS = frozenset(
    "nya gamla stora lilla norra södra östra västra sankt saint new north south san el los".split()
)
_FEWEST_LETTERS = 3
_AGE = re.compile(r"[,.]\s{0,2}\d{2}(?:\s?(?:år|years)\b|[,.]|\s|$)")


def is_unknown(token: Token) -> bool:
    """Whether a word stands on no list and in nothing that was ever written for this bot."""
    low = token.low.removesuffix("'s")
    if token.kept or len(low) < _FEWEST_LETTERS or weight(low) != NONE:
        return False
    listed = low in words("not_names") or low in words("things") or is_person(low)
    return not (listed or low.endswith(tuple(words("place_ends"))) or {low, low.removesuffix("s")} & vocabulary())


def named_by_place(tokens: list[Token], index: int, text: str) -> bool:
    """Whether the words around show a name."""
    token = tokens[index]
    word_too = weight(token.low.removesuffix("'s")) == MAYBE
    if is_short_form(token) or not (word_too or is_unknown(token)):
        return False
    return (
        _written_so(tokens, index, word_too=word_too)
        or _of_kin(tokens, index)
        or _with_me(tokens, index)
        or (token.opens and _opens_sentence(tokens, index, text, word_too=word_too))
        or (word_too and _says_goodbye(tokens, index))
        or _signs(tokens, index, text)
    )


def _written_so(tokens: list[Token], index: int, *, word_too: bool) -> bool:
    """A capital in the middle of a sentence, and no "Nya Munken" or "Norra Berga"."""
    token = tokens[index]
    if token.opens or not token.capital or (token.near and tokens[index - 1].low in _PLACE_STARTS):
        return False
    return not word_too or token.low not in words("ambiguous_capital")


def is_short_form(token: Token) -> bool:
    """Whether capitals make a word one of letters: SFI, BUP, EU-medborgare, IMs."""
    start = token.text.split("-")[0]
    return sum(letter.isupper() for letter in start) > 1 and len(start) < 6


def _of_kin(tokens: list[Token], index: int) -> bool:
    """Find "min bror björn", "my girlfriend may is", "hos sten"."""
    token = tokens[index]
    if index == 0 or token.opens or not token.near:
        return False
    before = tokens[index - 1].low
    if before == "hos":
        return not token.low.endswith(tuple(words("organisation_ends"))) and not _is_function(token)
    if not is_person(before) or before in _ANY or is_person(token.low):
        return False
    # "mamma skrek": a word that no list knows may be a verb as well.
    listed = weight(token.low) == MAYBE and not _is_function(token)
    return _acts(tokens, index) or (listed and _closes(tokens, index))


def _with_me(tokens: list[Token], index: int) -> bool:
    """Find "björn o jag" and "jag o my ska"."""
    token = tokens[index]
    if index + 2 < len(tokens) and tokens[index + 1].low in AND and tokens[index + 2].low in _I:
        near = tokens[index + 1].near and tokens[index + 2].near
        return near and (token.opens or token.capital) and not is_person(token.low)
    if index >= 2 and tokens[index - 1].low in AND and tokens[index - 2].low in _I:
        return token.near and tokens[index - 1].near and _acts(tokens, index)
    return False


def _opens_sentence(tokens: list[Token], index: int, text: str, *, word_too: bool) -> bool:
    token = tokens[index]
    if _is_function(token) or (not word_too and not token.capital):
        return False
    if token.capital and _AGE.match(text, token.end):
        return True
    from_place = index + 2 < len(tokens) and tokens[index + 1].low in {"från", "from"} and tokens[index + 2].kept
    return (from_place and tokens[index + 1].near) or _acts(tokens, index)


def _says_goodbye(tokens: list[Token], index: int) -> bool:
    token = tokens[index]
    last = index + 1 == len(tokens)
    return last and index > 0 and token.near and tokens[index - 1].low in _BYE and not _is_function(token)


def _signs(tokens: list[Token], index: int, text: str) -> bool:
    """A capitalised word that stands alone at the end, behind a line break or a dash."""
    token = tokens[index]
    parted = "\n" in token.gap or token.gap.rstrip(" ").endswith(("/", "-", "–", "—"))
    return parted and token.capital and not text[token.end :].strip(" .!\n")


def _acts(tokens: list[Token], index: int) -> bool:
    """Whether the next word is what a person does."""
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if after is None or not after.near:
        return False
    if index and is_person(tokens[index - 1].low) and after.low in {"är", "e", "is", "has", "was", "var"}:
        return True
    return after.low in words("person_verbs")


def _closes(tokens: list[Token], index: int) -> bool:
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    return after is None or not after.near or after.low in words("after_name")


def _is_function(token: Token) -> bool:
    return token.low in words("ambiguous_function")
