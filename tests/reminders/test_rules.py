"""When something may be said unasked: quiet hours, clock changes, one a week."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reminders.models import CheckIns, ReminderKind
from bot.reminders.rules import is_quiet, meeting_reminder, meeting_window, next_check_in, out_of_quiet
from tests.booking.steps import wall

DAY, SOON = ReminderKind.MEETING_DAY, ReminderKind.MEETING_SOON


@pytest.mark.parametrize(
    ("starts", "day", "soon"),
    [
        ("2026-11-26T14:00", "2026-11-25T14:00", "2026-11-26T12:00"),
        # Two hours before nine is night: at eight. Half past eight leaves too little: the evening before.
        ("2026-11-26T09:00", "2026-11-25T09:00", "2026-11-26T08:00"),
        ("2026-11-26T08:15", "2026-11-25T08:15", "2026-11-25T20:30"),
        ("2026-11-26T07:00", "2026-11-25T08:00", "2026-11-25T20:30"),
        ("2026-11-26T21:30", "2026-11-25T20:30", "2026-11-26T19:30"),
        # The clock goes forward in the night to 29 March, back in the night to 25 October: wall time counts.
        ("2026-03-29T14:00", "2026-03-28T14:00", "2026-03-29T12:00"),
        ("2026-10-25T14:00", "2026-10-24T14:00", "2026-10-25T12:00"),
    ],
)
def test_a_meeting_is_reminded_of_the_day_before_and_two_hours_before(starts: str, day: str, soon: str) -> None:
    assert meeting_window(DAY, wall(starts)).due_at == wall(day)
    assert meeting_window(SOON, wall(starts)).due_at == wall(soon)


def test_late_is_better_than_never_until_the_next_one_is_due() -> None:
    starts, booked = wall("2026-11-26T14:00"), wall("2026-11-20T10:00")
    at = {text: meeting_reminder(wall(text), starts, booked) for text in (
        "2026-11-25T13:59", "2026-11-25T14:00", "2026-11-26T11:59", "2026-11-26T12:00", "2026-11-26T13:59",
        "2026-11-26T14:00",
    )}  # fmt: skip
    assert list(at.values()) == [None, DAY, DAY, SOON, SOON, None]


def test_who_has_just_booked_is_not_reminded_of_it() -> None:
    starts = wall("2026-11-26T14:00")
    assert meeting_reminder(wall("2026-11-26T12:00"), starts, wall("2026-11-26T11:30")) is None
    assert meeting_reminder(wall("2026-11-26T09:00"), starts, wall("2026-11-26T08:30")) is None
    assert meeting_reminder(wall("2026-11-26T12:00"), starts, wall("2026-11-26T08:30")) is SOON


_minutes = st.integers(0, 400 * 24 * 60).map(lambda number: wall("2026-01-01T00:00") + timedelta(minutes=number))


@given(_minutes)
def test_nothing_that_is_planned_falls_into_the_night(at: datetime) -> None:
    assert not is_quiet(out_of_quiet(at, at - timedelta(days=1)))
    assert not is_quiet(meeting_window(DAY, at).due_at)
    assert not is_quiet(meeting_window(SOON, at).due_at)


@pytest.mark.parametrize(
    ("asked", "now", "said"),
    [
        ("2026-11-26T22:00", "2026-11-26T12:00", "2026-11-26T20:30"),
        ("2026-11-26T22:00", "2026-11-26T20:45", "2026-11-27T08:00"),
        ("2026-11-26T03:00", "2026-11-25T12:00", "2026-11-26T08:00"),
        ("2026-11-26T20:59", "2026-11-26T12:00", "2026-11-26T20:59"),
    ],
)
def test_what_was_asked_for_at_night_comes_a_little_before_it_or_after(asked: str, now: str, said: str) -> None:
    assert out_of_quiet(wall(asked), wall(now)) == wall(said)


def plan(mode: CheckIns, days: int) -> list[str]:
    """Let somebody who never writes be checked in on, hour by hour."""
    now = since = wall("2026-03-20T10:00")
    said: list[datetime] = []
    for hours in range(days * 24):
        now = since + timedelta(hours=hours)
        due = next_check_in(mode, since, len(said), since, said)
        if due is not None and due <= now:
            said.append(now)
    return [(at.date() - since.date()).days for at in said]


def test_silence_is_met_four_times_with_at_least_a_week_between() -> None:
    # Day 7 would be five days after day 2: at most one a week goes before it.
    assert plan(CheckIns.SILENCE, 120) == [2, 9, 21, 60]


def test_weekly_means_ten_weeks_also_over_a_clock_change() -> None:
    assert plan(CheckIns.WEEKLY, 120) == [7 * week for week in range(1, 11)]


def test_by_default_nothing_is_planned() -> None:
    assert next_check_in(CheckIns.OFF, wall("2026-03-20T10:00"), 0, None, []) is None


def test_a_check_in_gives_way_to_what_was_asked_for() -> None:
    since = wall("2026-03-20T10:00")
    asked = wall("2026-03-24T12:00")
    assert next_check_in(CheckIns.SILENCE, since, 0, since, [asked]) == wall("2026-03-31T16:30")
