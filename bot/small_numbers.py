"""Small numbers in reports: a count below five could point at one person, so it is not shown.

Where only one count of a table is hidden, its sum would give it away: then the next smallest goes too.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

SMALLEST = 5
HIDDEN = None


def suppressed[Key: Hashable](counts: Mapping[Key, int], *, with_sum: bool = True) -> dict[Key, int | None]:
    """Return the counts, with None where a number is too small to show. Nought is shown: it is nobody.

    Args:
        with_sum: the sum of all is shown beside them, so that one hidden number could be worked out.
    """
    hidden = {key for key, count in counts.items() if 0 < count < SMALLEST}
    if with_sum and len(hidden) == 1:
        others = [key for key, count in counts.items() if key not in hidden and count]
        if others:
            hidden.add(min(others, key=lambda key: counts[key]))
    return {key: HIDDEN if key in hidden else count for key, count in counts.items()}
