"""The whole catalogue as values, read from the database in one go; it is small (some fifty providers).

Used by the service, which keeps one snapshot until the loader has put another state into the tables.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.entries import (
    Locality,
    Municipality,
    Offer,
    Orientation,
    Programme,
    Provider,
    Source,
    Words,
    card_from,
)
from bot.catalogue.kinds import Confidence, EducationType, ProgrammeKind, ProviderKind, Status, StudyForm
from bot.catalogue.models import (
    CatalogueVersion,
    LocalityRow,
    MunicipalityRow,
    ProgrammeRow,
    ProviderProgrammeRow,
    ProviderRow,
    Sourced,
)
from bot.catalogue.rules import Point, SourceDate


@dataclass(frozen=True)
class Snapshot:
    """One consistent state of the catalogue. `version` is None when nothing was ever loaded."""

    version: str | None
    municipalities: dict[str, Municipality]
    localities: tuple[Locality, ...]
    programmes: dict[str, Programme]
    providers: tuple[Provider, ...]


def version(session: Session) -> str | None:
    """Return what identifies the state in the tables."""
    return session.scalar(select(CatalogueVersion.content_hash))


def take(session: Session) -> Snapshot:
    """Read everything; again if a load was committed meanwhile (PostgreSQL may show half of each state)."""
    while True:
        before = version(session)
        snapshot = _read(session, before)
        if version(session) == before:
            return snapshot
        session.expire_all()


def _read(session: Session, state: str | None) -> Snapshot:
    municipalities = {row.code: _municipality(row) for row in session.scalars(select(MunicipalityRow))}
    offers: defaultdict[str, list[Offer]] = defaultdict(list)
    ordered = select(ProviderProgrammeRow).order_by(ProviderProgrammeRow.provider_id, ProviderProgrammeRow.position)
    for offer in session.scalars(ordered):
        offers[offer.provider_id].append(
            Offer(offer.programme_code, offer.orientation, StudyForm(offer.form), _source(offer))
        )
    return Snapshot(
        version=state,
        municipalities={row.name: row for row in municipalities.values()},
        localities=tuple(
            Locality(
                row.name,
                municipalities[row.municipality_code].name,
                row.lat,
                row.lon,
                tuple(row.aliases),
                _source(row),
            )
            for row in session.scalars(select(LocalityRow))
        ),
        programmes={row.code: _programme(row) for row in session.scalars(select(ProgrammeRow))},
        providers=tuple(
            _provider(row, municipalities[row.municipality_code].name, tuple(offers[row.id]))
            for row in session.scalars(select(ProviderRow).order_by(ProviderRow.id))
        ),
    )


def _source(row: Sourced) -> Source:
    return Source(
        name=row.source,
        dated=SourceDate.parse(row.source_date) if row.source_date else None,
        confidence=Confidence(row.confidence),
        checked_on=SourceDate.parse(row.checked_on) if row.checked_on else None,
    )


def _municipality(row: MunicipalityRow) -> Municipality:
    return Municipality(
        code=row.code,
        name=row.name,
        seat=row.seat,
        lat=row.lat,
        lon=row.lon,
        aliases=tuple(row.aliases),
        outside_county=row.outside_county,
        website=row.website,
        card=card_from(row.card) if row.card else None,
        source=_source(row),
    )


def _programme(row: ProgrammeRow) -> Programme:
    return Programme(
        code=row.code,
        name_sv=row.name_sv,
        name_en=row.name_en,
        kind=ProgrammeKind(row.kind),
        orientations=tuple(Orientation(**orientation) for orientation in row.orientations),
        aliases_sv=tuple(row.aliases_sv),
        aliases_en=tuple(row.aliases_en),
        closed=row.closed,
        replaced_by=row.replaced_by,
        source=_source(row),
    )


def _provider(row: ProviderRow, municipality: str, offers: tuple[Offer, ...]) -> Provider:
    located = row.lat is not None and row.lon is not None
    return Provider(
        id=row.id,
        name=row.name,
        kind=ProviderKind(row.kind),
        education_types=tuple(EducationType(value) for value in row.education_types),
        municipality=municipality,
        locality=row.locality,
        source=_source(row),
        status=Status(row.status),
        point=Point(row.lat or 0.0, row.lon or 0.0) if located else None,
        address=row.address,
        phone=row.phone,
        web=row.web,
        contact_source=row.contact_source,
        contact_date=SourceDate.parse(row.contact_date) if row.contact_date else None,
        aliases=tuple(row.aliases),
        former_names=tuple(row.former_names),
        offers=None if row.offers is None else tuple(ProgrammeKind(value) for value in row.offers),
        stopped=tuple(row.stopped),
        programmes_complete=row.programmes_complete,
        programmes=offers,
        courses={"sv": tuple(row.courses_sv), "en": tuple(row.courses_en)},
        whole_county=row.whole_county,
        note=Words(row.note_sv, row.note_en or "") if row.note_sv else None,
        distance=row.distance,
        units=tuple(row.units),
    )
