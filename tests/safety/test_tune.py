"""What the training writes is what the screening reads. On a handful of examples: it learns nothing from them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.commands.parts import DIALOGUE_PYTHON
from bot.safety import meaning
from bot.safety.encoder_file import TENSOR
from bot.safety.train import Example, mark, to_learn
from bot.settings import ROOT

EXAMPLES = [
    ("jag vill dö", "self_harm", False), ("min bror vill dö", "self_harm", True), ("he hits me", "violence", None),
    ("i will hurt them", "threat", False), ("jag dör av skratt", "none", False),
    ("when does it start", "everyday", False),
]  # fmt: skip


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave the real model as it was."""
    meaning.load_meaning.cache_clear()
    yield
    monkeypatch.undo()
    meaning.load_meaning.cache_clear()


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("loaded")
def test_a_model_is_trained_written_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [json.dumps({"text": text, "label": label, "other": other}) for text, label, other in EXAMPLES * 3]
    (tmp_path / "examples.jsonl").write_text("\n".join(lines), encoding="utf-8")
    command = [DIALOGUE_PYTHON, "-m", "bot.safety.tune", tmp_path / "examples.jsonl", tmp_path / "made.npz", "7"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    monkeypatch.setattr(meaning, "MODELS", (tmp_path / "made.npz",))
    made = meaning.load_meaning()
    assert made is not None
    found = made.likeness("jag vill inte leva")
    assert 0 < found.danger < 1
    command = [*command[:-2], tmp_path / "further.npz", "7", tmp_path / "made.npz"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    monkeypatch.setattr(meaning, "MODELS", (tmp_path / "further.npz",))
    meaning.load_meaning.cache_clear()
    further = meaning.load_meaning()
    assert further is not None
    # One step on eighteen examples changes next to nothing: it goes on from where it was.
    assert abs(further.likeness("jag vill inte leva").danger - found.danger) < 0.05
    with np.load(tmp_path / "further.npz", allow_pickle=False) as new:
        assert {name for name in new if name.startswith(TENSOR)} >= {"tensor:l11.q.w", "tensor:l11.oln.b"}


def test_what_is_new_is_learned_with_twice_as_much_of_what_is_known() -> None:
    examples = [Example(f"message {number}", "none", other=False) for number in range(100)]
    known = frozenset(mark(example) for example in examples[:90])

    assert to_learn(examples, frozenset()) == examples
    chosen = to_learn(examples, known)
    assert set(chosen) >= set(examples[90:])
    assert len(chosen) == len(set(chosen)) == 30
    assert to_learn(examples, frozenset(mark(example) for example in examples)) == []


def test_an_example_with_another_label_is_learned_again() -> None:
    before = Example("han slår mig", "violence", other=False)
    for after in (replace(before, label="none"), replace(before, other=True)):
        assert to_learn([after], frozenset([mark(before)])) == [after]


@pytest.fixture
def unfit(tmp_path: Path) -> Path:
    """A model for another encoder."""
    path = tmp_path / "other.npz"
    parts = {f"{TENSOR}l11.q.w": np.zeros(5, np.uint8)}
    np.savez(path, head=np.zeros((384, 5)), bias=np.zeros(5), **parts)  # type: ignore[arg-type]
    return path


@pytest.mark.usefixtures("loaded")
def test_a_model_for_another_encoder_is_left_out_with_a_warning(
    unfit: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(meaning, "MODELS", (unfit,))

    assert meaning.load_meaning() is None
    assert "safety.meaning.unavailable" in capsys.readouterr().out


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("place", [0, 2])
def test_where_one_model_is_unfit_the_others_go_on(
    unfit: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: int
) -> None:
    models = list(meaning.MODELS)
    models[place] = unfit
    monkeypatch.setattr(meaning, "MODELS", tuple(models))

    left = meaning.load_meaning()
    assert "other.npz" in capsys.readouterr().out
    assert left is not None
    assert left.likeness("jag orkar inte leva längre, ikväll är det slut").danger > 0.9
    assert left.likeness("vilka linjer finns det på komvux i motala").danger < 0.1
