"""`bot bench bookings`: a thousand young people want the same time at the same moment; one may get it.

On a database of its own (a SQLite file that goes away again), or on the one that `--database` names:
there in a schema of its own.
"""

from __future__ import annotations

import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select, text

from bot.booking.models import BookingCell, BookingRow, BookingState, ContactHow
from bot.booking.service import Booked, Booking
from bot.clock import FakeClock
from bot.console.models import Staff
from bot.conversations.models import Conversation
from bot.db.base import new_id, use_keyring
from bot.db.metadata import metadata
from bot.db.session import Database
from bot.people.models import Person
from bot.safety.crypto import Keyring, new_key

_NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_WANTED = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
# As many as the pool has connections are in the database at once; the rest queue before it, as requests do.
_AT_ONCE = 25
_LONGEST_WAIT_SECONDS = 600


@dataclass(frozen=True)
class Crowd:
    """What came of the crowd."""

    wanted: int
    booked: int
    standing: int
    cells: int
    errors: int
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether exactly one got the time, and the table says so too."""
        return self.booked == 1 and self.standing == 1 and self.errors == 0

    def __str__(self) -> str:
        return (
            f"{self.wanted} at once: {self.booked} booked, {self.standing} in the table "
            f"({self.cells} quarter-hours), {self.errors} errors, {self.seconds:.1f} s"
        )


def run(url: str | None, people: int = 1_000, say: Callable[[str], None] = print) -> Crowd:
    """Let a crowd want one time, and say what came of it."""
    use_keyring(Keyring.from_text(new_key()))
    with own_database(url) as db:
        result = crowd(db, people)
    say(str(result))
    return result


def crowd(db: Database, people: int) -> Crowd:
    """Let so many threads book the same time of one counsellor at the same moment."""
    youths = _fill(db, people)
    booking = Booking(db, FakeClock(_NOW))
    gate = threading.Barrier(people)
    room = threading.Semaphore(_AT_ONCE)
    results: list[object] = []

    def want(youth: str) -> None:
        gate.wait()
        try:
            with room:
                results.append(_book(booking, youth))
        except Exception as error:  # noqa: BLE001 - whatever it is, it counts as an error
            results.append(error)

    threads = [threading.Thread(target=want, args=(youth,)) for youth in youths]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_LONGEST_WAIT_SECONDS)
    seconds = time.monotonic() - began
    with db.reading() as session:
        standing = session.scalar(select(func.count()).select_from(BookingRow).where(
            BookingRow.state == BookingState.BOOKED))  # fmt: skip
        cells = session.scalar(select(func.count()).select_from(BookingCell))
    return Crowd(
        wanted=people,
        booked=sum(isinstance(result, Booked) for result in results),
        standing=standing or 0,
        cells=cells or 0,
        errors=sum(isinstance(result, Exception) for result in results) + people - len(results),
        seconds=seconds,
    )


def _book(booking: Booking, youth: str) -> object:
    return booking.book(
        conversation_id=youth,
        municipality="Motala",
        topic="",
        how=ContactHow.CHAT,
        starts_at=_WANTED,
        call_me="anonym",
        contact=None,
        request_key=youth,
    )


def _fill(db: Database, people: int) -> list[str]:
    """Add one counsellor and the crowd; return the conversations."""
    youths = []
    with db.transaction() as session:
        session.add(
            Staff(
                id=new_id(), username="maria", display_name="Maria", password_hash="-", roles=["counsellor"],  # noqa: S106
                municipalities=[], active=True, created_at=_NOW,
            )
        )  # fmt: skip
        for _ in range(people):
            person = Person(id=new_id(), channel="bench", created_at=_NOW, last_seen_at=_NOW)
            session.add(person)
            conversation = Conversation(
                id=new_id(), person_id=person.id, channel="bench", created_at=_NOW, language="sv", state="BOT",
                risk="none", inbound_seq=0, outbound_seq=0, claim_no=0, session=0,
            )  # fmt: skip
            session.flush()
            session.add(conversation)
            youths.append(conversation.id)
    return youths


@contextmanager
def own_database(url: str | None) -> Iterator[Database]:
    """Open an empty database of our own that goes away again."""
    if url is None or url.startswith("sqlite"):
        with tempfile.TemporaryDirectory() as folder:
            db = Database(f"sqlite:///{Path(folder) / 'bench.db'}", busy_ms=_LONGEST_WAIT_SECONDS * 1000)
            metadata().create_all(db.engine)
            yield db
            db.close()
        return
    schema = f"bench_{uuid.uuid4().hex[:12]}"
    home = Database(url)
    with home.engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    join = "&" if "?" in url else "?"
    db = Database(f"{url}{join}options=-csearch_path%3D{schema}")
    try:
        metadata().create_all(db.engine)
        yield db
    finally:
        db.close()
        with home.engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        home.close()
