"""What comes from outside is read with care: half characters, digits that are no numbers, days without a morrow."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.booking.hours import instant, parse_time
from bot.given import FIRST_YEAR, LARGEST, LAST_YEAR, read_day, read_moment, storable, whole_number


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("hej", "hej"),
        ("hej \ud83d", "hej \ufffd"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ude00", "\N{GRINNING FACE}"),
        ("\ufeffh\x00ej \N{GRINNING FACE}", "\ufeffhej \N{GRINNING FACE}"),
    ],
)
def test_halves_that_belong_together_are_joined_and_others_replaced(text: str, kept: str) -> None:
    assert storable(text) == kept
    assert storable(text).encode().decode() == kept


@pytest.mark.parametrize("text", ["", "²", "١٢", "-1", "+1", "1.5", "1 000", "9" * 5000, "100000000000000000000"])
def test_what_is_no_number_of_ours_is_none(text: str) -> None:
    assert whole_number(text) is None


def test_a_number_may_be_as_large_as_is_said() -> None:
    assert (whole_number("0"), whole_number("007"), whole_number(str(LARGEST))) == (0, 7, LARGEST)
    assert whole_number(str(LARGEST + 1)) is None
    assert (whole_number("23", most=23), whole_number("24", most=23)) == (23, None)


@pytest.mark.parametrize("text", ["", "i morgon", "2026-02-30", "0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31"])
def test_a_day_of_another_century_is_none_of_ours(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_day(text)
    with pytest.raises(ValueError, match=r"."):
        read_moment(f"{text}T10:00")


def test_every_day_that_is_read_has_neighbours_in_every_zone() -> None:
    for text in (f"{FIRST_YEAR}-01-01", f"{LAST_YEAR}-12-31"):
        day = read_day(text)
        assert instant(day + timedelta(days=1), parse_time("00:00")) > instant(day, parse_time("00:00"))
