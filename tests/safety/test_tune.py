"""What the training writes is what the screening reads. On a handful of examples: it learns nothing from them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bot.commands.parts import DIALOGUE_PYTHON
from bot.safety import meaning
from bot.settings import ROOT

EXAMPLES = [
    ("jag vill dö", "self_harm", False), ("min bror vill dö", "self_harm", True), ("he hits me", "violence", False),
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
    command = [DIALOGUE_PYTHON, "-m", "bot.safety.tune", tmp_path / "examples.jsonl", tmp_path / "made.npz"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    monkeypatch.setattr(meaning, "MODEL", tmp_path / "made.npz")
    made = meaning.load_meaning()
    assert made is not None
    found = made.likeness("jag vill inte leva")
    assert 0 < found.danger < 1
    with np.load(meaning.MODEL, allow_pickle=False) as new:
        assert {name for name in new if name.startswith(meaning.TENSOR)} >= {"tensor:l11.q.w", "tensor:l11.oln.b"}


@pytest.mark.usefixtures("loaded")
def test_a_model_for_another_encoder_is_left_out_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = {f"{meaning.TENSOR}l11.q.w": np.zeros(5, np.uint8)}
    np.savez(tmp_path / "other.npz", head=np.zeros((384, 5)), bias=np.zeros(5), **parts)  # type: ignore[arg-type]
    monkeypatch.setattr(meaning, "MODEL", tmp_path / "other.npz")

    assert meaning.load_meaning() is None
    assert "safety.meaning.unavailable" in capsys.readouterr().out
