"""Opening hours in Swedish wall time: holidays, eves, and the two days on which the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from bot.booking.hours import (
    DEFAULT_HOURS,
    Period,
    is_holiday,
    is_open,
    next_opening,
    parse_time,
    spans_of,
)
from bot.booking.rules import starts_in
from bot.clock import STOCKHOLM

SUNDAY_NIGHT = [Period(6, time(1), time(4))]


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


@pytest.mark.parametrize(
    "day",
    [
        "2026-01-01",
        "2026-01-06",
        "2026-04-03",
        "2026-05-14",
        "2026-06-06",
        "2026-06-19",
        "2026-12-24",
        "2026-12-31",
    ],
)
def test_holidays_and_the_three_eves_are_closed(day: str) -> None:
    assert is_holiday(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-11-22", "2026-11-23", "2026-05-15"])
def test_ordinary_days_and_sundays_are_no_holidays(day: str) -> None:
    assert not is_holiday(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("now", "open_now"),
    [
        ("2026-11-23T08:59:59", False),
        ("2026-11-23T09:00", True),
        ("2026-11-23T15:59:59", True),
        ("2026-11-23T16:00", False),
        ("2026-11-22T12:00", False),
        ("2026-12-24T12:00", False),
    ],
)
def test_by_default_somebody_is_there_on_weekdays_from_nine_to_four(now: str, open_now: bool) -> None:
    assert is_open(wall(now), DEFAULT_HOURS) is open_now


@pytest.mark.parametrize(
    ("day", "utc"),
    [("2026-03-27", "08:00"), ("2026-03-30", "07:00"), ("2026-10-23", "07:00"), ("2026-10-26", "08:00")],
)
def test_nine_o_clock_stays_nine_o_clock_over_a_clock_change(day: str, utc: str) -> None:
    span = spans_of(date.fromisoformat(day), DEFAULT_HOURS)[0]
    assert f"{span.starts_at:%H:%M}" == utc


def test_in_the_night_the_clock_goes_forward_the_missing_hour_is_not_offered() -> None:
    [span] = spans_of(date(2026, 3, 29), SUNDAY_NIGHT)
    shown = [f"{start.astimezone(STOCKHOLM):%H:%M}" for start in starts_in(span, 30)]
    assert shown == ["01:00", "01:30", "03:00", "03:30"]


def test_in_the_night_the_clock_goes_back_the_double_hour_is_two_hours() -> None:
    [span] = spans_of(date(2026, 10, 25), SUNDAY_NIGHT)
    starts = list(starts_in(span, 30))
    assert len(starts) == len(set(starts)) == 8
    assert [f"{start:%H:%M}" for start in starts][:3] == ["23:00", "23:30", "00:00"]


def test_slots_begin_at_full_and_half_hours_and_end_in_time() -> None:
    [span] = spans_of(date(2026, 11, 23), [Period(0, time(9, 10), time(10, 50))])
    assert [f"{start.astimezone(STOCKHOLM):%H:%M}" for start in starts_in(span, 30)] == ["09:30", "10:00"]


def test_without_any_hours_ahead_no_opening_is_promised() -> None:
    assert next_opening(datetime(2026, 11, 23, tzinfo=UTC), []) is None


@pytest.mark.parametrize("text", ["", "9", "25:00", "09:60", "nio", "09:0"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time of day|must be in"):
        parse_time(text)
