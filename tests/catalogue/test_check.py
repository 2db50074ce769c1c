"""What `bot catalogue check` finds, and what it leaves to the list of things to do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bot.catalogue.check import check, to_do
from tests.catalogue.conftest import REGISTER, TODAY, UNDATED, Files, municipality, offer, provider


@pytest.fixture
def county(files: Files) -> Files:
    """The invented catalogue with as many municipalities as the county has."""
    rows = files.municipalities["municipalities"]
    rows += [municipality(f"05{n:02d}", f"Kommun {n}", 58.0, 15.0) for n in range(20, 30)]
    return files


def found(files: Files, today: date = TODAY) -> list[str]:
    """The problems of the files, as they are printed."""
    return [str(problem) for problem in check(files.write(), today)]


def test_files_in_order_have_no_problem(county: Files) -> None:
    county.add(provider("a", "A-skolan", phone="013-20 76 00", web="https://a.example", programmes=[offer("EE")]))
    assert found(county) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": "  "}, "has an empty source"),
        ({"source": "somebody told me"}, "is neither an address nor an official register"),
        ({"source": "https://två ord"}, "is no web address"),
        ({**UNDATED, "checked_on": None}, "has no date; add source_date, or checked_on"),
        ({"source_date": TODAY + timedelta(days=2)}, "lies in the future"),
        ({"source_date": TODAY - timedelta(days=181)}, "is called verified, but"),
        ({"source_date": None, "checked_on": "2026-06"}, "is called verified, but"),
        ({"phone": "12345"}, "cannot be a Swedish number"),
        ({"phone": "+1 202 555 0100"}, "cannot be a Swedish number"),
        ({"phone": "ring oss"}, "is no phone number"),
        ({"web": "www.skola.se"}, "is no web address"),
        ({"web": "https://skola"}, "is no web address"),
        ({"web": "javascript:alert(1)"}, "is no web address"),
        ({"web": "https://skola.se/två sidor"}, "is no web address"),
        ({"address": "rektor@skola.se"}, "holds an e-mail address"),
        ({"status": "closed"}, "is closed; add note_sv and note_en"),
        ({"status": "closed", "phone": "013-20 76 00"}, "take away its phone and programmes"),
        ({"lat": 63.83, "lon": 20.27}, "its coordinates are over 60 km from Storstad"),
        ({"municipality": "Ingenstans"}, "is not in municipalities.yml"),
        ({"programmes": [offer("EE25")]}, "programme 'EE25' is not in programmes.yml (write EE, not EE25)"),
        ({"id": "Min Skola"}, "id must be lower-case words joined by '-'"),
    ],
)
def test_a_row_that_may_not_be_shown_is_named(county: Files, change: dict[str, Any], message: str) -> None:
    row = provider("a", "A-skolan") | change
    county.add(row)
    problems = found(county)
    assert any(message in problem for problem in problems), problems
    assert all(problem.startswith(f"providers.yml: {row['id']}: ") for problem in problems)


def test_thirteen_municipalities_and_each_with_a_card(files: Files) -> None:
    assert any("the county has 13 municipalities, the file has 3" in problem for problem in found(files))
    files.municipalities["municipalities"][0]["card"] = None
    assert "municipalities.yml: 0580: has no card; every municipality of the county needs one" in found(files)


def test_a_municipality_of_another_county_must_say_so(county: Files) -> None:
    county.municipalities["municipalities"][0] |= {"code": "0180"}
    assert any("code 0180 is not of this county" in problem for problem in found(county))


def test_a_confirmed_contact_point_needs_the_day_it_was_confirmed(county: Files) -> None:
    kaa = {**UNDATED, "name_sv": "KAA", "name_en": "KAA", "phone": "013-20 76 00", "contact_confirmed": True}
    county.municipalities["municipalities"][0]["card"]["kaa"] = kaa
    assert any("contact_confirmed needs 'confidence: verified'" in problem for problem in found(county))
    kaa |= REGISTER
    assert found(county) == []


def test_a_card_s_phone_is_checked_too(county: Files) -> None:
    card = county.municipalities["municipalities"][0]["card"]
    card |= {"phone": "12345", "phone_source": "https://k.example", "phone_date": "2015"}
    assert any("card.phone '12345' cannot be a Swedish number" in problem for problem in found(county))


def test_old_and_undated_facts_are_no_problem_but_things_to_do(county: Files) -> None:
    county.add(provider("a", "A-skolan", **UNDATED), provider("b", "B-skolan"))
    folder = county.write()
    assert check(folder, TODAY) == []
    tasks = [str(task) for task in to_do(folder, TODAY)]
    assert any(task.startswith("providers.yml: a: confirm what these say: https://kommun") for task in tasks)
    assert not any("providers.yml: b:" in task for task in tasks)
    assert sum("confirm who answers for KAA" in task for task in tasks) == 13


def test_what_was_verified_goes_bad_after_half_a_year(county: Files) -> None:
    county.add(provider("a", "A-skolan"))
    taken = REGISTER["source_date"]
    assert isinstance(taken, date)
    assert found(county, taken + timedelta(days=180)) == []
    assert found(county, taken + timedelta(days=181)) != []
