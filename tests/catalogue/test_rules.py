"""How old a fact is, how far away a place is, and how names are compared."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.kinds import Confidence, Freshness
from bot.catalogue.rules import FRESH_DAYS, Point, SourceDate, distance_km, freshness, nearest, normalise
from bot.languages import Language

TODAY = date(2026, 11, 23)
DAYS = st.dates(date(2000, 1, 1), date(2026, 11, 23))
POINTS = st.builds(Point, st.floats(55, 69), st.floats(11, 24))


def test_a_fact_of_180_days_is_fresh_and_one_of_181_is_said_with_its_date() -> None:
    last_fresh = SourceDate.parse(TODAY - timedelta(days=180))
    first_old = SourceDate.parse(TODAY - timedelta(days=181))
    assert freshness(Confidence.SOURCED, last_fresh, TODAY) is Freshness.FRESH
    assert freshness(Confidence.SOURCED, first_old, TODAY) is Freshness.DATED


def test_what_nobody_confirmed_is_hidden_however_new_it_is() -> None:
    assert freshness(Confidence.UNVERIFIED, SourceDate.parse(TODAY), TODAY) is Freshness.HIDDEN


def test_a_source_without_a_date_is_called_undated() -> None:
    assert freshness(Confidence.VERIFIED, None, TODAY) is Freshness.UNDATED


def test_a_month_counts_as_its_first_day() -> None:
    assert freshness(Confidence.SOURCED, SourceDate.parse("2026-06"), TODAY) is Freshness.FRESH
    assert freshness(Confidence.SOURCED, SourceDate.parse("2026-05"), TODAY) is Freshness.DATED


def test_what_is_marked_old_is_never_fresh() -> None:
    assert freshness(Confidence.OLD, SourceDate.parse(TODAY), TODAY) is Freshness.DATED


@given(DAYS, st.integers(1, 4000), st.sampled_from(list(Confidence)))
def test_nothing_becomes_fresher_with_time(day: date, later: int, confidence: Confidence) -> None:
    dated = SourceDate.parse(day)
    soon = freshness(confidence, dated, day)
    then = freshness(confidence, dated, day + timedelta(days=later))
    assert not (then is Freshness.FRESH and soon is not Freshness.FRESH)
    assert (then is Freshness.FRESH) <= (later <= FRESH_DAYS)


@pytest.mark.parametrize(
    ("written", "swedish", "english"),
    [
        ("2026-09-03", "3 september 2026", "3 September 2026"),
        ("2026-05", "maj 2026", "May 2026"),
        ("2018", "2018", "2018"),
        ("about 2018", "omkring 2018", "about 2018"),
    ],
)
def test_a_date_is_said_in_words_in_both_languages(written: str, swedish: str, english: str) -> None:
    dated = SourceDate.parse(written)
    assert (dated.text(Language.SV), dated.text(Language.EN)) == (swedish, english)
    assert str(dated) == written


@given(DAYS)
def test_a_day_survives_being_written_and_read(day: date) -> None:
    assert SourceDate.parse(str(SourceDate.parse(day))) == SourceDate.parse(day)


@pytest.mark.parametrize("nonsense", ["last year", "2026-13", "2026-02-30", "03/09/2026", "", "about"])
def test_what_is_no_date_is_refused(nonsense: str) -> None:
    with pytest.raises(ValueError, match=r"is no date|month|day"):
        SourceDate.parse(nonsense)


def test_linkoping_and_norrkoping_are_about_forty_kilometres_apart() -> None:
    assert 36 < distance_km(Point(58.41086, 15.62157), Point(58.59419, 16.1826)) < 42


@given(POINTS, POINTS)
def test_a_distance_is_the_same_both_ways_and_never_negative(start: Point, end: Point) -> None:
    assert distance_km(start, end) >= 0
    assert distance_km(start, end) == pytest.approx(distance_km(end, start))


@given(POINTS, POINTS, POINTS)
def test_a_detour_is_never_shorter(start: Point, over: Point, end: Point) -> None:
    detour = distance_km(start, over) + distance_km(over, end)
    assert distance_km(start, end) <= detour + 1e-6


@given(POINTS, st.lists(POINTS, max_size=8))
def test_the_nearest_come_first_and_none_is_lost(origin: Point, places: list[Point]) -> None:
    found = nearest(origin, places)
    distances = [distance for distance, _place in found]
    assert distances == sorted(distances)
    assert sorted(map(repr, (place for _distance, place in found))) == sorted(map(repr, places))


@pytest.mark.parametrize("typed", ["Åtvidaberg", "ÅTVIDABERG", "atvidaberg", " åtvidaberg! "])
def test_a_name_is_the_same_however_it_is_typed(typed: str) -> None:
    assert normalise(typed) == "atvidaberg"


@given(st.text(max_size=40))
def test_a_compared_name_stays_as_it_is_when_compared_again(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
