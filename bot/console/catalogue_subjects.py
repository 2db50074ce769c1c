"""What can be edited: a school, a municipality's contact points, a fact, a date of the year. Used by the pages.

A subject knows its fields, what counts now, and what the layers below say, so that staff see what their edit overrides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bot.booking.rota import covers
from bot.catalogue.compose import Layers, composed, lay
from bot.catalogue.importer.store import active_import, imported_rows
from bot.catalogue.kinds import EducationType, ProviderKind, Status
from bot.catalogue.layers import CONTACTS, IMPORT
from bot.catalogue.lengths import LONGEST
from bot.catalogue.rows import RawRows, read_rows
from bot.clock import STOCKHOLM
from bot.console import catalogue_fields as fields
from bot.console.catalogue_fields import Field
from bot.duty.models import COUNTY
from bot.edits.knowledge import YEAR, EditedKnowledge
from bot.edits.rules import EditRefused, Kind, Overrides
from bot.edits.service import overrides
from bot.guidance.facts import UNDATED

NEW = "new"
LAYER_NAMES = {"file": "datafilen", IMPORT: "Skolverket", NEW: "ingenting"}
KIND_LABELS: Mapping[ProviderKind, str] = {
    ProviderKind.UPPER_SECONDARY: "gymnasium",
    ProviderKind.INDEPENDENT_UPPER_SECONDARY: "fristående gymnasium",
    ProviderKind.INTRODUCTORY: "introduktionsprogram",
    ProviderKind.KOMVUX: "komvux",
    ProviderKind.FOLK_HIGH_SCHOOL: "folkhögskola",
    ProviderKind.GUIDANCE: "vägledning",
    ProviderKind.KAA: "aktivitetsansvar",
}


@dataclass(frozen=True)
class Below:
    """What a layer under the edits says of a field."""

    layer: str
    text: str


@dataclass(frozen=True)
class Subject:
    """Something that can be edited."""

    kind: Kind
    key: str
    title: str
    fields: tuple[Field, ...]
    values: Mapping[str, Any]
    source: str
    source_date: str
    below: Mapping[str, Below] = field(default_factory=dict)
    about: str = ""
    place: str = COUNTY
    """The municipality it belongs to; COUNTY: it is said to all young people."""
    check: Callable[[Mapping[str, Any]], None] = lambda _values: None
    """Refuses values that do not go together."""

    @property
    def address(self) -> str:
        """Where it is edited."""
        return f"/console/catalogue/{self.kind}/{self.key}"


@dataclass(frozen=True)
class Shelf:
    """Where subjects are read from: the data files, and the knowledge with its edits."""

    data: Path
    knowledge: EditedKnowledge

    def rows(self) -> RawRows:
        """Return the rows of the catalogue's files."""
        return read_rows(self.data / "catalogue")[0]


def find(session: Session, shelf: Shelf, kind: Kind, key: str) -> Subject | None:
    """Return a subject as it counts now; None when there is no such thing."""
    match kind:
        case Kind.PROVIDER:
            return _provider(session, shelf, key)
        case Kind.MUNICIPALITY:
            return _municipality(session, shelf, key)
        case Kind.FACT:
            return _fact(session, shelf, key)
        case Kind.SEASON:
            return _date(session, shelf, key)


def new_provider(shelf: Shelf, scope: Sequence[str]) -> Subject:
    """Return the empty form of a school that nobody has yet, in one of the editor's municipalities."""
    raw = shelf.rows()
    places = sorted(
        name for held in raw.rows["municipalities"].values() if covers(scope, name := str(held.row["name"]))
    )
    first = (
        fields.words("name", "Namn", required=True),
        fields.choice("kind", "Slag", [(str(kind), label) for kind, label in KIND_LABELS.items()]),
        fields.choice("municipality", "Kommun", [(place, place) for place in places]),
    )
    return Subject(
        Kind.PROVIDER, NEW, "En ny skola", (*_of_length(first), *_provider_fields(raw)[1:]), {"kind": None}, "", "",
        check=_check_provider,
    )  # fmt: skip


def _of_length(shown: Iterable[Field]) -> tuple[Field, ...]:
    """Return the fields of a school with the lengths that its table holds."""
    longest = LONGEST["providers"]
    return tuple(replace(one, most=longest.get(one.name, one.most)) for one in shown)


def education_types_of(kind: str) -> list[str]:
    """Return what a new school of a kind is found under; programmes may add to it later."""
    of_kind = {
        ProviderKind.KOMVUX: EducationType.KOMVUX,
        ProviderKind.FOLK_HIGH_SCHOOL: EducationType.FOLK_HIGH_SCHOOL,
        ProviderKind.INTRODUCTORY: EducationType.INTRODUCTORY,
    }
    return [str(of_kind.get(ProviderKind(kind), EducationType.UPPER_SECONDARY))]


