"""Counsellors with hours, and youths who only exist as rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.booking.hours import Period, parse_time
from bot.booking.rota import set_hours
from bot.booking.service import Booking
from bot.clock import FakeClock
from bot.console.models import Staff
from bot.conversations.models import Conversation
from bot.db.base import new_id
from bot.db.session import Database
from bot.people.models import Person


@pytest.fixture
def booking(database: Database, clock: FakeClock) -> Booking:
    """Bookings on the test's database."""
    return Booking(database, clock)


@pytest.fixture
def add_counsellor(database: Database, clock: FakeClock) -> Callable[..., str]:
    """Add a counsellor; `hours` are such as `"0 09:00-12:00"` (0 is Monday)."""

    def add(
        name: str,
        *hours: str,
        municipalities: tuple[str, ...] = (),
        active: bool = True,
        role: str = "counsellor",
    ) -> str:
        with database.transaction() as session:
            row = Staff(
                id=new_id(),
                username=name.lower(),
                display_name=name,
                password_hash="-",
                roles=[role],
                municipalities=list(municipalities),
                active=active,
                created_at=clock(),
            )
            session.add(row)
            session.flush()
            set_hours(session, row.id, [_period(text) for text in hours])
            return row.id

    return add


def _period(text: str) -> Period:
    day, _, times = text.partition(" ")
    starts, _, ends = times.partition("-")
    return Period(int(day), parse_time(starts), parse_time(ends))


@pytest.fixture
def add_conversation(database: Database, clock: FakeClock) -> Callable[[], str]:
    """Add somebody who writes to us; returns the conversation's id."""
    return lambda: new_conversation(database, clock)


def new_conversation(database: Database, clock: FakeClock) -> str:
    """Add somebody who writes to us, as rows only."""
    with database.transaction() as session:
        person = Person(id=new_id(), channel="test", created_at=clock(), last_seen_at=clock())
        session.add(person)
        session.flush()
        conversation = Conversation(
            id=new_id(),
            person_id=person.id,
            channel="test",
            created_at=clock(),
            inbound_seq=0,
            outbound_seq=0,
            claim_no=0,
            session=0,
            state="BOT",
            risk="none",
            language="sv",
        )
        session.add(conversation)
        return conversation.id
