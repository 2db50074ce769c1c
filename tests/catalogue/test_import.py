"""The import against a server of our own that misbehaves in every way that the real ones are known for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.catalogue.importer.api import Api, ImportFailed, Incomplete, Kept
from bot.catalogue.importer.diff import LossRefused
from bot.catalogue.importer.run import ImportReport, go_back, run_import
from bot.catalogue.kinds import EducationType, Freshness, Status, StudyForm
from bot.catalogue.loader import load
from bot.catalogue.service import Catalogue
from bot.clock import FakeClock
from bot.db.session import Database
from bot.languages import Language
from tests.catalogue.conftest import OLD_PAPER, Files, offer, programme, provider
from tests.fakes.skolverket import (
    HAL,
    TRAP,
    SkolverketServer,
    World,
    course,
    event,
    folk_high_school,
    package,
    strings,
    unit,
    visiting,
)

STORSTAD, GRANNBY = "0580", "0581"


@pytest.fixture
def server() -> Iterator[SkolverketServer]:
    """Skolverket with a school in each of two municipalities."""
    running = SkolverketServer()
    running.world.units = [
        unit("11111111", "Eklundaskolan", STORSTAD),
        unit(
            "22222222", "Björkskolan", GRANNBY, addresses=[visiting("Bygatan 2", "602 09", "Grannby", "58.6", "16.2")]
        ),
    ]
    yield running
    running.close()


@pytest.fixture
def world(server: SkolverketServer) -> World:
    """What the registers hold."""
    return server.world


Import = Callable[..., ImportReport]


@pytest.fixture
def imported(server: SkolverketServer, sqlite_database: Database, files: Files, clock: FakeClock) -> Import:
    """Run an import into the invented catalogue."""
    pauses: list[float] = []

    def run(**more: Any) -> ImportReport:
        kept = more.pop("kept", None)
        api = Api(base=server.url, kept=kept, clock=clock, sleep=pauses.append, contact="https://bot.example")
        try:
            return run_import(sqlite_database, files.write(), api, clock, **more)
        finally:
            api.close()

    run.pauses = pauses  # type: ignore[attr-defined]
    return run


@pytest.fixture
def catalogue(sqlite_database: Database, clock: FakeClock) -> Catalogue:
    """The catalogue that young people see."""
    return Catalogue(sqlite_database, clock)


# -- what is said of a school --


def test_a_school_of_the_register_is_found_with_its_programmes_and_the_day_it_was_read(
    imported: Import, catalogue: Catalogue
) -> None:
    report = imported()
    (found,) = catalogue.search(EducationType.UPPER_SECONDARY, "Storstad", "EE").items
    assert (found.name, found.phone, found.web) == ("Eklundaskolan", "013-20 76 00", "https://www.skola.example")
    assert found.address == "Skolgatan 1, 581 81 Storstad"
    assert found.freshness is Freshness.FRESH
    assert found.as_of_text(Language.SV) == "23 november 2026"
    assert "Skolverket" in found.dated.source
    assert [change.name for change in report.diff.added] == ["Björkskolan", "Eklundaskolan"]


def test_two_runs_in_a_row_change_nothing(imported: Import, sqlite_database: Database, files: Files) -> None:
    imported()
    before = _everything(sqlite_database)
    report = imported()
    assert report.applied is False
    assert report.diff.empty
    assert _everything(sqlite_database) == before
    assert not load(sqlite_database, files.folder).changed


def test_the_same_content_on_a_later_day_is_confirmed_anew(
    imported: Import, catalogue: Catalogue, clock: FakeClock
) -> None:
    imported()
    clock.advance(days=200)
    assert catalogue.search(None, "Storstad").items[0].freshness is Freshness.DATED
    assert imported().diff.empty
    assert catalogue.search(None, "Storstad").items[0].freshness is Freshness.FRESH


def test_a_dry_run_says_what_would_change_and_changes_nothing(imported: Import, sqlite_database: Database) -> None:
    before = _everything(sqlite_database)
    report = imported(dry_run=True)
    assert report.applied is None
    text = "\n".join(report.lines())
    assert "Storstad:\n  + Eklundaskolan (eklundaskolan)" in text
    assert "programmes: EE school" in text
    assert "dry run" in text
    assert _everything(sqlite_database) == before


def test_the_difference_names_what_is_new_gone_and_changed(imported: Import, world: World) -> None:
    imported()
    world.units[0] |= {"phone": "013-20 70 00", "properties": {"gy": {"programmes": ["EE25", "BA25"]}}}
    world.units.append(unit("33333333", "Nyskolan", STORSTAD))
    lines = imported().diff.lines()
    assert "  ~ Eklundaskolan (eklundaskolan)" in lines
    assert "      phone: 013-20 76 00 -> 013-20 70 00" in lines
    assert "      programmes: +BA school" in lines
    assert "  + Nyskolan (nyskolan)" in lines


def test_going_back_makes_the_import_before_count_again(
    imported: Import, world: World, catalogue: Catalogue, sqlite_database: Database, files: Files, clock: FakeClock
) -> None:
    imported()
    world.units[0] |= {"phone": "013-20 70 00"}
    imported()
    assert "counts again" in go_back(sqlite_database, files.folder, clock)
    assert catalogue.search(None, "Storstad").items[0].phone == "013-20 76 00"


# -- several units are one school --


def test_units_of_one_school_become_one_provider(
    imported: Import, world: World, files: Files, catalogue: Catalogue
) -> None:
    files.programmes += [programme("FT", "Fordonsprogrammet"), programme("FG", "Fordonsvård", "adapted")]
    world.units = [
        unit("11111111", "Bråvallaskolan 1", STORSTAD, ["FT25"], phone=""),
        unit("11111112", "Bråvallaskolan 4", STORSTAD, ["IMYFTJ", "IMVFTGL"]),
        unit(
            "11111113", "Bråvallaskolan RO3", STORSTAD, school_types=["GYAN"],
            properties={"gyan": {"programmes": ["FG25"]}},
        ),
        unit("11111114", "Bråvallaskolan 2", STORSTAD, organiser="5562575786", organiser_type="ENSKILD"),
    ]  # fmt: skip
    imported()
    cards = {card.kind: card for card in catalogue.search(None, "Storstad", limit=9).items}
    assert len(cards) == 2, "another organiser is another school"
    (municipal,) = [card for card in cards.values() if card.kind == "upper_secondary"]
    assert municipal.name == "Bråvallaskolan"
    assert municipal.phone == "013-20 76 00"
    assert {(view.code, *view.forms) for view in municipal.programmes} == {
        ("FT", StudyForm.SCHOOL), ("IM", StudyForm.SCHOOL, StudyForm.APPRENTICE), ("FG", StudyForm.SCHOOL)
    }  # fmt: skip


def test_the_school_name_groups_units_of_different_names(imported: Import, world: World, catalogue: Catalogue) -> None:
    world.units = [
        unit("11111111", "Dackeskolan MG4", STORSTAD, school_name="Mellby gymnasium"),
        unit("11111112", "Ekhaga", STORSTAD, school_name="Mellby gymnasium"),
    ]
    imported()
    assert [card.name for card in catalogue.search(None, "Storstad").items] == ["Mellby gymnasium"]


def test_a_school_of_the_files_keeps_its_id_and_its_everyday_names(
    imported: Import, files: Files, catalogue: Catalogue
) -> None:
    files.add(
        provider(
            "eken", "Eklunda gymnasium", **OLD_PAPER, aliases=["eken"], units=["11111111"], phone="013-11 11 11",
            programmes=[offer("BA", source=OLD_PAPER), offer("EE", "apprentice", OLD_PAPER)],
            note_sv="Vi vet inte allt.", note_en="We do not know all.", note_while_incomplete=True,
        )
    )  # fmt: skip
    imported()
    card = catalogue.provider("eken")
    assert card is not None
    assert (card.name, card.phone) == ("Eklunda gymnasium", "013-20 76 00")
    assert catalogue.find_provider("eken")[0].provider.id == "eken"
    # The register names all programmes: what it does not name is gone; how one is taken it cannot know.
    assert [(view.code, view.forms) for view in card.programmes] == [("EE", (StudyForm.SCHOOL, StudyForm.APPRENTICE))]
    assert card.programmes_complete
    assert card.note is None


def test_a_school_that_the_register_calls_otherwise_keeps_its_id_when_it_is_renamed(
    imported: Import, world: World, catalogue: Catalogue
) -> None:
    imported()
    world.units[0] |= {"name": "Nya Eklundaskolan"}
    imported()
    card = catalogue.provider("eklundaskolan")
    assert card is not None
    assert card.name == "Nya Eklundaskolan"


def test_a_closed_school_that_the_register_has_as_active_is_open_again(
    imported: Import, files: Files, catalogue: Catalogue
) -> None:
    files.add(provider("e", "Eklundaskolan", status="closed", note_sv="Stängd.", note_en="Closed."))
    imported()
    card = catalogue.provider("e")
    assert card is not None
    assert (card.status, card.note) == (Status.OPEN, None)


def test_what_takes_no_new_students_stays_out_until_it_is_planned_again(
    imported: Import, files: Files, world: World, catalogue: Catalogue
) -> None:
    files.add(provider("e", "Eklundaskolan", stopped=["NA"]))
    world.units[0] |= {"properties": {"gy": {"programmes": ["EE25", "NA25"]}}}
    imported()
    assert catalogue.search(None, "Storstad", "NA").total == 0
    world.events = [event("11111111", "NA25", STORSTAD)]
    imported()
    assert catalogue.search(None, "Storstad", "NA").total == 1


def test_schools_of_one_name_are_told_apart_by_their_place(
    imported: Import, world: World, catalogue: Catalogue
) -> None:
    world.units[1] |= {"name": "Eklundaskolan"}
    imported()
    assert catalogue.search(None, "Storstad").items[0].name == "Eklundaskolan (Storstad)"
    assert catalogue.search(None, "Grannby").items[0].name == "Eklundaskolan"


# -- dirt --


@pytest.mark.parametrize(
    ("lat", "lon"),
    [("63.83", "20.27"), ("0", "0"), ("59.05", "17.15"), (None, None), ("null", "")],
    ids=["Umeå", "zero", "far from the seat", "none", "null"],
)
def test_wrong_coordinates_are_not_shown(
    imported: Import, world: World, catalogue: Catalogue, lat: str | None, lon: str | None
) -> None:
    world.units[0] |= {"addresses": [visiting("Skolgatan 1", "58181", "Storstad", lat, lon)]}
    report = imported()
    card = catalogue.search(None, "Storstad").items[0]
    assert card.point is None
    assert any("coordinates" in note for note in report.harvest.notes) is (lat in ("63.83", "59.05"))


def test_named_people_and_their_addresses_never_reach_the_database(imported: Import, sqlite_database: Database) -> None:
    imported()
    assert "Rektor" not in _everything(sqlite_database)
    assert "@" not in _everything(sqlite_database)


def test_a_postal_address_is_not_where_the_school_is(imported: Import, world: World, catalogue: Catalogue) -> None:
    head_office = {"type": "POSTADRESS", "streetAddress": "Box 1", "postalCode": "17122", "locality": "SOLNA"}
    world.units[0] |= {"addresses": [head_office]}
    imported()
    card = catalogue.search(None, "Storstad").items[0]
    assert (card.address, card.locality) == (None, "Storstad")


def test_a_unit_that_closes_between_the_list_and_its_detail_is_left_out(
    imported: Import, world: World, catalogue: Catalogue
) -> None:
    world.units[0] |= {"status_now": "UPPHORT"}
    world.units.append(unit("33333333", "Nyskolan", STORSTAD))
    report = imported()
    assert [card.name for card in catalogue.search(None, "Storstad").items] == ["Nyskolan"]
    assert any("closed or moved" in note for note in report.harvest.notes)


def test_old_and_new_codes_mean_the_same_and_unknown_ones_are_told(
    imported: Import, world: World, catalogue: Catalogue
) -> None:
    world.units[0] |= {"properties": {"gy": {"programmes": ["EE", "BA25", "HA", "QQ25"]}}}
    report = imported()
    assert [view.code for view in catalogue.search(None, "Storstad").items[0].programmes] == ["EE", "BA"]
    assert any("HA, QQ25" in note for note in report.harvest.notes)


# -- komvux and folk high schools --


def test_packages_of_komvux_are_courses_once_for_all_their_dates(
    imported: Import, world: World, files: Files, catalogue: Catalogue
) -> None:
    files.programmes.append(programme("VO", "Vård- och omsorgsprogrammet", aliases_sv=["undersköterska"]))
    files.add(provider("vux", "Storstads vux", kind="komvux", education_types=["komvux"]))
    cut = "Yrkesförare och mekaniker för tunga fordon i södra delen av länet och utlandsförare och budförare (6 mån"
    world.packages = [
        package("e.a.1", "Undersk&ouml;terska<br />&nbsp;", STORSTAD),
        package("e.a.2", "Underskoterska", STORSTAD, titleSv="UndersÃ¶kning", distance=True),
        package("e.a.3", "Undersköterska", STORSTAD, semesterStartFrom="2027-08-01"),
        package("e.a.4", "Löpande start", STORSTAD, semesterStartFrom=None),
        package("e.a.5", "Redan börjat", STORSTAD, semesterStartFrom="2026-08-01"),
        package("e.a.6", "Annan kommuns", STORSTAD, geographicalAreaCode="0184"),
        package("e.a.7", cut[:100], STORSTAD),
        package("e.a.8", "null", STORSTAD),
    ]
    world.single_courses = {STORSTAD: 812}
    report = imported()
    card = catalogue.provider("vux")
    assert card is not None
    assert card.courses(Language.SV) == (
        "Löpande start",
        "Undersköterska",
        "Undersökning",
        "Yrkesförare och mekaniker för tunga fordon i södra delen av länet och utlandsförare och budförare …",
    )
    assert [(view.code, view.forms) for view in card.programmes] == [("VO", (StudyForm.ADULT,))]
    assert card.distance is True
    assert report.harvest.single_courses["Storstad"] == 812


def test_folk_high_schools_of_the_county_come_with_their_courses(
    imported: Import, world: World, catalogue: Catalogue
) -> None:
    world.folk_high_schools = [
        folk_high_school("p.1", "LILLA FOLKHÖGSKOLAN", STORSTAD),
        folk_high_school("p.2", "Annan folkhögskola", "0180"),
        {"id": "p.3", "status": "DELETED", "content": None},
    ]
    world.courses = [
        course("c.1", "p.1", "Allmän kurs", STORSTAD),
        course("c.2", "p.1", "Allmän kurs", STORSTAD, execution={"start": "2028-01-10"}),
        course("c.3", "p.1", "Inställd kurs", STORSTAD, isCancelled=True),
        course("c.4", "p.1", "Gammal kurs", STORSTAD, execution={"start": "2026-08-20"}),
        course(
            "c.5", "p.1", "Alltid öppen", STORSTAD, execution={"start": "2026-08-20"}, application={"continuous": True}
        ),
        course("c.6", "p.1", "Utgången", STORSTAD, expires="2026-01-01T00:00:00"),
        course("c.7", "p.1", "x", STORSTAD, title=strings("Textil", "content"), distance={"noOfMandatorySessions": 4}),
        course("c.8", "p.1", "På annan ort", "1480"),
        {"id": "c.9", "status": "DELETED", "content": None},
    ]  # fmt: skip
    imported()
    (card,) = catalogue.search(EducationType.FOLK_HIGH_SCHOOL).items
    assert card.name == "Lilla Folkhögskolan"
    assert card.courses(Language.SV) == ("Allmän kurs", "Alltid öppen", "Textil")
    assert (card.address, card.phone) == ("Folkvägen 2, 590 80 Byn", "0141-22 50 00")
    assert card.web == "https://www.folkis.example/&"
    assert card.distance is True


# -- completeness --


def _many_events(number: int, codes: list[str]) -> list[dict[str, Any]]:
    return [
        event("11111111", codes[i % len(codes)], STORSTAD, startDate=f"2027-08-01T00:00:{i:04d}") for i in range(number)
    ]


def test_a_list_longer_than_a_page_is_read_in_parts_and_not_by_pages(imported: Import, world: World) -> None:
    world.events = _many_events(150, ["EE25", "BA25"])
    report = imported()
    assert report.harvest.counts["planned programmes"] == 150


def test_parts_that_do_not_add_up_are_refused(imported: Import, world: World, sqlite_database: Database) -> None:
    # A code that nobody told us of: its rows come in no part.
    world.events = _many_events(150, ["EE25", "ZZ25"])
    before = _everything(sqlite_database)
    with pytest.raises(Incomplete, match="150 rows promised, 125 different ones came"):
        imported()
    assert _everything(sqlite_database) == before


def test_packages_are_cut_by_direction(imported: Import, world: World) -> None:
    world.packages = [package(f"e.{i}", f"Kurs {i}", STORSTAD) for i in range(130)]
    world.directions = {"1": [f"e.{i}" for i in range(70)], "2": [f"e.{i}" for i in range(60, 130)]}
    assert imported().harvest.counts["komvux packages"] == 130
    world.directions["2"] = []
    with pytest.raises(Incomplete, match="130 rows promised, 100 different ones came"):
        imported()


def test_folk_high_schools_lost_between_pages_are_found_by_a_second_sweep(
    imported: Import, world: World, catalogue: Catalogue
) -> None:
    world.folk_high_schools = [folk_high_school(f"p.{i}", f"Folkhögskola {'abcdef'[i]}", STORSTAD) for i in range(6)]
    world.susa_loses_first_sweep = 2
    imported()
    assert catalogue.search(EducationType.FOLK_HIGH_SCHOOL).total == 6


def test_a_type_that_the_live_list_lost_is_told_and_stops_nothing(imported: Import, world: World) -> None:
    world.adult_types = ["yh", "fhs"]
    report = imported()
    assert any("knows no type 'komvuxcoursepackage'" in note for note in report.harvest.notes)


def test_a_large_loss_is_refused_until_somebody_believes_it(
    imported: Import, world: World, catalogue: Catalogue
) -> None:
    world.units += [unit(f"3333333{i}", f"Skola {'abc'[i]}", STORSTAD) for i in range(3)]
    imported()
    del world.units[2:4]
    with pytest.raises(LossRefused, match=r"Storstad \(2 of 4\)"):
        imported()
    assert catalogue.search(None, "Storstad").total == 4
    imported(accept_loss=["Storstad"])
    assert catalogue.search(None, "Storstad").total == 2


def test_registers_that_hold_nothing_are_refused(imported: Import, world: World, catalogue: Catalogue) -> None:
    imported()
    world.units = []
    with pytest.raises(LossRefused, match="no schools at all"):
        imported()
    assert catalogue.search(None, "Storstad").total == 1


# -- the way there --


def test_every_call_says_what_it_takes_and_who_we_are(imported: Import, world: World) -> None:
    world.events = [event("11111111", "EE25", STORSTAD)]
    imported()
    assert all((accept == HAL) is path.startswith("/planned") for path, accept in world.accepted)
    assert all("https://bot.example" in agent for agent in world.agents)


def test_no_address_out_of_an_answer_is_ever_called(imported: Import, world: World) -> None:
    world.events = _many_events(150, ["EE25", "BA25"])
    world.folk_high_schools = [folk_high_school("p.1", "Lilla folkhögskolan", STORSTAD)]
    imported()
    assert not [path for path in world.asked if TRAP in path]


@pytest.mark.parametrize(
    "base",
    [
        "https://api.skolverket.se.evil.example", "http://api.skolverket.se", "https://api.skolverket.se:8443",
        "https://127.0.0.1", "http://169.254.169.254", "http://user@127.0.0.1.evil.example",
    ],
)  # fmt: skip
def test_no_other_host_is_called(base: str) -> None:
    with pytest.raises(ImportFailed, match="is not allowed"):
        Api(base=base)


def test_a_redirect_is_not_followed(imported: Import, world: World) -> None:
    world.fail("/skolenhetsregistret", 302, Location="http://127.0.0.1:1/")
    with pytest.raises(ImportFailed, match="sends us elsewhere"):
        imported()


def test_a_busy_server_is_asked_again_after_growing_pauses(imported: Import, world: World) -> None:
    world.fail("/skolenhetsregistret", 500, times=2)
    world.fail("/susa-navet", 429, **{"Retry-After": "7"})
    imported()
    pauses = imported.pauses  # type: ignore[attr-defined]
    assert sorted(pauses) == [1.0, 1.0, 7.0] or sorted(pauses) == [1.0, 2.0, 7.0]


@pytest.mark.parametrize("value", ["²", "soon", "-7", "9" * 5000, "Wed, 99 Nov 2026 10:00:00 GMT"])
def test_a_busy_server_that_says_nonsense_of_how_long_is_asked_again_all_the_same(
    imported: Import, world: World, value: str
) -> None:
    world.fail("/susa-navet", 429, **{"Retry-After": value})
    imported()
    assert imported.pauses == [1.0]  # type: ignore[attr-defined]


def test_while_susa_navet_is_updating_the_old_catalogue_stays(
    imported: Import, world: World, catalogue: Catalogue
) -> None:
    imported()
    world.units[0] |= {"phone": "013-20 70 00"}
    world.fail("/susa-navet", 503, {"status": 503, "message": "currently updating education resources"}, times=50)
    with pytest.raises(ImportFailed, match="currently updating education resources"):
        imported()
    assert catalogue.search(None, "Storstad").items[0].phone == "013-20 76 00"


def test_a_refused_accept_header_is_named(imported: Import, world: World) -> None:
    world.fail("/planned-educations", 406)
    with pytest.raises(ImportFailed, match="does not take our Accept header"):
        imported()


def test_an_import_that_was_broken_off_goes_on_with_what_it_has(
    imported: Import, world: World, tmp_path: Path, clock: FakeClock
) -> None:
    world.fail("/susa-navet", 404)
    with pytest.raises(ImportFailed):
        imported(kept=Kept(tmp_path / "kept", clock()))
    calls = world.asked["/skolenhetsregistret/v2/school-units/11111111"]
    kept = Kept(tmp_path / "kept", clock())
    imported(kept=kept)
    assert world.asked["/skolenhetsregistret/v2/school-units/11111111"] == calls
    assert kept.used > 0
    clock.advance(hours=13)
    assert Kept(tmp_path / "kept", clock()).get(next(iter(_addresses(tmp_path / "kept")))) is None


def test_a_damaged_answer_is_fetched_anew(imported: Import, tmp_path: Path, clock: FakeClock) -> None:
    imported(kept=Kept(tmp_path / "kept", clock()), dry_run=True)
    for path in (tmp_path / "kept").iterdir():
        path.write_text('{"half', encoding="utf-8")
    assert imported(kept=Kept(tmp_path / "kept", clock())).applied


def test_imports_at_the_same_time_end_in_one_state(
    server: SkolverketServer, database: Database, files: Files, clock: FakeClock
) -> None:
    folder = files.write()
    errors: list[Exception] = []

    def run() -> None:
        api = Api(base=server.url, clock=clock)
        try:
            run_import(database, folder, api, clock)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test fails by it
            errors.append(error)
        finally:
            api.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Catalogue(database, clock).search(None, "Storstad").total == 1


def test_a_row_that_does_not_fit_the_files_is_left_out_and_named(
    imported: Import, files: Files, sqlite_database: Database, catalogue: Catalogue
) -> None:
    imported()
    # Later the files give the imported school's name to another one.
    files.add(provider("annan", "Annan skola", "Grannby", aliases=["eklundaskolan"]))
    report = load(sqlite_database, files.write())
    assert [problem.row for problem in report.left_out] == ["eklundaskolan"]
    assert catalogue.provider("eklundaskolan") is None
    assert catalogue.provider("annan") is not None


def _everything(db: Database) -> str:
    from bot.db.metadata import metadata

    with db.reading() as session:
        return "\n".join(
            str(row)
            for table in metadata().sorted_tables
            if table.name.startswith("catalogue_")
            for row in session.execute(table.select())
        )


def _addresses(folder: Path) -> list[str]:
    import json

    return [json.loads(path.read_text(encoding="utf-8"))["address"] for path in folder.glob("*.json")]
