"""Katalog: staff change what the bot knows, with source and date; the history stays, and everything can be undone."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.catalogue.importer import store
from bot.catalogue.kinds import Status
from bot.catalogue.loader import load
from bot.catalogue.service import Catalogue
from bot.catalogue.views import MunicipalityCard, ProviderCard
from bot.clock import FakeClock
from bot.db.session import Database
from bot.edits.knowledge import EditedKnowledge
from bot.edits.models import Edit
from bot.edits.rules import Kind
from bot.edits.service import EditedMeanwhile, Editor, make_edit
from bot.languages import Language
from tests.conftest import ROOT
from tests.console.conftest import Browser, words
from tests.databases import POSTGRES_ANSWERS, make_database

FILES = ROOT / "data" / "catalogue"
PLATEN = "/catalogue/provider/platengymnasiet"
MOTALA = "/catalogue/municipality/0583"
SOURCE = {"source": "Skolans expedition", "source_date": "2026-11-20"}

Open = Callable[[], Browser]
Add = Callable[..., str]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One kind is enough for pages; what differs (the race) opens both."""
    return sqlite_database


@pytest.fixture(autouse=True)
def catalogue(database: Database, clock: FakeClock) -> Catalogue:
    """The catalogue that we ship, as young people see it."""
    load(database, FILES, clock)
    return Catalogue(database, clock)


async def _edit(browser: Browser, page: str, do: str = "save", **changes: object) -> Any:
    """Fill in a form as it stands, with some fields changed, and send it."""
    shown = (await browser.get(page)).text
    data: dict[str, object] = dict(_fields(shown))
    return await browser.post(page, {**data, **SOURCE, **changes, "do": do}, on=page)


def _fields(page: str) -> dict[str, str]:
    form = page.split('<form class="card"', 1)[1].split("</form>", 1)[0]
    found = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]*?(?: value="([^"]*)")[^>]*>', form))
    found |= dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)</textarea>', form))
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        assert chosen is not None
        found[name] = chosen[1]
    return {name: html.unescape(value) for name, value in found.items() if name != "csrf"}


def _school(catalogue: Catalogue, key: str = "platengymnasiet") -> ProviderCard:
    card = catalogue.provider(key)
    assert card is not None
    return card


def _place(catalogue: Catalogue, name: str = "Motala") -> MunicipalityCard:
    card = catalogue.municipality(name)
    assert card is not None
    return card


async def test_only_editors_and_administrators_may_change_what_the_bot_knows(
    maria: Browser, open_browser: Open, add_account: Add, catalogue: Catalogue
) -> None:
    for path in ("/catalogue", "/catalogue/go-live", PLATEN):
        assert (await maria.get(path)).status_code == 403
    assert (await maria.post(PLATEN, {"phone": "0141-22 50 00", **SOURCE, "do": "save"})).status_code == 403
    assert _school(catalogue).phone != "0141-22 50 00"
    add_account("ada", "admin")
    ada = open_browser()
    await ada.sign_in("ada")
    assert (await ada.get("/catalogue")).status_code == 200


async def test_a_change_is_shown_to_young_people_with_its_date_and_its_history(
    editor: Browser, catalogue: Catalogue
) -> None:
    answer = await _edit(editor, PLATEN, phone="0141225000")
    assert answer.status_code == 303
    card = _school(catalogue)
    assert card.phone == "0141-22 50 00"
    assert card.contact.as_of_text(Language.SV) == "20 november 2026"
    page = await editor.text(PLATEN)
    assert "Eva" in page
    assert "Telefon: inget → 0141-22 50 00" in page
    assert "Källa: Skolans expedition, 2026-11-20" in page
    assert "Utan ändringen gäller datafilen: inget" in page


async def test_an_undone_change_counts_no_more_and_stays_in_the_history(
    editor: Browser, catalogue: Catalogue, database: Database
) -> None:
    await _edit(editor, PLATEN, phone="0141-22 50 00")
    await _edit(editor, PLATEN, phone="0141-22 60 00")
    with database.reading() as session:
        first, second = session.scalars(select(Edit).order_by(Edit.number)).all()
    await editor.post(f"{PLATEN}/undo", {"edit": second.id}, on=PLATEN)
    assert _school(catalogue).phone == "0141-22 50 00"
    await editor.post(f"{PLATEN}/undo", {"edit": first.id}, on=PLATEN)
    assert _school(catalogue).phone is None
    assert (await editor.text(PLATEN)).count("Ångrad av Eva") == 2


