"""Measures how easy a text is to read. Used by the gate in test_plain_language.py.

LIX is words per sentence plus the share of words longer than six letters; the Flesch-Kincaid grade
is the school year (United States) that a text asks for. Both are blunt, so the gate also limits
length and sentences and names words that we never use.
"""

from __future__ import annotations

import re

MAX_LIX = 30
MAX_LIX_CRISIS = 20
MAX_GRADE = 6
MAX_CHARACTERS = 300
MAX_SENTENCES = 3
MAX_TITLE = 28

# Words that blame, for both languages (product.md 4.3). Stems, so that inflections are caught.
FORBIDDEN = (
    "avhopp",
    "hoppat av",
    "hoppa av",
    "hoppade av",
    "misslyck",
    "problem",
    "underkän",
    "skolk",
    "dropout",
    "dropped out",
    "drop out",
    "drop-out",
    "failed",
    "failure",
    "truan",
    "fail ",
)
# Short forms that a reader cannot be expected to know, unless the same text says what they are.
UNEXPLAINED = re.compile(r"\b(APL|SYV|IM|IMV|IMY|IMA|IMS|NPF|SMF|YH|OSL|GDPR|YV|KIA|BUP|UMO|KAA|Gy25|GY25)\b")
EXPLAINED_BY = {"KAA": ("ansvar", "duty")}

_ENDS = re.compile(r"[.!?]+(?=\s|$)|\n+")
_NOT_ENDS = re.compile(r"\b(kl|t\.ex|bl\.a)\.", re.IGNORECASE)


def words(text: str) -> list[str]:
    """Return the words, without punctuation around them."""
    stripped = (re.sub(r"^[^\wåäöÅÄÖ/]+|[^\wåäöÅÄÖ]+$", "", part) for part in text.split())
    return [word for word in stripped if word]


def sentences(text: str) -> int:
    """Count the sentences; a line without an end counts as one."""
    return len([part for part in _ENDS.split(_NOT_ENDS.sub(r"\1", text)) if part.strip()]) or 1


def lix(text: str) -> float:
    """Return LIX (Björnsson 1968): under 30 is very easy, 30 to 40 is easy."""
    found = words(text)
    long = sum(1 for word in found if len(word) > 6)
    return len(found) / sentences(text) + 100 * long / len(found)


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade level of an English text."""
    found = words(text)
    syllables = sum(_syllables(word) for word in found)
    return 0.39 * len(found) / sentences(text) + 11.8 * syllables / len(found) - 15.59


def _syllables(word: str) -> int:
    lower = word.lower()
    if not re.search(r"[a-zåäö]", lower):
        return 1
    groups = len(re.findall(r"[aeiouyåäö]+", lower))
    # A silent e, and -ed that is not spoken, make no syllable of their own.
    if groups > 1 and re.search(r"[^aeiouylå]e$|[^td]ed$|[^sxzcg]es$", lower):
        groups -= 1
    return max(groups, 1)
