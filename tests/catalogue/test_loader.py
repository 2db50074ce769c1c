"""Files into the database: all or nothing, once, and never half."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.catalogue.loader import CatalogueError, load
from bot.catalogue.service import Catalogue
from bot.clock import FakeClock
from bot.db.session import Database
from tests.catalogue.conftest import REGISTER, SHIPPED, Files, offer, provider


def test_what_stands_in_the_files_can_be_found_afterwards(database: Database, files: Files, clock: FakeClock) -> None:
    files.add(provider("storskolan", "Storskolan", phone="013-20 76 00", programmes=[offer("EE")]))
    report = load(database, files.write(), clock)
    assert (report.changed, report.providers, report.municipalities) == (True, 1, 4)
    found = Catalogue(database, clock).provider("storskolan")
    assert found is not None
    assert (found.name, found.phone, found.municipality) == ("Storskolan", "013-20 76 00", "Storstad")
    assert [view.code for view in found.programmes] == ["EE"]


def test_loading_the_same_files_again_changes_nothing_and_says_so(
    database: Database, files: Files, clock: FakeClock
) -> None:
    folder = files.add(provider("a", "A-skolan")).write()
    load(database, folder, clock)
    again = load(database, folder, clock)
    assert not again.changed
    assert "unchanged" in str(again)


def test_a_change_in_a_file_replaces_the_old_row(database: Database, files: Files, clock: FakeClock) -> None:
    load(database, files.add(provider("a", "A-skolan", phone="013-20 76 00")).write(), clock)
    catalogue = Catalogue(database, clock)
    assert catalogue.provider("a") is not None
    files.providers = [provider("b", "B-skolan")]
    assert load(database, files.write(), clock).changed
    assert catalogue.provider("a") is None
    assert catalogue.provider("b") is not None


def test_faulty_files_are_refused_and_the_old_catalogue_stays(
    database: Database, files: Files, clock: FakeClock
) -> None:
    load(database, files.add(provider("a", "A-skolan")).write(), clock)
    files.add(provider("b", "B-skolan", municipality="Ingenstans"), provider("c", "C-skolan", kind="circus"))
    with pytest.raises(CatalogueError) as caught:
        load(database, files.write(), clock)
    assert "providers.yml: b: municipality 'Ingenstans' is not in municipalities.yml" in str(caught.value)
    assert "providers.yml: c: 'circus' is not a valid ProviderKind; correct it" in str(caught.value)
    assert Catalogue(database, clock).provider("a") is not None


def test_the_shipped_files_load_on_each_kind_of_database(database: Database) -> None:
    assert load(database, SHIPPED).providers > 40
    assert not load(database, SHIPPED).changed


def test_two_programs_that_load_at_once_do_not_disturb_each_other(
    database: Database, files: Files, clock: FakeClock
) -> None:
    folder = files.add(provider("a", "A-skolan")).write()
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _n: load(database, folder, clock), range(4)))
    assert [report.changed for report in reports].count(True) == 1
    assert Catalogue(database, clock).provider("a") is not None


def test_a_catalogue_that_was_never_loaded_is_empty_and_no_error(database: Database) -> None:
    catalogue = Catalogue(database)
    assert catalogue.search().total == 0
    assert catalogue.provider("a") is None
    assert catalogue.municipality("Linköping") is None


def test_a_running_program_sees_a_new_load_without_a_restart(
    database: Database, files: Files, clock: FakeClock
) -> None:
    catalogue = Catalogue(database, clock)
    assert catalogue.search().total == 0
    load(database, files.add(provider("a", "A-skolan")).write(), clock)
    assert catalogue.search().total == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"adress": "Gatan 1"}, "'adress' is not a known key; did you mean 'address'?"),
        ({"source": None}, "None"),
        ({"confidence": "certain"}, "'certain' is not a valid Confidence"),
        ({"source_date": "in spring"}, "'in spring' is no date"),
        ({"name": ""}, "name must be a text that is not empty"),
        ({"aliases": [True]}, "aliases must be a list of texts"),
        ({"programmes": [offer("XX")]}, "programme 'XX' is not in programmes.yml"),
        ({"programmes": [offer("HA")]}, "programme 'HA' is closed; write FS"),
        ({"programmes": [offer("EE", orientation="ZZ")]}, "orientation 'ZZ' does not belong to EE"),
        ({"programmes": [offer("IM")]}, "education_types needs introductory"),
        ({"programmes": [offer("EE")], "stopped": ["EE"]}, "both given and stopped"),
        ({"stopped": ["QQ"]}, "stopped names the programme 'QQ'"),
    ],
)
def test_a_fault_is_named_with_its_file_its_row_and_what_to_do(
    sqlite_database: Database, files: Files, change: dict[str, object], message: str
) -> None:
    row = provider("a", "A-skolan") | change
    if change == {"source": None}:
        del row["source"]
        message = "source is missing; add it"
    with pytest.raises(CatalogueError) as caught:
        load(sqlite_database, files.add(row).write())
    assert "providers.yml: a: " in str(caught.value)
    assert message in str(caught.value)


def test_a_name_that_two_schools_claim_is_a_fault(sqlite_database: Database, files: Files) -> None:
    files.add(provider("a", "A-skolan", aliases=["asken"]), provider("b", "B-skolan", former_names=["ASKEN"]))
    with pytest.raises(CatalogueError, match="the name 'ASKEN' belongs to a too"):
        load(sqlite_database, files.write())


def test_one_id_in_two_files_is_a_fault(sqlite_database: Database, files: Files) -> None:
    folder = files.add(provider("a", "A-skolan")).write()
    (folder / "providers_more.yml").write_bytes((folder / "providers.yml").read_bytes())
    with pytest.raises(CatalogueError, match=r"stands in providers\.yml too; keep one of them"):
        load(sqlite_database, folder)


def test_broken_yaml_is_named_with_its_line(sqlite_database: Database, files: Files) -> None:
    folder = files.write()
    (folder / "programmes.yml").write_text("programmes:\n  - {code: EE\n  - x", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"programmes\.yml: line 3: is no valid YAML"):
        load(sqlite_database, folder)


def test_a_missing_file_is_named(sqlite_database: Database, files: Files) -> None:
    folder = files.write()
    (folder / "localities.yml").unlink()
    with pytest.raises(CatalogueError, match=r"localities\.yml: -: cannot be read"):
        load(sqlite_database, folder)


def test_all_faults_are_named_at_once(sqlite_database: Database, files: Files) -> None:
    files.add(provider("a", ""), provider("b", "B", kind="zoo"), provider("c", "C", x=1))
    with pytest.raises(CatalogueError) as caught:
        load(sqlite_database, files.write())
    assert len(caught.value.problems) == 3


def test_the_register_row_of_the_tests_is_itself_in_order(files: Files, sqlite_database: Database) -> None:
    assert load(sqlite_database, files.add(provider("a", "A-skolan", **REGISTER)).write()).changed