async def test_a_change_survives_a_reload_of_the_files(
    editor: Browser, catalogue: Catalogue, database: Database
) -> None:
    await _edit(editor, PLATEN, phone="0141-22 50 00", aliases="platen\nplattan")
    assert not load(database, FILES).changed
    assert catalogue.find_provider("plattan")[0].provider.phone == "0141-22 50 00"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"source": "  "}, "Skriv varifrån uppgiften kommer"),
        ({"source_date": ""}, "Skriv källans datum"),
        ({"source_date": "2026-11-24"}, "ligger i framtiden"),
        ({"phone": "ring oss"}, "inget svenskt telefonnummer"),
        ({"web": "javascript:alert(1)"}, "ingen webbadress"),
        ({"name": " "}, "skriv något här"),
        ({"programmes": "QQ"}, "programmet QQ finns inte"),
        ({"programmes": "EE BABYI"}, "varken en inriktning på EE"),
        ({"stopped": "SA", "programmes": "SA"}, "står både bland dem"),
        ({"aliases": "katedral"}, "används redan av katedralskolan-linkoping"),
        ({"note_sv": "Bara på svenska."}, "skriv på båda språken"),
        ({"status": "closed"}, "Skolan är stängd: skriv vad som hände"),
        ({"status": "gone"}, "välj något i listan"),
    ],
)
async def test_what_cannot_be_kept_is_refused_and_nothing_that_was_written_is_lost(
    editor: Browser, catalogue: Catalogue, changes: dict[str, str], said: str
) -> None:
    before = _school(catalogue)
    answer = await _edit(editor, PLATEN, **{"address": "Nygatan 7", **changes})
    assert answer.status_code == 422
    assert said in words(answer)
    assert _fields(answer.text)["address"] == "Nygatan 7"
    assert _school(catalogue) == before


async def test_a_programme_of_another_kind_of_school_is_refused(editor: Browser) -> None:
    answer = await _edit(editor, "/catalogue/provider/katedralskolan-linkoping", programmes="FG")
    assert "har inte programmet FG" in words(answer)


async def test_the_preview_shows_both_languages_with_how_easy_they_are_and_keeps_nothing(
    editor: Browser, catalogue: Catalogue, database: Database
) -> None:
    long = "Utbildningsorganisationens verksamhetsutveckling " * 4
    answer = await _edit(
        editor, PLATEN, do="preview", phone="0141-22 50 00", note_sv=long.strip(), note_en="You can eat there."
    )
    page = words(answer)
    assert "Ingenting är sparat än" in page
    assert "Platengymnasiet i Motala" in page
    assert "Platengymnasiet in Motala" in page
    assert "0141-22 50 00" in page
    assert "korta meningarna" in page
    assert re.search(r"LIX \d+ av högst 30", page)
    assert _fields(answer.text)["phone"] == "0141-22 50 00"
    assert _school(catalogue).phone is None
    with database.reading() as session:
        assert session.scalars(select(Edit)).all() == []


async def test_an_unchanged_form_says_that_somebody_has_looked(editor: Browser, catalogue: Catalogue) -> None:
    assert _school(catalogue).as_of_text(Language.SV) != "20 november 2026"
    await _edit(editor, PLATEN)
    assert _school(catalogue).as_of_text(Language.SV) == "20 november 2026"
    assert "Kollat: allt stämmer" in await editor.text(PLATEN)


async def test_a_programme_that_staff_add_is_found_and_the_others_keep_their_age(
    editor: Browser, catalogue: Catalogue
) -> None:
    old = {view.code: view.dated for view in _school(catalogue).programmes}
    given = _fields((await editor.get(PLATEN)).text)["programmes"]
    await _edit(editor, PLATEN, programmes=f"{given}\nIN\nBF lärling")
    new = {view.code: view.dated for view in _school(catalogue).programmes}
    assert {code: new[code] for code in old} == old
    assert new["IN"].as_of_text(Language.SV) == "20 november 2026"
    assert "platengymnasiet" in {card.id for card in catalogue.search(None, "Motala", "BF", limit=9).items}


async def test_a_school_that_closes_is_said_to_be_closed_and_listed_no_more(
    editor: Browser, catalogue: Catalogue
) -> None:
    await _edit(
        editor,
        PLATEN,
        status="closed",
        note_sv="Skolan har stängt. Fråga Carlsund.",
        note_en="It closed. Ask Carlsund.",
    )
    assert _school(catalogue).status is Status.CLOSED
    assert "platengymnasiet" not in {card.id for card in catalogue.search(None, "Motala", limit=50).items}


