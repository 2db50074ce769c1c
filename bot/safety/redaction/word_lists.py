"""Reads the word lists of `words/`, once, when first needed. Used by the finders of names, addresses and user names."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "words"
_DATA = Path(__file__).parents[3] / "data"
_WORD = re.compile(r"[^\W\d_]++(?:[-'][^\W\d_]++)*+")


@cache
def words(name: str) -> frozenset[str]:
    """Return the words of a list, e.g. "surnames"; lines that start with # are comments."""
    return frozenset(word for line in _lines(name) for word in line.split())


@cache
def phrases(name: str) -> frozenset[tuple[str, ...]]:
    """Return the phrases of a list, one a line, each as its words."""
    return frozenset(tuple(line.replace("-", " ").replace(":", " ").split()) for line in _lines(name))


@cache
def kept() -> frozenset[tuple[str, ...]]:
    """Return the phrases that are no names of private people: places, schools, companies, famous people."""
    return frozenset().union(*(phrases(name) for name in ("keep", "elsewhere", "famous", "brands")))


@cache
def first_words_kept() -> frozenset[str]:
    """Return the words that such a phrase begins with, to pass over all other places quickly."""
    return frozenset(phrase[0] for phrase in kept())


@cache
def vocabulary() -> frozenset[str]:
    """Return words that are no unknown names: what youths write and the bot says, and the places of the catalogue.

    Of data/nlu and data/responses only what stands there in lower case.
    """
    found: set[str] = set()
    for folder in ("nlu", "responses", "catalogue"):
        for path in sorted((_DATA / folder).rglob("*.yml")):
            text = path.read_text(encoding="utf-8")
            words_of = _WORD.findall(text.lower() if folder == "catalogue" else text)
            found.update(word for word in words_of if word.islower())
    return frozenset(found)


def _lines(name: str) -> list[str]:
    content = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return [line.strip() for line in content.splitlines() if line.strip() and not line.startswith("#")]
