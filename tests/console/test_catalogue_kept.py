"""Katalog: a change is kept together with the catalogue that it makes, or not at all; on each kind of database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import launch
from bot.catalogue.importer import store
from bot.catalogue.loader import load
from bot.catalogue.service import Catalogue
from bot.clock import FakeClock
from bot.db.session import Database
from bot.edits.models import Edit
from bot.edits.rules import Kind
from bot.edits.service import Editor, make_edit
from bot.wiring import Services
from tests.conftest import ROOT
from tests.console.conftest import Browser, words

FILES = ROOT / "data" / "catalogue"
PLATEN = "/catalogue/provider/platengymnasiet"
NEW = "/catalogue/provider/new"
SOURCE = {"source": "Skolans expedition", "source_date": "2026-11-20", "seen": "0", "do": "save"}
OLD = {"name": "Platengymnasiet", "locality": "Motala", "status": "open", "programmes_complete": "no", "distance": ""}
FRESH = {"kind": "komvux", "municipality": "Motala", "status": "open", "programmes_complete": "no", "distance": ""}


@pytest.fixture
def services(services: Services, tmp_path: Path) -> Services:
    """The program's parts with data files of their own, which may be spoilt."""
    folder = tmp_path / "data"
    folder.mkdir()
    for part in (ROOT / "data").iterdir():
        (folder / part.name).symlink_to(part)
    (folder / "catalogue").unlink()
    shutil.copytree(FILES, folder / "catalogue")
    return replace(services, settings=replace(services.settings, data_dir=folder))


@pytest.fixture(autouse=True)
def catalogue(database: Database, services: Services, clock: FakeClock) -> Catalogue:
    """The catalogue as young people see it."""
    load(database, services.settings.data_dir / "catalogue", clock)
    return Catalogue(database, clock)


def edits(database: Database) -> list[Edit]:
    with database.reading() as session:
        return list(session.scalars(select(Edit)))


@pytest.mark.parametrize(
    ("page", "fields", "said"),
    [
        (PLATEN, {**OLD, "name": "P" * 121}, "Namn: högst 120 tecken"),
        (PLATEN, {**OLD, "locality": "M" * 61}, "Ort: högst 60 tecken"),
        (PLATEN, {**OLD, "address": "G" * 301}, "Besöksadress: högst 300 tecken"),
        (NEW, {**FRESH, "name": "N" * 121, "locality": "Motala"}, "Namn: högst 120 tecken"),
        (NEW, {**FRESH, "name": "Nya skolan", "locality": "M" * 61}, "Ort: högst 60 tecken"),
    ],
)
async def test_what_the_table_cannot_hold_is_refused_and_the_next_start_works(
    editor: Browser, database: Database, services: Services, page: str, fields: Mapping[str, str], said: str
) -> None:
    answer = await editor.post(page, {**fields, **SOURCE}, on=PLATEN)

    assert answer.status_code == 422
    assert said in words(answer)
    assert edits(database) == []
    launch.load_catalogue(services, lambda _: None)


async def test_a_name_as_long_as_the_table_holds_is_kept(
    editor: Browser, catalogue: Catalogue, database: Database
) -> None:
    answer = await editor.post(PLATEN, {**OLD, "name": "Å" * 120, "locality": "Ö" * 60, **SOURCE}, on=PLATEN)

    assert answer.status_code == 303
    card = catalogue.provider("platengymnasiet")
    assert card is not None
    assert card.name == "Å" * 120


def _edit(session: Any, now: Any) -> None:
    make_edit(
        session, Kind.PROVIDER, "platengymnasiet", changes={"name": "P" * 200}, before={}, source="s",
        source_date="2026-11-20", seen=0, by=Editor("eva", "Eva"), now=now,
    )  # fmt: skip


def _import(session: Any, now: Any) -> None:
    row = {
        "id": "platengymnasiet", "name": "Platengymnasiet", "kind": "upper_secondary", "municipality": "Motala",
        "education_types": ["upper_secondary"], "locality": "M" * 61, "lat": 58.5, "lon": 15.0, "web": None,
        "address": None, "phone": None, "units": ["1"], "programmes": [], "programmes_complete": False,
        "starting": [], "courses": [], "distance": None, "source": "Skolverket",
    }  # fmt: skip
    store.apply(session, [row], fetched=now, now=now, notes=[], counts={})


@pytest.mark.parametrize("layer", [_edit, _import])
def test_a_layer_that_the_table_cannot_hold_is_left_out_with_the_reason(
    database: Database, services: Services, catalogue: Catalogue, clock: FakeClock, layer: Callable[[Any, Any], None]
) -> None:
    with database.transaction() as session:
        layer(session, clock())
    said: list[str] = []

    launch.load_catalogue(services, said.append)

    assert "platengymnasiet: " in said[0]
    assert "characters, at most" in said[0]
    card = catalogue.provider("platengymnasiet")
    assert card is not None
    assert (card.name, card.locality) == ("Platengymnasiet", "Motala")


async def test_a_change_whose_catalogue_cannot_be_loaded_is_not_kept(
    editor: Browser, catalogue: Catalogue, database: Database, services: Services
) -> None:
    good = {**OLD, "phone": "0141-22 50 00", **SOURCE}
    assert (await editor.post(PLATEN, good, on=PLATEN)).status_code == 303
    spoilt = services.settings.data_dir / "catalogue" / "localities.yml"
    spoilt.write_text(spoilt.read_text(encoding="utf-8") + "\n  - name: Ingenstans\n", encoding="utf-8")

    again = await editor.post(PLATEN, {**good, "phone": "0141-22 60 00", "seen": "1"}, on=PLATEN)
    undone = await editor.post(f"{PLATEN}/undo", {"edit": edits(database)[0].id}, on=PLATEN)

    for answer in (again, undone):
        assert answer.status_code == 422
        assert "Ingenting är sparat: det finns fel i katalogens filer." in words(answer)
    (kept,) = edits(database)
    assert kept.undone_at is None
    card = catalogue.provider("platengymnasiet")
    assert card is not None
    assert card.phone == "0141-22 50 00"
