"""What the tests of meetings do and look at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select

from bot.booking.models import BookingRow, ContactHow
from bot.booking.service import Booking
from bot.clock import STOCKHOLM
from bot.db.session import Database

Add = Callable[..., str]


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


def shown(times: object) -> list[str]:
    return [f"{time.starts_at.astimezone(STOCKHOLM):%a %H:%M} {time.counsellor_name}" for time in times]  # type: ignore[attr-defined]


def book(booking: Booking, conversation: str, at: datetime, key: str, **values: object) -> object:
    fields = {
        "municipality": "Motala",
        "topic": "komvux",
        "how": ContactHow.PHONE,
        "call_me": "<person_name_1>",
        "contact": "<phone_number_1>",
        **values,
    }
    return booking.book(conversation_id=conversation, starts_at=at, request_key=key, **fields)  # type: ignore[arg-type]


def standing(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(BookingRow).where(BookingRow.state == "booked")) or 0
