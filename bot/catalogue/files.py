"""Reads the data files of the catalogue, and says about every fault which file, which row and what to do.

Called by the loader (which refuses faulty files) and by the check.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

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
    | {"programmes_complete", "programmes", "courses_sv", "courses_en", "whole_county", "note_sv", "note_en"},
}
_OFFER_KEYS = _SOURCE | {"code", "orientation", "form"}

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Problem:
    """A fault in a data file: where it is, and what to do about it."""

    file: str
    row: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.row}: {self.message}"


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
    return _Reader(folder).read()


class _Reader:
    """One reading of a folder: collects rows, the file of each, and the problems."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.files: dict[tuple[str, str], str] = {}
        self.cards: dict[str, Row] = {}
        self.digest = hashlib.sha256()

    def read(self) -> tuple[Content, list[Problem]]:
        municipalities = self._rows("municipalities", ["municipalities.yml"], "code", self._municipality)
        localities = self._rows("localities", ["localities.yml"], "name", _locality)
        programmes = self._rows("programmes", ["programmes.yml"], "code", _programme)
        names = sorted(path.name for path in self.folder.glob("providers*.yml"))
        if not names:
            self._problem("providers*.yml", "-", "no such file; a catalogue has at least one")
        providers = self._rows("providers", names, "id", _provider)
        content = Content(
            tuple(municipalities),
            tuple(localities),
            tuple(programmes),
            tuple(providers),
            self.files,
            self.cards,
            self.digest.hexdigest(),
        )
        return content, self.problems

    def _rows[Entry](
        self, kind: str, names: Iterable[str], key: str, build: Callable[[Row, Row], Entry]
    ) -> list[Entry]:
        entries: list[Entry] = []
        for name in names:
            whole = self._file(name, kind)
            for number, row in enumerate(whole.get(kind) or [], start=1):
                if not isinstance(row, dict):
                    self._problem(name, f"row {number}", "is no mapping; write 'key: value' lines under a '-'")
                    continue
                label = str(row.get(key) or f"row {number}")
                if (kind, label) in self.files:
                    self._problem(name, label, f"stands in {self.files[kind, label]} too; keep one of them")
                    continue
                self.files[kind, label] = name
                if self._known_keys(name, label, row, _KEYS[kind]):
                    self._build(name, label, row, whole, build, entries)
        return entries

    def _build[Entry](
        self,
        name: str,
        label: str,
        row: Row,
        whole: Row,
        build: Callable[[Row, Row], Entry],
        entries: list[Entry],
    ) -> None:
        try:
            entries.append(build(row, whole))
        except KeyError as error:
            self._problem(name, label, f"{error.args[0]} is missing; add it")
        except (TypeError, ValueError) as error:
            self._problem(name, label, f"{error}; correct it")

    def _file(self, name: str, kind: str) -> Row:
        path = self.folder / name
        try:
            raw = path.read_bytes()
        except OSError:
            self._problem(name, "-", f"cannot be read; the folder {self.folder} needs it")
            return {}
        self.digest.update(name.encode() + b"\0" + raw)
        try:
            content = yaml.safe_load(raw)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f"line {mark.line + 1}" if mark else "-"
            self._problem(name, where, f"is no valid YAML ({getattr(error, 'problem', error)}); correct it")
            return {}
        if not isinstance(content, dict) or not isinstance(content.get(kind), list):
            self._problem(name, "-", f"holds no list named '{kind}'; add '{kind}:' with one '-' per row")
            return {}
        return content

    def _known_keys(self, name: str, label: str, row: Row, known: set[str]) -> bool:
        unknown = [key for key in row if key not in known]
        for offer in row.get("programmes") or []:
            unknown += [key for key in offer if key not in _OFFER_KEYS]
        for key in unknown:
            close = difflib.get_close_matches(str(key), known | _OFFER_KEYS, 1)
            hint = f"did you mean '{close[0]}'?" if close else "remove it"
            self._problem(name, label, f"'{key}' is not a known key; {hint}")
        return not unknown

    def _problem(self, file: str, row: str, message: str) -> None:
        self.problems.append(Problem(file, row, message))

    def _municipality(self, row: Row, whole: Row) -> Municipality:
        card = None
        if row.get("card") is not None:
            raw = _plain({**row["card"], "law": whole["law"], "advice": whole["advice"]})
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


def _plain(value: Any) -> Any:
    """Return a value of the file as JSON can hold it: dates as ISO text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value