async def test_a_new_school_is_found_and_gone_again_when_it_is_undone(
    editor: Browser, catalogue: Catalogue, database: Database
) -> None:
    answer = await _edit(
        editor, "/catalogue/provider/new", name="Nya Vätterskolan", kind="independent_upper_secondary",
        municipality="Motala", locality="Motala", programmes="EE",
    )  # fmt: skip
    assert answer.headers["location"] == "/console/catalogue/provider/nya-vatterskolan?said=saved"
    found = catalogue.search(None, "Motala", "EE", limit=9).items
    assert "Nya Vätterskolan" in [card.name for card in found]
    again = await _edit(
        editor, "/catalogue/provider/new", name="Nya Vätterskolan", kind="komvux", municipality="Mjölby", locality="x"
    )
    assert "används redan av nya-vatterskolan" in words(again)
    with database.reading() as session:
        edit = session.scalars(select(Edit)).one()
    page = "/catalogue/provider/nya-vatterskolan"
    gone = await editor.post(f"{page}/undo", {"edit": edit.id}, on=page)
    assert gone.headers["location"] == "/console/catalogue"
    assert catalogue.provider("nya-vatterskolan") is None


async def test_the_form_before_go_live_says_what_is_missing_until_it_is_filled_in(
    editor: Browser, catalogue: Catalogue
) -> None:
    assert not _place(catalogue).kaa_contact_confirmed
    before = re.search(r"Motala (\d+) av (\d+) saknas", await editor.text("/catalogue/go-live"))
    assert before is not None
    await _edit(
        editor, MOTALA, kaa_name="Ungdomsteamet", kaa_phone="0141-22 50 00", kaa_email="ung@motala.example",
        komvux_web="www.motala.example/komvux", komvux_next_date="2027-03-01",
    )  # fmt: skip
    card = _place(catalogue)
    assert (card.kaa_phone, card.kaa_contact_confirmed) == ("0141-22 50 00", True)
    assert card.contacts["komvux_web"].value == "https://www.motala.example/komvux"
    assert card.contacts["komvux_next_date"].dated.as_of_text(Language.SV) == "20 november 2026"
    # What nobody has filled in is no fact, not even an empty one.
    assert "summer" not in card.contacts
    after = re.search(r"Motala (\d+) av (\d+) saknas", await editor.text("/catalogue/go-live"))
    assert after is not None
    assert int(before[1]) - int(after[1]) == 5
    await _edit(editor, MOTALA, kaa_phone="", kaa_name="")
    assert not _place(catalogue).kaa_contact_confirmed


async def test_an_import_later_does_not_undo_what_staff_changed_and_is_shown_beside_it(
    editor: Browser, catalogue: Catalogue, database: Database, clock: FakeClock
) -> None:
    await _edit(editor, PLATEN, phone="0141-22 50 00")
    row = {
        "id": "platengymnasiet", "name": "Platengymnasiet", "kind": "upper_secondary", "municipality": "Motala",
        "education_types": ["upper_secondary"], "locality": "Motala", "lat": None, "lon": None, "web": None,
        "address": "Registergatan 1, 591 50 Motala", "phone": "0141-22 99 99", "units": ["1"], "programmes": [],
        "programmes_complete": False, "starting": [], "courses": [], "distance": None, "source": "Skolverket",
    }  # fmt: skip
    with database.transaction() as session:
        store.apply(session, [row], fetched=clock(), now=clock(), notes=[], counts={})
    load(database, FILES, clock)
    card = _school(catalogue)
    assert (card.phone, card.address) == ("0141-22 50 00", "Registergatan 1, 591 50 Motala")
    assert "Utan ändringen gäller Skolverket: 0141-22 99 99" in await editor.text(PLATEN)


async def test_a_fact_that_was_read_again_is_as_old_as_that_day(editor: Browser, database: Database) -> None:
    knowledge = EditedKnowledge(database, ROOT / "data" / "knowledge")
    key = next(iter(knowledge.facts()))
    shown = await _edit(editor, f"/catalogue/fact/{key}", do="preview")
    assert "Så här blir det" in words(shown)
    assert str(knowledge.facts()[key]["checked_on"]) != "2026-11-20"
    await _edit(editor, f"/catalogue/fact/{key}", source="https://www.skolverket.se/x")
    fact = knowledge.facts()[key]
    assert (fact["checked_on"], fact["source"]) == ("2026-11-20", "https://www.skolverket.se/x")


async def test_the_preview_of_a_fact_shows_the_answers_that_state_it_as_they_are_said(editor: Browser) -> None:
    shown = words(await _edit(editor, "/catalogue/fact/komvux_from_20", do="preview", statement_sv="Något annat."))
    preview = shown.partition("Så här blir det")[2].partition("Varifrån du vet det")[0]
    assert "komvux från 1 juli det år du fyller 20" in preview
    assert "{" not in preview
    assert "korta meningarna" not in preview, "every one of them has passed the gate"
    assert "Något annat." not in preview.partition("Uppgiften på svenska")[0], "the statement is for staff"


