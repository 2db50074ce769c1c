"""A few simulated days, with a holiday, the night of the clock change, and crashes; the month is a bench."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bot.bench import claims, month
from bot.clock import STOCKHOLM
from bot.db.session import Database


def test_every_request_of_some_days_ends_and_no_chat_is_ever_nobodys(tmp_path: Path) -> None:
    # Thursday to Tuesday: Good Friday, the clock going forward, Easter Monday.
    begins = datetime(2027, 3, 25, 6, 0, tzinfo=STOCKHOLM)

    result = month.run(youths=15, counsellors=4, seed=1, crash_share=0.02, begins=begins, days=6, say=print)

    assert result.faults == []
    assert sum(result.ends.values()) == result.asked > 5
    assert result.crashes > 5
    assert result.replies > 5


def test_many_threads_take_one_chat_and_one_gets_it_each_time(database: Database) -> None:
    result = claims.races(database, threads=60, rounds=2)

    assert result.holds, str(result)
