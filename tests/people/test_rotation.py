"""Rotating the keys: everything is encrypted anew, while people write, and again after a break."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, func, select, type_coerce

from bot.clock import FakeClock
from bot.conversations.inbox import Inbox
from bot.conversations.incoming import Incoming
from bot.conversations.models import InboundKind, InboundMessage
from bot.db.base import keyring, use_keyring
from bot.db.session import Database
from bot.people import rotation
from bot.people.rotation import rotate
from bot.people.vault import Vault, load_fingerprint_key
from bot.safety.crypto import Keyring, UndecipherableError, new_key
from bot.texts import Texts
from tests.conversations.conftest import Youth
from tests.databases import sqlite_at
from tests.fakes.dialogue import FakeDialogue
from tests.people.canary import WORD, tables_with
from tests.people.test_canary import leave_traces

Settle = Callable[[], Awaitable[None]]
OLD, NEW = new_key(), new_key()


@pytest.fixture(autouse=True)
def old_key() -> Iterator[None]:
    """Begin with the old key alone; leave the keys as they were."""
    before = keyring()
    use_keyring(Keyring.from_text(OLD))
    yield
    use_keyring(before)


def of_the_first_key(database: Database) -> bool:
    with database.reading() as session:
        for _, columns in rotation.sealed_columns():
            for row in session.execute(select(*(type_coerce(column, LargeBinary) for column in columns))):
                if not all(keyring().is_current(value) for value in row if value is not None):
                    return False
    return True


async def test_afterwards_nothing_needs_the_old_key(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, texts: Texts, dialogue: FakeDialogue
) -> None:
    await leave_traces(youth, settle, database, clock, texts, dialogue)
    with database.transaction() as session:
        fingerprint = load_fingerprint_key(session)
    before = tables_with(database, WORD)
    use_keyring(Keyring.from_text(f"{NEW},{OLD}"))
    assert not of_the_first_key(database)

    done = rotate(database, batch=3)
    assert done.changed > 20
    assert done.unreadable == 0
    use_keyring(Keyring.from_text(NEW))
    assert of_the_first_key(database)
    assert tables_with(database, WORD) == before
    with database.transaction() as session:
        assert load_fingerprint_key(session) == fingerprint, "people are found by the same hash as before"
    assert rotate(database).changed == 0


def test_what_lay_there_before_is_overwritten(tmp_path: Path, clock: FakeClock, texts: Texts, vault: Vault) -> None:
    db = sqlite_at(tmp_path / "busy.db", busy_ms=50)
    Inbox(db, vault, texts, clock).receive(Incoming("test", "u", "a", InboundKind.TEXT, text=WORD))
    with db.reading() as session:
        before = bytes(session.scalars(select(type_coerce(InboundMessage.raw_text, LargeBinary))).one())

    def lingers() -> bool:
        return any(before in path.read_bytes() for path in tmp_path.glob("busy.db*"))

    assert lingers()
    use_keyring(Keyring.from_text(f"{NEW},{OLD}"))
    with db.reading() as reader:
        assert reader.scalar(select(func.count()).select_from(InboundMessage)) == 1
        assert not rotate(db).overwritten, "somebody still reads from the old pages"
    done = rotate(db)
    assert (done.changed, done.overwritten) == (0, True)
    assert not lingers()
    db.close()


async def test_broken_off_it_goes_on_where_it_was(
    youth: Youth, settle: Settle, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        youth.send(f"{WORD} {number}")
        await settle()
    use_keyring(Keyring.from_text(f"{NEW},{OLD}"))
    real, calls = rotation._renew, iter(range(3))

    def dies(*values: object) -> tuple[int, int]:
        if next(calls, None) is None:
            raise ConnectionResetError
        return real(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(rotation, "_renew", dies)
    with pytest.raises(ConnectionResetError):
        rotate(database, batch=2)
    monkeypatch.setattr(rotation, "_renew", real)
    assert tables_with(database, WORD)

    rotate(database, batch=2)
    use_keyring(Keyring.from_text(NEW))
    assert of_the_first_key(database)
    assert len([row for row in youth.inbox() if WORD in (row.text or "")]) == 3


async def test_what_is_written_meanwhile_is_not_lost(youth: Youth, settle: Settle, database: Database) -> None:
    for number in range(3):
        youth.send(f"före {number}")
        await settle()
    use_keyring(Keyring.from_text(f"{NEW},{OLD}"))
    writer = threading.Thread(target=lambda: [youth.send(f"under {number}") for number in range(8)])
    writer.start()
    rotate(database, batch=1)
    writer.join()
    rotate(database)

    use_keyring(Keyring.from_text(NEW))
    texts = [row.text for row in youth.inbox()]
    assert texts == [*(f"före {n}" for n in range(3)), *(f"under {n}" for n in range(8))]


async def test_a_missing_key_is_said_and_nothing_is_spoilt(youth: Youth, database: Database) -> None:
    youth.send(WORD)
    use_keyring(Keyring.from_text(NEW))
    done = rotate(database)
    assert done.changed == 0
    assert done.unreadable > 0
    with pytest.raises(UndecipherableError) as failure:
        youth.inbox()
    assert WORD not in str(failure.value)
    assert OLD not in str(failure.value)

    use_keyring(Keyring.from_text(OLD))
    assert [row.text for row in youth.inbox()] == [WORD]
