"""Reads the data files of the catalogue as rows, before anything is made of them.

Called by `files`, which makes values of the rows, and by `layers`, which lays an import and edits of staff over them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

# The C loader reads the whole catalogue in a tenth of the time; it is missing where libyaml is.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
KINDS = ("municipalities", "localities", "programmes", "providers")
_KEY_OF = {"municipalities": "code", "localities": "name", "programmes": "code", "providers": "id"}

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Problem:
    """A fault in a data file: where it is, and what to do about it."""

    file: str
    row: str
    message: str
    # The other row, when two do not go together.
    other: str | None = None

    def __str__(self) -> str:
        return f"{self.file}: {self.row}: {self.message}"


@dataclass
class RawRow:
    """A row as it stands: the file (or layer) it is from, and the whole file, whose law and advice cards need."""

    file: str
    row: dict[str, Any]
    whole: Row = field(default_factory=dict)


@dataclass
class RawRows:
    """All rows by kind and key, before anything is made of them."""

    rows: dict[str, dict[str, RawRow]]
    digest: str


def read_rows(folder: Path) -> tuple[RawRows, list[Problem]]:
    """Read all files of the folder as rows; what cannot be read at all is named in the list.

    The rows are shared between calls and must not be changed (`layers.copy_of`): files that have not changed since are
    not read again, for the console reads them on every page.
    """
    files = tuple(
        (path.name, status.st_mtime_ns, status.st_size, status.st_ino)
        for path in sorted(folder.glob("*.yml"))
        for status in (path.stat(),)
    )
    raw, problems = _read(folder, files)
    return raw, list(problems)


@lru_cache(maxsize=4)
def _read(folder: Path, _files: tuple[tuple[str, int, int, int], ...]) -> tuple[RawRows, tuple[Problem, ...]]:
    raw, problems = _Reader(folder).read()
    return raw, tuple(problems)


class _Reader:
    """One reading of a folder: collects rows, the file of each, and the problems."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.raw: dict[str, dict[str, RawRow]] = {kind: {} for kind in KINDS}
        self.digest = hashlib.sha256()

    def read(self) -> tuple[RawRows, list[Problem]]:
        self._rows("municipalities", ["municipalities.yml"])
        self._rows("localities", ["localities.yml"])
        self._rows("programmes", ["programmes.yml"])
        names = sorted(path.name for path in self.folder.glob("providers*.yml"))
        if not names:
            self._problem("providers*.yml", "-", "no such file; a catalogue has at least one")
        self._rows("providers", names)
        return RawRows(self.raw, self.digest.hexdigest()), self.problems

    def _rows(self, kind: str, names: Iterable[str]) -> None:
        for name in names:
            whole = self._file(name, kind)
            for number, row in enumerate(whole.get(kind) or [], start=1):
                if not isinstance(row, dict):
                    self._problem(name, f"row {number}", "is no mapping; write 'key: value' lines under a '-'")
                    continue
                label = str(row.get(_KEY_OF[kind]) or f"row {number}")
                if label in self.raw[kind]:
                    self._problem(name, label, f"stands in {self.raw[kind][label].file} too; keep one of them")
                    continue
                self.raw[kind][label] = RawRow(name, row, whole)

    def _file(self, name: str, kind: str) -> Row:
        path = self.folder / name
        try:
            raw = path.read_bytes()
        except OSError:
            self._problem(name, "-", f"cannot be read; the folder {self.folder} needs it")
            return {}
        self.digest.update(name.encode() + b"\0" + raw)
        try:
            content = _parsed(raw)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f"line {mark.line + 1}" if mark else "-"
            self._problem(name, where, f"is no valid YAML ({getattr(error, 'problem', error)}); correct it")
            return {}
        if not isinstance(content, dict) or not isinstance(content.get(kind), list):
            self._problem(name, "-", f"holds no list named '{kind}'; add '{kind}:' with one '-' per row")
            return {}
        return content

    def _problem(self, file: str, row: str, message: str) -> None:
        self.problems.append(Problem(file, row, message))


def _parsed(raw: bytes) -> Any:
    """Read YAML; both loaders build plain values only. The slow one names the line of a fault better.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    try:
        return yaml.load(raw, _LOADER)
    except yaml.YAMLError:
        return yaml.safe_load(raw)


def plain(value: Any) -> Any:
    """Return a value of the file as JSON can hold it: dates as ISO text."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value
