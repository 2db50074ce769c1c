"""Multinomial logistic regression on a dense and a sparse block of features, in numpy.

Used by the intent classifier. Two blocks are kept apart because the dense one is much faster that way.
"""

from dataclasses import dataclass
from typing import Dict, List, Optional

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

STEPS = 60
STEPS_AGAIN = 25
"""Steps of the optimiser: from nothing, and from a model that has seen three quarters of the rows."""


@dataclass(frozen=True)
class Features:
    """Rows of features: `dense` may have no columns (a build without embeddings)."""

    dense: np.ndarray
    sparse: csr_matrix

    def rows(self, which: np.ndarray) -> "Features":
        """Some of the rows."""
        return Features(self.dense[which], self.sparse[which])


@dataclass(frozen=True)
class LinearModel:
    """Weights of one class per column, and how the dense block is standardised first."""

    mean: np.ndarray
    scale: np.ndarray
    dense: np.ndarray
    sparse: np.ndarray
    bias: np.ndarray

    def scores(self, features: Features) -> np.ndarray:
        """Unnormalised log-probabilities, a row per message."""
        dense = (features.dense - self.mean) * self.scale
        return dense @ self.dense + np.asarray(features.sparse @ self.sparse) + self.bias

    def arrays(self) -> Dict[str, np.ndarray]:
        """What is stored."""
        return {name: getattr(self, name) for name in ("mean", "scale", "dense", "sparse", "bias")}


def fit(
    features: Features,
    labels: np.ndarray,
    classes: int,
    *,
    strength: float,
    dense_share: float,
    weights: Optional[np.ndarray] = None,
    start: Optional[LinearModel] = None,
) -> LinearModel:
    """Learn the weights with L-BFGS.

    Args:
        labels: the class of each row, as a number below `classes`.
        strength: the inverse of the penalty (scikit-learn's C).
        dense_share: how loud the dense block speaks against the sparse one.
        weights: how much each row counts; alike by default.
        start: a model of nearly the same rows to go on from, which takes far fewer steps.
    """
    count, wide = features.dense.shape
    mean = features.dense.mean(axis=0) if wide else np.zeros(0, np.float32)
    spread = features.dense.std(axis=0) + 1e-6 if wide else np.ones(0, np.float32)
    scale = (dense_share / np.sqrt(max(wide, 1)) / spread).astype(np.float32)
    dense = ((features.dense - mean) * scale).astype(np.float32)
    sparse, turned = features.sparse, features.sparse.T.tocsr()
    rows = np.arange(count)
    importance = np.ones(count, np.float32) if weights is None else (weights * count / weights.sum()).astype(np.float32)
    penalty = 1.0 / strength
    size = wide + sparse.shape[1]

    def loss(flat: np.ndarray) -> "tuple[float, np.ndarray]":
        table = flat.reshape(size + 1, classes).astype(np.float32)
        scores = dense @ table[:wide] + sparse @ table[wide:size] + table[size]
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        total = chances.sum(axis=1, keepdims=True)
        value = -float((importance * (scores[rows, labels] - np.log(total[:, 0]))).sum(dtype=np.float64))
        chances /= total
        chances[rows, labels] -= 1
        chances *= importance[:, None]
        slope = np.empty_like(table)
        slope[:wide] = dense.T @ chances
        slope[wide:size] = turned @ chances
        slope[size] = chances.sum(axis=0)
        slope[:size] += penalty * table[:size]
        value += 0.5 * penalty * float((table[:size].astype(np.float64) ** 2).sum())
        return value, slope.reshape(-1).astype(np.float64)

    first, steps = np.zeros((size + 1, classes)), STEPS
    if start is not None:
        first, steps = np.vstack([start.dense, start.sparse, start.bias[None, :]]), STEPS_AGAIN
    options = {"maxiter": steps, "maxcor": 8, "ftol": 1e-6}
    found = minimize(loss, first.reshape(-1).astype(np.float64), jac=True, method="L-BFGS-B", options=options)
    table = found.x.reshape(size + 1, classes).astype(np.float32)
    return LinearModel(mean.astype(np.float32), scale, table[:wide], table[wide:size], table[size])


def softmax(scores: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Probabilities from scores, row by row."""
    scaled = scores / temperature
    scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return scaled / scaled.sum(axis=1, keepdims=True)


def held_out(labels: np.ndarray, share: float, seed: int = 7) -> np.ndarray:
    """Which rows to keep aside: the same share of each class."""
    chance = np.random.default_rng(seed)
    result = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        where = np.flatnonzero(labels == label)
        chance.shuffle(where)
        result[where[: round(share * len(where))]] = True
    return result


def temperature_for(scores: np.ndarray, labels: np.ndarray) -> float:
    """The temperature at which held-out scores are best calibrated (least log loss)."""
    candidates: List[float] = list(np.geomspace(0.2, 3.0, 40))
    rows = np.arange(len(labels))

    def log_loss(temperature: float) -> float:
        return float(-np.log(softmax(scores, temperature)[rows, labels] + 1e-12).mean())

    return min(candidates, key=log_loss)
