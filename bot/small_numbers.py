"""Small numbers in reports: a count below five could point at one person, so it is not shown.

Where the sum stands beside the counts, it must not give one of them away either, also not to somebody who knows
these rules.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping

SMALLEST = 5
HIDDEN = None


def suppressed[Key: Hashable](counts: Mapping[Key, int]) -> dict[Key, int | None]:
    """Return the counts, with None where a number is too small to show. Nought is shown: it is nobody."""
    return _without(counts, range(1, SMALLEST))


def suppressed_with_sum[Key: Hashable](counts: Mapping[Key, int]) -> tuple[dict[Key, int | None], int | None]:
    """Return the counts and their sum, with None where a number is too small to show or would give one away.

    The hidden counts must not all be equal: as many ones as the sum leaves over are plain. Then the next larger
    number goes too, and all that are as large. What is hidden depends on the sizes alone, never on whose they are:
    so the hidden counts, of two sizes at least, may stand in any order. Where there is no larger number, the sum goes.
    """
    total = sum(counts.values())
    hidden = {count for count in counts.values() if 0 < count < SMALLEST}
    larger = {count for count in counts.values() if count >= SMALLEST}
    sum_tells = 0 < total < SMALLEST
    if len(hidden) == 1:
        if larger:
            hidden.add(min(larger))
        else:
            sum_tells = True
    return _without(counts, hidden), HIDDEN if sum_tells else total


def _without[Key: Hashable](counts: Mapping[Key, int], hidden: Collection[int]) -> dict[Key, int | None]:
    return {key: HIDDEN if count in hidden else count for key, count in counts.items()}
