"""Small numbers in reports."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from bot.small_numbers import SMALLEST, suppressed, suppressed_with_sum

# Beyond this all numbers are as good as each other to who tries to work one out.
LARGE = 2 * SMALLEST


def test_a_number_below_five_is_hidden_and_nought_is_not() -> None:
    assert suppressed({"Ydre": 3, "Boxholm": 4, "Kinda": 0, "Motala": 17}) == {
        "Ydre": None, "Boxholm": None, "Kinda": 0, "Motala": 17,
    }  # fmt: skip


def test_ones_that_the_sum_would_tell_take_the_next_number_with_them() -> None:
    assert suppressed_with_sum({"yes": 10, "some": 1, "no": 1, "silent": 20}) == (
        {"yes": None, "some": None, "no": None, "silent": 20}, 32,
    )  # fmt: skip


def test_without_a_larger_number_the_sum_is_hidden() -> None:
    assert suppressed_with_sum({"yes": 4, "some": 4, "no": 0}) == ({"yes": None, "some": None, "no": 0}, None)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 40), max_size=13))
def test_no_small_number_is_shown(counts: dict[str, int]) -> None:
    shown, total = suppressed_with_sum(counts)

    for numbers in (shown, suppressed(counts), {"": total}):
        assert all(count is None or count == 0 or count >= SMALLEST for count in numbers.values())


@given(st.lists(st.integers(0, LARGE), max_size=5))
def test_a_small_number_cannot_be_worked_out(numbers: list[int]) -> None:
    """Who knows the rules and tries all tables that would be shown like this finds two numbers for every hidden one."""
    counts = dict(enumerate(numbers))
    shown, total = suppressed_with_sum(counts)
    hidden = [key for key, count in shown.items() if count is None]
    possible: dict[int, set[int]] = {key: set() for key in hidden}
    for guess in _guesses(len(hidden), None if total is None else total - sum(n for n in shown.values() if n)):
        table = counts | dict(zip(hidden, guess, strict=True))
        if suppressed_with_sum(table) == (shown, total):
            for key, number in zip(hidden, guess, strict=True):
                possible[key].add(number)

    assert all(len(found) > 1 for found in possible.values())


def _guesses(many: int, total: int | None) -> Iterator[tuple[int, ...]]:
    """Yield everything that so many hidden numbers may be, with this sum if it is known."""
    if total is None:
        yield from product(range(1, SMALLEST), repeat=many)
    elif many:
        for first in product(range(1, LARGE + 1), repeat=many - 1):
            if (last := total - sum(first)) > 0:
                yield (*first, last)