async def test_a_fact_is_headed_by_what_it_says_and_its_source_can_be_opened(editor: Browser) -> None:
    page = (await editor.get("/catalogue/fact/komvux_from_20")).text
    assert "<h1>Komvux på gymnasial nivå kan man läsa" in page
    assert '<a href="https://www.skolverket.se/regler-och-ansvar/' in page


async def test_a_date_holds_for_its_year_and_the_rule_for_the_others(editor: Browser, database: Database) -> None:
    knowledge = EditedKnowledge(database, ROOT / "data" / "knowledge")

    def closes(year: int) -> date:
        return next(one for one in knowledge.season() if one.key == "application_closes").in_year(year).last

    assert closes(2027) == date(2027, 2, 15)
    page = "/catalogue/season/application_closes"
    wrong = await _edit(editor, page, first="2027-02-16", last="2026-02-01")
    assert "inte före den första" in words(wrong)
    assert (await _edit(editor, page, first="2027-02-16", last="")).status_code == 303
    assert (closes(2027), closes(2028)) == (date(2027, 2, 16), date(2028, 2, 15))
    assert "2027-02-16" in await editor.text("/catalogue/season")


async def test_who_saves_over_somebody_else_is_told(
    editor: Browser, open_browser: Open, add_account: Add, catalogue: Catalogue
) -> None:
    add_account("bo", "editor")
    other = open_browser()
    await other.sign_in("bo")
    form = _fields((await editor.get(PLATEN)).text)
    await _edit(other, PLATEN, phone="0141-22 50 00")
    answer = await editor.post(PLATEN, {**form, **SOURCE, "phone": "0141-22 60 00", "do": "save"}, on=PLATEN)
    assert "Någon annan har ändrat" in words(answer)
    assert _school(catalogue).phone == "0141-22 50 00"


@pytest.mark.parametrize("kind", ["sqlite", *(["postgresql"] if POSTGRES_ANSWERS else [])])
def test_of_two_who_save_at_the_same_moment_one_is_told(kind: str, tmp_path: Path, clock: FakeClock) -> None:
    for database in make_database(kind, tmp_path):
        _race(database, clock)


def _race(database: Database, clock: FakeClock) -> None:
    start = threading.Barrier(4)
    kept: list[str] = []

    def save(name: str) -> None:
        start.wait()
        try:
            with database.transaction() as session:
                make_edit(
                    session, Kind.PROVIDER, "x", changes={"phone": name}, before={}, source="s",
                    source_date="2026-11-20", seen=0, by=Editor(name, name), now=clock(),
                )  # fmt: skip
        except EditedMeanwhile:
            return
        kept.append(name)

    threads = [threading.Thread(target=save, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == 1


@pytest.mark.parametrize("path", ["/catalogue/provider/nope", "/catalogue/thing/x", "/catalogue/municipality/0687"])
async def test_what_does_not_exist_is_not_found(editor: Browser, path: str) -> None:
    assert (await editor.get(path)).status_code == 404
    assert (await editor.post(f"{path}/undo", {"edit": "1"})).status_code == 404


async def test_what_staff_write_is_never_markup(editor: Browser) -> None:
    await _edit(editor, PLATEN, address="<b>Gatan</b>", source="<script>alert(1)</script>")
    page = (await editor.get(PLATEN)).text
    assert "<script>alert" not in page
    assert "<b>Gatan" not in page


async def test_the_list_can_be_searched_and_says_what_is_old(editor: Browser) -> None:
    page = await editor.text("/catalogue?q=platen")
    assert "Platengymnasiet" in page
    assert "Katedralskolan" not in page
    assert "Gammal" in page
    assert "Ingenting passar" in await editor.text("/catalogue?q=finns-inte")


async def test_facts_to_look_at_again_stand_first_with_the_reason(editor: Browser) -> None:
    page = words(await editor.get("/catalogue/facts"))
    again, _, checked = page.partition("Kollat (")
    assert "Att kontrollera (" in again
    assert again.index("Ring 112 vid fara för liv.") < again.index("Komvux på gymnasial nivå")
    assert "äldre än 90 dagar" in again
    assert "källan har inget datum" in again
    assert "eighteen" not in checked

    await _edit(editor, "/catalogue/fact/eighteen_programmes")
    page = words(await editor.get("/catalogue/facts"))
    assert "Gymnasieskolan har 18 nationella program" in page.partition("Kollat (")[2]
