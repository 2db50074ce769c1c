"""Which times are offered: notice, municipalities, holidays, clock changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bot.booking.service import Booked, Booking
from bot.clock import STOCKHOLM, FakeClock
from bot.db.session import Database
from tests.booking.steps import book, shown, standing, wall

Add = Callable[..., str]


def test_the_first_times_leave_two_hours_of_notice(booking: Booking, add_counsellor: Add) -> None:
    add_counsellor("Maria")
    # It is Monday 10.00.
    assert shown(booking.free_times("Motala")) == ["Mon 12:00 Maria", "Mon 12:30 Maria", "Mon 13:00 Maria"]


def test_later_times_follow_strictly_after_the_last_one_shown(booking: Booking, add_counsellor: Add) -> None:
    add_counsellor("Maria")
    first = booking.free_times(None)
    assert shown(booking.free_times(None, limit=2, after=first[-1].starts_at)) == [
        "Mon 13:30 Maria",
        "Mon 14:00 Maria",
    ]


def test_only_counsellors_who_cover_the_municipality_are_offered(booking: Booking, add_counsellor: Add) -> None:
    add_counsellor("Linda", "1 10:00-11:00", municipalities=("Motala",))
    add_counsellor("Karin", "1 09:00-10:00", municipalities=("Kinda",))
    add_counsellor("Gone", "1 08:00-09:00", active=False)
    add_counsellor("Reviewer", "1 08:00-09:00", role="reviewer")

    assert shown(booking.free_times("Motala", limit=1)) == ["Tue 10:00 Linda"]
    assert shown(booking.free_times("Kinda", limit=1)) == ["Tue 09:00 Karin"]
    assert shown(booking.free_times(None, limit=1)) == ["Tue 09:00 Karin"]
    assert booking.free_times("Ydre") == ()


def test_each_time_is_shown_once_and_goes_to_who_has_fewer_meetings(
    booking: Booking, add_counsellor: Add, add_conversation: Add
) -> None:
    add_counsellor("Anna", "1 09:00-11:00")
    add_counsellor("Bo", "1 09:00-11:00")
    book(booking, add_conversation(), wall("2026-11-24T09:00"), "k")

    assert shown(booking.free_times(None)) == ["Tue 09:00 Bo", "Tue 09:30 Bo", "Tue 10:00 Bo"]


def test_holidays_and_the_eves_are_skipped(booking: Booking, add_counsellor: Add, clock: FakeClock) -> None:
    add_counsellor("Maria")
    clock.now = wall("2026-12-23T15:00")
    assert shown(booking.free_times(None, limit=1)) == ["Mon 09:00 Maria"]
    assert booking.free_times(None, limit=1)[0].starts_at == wall("2026-12-28T09:00")


@pytest.mark.parametrize(
    ("now", "expected"),
    [("2026-03-27T15:30", "2026-03-30T09:00"), ("2026-10-23T15:30", "2026-10-26T09:00")],
)
def test_times_after_a_clock_change_are_wall_times(
    booking: Booking, add_counsellor: Add, clock: FakeClock, now: str, expected: str
) -> None:
    add_counsellor("Maria")
    clock.now = wall(now)
    assert booking.free_times(None, limit=1)[0].starts_at == wall(expected)


@pytest.mark.parametrize(("day", "slots"), [("2026-03-29", 4), ("2026-10-25", 8)])
def test_every_half_hour_of_a_night_with_a_clock_change_can_be_booked_once(
    booking: Booking,
    add_counsellor: Add,
    add_conversation: Add,
    clock: FakeClock,
    database: Database,
    day: str,
    slots: int,
) -> None:
    add_counsellor("Night", "6 01:00-04:00")
    clock.now = wall(f"{day}T00:00") - timedelta(days=1)
    times = booking.free_times(None, limit=slots)
    assert {time.starts_at.astimezone(STOCKHOLM).date().isoformat() for time in times} == {day}

    for number, time in enumerate(times):
        assert isinstance(book(booking, add_conversation(), time.starts_at, f"k{number}"), Booked)
    assert standing(database) == slots
    later = booking.free_times(None, limit=1)
    assert later[0].starts_at.astimezone(STOCKHOLM).date() > datetime.fromisoformat(day).date()
