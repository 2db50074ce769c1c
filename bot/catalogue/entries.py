"""The catalogue's facts as values: what the files say, and what the search works on.

`files` builds them from YAML, `snapshot` from the database; both through the functions here where a value
is nested (`card_from`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.catalogue.kinds import Confidence, EducationType, ProgrammeKind, ProviderKind, Status, StudyForm
from bot.catalogue.rules import Point, SourceDate


@dataclass(frozen=True)
class Source:
    """Where a fact is from, how old it is and how well it is known."""

    name: str
    dated: SourceDate | None
    confidence: Confidence
    # When the source was read, for sources that show no date of their own.
    checked_on: SourceDate | None = None


@dataclass(frozen=True)
class Kaa:
    """What is known of a municipality's activity responsibility (KAA) beside the law."""

    name_sv: str
    name_en: str
    web: str | None
    phone: str | None
    contact_confirmed: bool
    source: Source


@dataclass(frozen=True)
class Words:
    """A short text in both languages."""

    sv: str
    en: str


@dataclass(frozen=True)
class ContactPoint:
    """One thing that only the municipality itself can tell, and who told it."""

    value: str
    source: Source


@dataclass(frozen=True)
class Card:
    """What a municipality owes a young person, and how to reach it."""

    law: Source
    paragraph: str
    kaa_advice: Words
    komvux_advice: Words
    phone: str | None = None
    phone_source: Source | None = None
    kaa: Kaa | None = None
    note: Words | None = None
    note_source: Source | None = None
    # What staff have filled in of the municipality's contact points, by name (see layers.CONTACTS).
    contacts: Mapping[str, ContactPoint] = field(default_factory=dict)


@dataclass(frozen=True)
class Municipality:
    """A municipality; `lat` and `lon` are those of its seat."""

    code: str
    name: str
    seat: str
    lat: float
    lon: float
    aliases: tuple[str, ...]
    outside_county: bool
    website: str | None
    card: Card | None
    source: Source


@dataclass(frozen=True)
class Locality:
    """A place and the municipality it belongs to."""

    name: str
    municipality: str
    lat: float | None
    lon: float | None
    aliases: tuple[str, ...]
    source: Source

    @property
    def point(self) -> Point | None:
        """Where it is; None: not known."""
        return None if self.lat is None or self.lon is None else Point(self.lat, self.lon)


@dataclass(frozen=True)
class Orientation:
    """A direction within a programme (inriktning), or a kind of introductory programme."""

    code: str
    name_sv: str
    name_en: str


@dataclass(frozen=True)
class Programme:
    """A programme of upper secondary school."""

    code: str
    name_sv: str
    name_en: str
    kind: ProgrammeKind
    orientations: tuple[Orientation, ...]
    aliases_sv: tuple[str, ...]
    aliases_en: tuple[str, ...]
    closed: bool
    replaced_by: str | None
    source: Source


@dataclass(frozen=True)
class Offer:
    """Evidence that a provider gives, or has given, a programme in a form."""

    code: str
    orientation: str | None
    form: StudyForm
    source: Source


@dataclass(frozen=True)
class Provider:
    """A school, a komvux, a folk high school or an office. `municipality` is the municipality's name."""

    id: str
    name: str
    kind: ProviderKind
    education_types: tuple[EducationType, ...]
    municipality: str
    locality: str
    source: Source
    status: Status = Status.OPEN
    point: Point | None = None
    address: str | None = None
    phone: str | None = None
    web: str | None = None
    contact_source: str | None = None
    contact_date: SourceDate | None = None
    aliases: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()
    offers: tuple[ProgrammeKind, ...] | None = None
    stopped: tuple[str, ...] = ()
    programmes_complete: bool = False
    programmes: tuple[Offer, ...] = ()
    courses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    whole_county: bool = False
    note: Words | None = None
    # Whether a source says that one can study there at a distance; None: no source says either.
    distance: bool | None = None
    # Codes of the school units in Skolverket's register that make up this school.
    units: tuple[str, ...] = ()

    @property
    def shown(self) -> bool:
        """Whether the search may list it: open, and confirmed by a source."""
        return self.status is Status.OPEN and self.source.confidence is not Confidence.UNVERIFIED


def source_from(row: Mapping[str, Any], prefix: str = "") -> Source:
    """Build a source from the columns of a row; `prefix` is `phone_` and the like within a card.

    Raises:
        KeyError: there is no source or confidence.
        ValueError: a date or the confidence has a wrong form.
    """
    dated = row.get(f"{prefix}date" if prefix else "source_date") or row.get(f"{prefix}source_date_text")
    checked = row.get(f"{prefix}checked_on")
    return Source(
        name=str(row[f"{prefix}source"]),
        dated=SourceDate.parse(dated) if dated else None,
        confidence=Confidence(row[f"{prefix}confidence"] if not prefix else row.get(f"{prefix}confidence", "sourced")),
        checked_on=SourceDate.parse(checked) if checked else None,
    )


def card_from(row: Mapping[str, Any]) -> Card:
    """Build a card from its mapping in the file or the database.

    Raises:
        KeyError, TypeError, ValueError: something is missing or has a wrong form.
    """
    kaa = row.get("kaa")
    return Card(
        law=source_from(row["law"]),
        paragraph=str(row["law"]["paragraph"]),
        kaa_advice=Words(**row["advice"]["kaa"]),
        komvux_advice=Words(**row["advice"]["komvux"]),
        phone=row.get("phone"),
        phone_source=source_from(row, "phone_") if row.get("phone") else None,
        kaa=None
        if kaa is None
        else Kaa(
            name_sv=kaa["name_sv"],
            name_en=kaa["name_en"],
            web=kaa.get("web"),
            phone=kaa.get("phone"),
            contact_confirmed=bool(kaa.get("contact_confirmed", False)),
            source=source_from(kaa),
        ),
        note=Words(row["note_sv"], row["note_en"]) if row.get("note_sv") else None,
        note_source=source_from(row, "note_") if row.get("note_sv") else None,
        contacts={
            name: ContactPoint(
                str(one["value"]),
                Source(str(one["source"]), SourceDate.parse(one["source_date"]), Confidence.VERIFIED),
            )
            for name, one in (row.get("contacts") or {}).items()
        },
    )
