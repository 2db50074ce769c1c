"""How easy a text is to read: LIX for Swedish, the Flesch-Kincaid grade for English, length, words, short forms.

Used by the gate over every response (tests/data), by the check of the data files and by the console, which
shows staff the measure while they write. Pure functions; nothing is read or kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pyphen

from bot.languages import Language

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
    "hoppar av",
    "misslyck",
    "problem",
    "underkän",
    "skolk",
    "dropout",
    "dropped out",
    "drop out",
    "drop-out",
    "failed",
    "failing",
    "failure",
    "truan",
    "fail ",
    "quitter",
)

# Short forms that a reader cannot be expected to know, each with words that say in the same text what it is.
EXPLAINED_BY: Mapping[str, tuple[str, ...]] = {
    "APL": ("lär dig på", "arbetsplats", "learn at"),
    "BUP": ("barn och unga", "children"),
    "CSN": ("pengar", "bidrag", "money", "grant"),
    "GDPR": ("uppgifter", "data"),
    "IM": ("introduktionsprogram", "introductory"),
    "IMA": ("individuell", "individual"),
    "IMS": ("språk", "language"),
    "IMV": ("programinriktat", "programme-oriented"),
    "IMY": ("yrkesintroduktion", "vocational introduction"),
    "KAA": ("ansvar", "duty"),
    "NPF": ("adhd", "autism"),
    "OSL": ("sekretess", "secrecy"),
    "SFI": ("svenska", "swedish"),
    "SMF": ("folkhögskol", "folk high"),
    "SYV": ("vägledare", "counsellor"),
    "UMO": ("ungdomsmottagning", "youth clinic"),
    "YH": ("yrkeshögskol", "higher vocational"),
    "GY25": ("ämne", "subject"),
}
# Short forms that everybody reads.
EVERYDAY = frozenset({"SMS", "PDF", "OK", "ID", "TV", "ADHD", "QR"})

_SHORT_FORM = re.compile(r"(?<![\w.@/])(?:[A-ZÅÄÖ]{2,}|G[Yy]\d\d)(?![\w@])")
_ENDS = re.compile(r"[.!?]+(?=\s|$)|\n+")
_NOT_ENDS = re.compile(r"\b(kl|t\.ex|bl\.a|e\.g|i\.e)\.", re.IGNORECASE)
_LONG = 6


@dataclass(frozen=True)
class Reading:
    """What the measures say about one text."""

    measure: str
    """`LIX` or `grade`."""
    value: float
    limit: float
    sentences: int
    characters: int
    faults: tuple[str, ...]
    """In plain Swedish, for staff; empty when the text may be shown."""


def read(text: str, language: Language, *, crisis: bool = False) -> Reading:
    """Measure a text against the limits for what is said to a youth.

    Args:
        crisis: texts for somebody in danger have to be easier still.
    """
    if language is Language.SV:
        measure, value, limit = "LIX", lix(text), float(MAX_LIX_CRISIS if crisis else MAX_LIX)
    else:
        measure, value, limit = "grade", grade(text), float(MAX_GRADE)
    faults = []
    if value > limit:
        faults.append(f"{measure} {value:.0f}, högst {limit:.0f}: korta meningarna och byt ut långa ord")
    if (count := sentences(text)) > MAX_SENTENCES:
        faults.append(f"{count} meningar, högst {MAX_SENTENCES}")
    if len(text) > MAX_CHARACTERS:
        faults.append(f"{len(text)} tecken, högst {MAX_CHARACTERS}")
    faults += [f"säger ”{word}”, som kan låta dömande" for word in blaming(text)]
    faults += [f"förkortningen {short} förklaras inte" for short in unexplained(text)]
    return Reading(measure, value, limit, count, len(text), tuple(faults))


def words(text: str) -> list[str]:
    """Return the words, without punctuation around them."""
    stripped = (re.sub(r"^[^\wåäöÅÄÖ/]+|[^\wåäöÅÄÖ]+$", "", part) for part in text.split())
    return [word for word in stripped if word]


def sentences(text: str) -> int:
    """Count the sentences; a line without an end counts as one."""
    return len([part for part in _ENDS.split(_NOT_ENDS.sub(r"\1", text)) if part.strip()]) or 1


def lix(text: str) -> float:
    """Return LIX (Björnsson 1968): under 30 is very easy, 30 to 40 is easy; 0 for a text without words."""
    found = words(text)
    if not found:
        return 0.0
    long = sum(1 for word in found if len(word) > _LONG)
    return len(found) / sentences(text) + 100 * long / len(found)


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade (Kincaid 1975), the school year an English text asks for; 0 without words."""
    found = words(text)
    if not found:
        return 0.0
    return 0.39 * len(found) / sentences(text) + 11.8 * sum(map(syllables, found)) / len(found) - 15.59


def syllables(word: str) -> int:
    """Count the syllables of an English word.

    Hyphenation finds too few (it never cuts off one letter), groups of vowels find too few in other words:
    the larger count is taken, so that the gate errs on the strict side.
    """
    lower = word.lower()
    if not re.search(r"[a-zåäö]", lower):
        return 1
    groups = len(re.findall(r"[aeiouyåäö]+", lower))
    # A silent e, and -ed that is not spoken, make no syllable of their own.
    if groups > 1 and re.search(r"[^aeiouylå]e$|[^td]ed$|[^sxzcg]es$", lower):
        groups -= 1
    return max(groups, str(_hyphens().inserted(lower)).count("-") + 1 - lower.count("-"), 1)


def blaming(text: str) -> list[str]:
    """Return the words of a text that blame."""
    lower = text.lower() + " "
    return [word.strip() for word in FORBIDDEN if word in lower]


def short_forms(text: str) -> list[str]:
    """Return the short forms in a text that a reader may not know, each once."""
    return [short for short in dict.fromkeys(_SHORT_FORM.findall(text)) if short.upper() not in EVERYDAY]


def unexplained(text: str, titles: str = "") -> list[str]:
    """Return the short forms that neither the text itself nor a button explains.

    Args:
        titles: what stands on the buttons; one that asks "Vad är KAA?" leads to the explanation.
    """
    lower, asked = text.lower(), titles.lower()
    return [
        short for short in short_forms(text)
        if not any(hint in lower for hint in EXPLAINED_BY.get(short.upper(), ()))
        and not any(f"{ask} {short.lower()}?" in asked for ask in ("vad är", "what is"))
    ]  # fmt: skip


@cache
def _hyphens() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_US")
