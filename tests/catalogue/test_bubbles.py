"""How a school is said: the date under it says what it is the date of."""

from __future__ import annotations

import pytest

from bot.catalogue.bubbles import date_in_words
from bot.catalogue.importer import planned, register, susa
from bot.catalogue.kinds import Freshness
from bot.catalogue.rules import SourceDate
from bot.catalogue.views import Dated
from bot.languages import Language

FILES = "https://api.skolverket.se/planned-educations (Skolverket, CC0)"


@pytest.mark.parametrize("source", [FILES, register.SOURCE, planned.SOURCE, susa.SOURCE])
def test_what_was_read_from_a_register_says_when_it_was_fetched(source: str) -> None:
    age = Dated(Freshness.FRESH, SourceDate.parse("2026-09-03"), source)
    assert date_in_words(age, Language.SV) == "hämtad 3 september 2026"
    assert date_in_words(age, Language.EN) == "fetched 3 September 2026"


def test_the_date_that_a_page_shows_stays_as_it_is() -> None:
    page = Dated(Freshness.DATED, SourceDate.parse("about 2018"), "https://www.mjolby.se/29686.html")
    assert date_in_words(page, Language.SV) == "omkring 2018"
    assert date_in_words(Dated(Freshness.UNDATED, None, FILES), Language.SV) == ""
