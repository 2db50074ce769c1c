"""Reads the word lists of `words/`, once, when first needed. Used by the finders of names, addresses and user names."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "words"


@cache
def words(name: str) -> frozenset[str]:
    """Return the words of a list, e.g. "surnames"; lines that start with # are comments."""
    return frozenset(word for line in _lines(name) for word in line.split())


@cache
def phrases(name: str) -> frozenset[tuple[str, ...]]:
    """Return the phrases of a list, one a line, each as its words."""
    return frozenset(tuple(line.replace("-", " ").replace(":", " ").split()) for line in _lines(name))


@cache
def first_words(name: str) -> frozenset[str]:
    """Return the words that a phrase of a list begins with, to pass over all other places quickly."""
    return frozenset(phrase[0] for phrase in phrases(name))


def _lines(name: str) -> list[str]:
    content = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return [line.strip() for line in content.splitlines() if line.strip() and not line.startswith("#")]
