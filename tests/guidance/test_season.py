"""Dates of the year: what comes next, and whether it is too late."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.guidance.season import Stage, load_season, next_dates, season_from, upper_secondary_chance
from bot.languages import Language
from tests.data.project_files import ROOT

SHIPPED = load_season(ROOT / "data" / "knowledge" / "season.yml")
ROW: dict[str, Any] = {
    "key": "x", "about": "upper_secondary", "title_sv": "X", "title_en": "X", "day": "01-15",
    "source": "https://example.org", "checked_on": "undated", "confidence": "sourced",
}  # fmt: skip


@pytest.mark.parametrize(("today", "stage", "first", "last"), [
    # The window is 15 January to 15 February, both days included (gymnasiestudera.se, viktiga datum).
    ("2027-01-01", Stage.NOT_OPEN_YET, "2027-01-15", "2027-01-15"),
    ("2027-01-14", Stage.NOT_OPEN_YET, "2027-01-15", "2027-01-15"),
    ("2027-01-15", Stage.OPEN, "2027-02-15", "2027-02-15"),
    ("2027-02-15", Stage.OPEN, "2027-02-15", "2027-02-15"),
    ("2027-02-16", Stage.WAIT_FOR_CHANGE, "2027-04-15", "2027-05-31"),
    ("2027-04-15", Stage.CHANGE, "2027-04-15", "2027-05-31"),
    ("2027-06-01", Stage.WAIT_FOR_RESERVES, "2027-07-20", "2027-09-30"),
    ("2027-08-20", Stage.RESERVES, "2027-07-20", "2027-09-30"),
    ("2027-09-30", Stage.RESERVES, "2027-07-20", "2027-09-30"),
    ("2027-10-01", Stage.NOT_OPEN_YET, "2028-01-15", "2028-01-15"),
    ("2026-11-27", Stage.NOT_OPEN_YET, "2027-01-15", "2027-01-15"),
])  # fmt: skip
def test_is_it_too_late(today: str, stage: Stage, first: str, last: str) -> None:
    chance = upper_secondary_chance(SHIPPED, date.fromisoformat(today))
    assert chance.stage is stage
    assert (chance.next.first, chance.next.last) == (date.fromisoformat(first), date.fromisoformat(last))
    assert chance.opens.row.key == "application_opens"


@given(st.dates(date(2024, 1, 1), date(2040, 12, 31)))
def test_there_is_always_a_next_chance_and_it_is_not_over(today: date) -> None:
    chance = upper_secondary_chance(SHIPPED, today)
    assert chance.next.last >= today
    assert chance.next.first <= today + timedelta(days=366)
    assert chance.stage is Stage.OPEN or chance.opens.first > today


@given(st.dates(date(2024, 1, 1), date(2040, 12, 31)))
def test_next_dates_are_sorted_not_over_and_each_named_once(today: date) -> None:
    found = next_dates(SHIPPED, today)
    assert found == sorted(found, key=lambda one: (one.date, one.key))
    assert len({one.key for one in found}) == len(found)
    assert all(one.occurrence.last >= today for one in found)
    assert all(one.exact and one.date >= today for one in next_dates(SHIPPED, today, exact_only=True))


def test_what_no_authority_confirms_is_never_among_the_next_dates() -> None:
    keys = {one.key for one in next_dates(SHIPPED, date(2026, 11, 27))}
    assert "application_opens" in keys
    assert not keys & {"final_result", "folk_high_school_usual_last_day", "komvux_open_all_year_mjolby"}


def test_the_first_monday_is_counted_out_for_each_year() -> None:
    opens = next(row for row in SHIPPED if row.key == "folk_high_school_opens_autumn")
    assert [opens.in_year(year).first for year in (2026, 2027, 2028)] == [
        date(2026, 2, 2), date(2027, 2, 1), date(2028, 2, 7),
    ]  # fmt: skip


def test_words_instead_of_a_day_that_nobody_knows() -> None:
    change = next(row for row in SHIPPED if row.key == "change_of_choice").in_year(2027)
    assert not change.exact
    assert (change.text(Language.SV), change.text(Language.EN)) == ("april och maj", "April and May")


def test_a_day_that_staff_found_out_goes_before_the_usual_time() -> None:
    years = [
        {"on": date(2027, 5, 4), "source": "https://example.org/2027", "checked_on": "2027-01-11"},
        {"from": date(2028, 5, 2), "to": date(2028, 5, 9), "source": "https://example.org/2028", "checked_on": "2028"},
    ]
    row = season_from([{**ROW, "years": years}])[0]
    assert row.in_year(2026).first == date(2026, 1, 15)
    assert row.in_year(2027).first == date(2027, 5, 4)
    assert row.in_year(2027).source.name == "https://example.org/2027"
    assert row.in_year(2028).text(Language.SV) == "2 maj – 9 maj"


@pytest.mark.parametrize(("change", "message"), [
    ({"first_monday": 2}, "one of day"),
    ({"source": " "}, "source is empty"),
    ({"day": "02-30"}, "day"),
    ({"about": "sport"}, "sport"),
    ({"confidence": "sure"}, "sure"),
    ({"years": [{"from": date(2027, 5, 9), "to": date(2027, 5, 1), "source": "x"}]}, "earlier first"),
])  # fmt: skip
def test_a_faulty_row_is_refused_by_name(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"season\.yml, x:") as refused:
        season_from([{**ROW, **change}])
    assert message in str(refused.value)


def test_a_key_stands_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        season_from([ROW, ROW])
