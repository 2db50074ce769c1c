"""The programs' log files: a new one each day, at each start and at a size, and none older than it may be.

A program writes to a pipe of ours, so that its file can change under it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

DAY = timedelta(days=1)
# Of one program: about 100 MB at most, 20 starts at least.
LARGEST_BYTES = 5_000_000
OLD_FILES = 20


class LogFile:
    """One program's log: ``name.log``, and its earlier parts as ``name.log.1``, ``name.log.2`` and so on."""

    def __init__(self, path: Path, kept: timedelta, *, now: Callable[[], float] = time.time) -> None:
        """Open a log.

        Args:
            path: of the newest part.
            kept: no line stays longer than this; a day at least.
            now: seconds since 1970, as files have them.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._now = path, now
        # A part covers a day at most, so its last line goes a day before the first would be too old.
        self._part_kept = max(kept - DAY, timedelta(0))
        self._file = RotatingFileHandler(path, maxBytes=LARGEST_BYTES, backupCount=OLD_FILES)
        self._lock = threading.Lock()
        self._began = now()
        if path.stat().st_size:
            self._file.doRollover()
        self.tidy()

    def follow(self, pipe: IO[bytes]) -> None:
        """Write down every line until the program ends."""
        with pipe:
            for line in pipe:
                with self._lock:
                    words = line.decode("utf-8", "replace").rstrip("\n")
                    self._file.emit(logging.makeLogRecord({"msg": words}))

    def tidy(self) -> None:
        """Begin a new part when the newest is a day old, and take away the parts that are too old."""
        with self._lock:
            now = self._now()
            if now - self._began >= DAY.total_seconds():
                self._began = now
                if self._path.stat().st_size:
                    self._file.doRollover()
            for part in self._path.parent.glob(f"{self._path.name}.*"):
                if now - part.stat().st_mtime >= self._part_kept.total_seconds():
                    part.unlink()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
