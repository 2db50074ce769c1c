"""Model files: where they lie, how they are found and how they are checked.

A model file is code, and Rasa loads the newest other file when the named one is missing. So the
server asks here for an exact path, whose SHA-256 must be the one written down when it was made.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from dialogue.errors import NoModel


@dataclass(frozen=True)
class Model:
    """A model file that was found and checked."""

    id: str
    path: Path
    sha256: str


def model_path(folder: Path, name: str) -> Path:
    """Where the model of that name lies, or will."""
    return folder / f"{name}.tar.gz"


def note_path(path: Path) -> Path:
    """The note beside a model file: sha256, when it was made, what it was made of."""
    return path.with_name(path.name[: -len(".tar.gz")] + ".json")


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def checked(path: Path) -> Model:
    """Return the model at exactly this path.

    Raises:
        NoModel: it is not there, has no note, or is not the file that was trained.
    """
    if not path.name.endswith(".tar.gz") or not path.is_file():
        raise NoModel(f"There is no model file {path.name}. Make it: python -m dialogue.train --out {path.parent}")
    note = note_path(path)
    if not note.is_file():
        raise NoModel(f"{path.name} has no note beside it ({note.name}), so it cannot be trusted. Train again.")
    expected = json.loads(note.read_text(encoding="utf-8")).get("sha256")
    found = sha256_of(path)
    if found != expected:
        raise NoModel(f"{path.name} is not the file that was trained (its SHA-256 differs). Train again.")
    return Model(path.name[: -len(".tar.gz")], path, found)
