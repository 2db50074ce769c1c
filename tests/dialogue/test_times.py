"""When somebody means, in Swedish local time, also on the two days when the clocks change."""

import pytest

from recognising import WEDNESDAY, found


def time(text: str, now: str = WEDNESDAY) -> str:
    return found(text, now).get("time", "")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("imorgon kl 14", "2026-10-22T14:00"),
        ("tmrw at 3", "2026-10-22T15:00"),
        ("på onsdag", "2026-10-28"),
        ("onsdag nästa vecka kl 9", "2026-10-28T09:00"),
        ("next tuesday afternoon", "2026-10-27T12:00/2026-10-27T17:00"),
        ("fre 13.30", "2026-10-23T13:30"),
        ("mellan 13 och 15 på torsdag", "2026-10-22T13:00/2026-10-22T15:00"),
        ("from 9 to 11 on friday", "2026-10-23T09:00/2026-10-23T11:00"),
        ("torsdagen den 29 oktober", "2026-10-29"),
        ("den första december", "2026-12-01"),
        ("15 januari", "2027-01-15"),
        ("3/11 kl 13", "2026-11-03T13:00"),
        ("vecka 45", "2026-11-02/2026-11-08"),
        ("halv tre", "14:30"),
        ("kvart i två", "13:45"),
        ("efter tre på tisdag", "2026-10-27T15:00/2026-10-27T18:00"),
        ("imorgon bitti", "2026-10-22T08:00/2026-10-22T10:00"),
        ("om en månad", "2026-11-21"),
        ("next month", "2026-11-01/2026-11-30"),
    ],
)
def test_days_and_times(text: str, value: str) -> None:
    assert time(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "i måndags",
        "last friday",
        "igår",
        "24/7",
        "man måste väl gå",
        "min son",
        "varje kväll",
        "vad är 7/8 + 3/4",
        "im 17 am i allowed",
    ],
)
def test_what_is_over_or_no_time_at_all(text: str) -> None:
    assert time(text) == ""


@pytest.mark.parametrize(
    ("now", "text", "value"),
    [
        # Summer time ends on 25 October 2026 at 03.00: that hour comes twice.
        ("2026-10-24T22:00", "imorgon kl 10", "2026-10-25T10:00"),
        ("2026-10-25T01:30", "om 3 timmar", "2026-10-25T03:30"),
        ("2026-10-24T12:00", "på söndag klockan 9", "2026-10-25T09:00"),
        ("2026-10-25T12:00", "imorgon", "2026-10-26"),
        # Summer time begins on 28 March 2027 at 02.00: that hour is left out.
        ("2027-03-27T22:00", "tomorrow at 10am", "2027-03-28T10:00"),
        ("2027-03-28T01:30", "in 2 hours", "2027-03-28T04:30"),
        ("2027-03-27T12:00", "om en vecka", "2027-04-03"),
        ("2027-03-28T23:50", "idag", "2027-03-28"),
    ],
)
def test_the_days_when_the_clocks_change(now: str, text: str, value: str) -> None:
    assert time(text, now) == value


def test_a_month_on_from_the_last_of_january_is_the_last_of_february() -> None:
    assert time("om en månad", "2027-01-31T12:00") == "2027-02-28"


def test_when_the_birthday_is_is_no_time_for_a_meeting() -> None:
    assert found("blir 17 nästa månad") == {"age": "16"}
