"""The journal remembers through a kill, forgets what is finished, and stays small."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels.telegram.journal import COMPACT_BYTES, Mark, SendJournal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "sender.journal"


def test_marks_are_read_again_by_the_next_life(path: Path) -> None:
    first = SendJournal(path)
    first.note("a:1:0", Mark.LEFT)
    first.note("b:1:0", Mark.LEFT)
    first.note("b:1:0", Mark.ANSWERED)
    # Not closed: a killed program closes nothing.
    second = SendJournal(path)
    assert [second.mark_of(key) for key in ("a:1:0", "b:1:0", "c:1:0")] == [Mark.LEFT, Mark.ANSWERED, None]
    first.close()
    second.close()


def test_a_line_that_was_cut_off_is_not_believed(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("left a:1:0\nleft b:1")
    journal = SendJournal(path)
    assert journal.mark_of("a:1:0") is Mark.LEFT
    assert journal.mark_of("b:1") is None
    journal.close()


def test_a_journal_of_many_sends_stays_small(path: Path) -> None:
    journal = SendJournal(path)
    journal.note("unfinished:1:0", Mark.LEFT)
    for number in range(10_000):
        journal.note(f"{number}:1:0", Mark.LEFT)
        journal.finish(f"{number}:1:0")
    assert path.stat().st_size < COMPACT_BYTES + 100
    journal.close()
    again = SendJournal(path)
    assert again.mark_of("unfinished:1:0") is Mark.LEFT
    again.close()


def test_only_the_owner_may_read_it(path: Path) -> None:
    journal = SendJournal(path)
    journal.compact()
    assert path.stat().st_mode & 0o077 == 0
    journal.close()
