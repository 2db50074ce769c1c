"""Each threat of docs/privacy/threat-model.md names a test that is there."""

from __future__ import annotations

import re

from tests.conftest import ROOT


def test_every_test_that_the_threat_model_names_is_there() -> None:
    page = (ROOT / "docs" / "privacy" / "threat-model.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)

    assert len(named) > 20
    assert [
        f"{path}::{name}" for path, name in named
        if not (ROOT / path).is_file() or f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ] == []  # fmt: skip
