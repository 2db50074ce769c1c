"""Times in words, over both changes of the clock, and times that a message names."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from actions.dates import Wanted, in_few_words, in_words, wanted_time
from bot.booking.rules import TimeWindow
from bot.clock import STOCKHOLM
from bot.languages import Language


@pytest.mark.parametrize(
    ("instant", "sv", "en"),
    [
        (datetime(2026, 11, 26, 13, tzinfo=UTC), "torsdag 26 november kl. 14.00", "Thursday 26 November at 14:00"),
        # The days on which the clock changes: 03.30 is summer time in March, and winter time in October.
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "söndag 29 mars kl. 03.30", "Sunday 29 March at 03:30"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), "söndag 25 oktober kl. 03.30", "Sunday 25 October at 03:30"),
    ],
)
def test_a_time_is_said_in_stockholm_and_in_the_youth_s_language(instant: datetime, sv: str, en: str) -> None:
    assert in_words(instant, Language.SV) == sv
    assert in_words(instant, Language.EN) == en


@pytest.mark.parametrize("language", list(Language))
def test_every_time_of_a_year_fits_a_button(language: Language) -> None:
    for month in range(1, 13):
        for day in range(20, 28):
            assert len(in_few_words(datetime(2026, month, day, 12, 30, tzinfo=STOCKHOLM), language)) <= 28


DAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-11-26T14:00", Wanted(datetime(2026, 11, 26, 14, tzinfo=STOCKHOLM))),
        ("2026-11-26T14:00:00+01:00", Wanted(datetime(2026, 11, 26, 13, tzinfo=UTC))),
        ("2026-11-26", Wanted(window=TimeWindow(DAY, DAY))),
        ("2026-11-23/2026-11-29", Wanted(window=TimeWindow(date(2026, 11, 23), date(2026, 11, 29)))),
        ("2026-11-26T12:00/2026-11-26T17:00", Wanted(window=TimeWindow(DAY, DAY, time(12), time(17)))),
        ("2026-11-26T14:00/2026-11-27T14:00", Wanted(window=TimeWindow(DAY, date(2026, 11, 27), time(14)))),
        ("14:00", Wanted(window=TimeWindow(starts=time(14)))),
        ("13:00/17:00", Wanted(window=TimeWindow(starts=time(13), ends=time(17)))),
        ("snart", None),
        ("2026-13-40", None),
        ("2026-11-26/snart", None),
    ],
)
def test_a_named_time_is_read_as_stockholm_time(text: str, wanted: Wanted | None) -> None:
    assert wanted_time(text) == wanted
