"""Word and character n-grams of a message as a sparse, unit-length vector: the classifier's second voice.

The vocabulary is learned in training and kept as a list of strings.
"""

import re
from collections import Counter
from itertools import pairwise
from typing import Dict, Iterable, List, Sequence

import numpy as np
from scipy.sparse import csr_matrix

from dialogue.nlu.normalise import fold, normalise

_WORD = re.compile(r"<\w+>|\w+|[?!]")


def grams(text: str, sizes: Sequence[int] = (3, 4, 5)) -> Iterable[str]:
    """All n-grams of a text: `w:` words and word pairs, `c:` characters inside words."""
    words = [re.sub(r"\d+", "0", word) for word in _WORD.findall(fold(normalise(text)))]
    for word in words:
        yield f"w:{word}"
    for pair in pairwise(words):
        yield "w:" + " ".join(pair)
    for word in words:
        padded = f" {word} "
        for size in sizes:
            for start in range(len(padded) - size + 1):
                yield "c:" + padded[start : start + size]


class NgramVectors:
    """Turns texts into rows of a sparse matrix, by a fixed vocabulary."""

    def __init__(self, vocabulary: List[str], weights: np.ndarray) -> None:
        self.vocabulary = vocabulary
        self.weights = weights.astype(np.float32)
        self._index: Dict[str, int] = {gram: place for place, gram in enumerate(vocabulary)}

    @classmethod
    def learn(cls, texts: List[str], at_least: int = 4, most: int = 30000) -> "NgramVectors":
        """Take the n-grams that occur in several texts, each weighted by its rarity."""
        found: Counter = Counter()
        for text in texts:
            found.update(set(grams(text)))
        at_least = min(at_least, 1 + len(texts) // 1000)  # a small project has few repeats
        frequent = [gram for gram, count in found.most_common(most) if count >= at_least]
        vocabulary = sorted(frequent)
        weights = [np.log((1 + len(texts)) / (1 + found[gram])) + 1 for gram in vocabulary]
        return cls(vocabulary, np.array(weights, dtype=np.float32))

    def row(self, text: str) -> "tuple[np.ndarray, np.ndarray]":
        """Indices and values of one text, the values of length one together."""
        counted = Counter(place for gram in grams(text) if (place := self._index.get(gram)) is not None)
        places = np.fromiter(counted.keys(), dtype=np.int64, count=len(counted))
        values = np.fromiter(counted.values(), dtype=np.float32, count=len(counted))
        values = np.log1p(values) * self.weights[places]
        length = float(np.linalg.norm(values))
        return places, values / length if length else values

    def matrix(self, texts: List[str]) -> csr_matrix:
        """One row per text."""
        rows = [self.row(text) for text in texts]
        ends = np.cumsum([0] + [len(places) for places, _ in rows])
        columns = np.concatenate([places for places, _ in rows]) if rows else np.zeros(0, np.int64)
        values = np.concatenate([values for _, values in rows]) if rows else np.zeros(0, np.float32)
        return csr_matrix((values, columns, ends), shape=(len(rows), len(self.vocabulary)), dtype=np.float32)
