"""What was deleted is in none of SQLite's files, or it is said that it still may be."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import delete, func, select

from bot.clock import FakeClock
from bot.db.session import Database
from bot.people.models import Person
from tests.databases import sqlite_at
from tests.people.canary import WORD, files_with


def _deleted(db: Database, clock: FakeClock) -> None:
    with db.transaction() as session:
        session.add(Person(channel="test", municipality=WORD, created_at=clock(), last_seen_at=clock()))
    with db.transaction() as session:
        session.execute(delete(Person))


def test_what_was_deleted_is_in_no_file(tmp_path: Path, clock: FakeClock) -> None:
    db = sqlite_at(tmp_path / "bot.db")
    _deleted(db, clock)
    assert files_with(tmp_path, WORD)

    assert db.overwrite_freed([])
    assert files_with(tmp_path, WORD) == set()
    db.close()


def test_while_somebody_reads_it_is_said_not_to_be_done_and_goes_later(tmp_path: Path, clock: FakeClock) -> None:
    db = sqlite_at(tmp_path / "bot.db", busy_ms=50)
    _deleted(db, clock)
    with db.reading() as reader:
        reader.scalar(select(func.count()).select_from(Person))
        assert not db.overwrite_freed([])
        assert files_with(tmp_path, WORD) == {"bot.db-wal"}

    assert db.overwrite_freed([])
    assert files_with(tmp_path, WORD) == set()
    db.close()


def test_a_database_that_cannot_clear_its_rows_says_so(database: Database) -> None:
    if not database.is_sqlite:
        assert not database.overwrite_freed(["no such table"])
    assert database.overwrite_freed(["person"])
