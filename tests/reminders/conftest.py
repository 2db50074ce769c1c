"""Youths who have written, meetings that they have, and the sweeper that reminds them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select

from bot.booking.models import ContactHow
from bot.booking.service import Booked, Booking
from bot.clock import FakeClock
from bot.conversations.models import OutboundMessage
from bot.db.session import Database
from bot.reminders.service import Reminders
from bot.reminders.sweeper import Sweeper
from bot.texts import Texts
from tests.booking.conftest import add_conversation, add_counsellor, booking
from tests.conversations.conftest import Youth, dialogue, make_youth, settle, worker, youth

__all__ = ["add_conversation", "add_counsellor", "booking", "dialogue", "make_youth", "settle", "worker", "youth"]


@pytest.fixture
def sweeper(database: Database, clock: FakeClock, texts: Texts) -> Sweeper:
    """The sweeper on the test's database."""
    return Sweeper(database, clock, texts)


@pytest.fixture
def reminders(database: Database, clock: FakeClock) -> Reminders:
    """What the dialogue asks for, on the test's database."""
    return Reminders(database, clock)


@pytest.fixture
def meet(
    booking: Booking, youth: Youth, add_counsellor: Callable[..., str], clock: FakeClock
) -> Callable[[datetime], Booked]:
    """Let the youth write, and book a time with Maria, who is there every day from 8 to 22."""
    add_counsellor("Maria", *(f"{day} 08:00-22:00" for day in range(7)))
    youth.send("hej")

    def book(at: datetime) -> Booked:
        booked = booking.book(
            conversation_id=youth.conversation.id, municipality="Motala", topic="", how=ContactHow.PHONE,
            starts_at=at, call_me="anonym", contact=None, request_key=f"k{at.isoformat()}",
        )  # fmt: skip
        assert isinstance(booked, Booked)
        return booked

    return book


def reminded(youth: Youth) -> list[str]:
    """What was said unasked, in order: names of responses."""
    return [row.response or "" for row in youth.outbox() if row.key.startswith("reminder:")]


def said_to_anybody(database: Database) -> list[str]:
    """The outbox keys of everything said unasked, to anybody."""
    with database.reading() as session:
        keys = session.scalars(select(OutboundMessage.key).where(OutboundMessage.key.startswith("reminder:")))
        return list(keys)
