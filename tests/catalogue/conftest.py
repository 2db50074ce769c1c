"""A small invented catalogue in real files, which each test may change before it is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.catalogue.loader import load
from bot.catalogue.service import Catalogue
from bot.clock import FakeClock
from bot.db.session import Database
from tests.conftest import NOW, ROOT
from tests.databases import sqlite_at

SHIPPED = ROOT / "data" / "catalogue"
TODAY = NOW.date()

REGISTER = {
    "source": "https://api.skolverket.se/x",
    "source_date": date(2026, 9, 3),
    "confidence": "verified",
}
OLD_PAPER = {
    "source": "https://paper.example/a",
    "source_date": None,
    "source_date_text": "about 2018",
    "confidence": "old",
}
UNDATED = {
    "source": "https://kommun.example/b",
    "source_date": None,
    "checked_on": "2026-06",
    "confidence": "sourced",
}
RUMOUR = {"source": "https://rumour.example", "source_date": date(2026, 9, 3), "confidence": "unverified"}


def provider(provider_id: str, name: str, municipality: str = "Storstad", **more: Any) -> dict[str, Any]:
    """A row of a providers file: a municipal upper secondary school, unless told otherwise."""
    row = {
        **REGISTER,
        "id": provider_id,
        "name": name,
        "kind": "upper_secondary",
        "education_types": ["upper_secondary"],
        "municipality": municipality,
        "locality": municipality,
        "aliases": [],
        "programmes_complete": False,
        "programmes": [],
    }
    return row | more


def offer(code: str, form: str = "school", source: dict[str, Any] = REGISTER, **more: Any) -> dict[str, Any]:
    """Evidence for a programme."""
    return {"code": code, "form": form, **source, **more}


def municipality(code: str, name: str, lat: float, lon: float, **more: Any) -> dict[str, Any]:
    """A row of the municipalities file, with a card that knows nothing but the law."""
    row = {
        "source": "SCB",
        "source_date": date(2025, 2, 8),
        "confidence": "verified",
        "code": code,
        "name": name,
        "seat": name,
        "lat": lat,
        "lon": lon,
        "aliases": [],
        "website": None,
        "card": {"phone": None, "kaa": None, "note_sv": None, "note_en": None},
    }
    return row | more


def programme(code: str, name: str, kind: str = "vocational", **more: Any) -> dict[str, Any]:
    """A row of the programmes file."""
    row = {
        **REGISTER,
        "code": code,
        "name_sv": name,
        "name_en": name,
        "kind": kind,
        "orientations": [],
        "aliases_sv": [],
        "aliases_en": [],
    }
    return row | more


class Files:
    """The files of a catalogue in the making; `write` puts them into the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.municipalities: dict[str, Any] = {
            "law": {**UNDATED, "paragraph": "Skollagen 29 kap. 9 §"},
            "advice": {
                "kaa": {"sv": "Ring växeln.", "en": "Call the main number."},
                "komvux": {"sv": "Fråga om komvux.", "en": "Ask about komvux."},
            },
            "municipalities": [
                municipality("0580", "Storstad", 58.4, 15.6, aliases=["storan"]),
                municipality("0581", "Grannby", 58.6, 16.2),
                municipality("0512", "Skogen", 57.8, 15.3),
                municipality("0687", "Utanför", 58.0, 15.0, outside_county=True, card=None),
            ],
        }
        self.localities: list[dict[str, Any]] = [
            {
                **UNDATED,
                "name": "Lillbyn",
                "municipality": "Storstad",
                "lat": 58.3,
                "lon": 15.5,
                "aliases": [],
            }
        ]
        self.programmes = [
            programme("EE", "El- och energiprogrammet"),
            programme("BA", "Bygg- och anläggningsprogrammet"),
            programme("NA", "Naturvetenskapsprogrammet", "preparatory"),
            programme("FS", "Försäljnings- och serviceprogrammet"),
            programme("HA", "Handelsprogrammet", closed=True, replaced_by="FS"),
            programme(
                "IM",
                "Introduktionsprogram",
                "introductory",
                orientations=[{"code": "IMS", "name_sv": "Språkintroduktion", "name_en": "Language introduction"}],
            ),
        ]
        self.providers: list[dict[str, Any]] = []

    def add(self, *rows: dict[str, Any]) -> Files:
        """Add providers."""
        self.providers.extend(rows)
        return self

    def write(self) -> Path:
        """Write all files and return the folder."""
        contents = {
            "municipalities.yml": self.municipalities,
            "localities.yml": {"localities": self.localities},
            "programmes.yml": {"programmes": self.programmes},
            "providers.yml": {"providers": self.providers},
        }
        for name, content in contents.items():
            text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
            (self.folder / name).write_text(text, encoding="utf-8")
        return self.folder


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """The invented catalogue without providers."""
    folder = tmp_path / "catalogue"
    folder.mkdir()
    return Files(folder)


Loaded = Callable[..., Catalogue]


@pytest.fixture
def loaded(sqlite_database: Database, files: Files, clock: FakeClock) -> Loaded:
    """Load the invented catalogue with the given providers and return the service."""

    def with_providers(*rows: dict[str, Any]) -> Catalogue:
        load(sqlite_database, files.add(*rows).write(), clock)
        return Catalogue(sqlite_database, clock)

    return with_providers


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The catalogue that we ship, in a database of its own."""
    db = sqlite_at(tmp_path_factory.mktemp("shipped") / "bot.db")
    load(db, SHIPPED)
    return Catalogue(db, FakeClock(NOW))
