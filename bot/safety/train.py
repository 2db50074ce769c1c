"""Computes the models from the examples. Run by hand after a change: `python -m bot.safety.train`.

Gathers the examples and leaves the training to `tune.py`, which needs the dialogue engine's Python for TensorFlow.
Takes an hour or more on two cores. With `--further` it goes on from the models that are there, with the examples
that are new and twice as many others: some minutes.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from bot.safety.meaning import MODELS
from bot.safety.typing_errors import mistyped
from bot.settings import engine_environ

ROOT = Path(__file__).parent.parent.parent
FOLDER = Path(__file__).parent / "prototypes"
# What the dialogue model learns the two crisis intents from, is danger here too.
NLU = ROOT / "data" / "nlu"
# What makes the models differ.
_SEEDS = (7, 11, 13)
_PYTHON = ROOT / "dialogue" / ".venv" / "bin" / "python"
_INTENTS = {"crisis_self_harm": "self_harm", "crisis_violence": "violence"}
_ENTITY = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass(frozen=True)
class Example:
    """One written example: `label` is self_harm, violence, threat or none."""

    text: str
    label: str
    # Whether somebody else than the writer is in danger; None where nobody has said.
    other: bool | None


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
    """Read the examples of the crisis intents; who they are about is not labelled there."""
    return [Example(text, _INTENTS[intent], other=None) for intent, text in _intent_examples() if intent in _INTENTS]


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
    return hashlib.sha256("\n".join(map(_told, examples)).encode("utf-8")).hexdigest()


def mark(example: Example) -> int:
    """Return a number that stands for an example and its labels in the list of what a model has learned."""
    return int.from_bytes(hashlib.sha256(_told(example).encode("utf-8")).digest()[:8], "little")


def _told(example: Example) -> str:
    return f"{example.label} {example.other} {example.text}"


def to_learn(examples: list[Example], learned: frozenset[int]) -> list[Example]:
    """Return all; or those that a model has not learned yet, with twice as many of the others lest it forget them."""
    new = [example for example in examples if mark(example) not in learned]
    if not learned:
        return examples
    old = [example for example in examples if mark(example) in learned]
    return [*new, *random.Random(len(examples)).sample(old, min(len(old), 2 * len(new)))]


def train(examples: list[Example], model: Path, seed: int, *, further: bool) -> int:
    """Train a model, or let it go on with what is new to it; return how many examples it learned from, 0 for none."""
    learned: frozenset[int] = frozenset()
    if further:
        with np.load(model, allow_pickle=False) as data:
            learned = frozenset(data["learned"].tolist())
    chosen = to_learn(examples, learned)
    if not chosen:
        return 0
    lines = [{"text": one.text, "label": one.label, "other": one.other} for one in [*chosen, *mistyped(chosen)]]
    # Everyday messages are no part of the digest: a new example of some question need not wait for a new model here.
    usual = everyday()
    usual = random.Random(0).sample(usual, min(len(usual), len(chosen) // 4)) if further else usual
    lines += [{"text": text, "label": "everyday", "other": False} for text in usual]
    with tempfile.TemporaryDirectory() as name:
        given, made = Path(name) / "examples.jsonl", Path(name) / "made.npz"
        given.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        env = engine_environ({"TF_CPP_MIN_LOG_LEVEL": "2", "OMP_WAIT_POLICY": "passive"})
        command: list[str | Path] = [_PYTHON, "-m", "bot.safety.tune", given, made, str(seed)]
        subprocess.run([*command, *([model] if further else [])], cwd=ROOT, env=env, check=True)
        known = np.asarray(sorted(mark(example) for example in examples), np.uint64)
        with np.load(made, allow_pickle=False) as data:
            parts = {key: data[key] for key in data}
        np.savez_compressed(model, digest=np.asarray(digest(examples)), learned=known, **parts)
    return len(chosen)


def main() -> None:
    """Train, and keep the result."""
    further = sys.argv[1:] == ["--further"]
    if sys.argv[1:] and not further:
        raise SystemExit("usage: python -m bot.safety.train [--further]")
    examples = read_examples()
    counts = [train(examples, model, seed, further=further) for model, seed in zip(MODELS, _SEEDS, strict=True)]
    if not any(counts):
        raise SystemExit("No example is new: the models have learned them all.")
    for model, count in zip(MODELS, counts, strict=True):
        print(f"{model.name}: {count} examples, {model.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
