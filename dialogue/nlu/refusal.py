"""When the classifier should say "out of scope": a small model over its own doubts.

Three voices, none of which suffices alone (rasa-facts 4.1): the trained class of out-of-scope examples,
how sure the classifier is, and how near the nearest known example lies. Their weights and the
threshold are learned from held-out folds, so that few in-scope messages are refused.
"""

import re
from dataclasses import dataclass
from typing import Any, Dict, List

import numpy as np

from dialogue.nlu.normalise import fold

LOWEST, HIGHEST = 0.5, 0.65
"""Bounds of the threshold; the chance it is compared with is learned with both kinds weighing the same."""
_VOWEL = re.compile("[aeiouy]")
NAMES = ("fallback", "top", "margin", "near", "near_fallback", "agreement")


@dataclass(frozen=True)
class Neighbours:
    """The training examples as unit vectors, to measure how near a message lies."""

    vectors: np.ndarray
    labels: np.ndarray
    fallback: int

    def look(self, vectors: np.ndarray, tops: np.ndarray) -> np.ndarray:
        """For each vector: nearest in-scope, nearest out-of-scope, nearest of the class it was given."""
        result = np.zeros((len(vectors), 3), np.float32)
        if not self.vectors.shape[1] or not len(self.vectors):
            return result
        outside = self.labels == self.fallback
        for start in range(0, len(vectors), 256):
            part = slice(start, start + 256)
            close = vectors[part] @ self.vectors.T
            result[part, 0] = np.where(outside, -1, close).max(axis=1)
            result[part, 1] = np.where(outside, close, -1).max(axis=1) if outside.any() else 0
            same = self.labels[None, :] == tops[part, None]
            result[part, 2] = np.where(same, close, -1).max(axis=1)
        return result


def doubts(chances: np.ndarray, fallback: int, near: np.ndarray) -> np.ndarray:
    """The numbers that the refusal looks at, a row per message; `chances` are calibrated."""
    inside = np.delete(chances, fallback, axis=1)
    ranked = np.sort(inside, axis=1)[:, ::-1]
    second = ranked[:, 1] if ranked.shape[1] > 1 else np.zeros(len(ranked))
    odds = np.log((chances[:, fallback] + 1e-4) / (ranked[:, 0] + 1e-4))
    return np.column_stack(
        [odds, ranked[:, 0], ranked[:, 0] - second, near[:, 0], near[:, 1] - near[:, 0], near[:, 2] - near[:, 1]]
    )


@dataclass(frozen=True)
class Refusal:
    """A logistic regression over `doubts`, and the chance above which a message is refused."""

    mean: List[float]
    scale: List[float]
    weights: List[float]
    bias: float
    threshold: float

    def chance(self, rows: np.ndarray) -> np.ndarray:
        """How likely each message is out of scope."""
        standard = (rows - np.array(self.mean)) * np.array(self.scale)
        return 1 / (1 + np.exp(-(standard @ np.array(self.weights) + self.bias)))

    def as_dict(self) -> Dict[str, Any]:
        """What is stored."""
        return dict(vars(self))


def learn(rows: np.ndarray, outside: np.ndarray, allowed: float) -> Refusal:
    """Fit weights and threshold on held-out rows.

    Args:
        outside: for each row, whether it is out of scope.
        allowed: the share of in-scope messages that may be refused.
    """
    mean, scale = rows.mean(axis=0), 1 / (rows.std(axis=0) + 1e-6)
    standard = (rows - mean) * scale
    weights, bias = np.zeros(rows.shape[1]), 0.0
    share = np.where(outside, 0.5 / max(outside.sum(), 1), 0.5 / max((~outside).sum(), 1))
    for _ in range(3000):
        error = (1 / (1 + np.exp(-(standard @ weights + bias))) - outside) * share
        weights -= 0.5 * (standard.T @ error + 0.002 * weights)
        bias -= 0.5 * error.sum()
    fitted = Refusal(mean.tolist(), scale.tolist(), weights.tolist(), float(bias), 0.5)
    chances = fitted.chance(rows)
    threshold = float(np.quantile(chances[~outside], 1 - allowed)) if (~outside).any() else 0.5
    return Refusal(fitted.mean, fitted.scale, fitted.weights, fitted.bias, min(max(threshold, LOWEST), HIGHEST))


def is_nonsense(text: str) -> bool:
    """Whether no intent can be in it: no letters or digits at all (emoji), one letter, or a mashed keyboard.

    "k" and the like are answers ("ok"), and a lone question mark asks for a rephrase: those are left to the model.
    """
    bare = fold(text).strip()
    letters = [sign for sign in bare if sign.isalpha()]
    if not any(sign.isalnum() for sign in bare):
        return bool(bare) and not set(bare) <= set("?!. ")
    if len(bare) == 1:
        return bare.isalpha() and bare not in "kjyn"
    if len(letters) >= 5 and len(set(letters)) == 1:
        return True
    words = bare.split()
    mashed = [word for word in words if len(word) >= 6 and word.isalpha() and not _VOWEL.search(word)]
    return bool(mashed) and len(mashed) >= len(words) / 2
