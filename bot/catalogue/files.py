"""Reads the data files of the catalogue, and says about every fault which file, which row and what to do.

`build` makes values of rows, of the files (`rows`) or with an import and the edits of staff laid over them (`layers`).
Called by the loader (which refuses faulty files) and by the check.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.catalogue.entries import (
    Locality,
    Municipality,
    Offer,
    Orientation,
    Programme,
    Provider,
    Words,
    card_from,
    source_from,
)
from bot.catalogue.kinds import EducationType, ProgrammeKind, ProviderKind, Status, StudyForm
from bot.catalogue.lengths import OFFERS, too_long
from bot.catalogue.rows import Problem, RawRows, Row, plain, read_rows
from bot.catalogue.rules import Point, SourceDate

_SOURCE = {"source", "source_date", "source_date_text", "checked_on", "confidence"}
_KEYS = {
    "municipalities": _SOURCE
    | {
        "code",
        "name",
        "seat",
        "lat",
        "lon",
        "aliases",
        "outside_county",
        "website",
        "website_source",
        "card",
    },
    "localities": _SOURCE | {"name", "municipality", "lat", "lon", "aliases"},
    "programmes": _SOURCE
    | {"code", "name_sv", "name_en", "kind", "orientations", "closed", "replaced_by", "national_recruitment"}
    | {"aliases_sv", "aliases_en", "aliases_if_study_sv", "aliases_if_study_en"},
    "providers": _SOURCE
    | {"id", "name", "kind", "education_types", "municipality", "locality", "status", "lat", "lon", "address"}
    | {"phone", "web", "contact_source", "contact_date", "aliases", "former_names", "offers", "stopped"}
    | {"programmes_complete", "programmes", "courses_sv", "courses_en", "whole_county", "note_sv", "note_en"}
    | {"units", "distance", "note_while_incomplete"},
}
_OFFER_KEYS = _SOURCE | {"code", "orientation", "form"}


@dataclass(frozen=True)
class Content:
    """Everything that the files say, with the file that each row stands in."""

    municipalities: tuple[Municipality, ...]
    localities: tuple[Locality, ...]
    programmes: tuple[Programme, ...]
    providers: tuple[Provider, ...]
    # File of a row, by (kind of row, key): ("providers", "platengymnasiet") and the like.
    files: Mapping[tuple[str, str], str]
    # The cards as they stand in the file, by municipality code; the loader stores them unchanged.
    cards: Mapping[str, Row]
    # Changes whenever anything that the tables hold would change.
    content_hash: str


def read(folder: Path) -> tuple[Content, list[Problem]]:
    """Read all files of the folder. Rows with a fault are left out of the content and named in the list."""
    raw, problems = read_rows(folder)
    content, faults = build(raw)
    return content, problems + faults


def build(raw: RawRows) -> tuple[Content, list[Problem]]:
    """Make values of the rows. Rows with a fault are left out and named in the list."""
    builder = _Builder(raw)
    content = Content(
        municipalities=tuple(builder.all("municipalities", builder.municipality)),
        localities=tuple(builder.all("localities", _locality)),
        programmes=tuple(builder.all("programmes", _programme)),
        providers=tuple(builder.all("providers", _provider)),
        files={(kind, key): held.file for kind, rows in raw.rows.items() for key, held in rows.items()},
        cards=builder.cards,
        content_hash=raw.digest,
    )
    return content, builder.problems


class _Builder:
    """Makes entries of rows and collects what is wrong with them."""

    def __init__(self, raw: RawRows) -> None:
        self.raw = raw
        self.problems: list[Problem] = []
        self.cards: dict[str, Row] = {}

    def all[Entry](self, kind: str, make: Callable[[Row, Row], Entry]) -> list[Entry]:
        entries: list[Entry] = []
        for key, held in self.raw.rows[kind].items():
            if not self._known_keys(held.file, key, held.row, _KEYS[kind]):
                continue
            if not self._fits(held.file, key, held.row, kind):
                continue
            try:
                entries.append(make(held.row, held.whole))
            except KeyError as error:
                self.problems.append(Problem(held.file, key, f"{error.args[0]} is missing; add it"))
            except (TypeError, ValueError) as error:
                self.problems.append(Problem(held.file, key, f"{error}; correct it"))
        return entries

    def municipality(self, row: Row, whole: Row) -> Municipality:
        card = None
        if row.get("card") is not None:
            raw = plain({**row["card"], "law": whole["law"], "advice": whole["advice"]})
            card = card_from(raw)
            self.cards[str(row["code"])] = raw
        return Municipality(
            code=_text(row, "code"),
            name=_text(row, "name"),
            seat=_text(row, "seat"),
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            aliases=_texts(row, "aliases"),
            outside_county=bool(row.get("outside_county", False)),
            website=row.get("website"),
            card=card,
            source=source_from(row),
        )

    def _known_keys(self, name: str, label: str, row: Row, known: set[str]) -> bool:
        unknown = [key for key in row if key not in known]
        for offer in row.get("programmes") or []:
            unknown += [key for key in offer if key not in _OFFER_KEYS]
        for key in unknown:
            close = difflib.get_close_matches(str(key), known | _OFFER_KEYS, 1)
            hint = f"did you mean '{close[0]}'?" if close else "remove it"
            self.problems.append(Problem(name, label, f"'{key}' is not a known key; {hint}"))
        return not unknown

    def _fits(self, name: str, label: str, row: Row, kind: str) -> bool:
        messages = [*too_long(kind, row)]
        for offer in row.get("programmes") or []:
            messages += too_long(OFFERS, offer)
        self.problems += [Problem(name, label, message) for message in messages]
        return not messages


def _locality(row: Row, _whole: Row) -> Locality:
    return Locality(
        name=_text(row, "name"),
        municipality=_text(row, "municipality"),
        lat=None if row.get("lat") is None else float(row["lat"]),
        lon=None if row.get("lon") is None else float(row["lon"]),
        aliases=_texts(row, "aliases"),
        source=source_from(row),
    )


def _programme(row: Row, _whole: Row) -> Programme:
    return Programme(
        code=_text(row, "code"),
        name_sv=_text(row, "name_sv"),
        name_en=_text(row, "name_en"),
        kind=ProgrammeKind(row["kind"]),
        orientations=tuple(Orientation(**orientation) for orientation in row["orientations"]),
        aliases_sv=_texts(row, "aliases_sv"),
        aliases_en=_texts(row, "aliases_en"),
        closed=bool(row.get("closed", False)),
        replaced_by=row.get("replaced_by"),
        source=source_from(row),
    )


def _provider(row: Row, _whole: Row) -> Provider:
    offers = row.get("offers")
    contact_date = row.get("contact_date")
    return Provider(
        id=_text(row, "id"),
        name=_text(row, "name"),
        kind=ProviderKind(row["kind"]),
        education_types=tuple(EducationType(value) for value in row["education_types"]),
        municipality=_text(row, "municipality"),
        locality=_text(row, "locality"),
        source=source_from(row),
        status=Status(row.get("status", Status.OPEN)),
        point=None if row.get("lat") is None else Point(float(row["lat"]), float(row["lon"])),
        address=row.get("address"),
        phone=row.get("phone"),
        web=row.get("web"),
        contact_source=row.get("contact_source"),
        contact_date=None if contact_date is None else SourceDate.parse(contact_date),
        aliases=_texts(row, "aliases"),
        former_names=_texts(row, "former_names"),
        offers=None if offers is None else tuple(ProgrammeKind(value) for value in offers),
        stopped=_texts(row, "stopped"),
        programmes_complete=bool(row["programmes_complete"]),
        programmes=tuple(_offer(offer) for offer in row["programmes"]),
        courses={language: _texts(row, f"courses_{language}") for language in ("sv", "en")},
        whole_county=bool(row.get("whole_county", False)),
        note=Words(row["note_sv"], _text(row, "note_en")) if row.get("note_sv") else None,
        distance=row.get("distance"),
        units=tuple(str(code) for code in row.get("units") or ()),
    )


def _offer(row: Row) -> Offer:
    return Offer(_text(row, "code"), row.get("orientation"), StudyForm(row["form"]), source_from(row))


def _text(row: Row, key: str) -> str:
    value = row[key]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} must be a text that is not empty, not {value!r}")
    return value


def _texts(row: Row, key: str) -> tuple[str, ...]:
    values = row.get(key) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{key} must be a list of texts (quote numbers and yes/no), not {values!r}")
    return tuple(values)