def _provider_fields(raw: RawRows) -> tuple[Field, ...]:
    open_ones = {
        key: str(held.row["name_sv"]) for key, held in raw.rows["programmes"].items() if not held.row.get("closed")
    }
    orientations = {
        str(one["code"]): key for key, held in raw.rows["programmes"].items() for one in held.row["orientations"]
    }
    shown = (
        fields.words("name", "Namn", required=True),
        fields.choice("status", "Läge", fields.STATES, "En stängd skola hittas på sitt namn och sägs vara stängd."),
        fields.words("locality", "Ort", required=True),
        fields.words("address", "Besöksadress"),
        fields.phone("phone", "Telefon", "Till skolan, inte till en person."),
        fields.web("web", "Webbsida"),
        fields.programmes("programmes", "Program", open_ones, orientations),
        fields.yes_no("programmes_complete", "Är listan med program hel?", fields.YES_NO),
        fields.codes("stopped", "Program som inte tar in nya", open_ones),
        fields.yes_no("distance", "Går det att läsa på distans?", fields.YES_NO_UNKNOWN),
        fields.names("aliases", "Smeknamn", "Ett på varje rad, som unga skriver dem."),
        fields.names("former_names", "Tidigare namn", "Ett på varje rad."),
        fields.words("note_sv", "Att veta, på svenska", hint="Högst tre korta meningar.", long=True),
        fields.words("note_en", "Att veta, på engelska", long=True),
    )  # fmt: skip
    return _of_length(shown)


def _check_provider(values: Mapping[str, Any]) -> None:
    if bool(values.get("note_sv")) != bool(values.get("note_en")):
        raise EditRefused("Att veta: skriv på båda språken, eller på inget.")
    if values.get("status") == Status.CLOSED and not values.get("note_sv"):
        raise EditRefused("Skolan är stängd: skriv vad som hände och vart man vänder sig, på båda språken.")


def _provider(session: Session, shelf: Shelf, key: str) -> Subject | None:
    raw = shelf.rows()
    made = composed(session, raw)
    held = made.layered.raw.rows["providers"].get(key)
    if held is None:
        return None
    mine = overrides(session, Kind.PROVIDER).get(key)
    shown = _provider_fields(raw)
    row = held.row
    return Subject(
        Kind.PROVIDER, key, str(row["name"]), shown, _provider_values(shown, row), str(row["source"]), _dated(row),
        below=_below(shown, mine, *_under(session, raw, key)) if mine else {},
        about=f"{KIND_LABELS[ProviderKind(row['kind'])].capitalize()} i {row['municipality']}",
        place=str(row["municipality"]),
        check=_check_provider,
    )  # fmt: skip


def _provider_values(shown: tuple[Field, ...], row: Mapping[str, Any]) -> dict[str, Any]:
    values = {one.name: row.get(one.name) for one in shown}
    return values | {
        "status": str(row.get("status") or Status.OPEN),
        "programmes": [
            {"code": offer["code"], "orientation": offer.get("orientation"), "form": offer["form"]}
            for offer in row.get("programmes") or ()
        ],
        **{name: list(row.get(name) or ()) for name in ("aliases", "former_names", "stopped")},
        "programmes_complete": bool(row.get("programmes_complete")),
    }


def _under(session: Session, raw: RawRows, key: str) -> tuple[str, Mapping[str, Any]]:
    """Return what lies under the edits of a school: the layer's name, and its row."""
    running = active_import(session)
    layers = Layers()
    if running is not None:
        on = running.fetched_at.astimezone(STOCKHOLM).date()
        layers = Layers(imported_rows(session, running.id), on)
    lower = lay(raw, layers).layered
    held = lower.raw.rows["providers"].get(key)
    layer = IMPORT if IMPORT in lower.touched.get(("providers", key), ()) else "file"
    return (layer, held.row) if held else (NEW, {})


def _below(shown: tuple[Field, ...], mine: Overrides | None, layer: str, row: Mapping[str, Any]) -> dict[str, Below]:
    """Return what a layer says of the fields that are edited."""
    return {
        one.name: Below(LAYER_NAMES[layer], one.show(row.get(one.name)) if row.get(one.name) is not None else "inget")
        for one in shown
        if mine is not None and one.name in mine.fields
    }


