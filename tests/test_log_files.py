"""Log files: no line stays longer, and no log grows larger, than the retention plan and the data map say."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path

from bot.log_files import LARGEST_BYTES, OLD_FILES, LogFile

DAY = timedelta(days=1).total_seconds()
KEPT = timedelta(days=14)
START = 1_800_000_000.0


class Time:
    """Seconds that move only when a test moves them; files written now are as old as it says."""

    def __init__(self, path: Path) -> None:
        self.now, self._path = START, path

    def __call__(self) -> float:
        return self.now

    def write(self, log: LogFile, *lines: str) -> None:
        log.follow(io.BytesIO("".join(f"{line}\n" for line in lines).encode()))
        os.utime(self._path, (self.now, self.now))


def _lines(folder: Path) -> list[str]:
    parts = sorted(folder.iterdir(), reverse=True)
    return [line for part in parts for line in part.read_text(encoding="utf-8").splitlines()]


def test_no_line_is_kept_longer_than_the_plan_says(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    time = Time(path)
    log = LogFile(path, KEPT, now=time)
    for day in range(31):
        time.now = START + day * DAY
        log.tidy()
        time.write(log, f"dag {day}")
        oldest = min(int(line.split()[1]) for line in _lines(tmp_path))
        assert day - oldest <= KEPT.days
    assert "dag 18" in _lines(tmp_path), "nor shorter"
    log.close()


def test_a_program_that_says_nothing_keeps_no_old_line(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    time = Time(path)
    log = LogFile(path, KEPT, now=time)
    time.write(log, "en rad")
    for _ in range(15):
        time.now += DAY
        log.tidy()
    assert _lines(tmp_path) == []
    log.close()


def test_each_start_begins_a_new_file_so_that_its_age_is_known(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    time = Time(path)
    for start in range(40):
        log = LogFile(path, KEPT, now=time)
        time.write(log, f"start {start}")
        log.close()
        time.now += DAY / 2
    assert "start 0" not in _lines(tmp_path)
    assert path.read_text(encoding="utf-8") == "start 39\n"


def test_a_log_never_grows_above_its_size(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    log = LogFile(path, KEPT)
    log.follow(io.BytesIO(b"".join(b"x" * 999_999 + b"\n" for _ in range(12))))
    sizes = [part.stat().st_size for part in tmp_path.iterdir()]
    assert len(sizes) == 3
    assert max(sizes) <= LARGEST_BYTES
    assert LARGEST_BYTES * (OLD_FILES + 1) <= 105_000_000, "what the data map says"
    log.close()


def test_a_line_that_is_no_text_is_written_down_all_the_same(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "bot.log", KEPT)
    log.follow(io.BytesIO(b"\xff\xfe\nen rad till utan slut"))
    log.close()

    assert (tmp_path / "bot.log").read_text(encoding="utf-8").endswith("\nen rad till utan slut\n")
