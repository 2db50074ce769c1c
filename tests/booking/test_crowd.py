"""Many want the same time at the same moment: one gets it. `bot bench bookings` does it with a thousand."""

from __future__ import annotations

from bot.bench.bookings import crowd
from bot.db.session import Database


def test_of_a_crowd_exactly_one_gets_the_time(database: Database) -> None:
    result = crowd(database, 60)

    assert result.holds, str(result)
    assert result.cells == 2
