"""What comes from outside, read so that nothing in it can break us: characters, whole numbers, days.

Python reads more than we mean: JSON may hold half a character, "²" is a digit that is no number, a number may have
thousands of digits, and the last day of the calendar has no day after it.
"""

from __future__ import annotations

from datetime import date, datetime

# The largest whole number that every database keeps in a column of ours.
LARGEST = 2**31 - 1
# No day of ours lies outside these years; within them every sum of days and time zones works out.
FIRST_YEAR, LAST_YEAR = 2000, 2100


def storable(text: str) -> str:
    """Return a text that can be kept, sent and shown: two halves of a character joined, a lone one replaced.

    A lone half (a surrogate) cannot be written as UTF-8. A NUL is left out: PostgreSQL keeps none.
    """
    return text.replace("\x00", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def whole_number(text: str, *, most: int = LARGEST) -> int | None:
    """Return a number written in the digits 0 to 9; None when it is none, or above `most`."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most))):
        return None
    number = int(text)
    return number if number <= most else None


def read_day(text: str) -> date:
    """Read ``2026-12-01``.

    Raises:
        ValueError: it is no day, or one of another century.
    """
    return _within_years(date.fromisoformat(text))


def read_moment(text: str) -> datetime:
    """Read ``2026-12-01T10:00`` as it stands.

    Raises:
        ValueError: it is no time, or one of another century.
    """
    return _within_years(datetime.fromisoformat(text))


def _within_years[Day: date](found: Day) -> Day:
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(f"a year from {FIRST_YEAR} to {LAST_YEAR} is needed")
    return found
