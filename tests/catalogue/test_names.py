"""Finding a school or a municipality by what somebody typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.service import Catalogue
from tests.catalogue.conftest import Loaded, provider


@pytest.mark.parametrize(
    ("typed", "provider_id"),
    [
        ("Platengymnasiet", "platengymnasiet"),
        ("platen", "platengymnasiet"),
        ("platengymnasiet i motala", "platengymnasiet"),
        ("vad har platen för adress", "platengymnasiet"),
        ("platengymnasit", "platengymnasiet"),
        ("ALG", "anders-ljungstedts-gymnasium"),
        ("ljunkan", "anders-ljungstedts-gymnasium"),
        ("Bravallagymnasiet", "bravallagymnasiet"),
        ("brvallagymnasiet", "bravallagymnasiet"),
        ("eber", "ebersteinska-gymnasiet"),
        ("s:t lars", "st-lars-gymnasium"),
        ("cng", "curt-nicolin-gymnasiet"),
        ("folkhögskolan bona", "bona-folkhogskola"),
        ("komvux i kinda", "kinda-larcentrum"),
    ],
)
def test_a_school_is_found_by_the_names_that_people_use(shipped: Catalogue, typed: str, provider_id: str) -> None:
    assert shipped.find_provider(typed)[0].provider.id == provider_id


@pytest.mark.parametrize(
    ("typed", "today"),
    [
        ("Birgittaskolan", "Linnégymnasiet"),
        ("vretagymnasiet", "Vreta utbildningscentrum"),
        ("himmelstalundsgymnasiet", "Himmelstalunds utbildningscentrum"),
        ("björkö fria gymnasium", "S:t Lars gymnasium"),
    ],
)
def test_a_former_name_leads_to_the_name_of_today_and_is_marked(shipped: Catalogue, typed: str, today: str) -> None:
    best = shipped.find_provider(typed)[0]
    assert (best.provider.name, best.former) == (today, True)


def test_half_a_name_that_fits_two_schools_finds_both(shipped: Catalogue) -> None:
    found = [match.provider.municipality for match in shipped.find_provider("praktiska")]
    assert found == ["Linköping", "Norrköping"]


@pytest.mark.parametrize("typed", ["", "   ", "?!", "zzzzzz", "hej", "jag vill plugga", "skola", "gymnasiet"])
def test_words_that_name_no_school_find_none(shipped: Catalogue, typed: str) -> None:
    assert shipped.find_provider(typed) == ()


def test_short_names_are_not_guessed(loaded: Loaded) -> None:
    assert loaded(provider("bona", "Bona")).find_provider("boda") == ()


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Linköping", "Linköping"),
        ("linkan", "Linköping"),
        ("norpan", "Norrköping"),
        ("NORRKOPING", "Norrköping"),
        ("åtvid", "Åtvidaberg"),
        ("finspång", "Finspång"),
        ("Motalas", "Motala"),
        ("söderköpng", "Söderköping"),
        ("0509", "Ödeshög"),
        ("Mantorp", "Mjölby"),
        ("Kisa", "Kinda"),
        ("österbymo", "Ydre"),
        ("skäggetorp", "Linköping"),
    ],
)
def test_a_municipality_is_found_by_name_nickname_code_and_place(shipped: Catalogue, typed: str, name: str) -> None:
    card = shipped.municipality(typed)
    assert card is not None
    assert card.name == name


@pytest.mark.parametrize("typed", ["Stockholm", "Jönköping", "Nyköping", "", "?", "Örebro", "ja"])
def test_other_places_are_not_taken_for_ours(shipped: Catalogue, typed: str) -> None:
    assert shipped.municipality(typed) is None


@given(st.text(max_size=60))
def test_no_text_makes_the_search_by_name_fail(shipped: Catalogue, text: str) -> None:
    for match in shipped.find_provider(text):
        assert 0 < match.score <= 100
    shipped.municipality(text)
