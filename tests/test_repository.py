"""What must not lie in the repository: data, secrets, machine paths, download addresses."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def tracked() -> list[str]:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [name for name in listing.splitlines() if (ROOT / name).is_file()]
    assert files, "run from a git checkout"
    return files


def test_no_databases_keys_models_or_environments_are_kept() -> None:
    forbidden = re.compile(r"(\.db|\.db-wal|\.env|\.tar\.gz|\.pyc|\.key|\.pem)$|(^|/)(var|\.venv|models|node_modules)/")
    assert [name for name in tracked() if forbidden.search(name)] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "dialogue/requirements.lock"])
def test_lock_files_pin_hashes_and_name_no_download_address(lock: str) -> None:
    content = (ROOT / lock).read_text(encoding="utf-8")

    assert "://" not in content
    requirements = re.findall(r"^\S+==\S+", content, re.MULTILINE)
    assert len(requirements) > 50
    assert content.count("--hash=sha256:") >= len(requirements)


def test_no_machine_path_or_token_stands_in_a_file() -> None:
    home = re.compile(r"(?<![\w/.*\]])/(?:home|root|Users)/[a-z]|(?<![\w/.])/work/|\b\d{8,10}:AA[\w-]{30,}")
    found = [
        name for name in tracked()
        if not name.endswith((".lock", ".png"))
        and home.search((ROOT / name).read_text(encoding="utf-8", errors="ignore"))
        and name != "tests/test_repository.py"
    ]  # fmt: skip
    assert found == []


def test_python_versions_are_listed_newest_first() -> None:
    assert (ROOT / ".python-version").read_text().split() == ["3.12", "3.10"]


def test_nothing_outside_the_engine_imports_rasa_and_the_engine_imports_nothing_of_ours() -> None:
    outside = re.compile(r"^\s*(?:import|from) rasa(?:\.|\s)", re.MULTILINE)
    inside = re.compile(r"^\s*(?:import|from) (?:bot|actions)(?:\.|\s)", re.MULTILINE)
    for name in tracked():
        if not name.endswith(".py"):
            continue
        content = (ROOT / name).read_text(encoding="utf-8")
        engine = name.startswith(("dialogue/", "tests/dialogue/"))
        assert not (inside if engine else outside).search(content), name
