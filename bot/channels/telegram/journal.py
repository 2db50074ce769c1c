"""A journal of sends on the local disk, so that a sender killed mid-send neither loses nor doubles.

The database says that a message was *being* sent; only this file knows whether the request had left.
Each line is one `write` to the kernel: it outlives `kill -9` (a power cut may lose the last lines, and
then a message is sent once more). Used by the sender alone, which holds the seat beside it (`seat`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path

# Rewritten without the finished sends when it has grown to this.
COMPACT_BYTES = 64_000


class Mark(StrEnum):
    """What the journal knows of a send; the last mark of a key counts."""

    LEFT = "left"
    """The whole request is with the kernel: Telegram has it, or will."""
    ANSWERED = "answered"
    """Telegram said yes."""
    REFUSED = "refused"
    """Telegram said no: nobody has read the message."""


class SendJournal:
    """Notes of sends by key; a key is used for one request only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._marks = _read(path)
        self._file = _open(path)

    def note(self, key: str, mark: Mark) -> None:
        """Write a mark; it is kept when this returns."""
        self._marks[key] = mark
        os.write(self._file, f"{mark} {key}\n".encode())

    def mark_of(self, key: str) -> Mark | None:
        """Return the last mark of a send; None when its request never left."""
        return self._marks.get(key)

    def finish(self, key: str) -> None:
        """Forget a send whose outcome stands in the database."""
        self._marks.pop(key, None)
        if os.fstat(self._file).st_size > COMPACT_BYTES:
            self.compact()

    def compact(self) -> None:
        """Rewrite the file with the unfinished sends only."""
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        file = _open(fresh)
        os.write(file, _lines(self._marks))
        os.replace(fresh, self._path)
        os.close(self._file)
        self._file = file

    def keep_only(self, wanted: Callable[[str], bool]) -> None:
        """Forget the other sends: those of an earlier life have been settled."""
        self._marks = {key: mark for key, mark in self._marks.items() if wanted(key)}
        self.compact()

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _lines(marks: Mapping[str, Mark]) -> bytes:
    return "".join(f"{mark} {key}\n" for key, mark in marks.items()).encode()


def _read(path: Path) -> dict[str, Mark]:
    marks: dict[str, Mark] = {}
    if not path.exists():
        return marks
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]:
        mark, _, key = line.partition(" ")
        if mark in set(Mark) and key:
            marks[key] = Mark(mark)
    return marks
