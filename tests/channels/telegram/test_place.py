"""A shared place becomes the name of the nearest town or village; where somebody is, is kept nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.bell import Bell
from bot.catalogue.loader import load as load_catalogue
from bot.channels.telegram.intake import Intake
from bot.clock import FakeClock
from bot.conversations.inbox import Inbox
from bot.conversations.models import InboundKind, InboundMessage
from bot.db.metadata import metadata
from bot.db.session import Database
from bot.people.vault import Vault
from bot.settings import load
from bot.texts import Texts
from bot.wiring import Services
from tests.conftest import ROOT

UPDATE = json.loads((ROOT / "tests/channels/telegram/updates/location.json").read_text(encoding="utf-8"))


@pytest.fixture
def intake(sqlite_database: Database, vault: Vault, texts: Texts, clock: FakeClock, tmp_path: Path) -> Intake:
    """The intake with the catalogue that we ship."""
    load_catalogue(sqlite_database, ROOT / "data" / "catalogue")
    settings = load({"VAR_DIR": str(tmp_path / "var")}, root=tmp_path)
    inbox = Inbox(sqlite_database, vault, texts, clock)
    return Intake(
        Services(
            settings=settings, clock=clock, db=sqlite_database, vault=vault, texts=texts, bell=Bell(), inbox=inbox
        )
    )  # fmt: skip


def shared(lat: Any, lon: Any, **more: Any) -> dict[str, Any]:
    """An update in which somebody shares a place."""
    return {**UPDATE, "message": {**UPDATE["message"], "location": {"latitude": lat, "longitude": lon}, **more}}


@pytest.mark.parametrize(
    ("lat", "lon", "name"),
    [(58.4108, 15.6215, "Linköping"), (58.3511, 15.2799, "Mantorp"), (57.826, 15.271, "Österbymo")],
)
def test_a_shared_place_is_read_as_the_name_of_the_nearest(
    intake: Intake, sqlite_database: Database, lat: float, lon: float, name: str
) -> None:
    assert intake.take(shared(lat, lon)).done
    with sqlite_database.reading() as session:
        row = session.scalars(select(InboundMessage)).one()
    assert (row.kind, row.text) == (InboundKind.TEXT, name)


def test_a_shop_on_the_map_is_a_place_too(intake: Intake, sqlite_database: Database) -> None:
    venue = {"location": {"latitude": 58.41, "longitude": 15.62}, "title": "Kiosken", "address": "Gatan 1"}
    intake.take(shared(58.41, 15.62, venue=venue))
    with sqlite_database.reading() as session:
        assert session.scalars(select(InboundMessage.text)).one() == "Linköping"


@pytest.mark.parametrize(
    ("lat", "lon"), [(59.33, 18.06), (58.03, 14.98), ("x", 15.0), (580, 15.0), (None, None), (True, "")]
)
def test_a_place_outside_the_county_is_no_text(intake: Intake, sqlite_database: Database, lat: Any, lon: Any) -> None:
    assert intake.take(shared(lat, lon)).done
    with sqlite_database.reading() as session:
        row = session.scalars(select(InboundMessage)).one()
    assert (row.kind, row.text) == (InboundKind.OTHER, None)


def test_the_coordinates_are_kept_nowhere(intake: Intake, sqlite_database: Database) -> None:
    intake.take(shared(58.41234, 15.62345))
    with sqlite_database.reading() as session:
        kept = [
            str(row)
            for table in metadata().sorted_tables
            if not table.name.startswith("catalogue_")
            for row in session.execute(table.select())
        ]
    assert kept
    assert not [row for row in kept if "41234" in row or "62345" in row]
