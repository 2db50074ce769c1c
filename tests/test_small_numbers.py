"""Small numbers in reports."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.small_numbers import SMALLEST, suppressed


def test_a_number_below_five_is_hidden_and_nought_is_not() -> None:
    assert suppressed({"Ydre": 3, "Boxholm": 4, "Kinda": 0, "Motala": 17}) == {
        "Ydre": None, "Boxholm": None, "Kinda": 0, "Motala": 17,
    }  # fmt: skip


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 40), max_size=13))
def test_a_small_number_cannot_be_worked_out(counts: dict[str, int]) -> None:
    shown = suppressed(counts)

    assert all(count is None or count == 0 or count >= SMALLEST for count in shown.values())
    hidden = [key for key, count in shown.items() if count is None]
    positive = [key for key, count in counts.items() if count]
    # With the sum beside it, one hidden number alone would be plain.
    assert len(hidden) != 1 or len(positive) == 1