def contact_fields() -> tuple[Field, ...]:
    """Return what staff fill in for a municipality before it goes live."""
    kaa = "Kommunens ansvar för den som är under 20 och inte går i gymnasiet."
    return (
        fields.phone("phone", "Kommunens växel"),
        fields.words(
            "kaa_name", "KAA: vem man frågar efter", hint=f"{kaa} Skriv helst en funktion och inte en person."
        ),
        fields.phone("kaa_phone", "KAA: telefon", "När den är ifylld ger boten numret i stället för växelns."),
        fields.email("kaa_email", "KAA: e-post", "En adress till funktionen."),
        fields.words("kaa_hours", "KAA: öppettider"),
        fields.words("kaa_slots", "KAA: tider att boka"),
        fields.web("komvux_web", "Komvux: webbsida"),
        fields.day("komvux_next_date", "Komvux: nästa sista ansökningsdag"),
        fields.words("im_entry", "Introduktionsprogram: vart man vänder sig"),
        fields.words("guidance_booking", "Vägledare: hur man bokar"),
        fields.phone("emergency_social", "Socialjouren: telefon"),
        fields.words("summer", "Vem som svarar i sommar"),
    )


def _municipality(session: Session, shelf: Shelf, key: str) -> Subject | None:
    made = composed(session, shelf.rows())
    held = made.layered.raw.rows["municipalities"].get(key)
    if held is None or held.row.get("card") is None:
        return None
    card = held.row["card"]
    values = {name: (card.get("contacts") or {}).get(name, {}).get("value") for name in CONTACTS}
    dated = [str(one["source_date"]) for one in (card.get("contacts") or {}).values()]
    return Subject(
        Kind.MUNICIPALITY, key, str(held.row["name"]), contact_fields(), values | {"phone": card.get("phone")},
        str(card.get("phone_source") or ""), max(dated, default=""), place=str(held.row["name"]),
        about="Uppgifter som bara kommunen själv kan lämna. Ett tomt fält säger boten aldrig som en uppgift.",
    )  # fmt: skip


def missing(card: Mapping[str, Any]) -> list[str]:
    """Return which of a municipality's contact points nobody has filled in."""
    contacts = card.get("contacts") or {}
    return [
        one.name
        for one in contact_fields()
        if not (card.get("phone") if one.name == "phone" else contacts.get(one.name))
    ]


def _fact(session: Session, shelf: Shelf, key: str) -> Subject | None:
    row, mine = shelf.knowledge.facts().get(key), overrides(session, Kind.FACT).get(key)
    of_file = shelf.knowledge.fact_of_the_file(key)
    if row is None or of_file is None:
        return None
    shown = (
        fields.words("statement_sv", "Uppgiften på svenska", long=True, required=True),
        fields.words("statement_en", "Uppgiften på engelska", long=True, required=True),
    )
    return Subject(
        Kind.FACT, key, str(row["statement_sv"]), shown, {one.name: row[one.name] for one in shown},
        str(row["source"]), _dated(row),
        below=_below(shown, mine, "file", of_file),
        about="Det här är vad boten får påstå. Orden i svaren står i svarsfilerna; ändra dem om uppgiften ändras. "
        f"Där heter den {key}.",
    )  # fmt: skip


def _date(session: Session, shelf: Shelf, key: str) -> Subject | None:
    of_file = shelf.knowledge.date_of_the_file(key)
    if of_file is None:
        return None
    edits = overrides(session, Kind.SEASON).get(key)
    shown = (
        fields.day("first", "Första dagen, eller dagen", "Hela datumet, till exempel 2027-02-15."),
        fields.day("last", "Sista dagen", "Bara om det är en period."),
    )
    years = sorted(name for name, found in (edits.fields if edits else {}).items() if found.value)
    newest = edits.fields[years[-1]].value if edits and years else {}
    values = {"first": newest.get("on") or newest.get("from"), "last": newest.get("to")}
    rule = of_file.get("words_sv") or of_file.get("day") or f"första måndagen i månad {of_file.get('first_monday')}"
    return Subject(
        Kind.SEASON, key, str(of_file["title_sv"]), shown, values, str(of_file["source"]), _dated(of_file),
        about=f"Utan ändring gäller varje år: {rule}. En ändring gäller ett år; skriv dagen för det året.",
        check=_check_date,
    )  # fmt: skip


def _check_date(values: Mapping[str, Any]) -> None:
    first, last = values.get("first"), values.get("last")
    if not first:
        raise EditRefused("Skriv vilken dag det är.")
    if last and (last < first or last[:4] != first[:4]):
        raise EditRefused("Sista dagen ska vara samma år och inte före den första.")


def season_change(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an edit of a date changes: the day, or days, of one year."""
    first, last = values["first"], values.get("last")
    return {f"{YEAR}{first[:4]}": {"from": first, "to": last} if last and last != first else {"on": first}}


def _dated(row: Mapping[str, Any]) -> str:
    """Return how old a row is, as staff read it."""
    for name in ("source_date", "source_date_text", "checked_on"):
        value = row.get(name)
        if value and value != UNDATED:
            return value.isoformat() if isinstance(value, date) else str(value)
    return "okänt datum"
