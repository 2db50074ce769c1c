"""Finds names that are nearly the same as what was typed, among very many. Pure; used by the index of names.

Two names cannot be more alike than their letters: so many have they in common, in any order, and no more can stand in
the same order. Counting letters is a few additions of whole columns, and leaves few names to be compared one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process


class SimilarNames:
    """Names and, for each letter, how often it stands in each of them."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._lengths = np.array([len(name) for name in names], np.int32)
        # All letters of all names in a row, and beside each the number of its name.
        letters = np.frombuffer("".join(names).encode("utf-32-le", "surrogatepass"), np.uint32)
        owners = np.repeat(np.arange(len(names)), self._lengths)
        self._columns: dict[str, NDArray[np.uint8]] = {}
        for letter in np.unique(letters):
            counts = np.bincount(owners[letters == letter], minlength=len(names))
            # A byte is enough: a name with 255 times the same letter is no name.
            self._columns[chr(letter)] = np.minimum(counts, 255).astype(np.uint8)

    def find(self, typed: str, cutoff: float, limit: int) -> Iterator[tuple[int, float]]:
        """Yield the numbers of the names most similar to a text, in percent from the cutoff on, best first."""
        numbers = self._may_be(typed, cutoff)
        names = [self._names[number] for number in numbers]
        found = process.extract(typed, names, scorer=fuzz.ratio, score_cutoff=cutoff, limit=limit)
        return ((int(numbers[place]), score) for _, score, place in found)

    def _may_be(self, typed: str, cutoff: float) -> NDArray[np.intp]:
        """Return the names that have enough letters in common with a text, all of those that are similar among them."""
        common = np.zeros(len(self._names), np.int32)
        for letter, count in Counter(typed).items():
            column = self._columns.get(letter)
            if column is not None:
                common += np.minimum(column, min(255, count))
        # `fuzz.ratio` is twice the letters that stand in the same order, of all letters of both.
        return np.flatnonzero(200.0 * common >= cutoff * (self._lengths + len(typed)) - 1e-6)
