"""Reads a short answer to "what shall they call you?": all of it is a name. Called by `bot.safety.redact`."""

from __future__ import annotations

import re

from bot.safety.redaction.spans import FILLER
from bot.safety.redaction.word_lists import phrases, words

LONGEST_ANSWER = 40
_LEAD = re.compile(
    r"^(?:(?:hej|hi|hello|ja|yes|okej|ok|eh+|öh|um)[,! ]+)?(?:(?:du|ni|de|you|they) (?:kan|får|can"
    r"|may) )?(?:säga |say )?"
    r"(?:jag heter|ja heter|heter|kallas?(?: mig)?(?: för)?|jag är|det är|i'm|i am|im|it's|its|mitt namn är"
    r"|my name is|my name's|call me|"
    r"name's|the name is|namn:|name:|bara|just)\s+(?:bara |just )?",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:\s+(?:heter jag|är mitt namn|is my name|tack|thanks|please|pls|bara|räcker|går bra|is fine|works|:\)|<3)"
    r"|\s*[,(].*)+$",
    re.IGNORECASE,
)
_SHAPE = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*\.?(?: [^\W\d_]+(?:['-][^\W\d_]+)*\.?){0,3}")


def name_in_answer(text: str) -> tuple[int, int] | None:
    """Return start and end of the name that a short answer is, or None when it is no bare name."""
    if len(text) > LONGEST_ANSWER or "?" in text or FILLER in text or text.lstrip().startswith("/"):
        return None
    start = len(text) - len(text.lstrip(" \t\r\n\"'(.,-*"))
    lead = _LEAD.match(text[start:])
    start += lead.end() if lead else 0
    rest = _TAIL.sub("", text[start:]).rstrip(" \t\r\n!.,\"')*;:-")
    if not (len(rest) >= 2 or rest.isalpha()) or not _has_shape(rest):
        return None
    lows = [word.strip(".") for word in rest.lower().split()]
    if any(word in words("refusals") for word in lows) or tuple(lows) in phrases("keep"):
        return None
    if len(lows) > 1 and sum(word in words("not_names") and word not in words("ambiguous") for word in lows) > 0:
        return None
    if len(lows) == 1 and lows[0] in words("not_names") and lows[0] not in words("ambiguous"):
        return None
    return start, start + len(rest)


def _has_shape(rest: str) -> bool:
    return _SHAPE.fullmatch(rest) is not None
