"""Runs of digits in a text, cut into the chunks that people write them in ("070-123 45 67" has four).

Used by the finders of personal numbers, cards and phone numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

RUN = re.compile(r"\d++(?:[\s\-+./()_]{1,4}+\d++)*+")
_CHUNK = re.compile(r"\d++")


@dataclass(frozen=True)
class Chunk:
    """Digits without anything between them."""

    digits: str
    start: int
    end: int


def runs(text: str) -> Iterator[tuple[Chunk, ...]]:
    """Return the chunks of each run of digits and the marks that stand in numbers."""
    for run in RUN.finditer(text):
        yield tuple(Chunk(match[0], match.start(), match.end()) for match in _CHUNK.finditer(text, *run.span()))


def luhn(digits: str) -> bool:
    """Return whether the last digit is the right check digit (Luhn, ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def near(text: str, start: int, end: int, before: int, after: int = 0) -> str:
    """Return the surroundings of a span in lower case, the span itself left out."""
    return f"{text[max(0, start - before) : start]} {text[end : end + after]}".lower()
