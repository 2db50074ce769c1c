"""Puts the data files, the import and the edits of staff into the database: all of it or nothing, in one transaction.

Called by `bot run`, `bot catalogue import` and after an edit. Running it again without a change changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from bot.catalogue.compose import composed
from bot.catalogue.entries import Provider, Source
from bot.catalogue.files import Content
from bot.catalogue.models import (
    CatalogueVersion,
    LocalityRow,
    MunicipalityRow,
    ProgrammeRow,
    ProviderProgrammeRow,
    ProviderRow,
)
from bot.catalogue.rows import Problem, read_rows
from bot.clock import Clock, system_clock
from bot.db.session import Database
from bot.errors import BotError

# Rises when the tables are filled in another way, so that the same files are loaded anew.
FORMAT = 2


class CatalogueError(BotError):
    """The data files have faults; nothing was loaded. Names every fault."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("The catalogue was not loaded:\n" + "\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class LoadReport:
    """What a load did."""

    changed: bool
    municipalities: int
    localities: int
    programmes: int
    providers: int
    # Rows of the import, and edits, that do not fit the files (any more): left out, nothing else stops for them.
    left_out: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        held = (
            f"{self.providers} providers, {self.programmes} programmes, "
            f"{self.municipalities} municipalities, {self.localities} places"
        )
        said = f"The catalogue was loaded: {held}." if self.changed else f"The catalogue is unchanged: {held}."
        return "\n".join([said, *(f"Left out: {problem}" for problem in self.left_out)])


def load(db: Database, folder: Path, clock: Clock = system_clock) -> LoadReport:
    """Replace the catalogue in the database by the files of a folder with the import and the edits laid over them.

    Readers see the old catalogue until the new one is complete.

    Raises:
        CatalogueError: the files have faults; the database keeps what it had.
    """
    with db.transaction() as session:
        return load_within(session, folder, clock)


def load_within(session: Session, folder: Path, clock: Clock) -> LoadReport:
    """Load in the caller's transaction, so that a change of a layer and its catalogue are kept together or not at all.

    Raises:
        CatalogueError: the files have faults; the caller must not commit.
    """
    raw, problems = read_rows(folder)
    if session.get_bind().dialect.name != "sqlite":
        # Two programs that start at once would otherwise both insert; SQLite has one writer anyway.
        session.execute(text("LOCK TABLE catalogue_version IN EXCLUSIVE MODE"))
    made = composed(session, raw)
    if problems or made.problems:
        raise CatalogueError([*problems, *made.problems])
    version = session.get(CatalogueVersion, 1)
    content_hash = f"{FORMAT}:{made.state}"
    changed = version is None or version.content_hash != content_hash
    if changed:
        _replace(session, made.content)
        session.merge(CatalogueVersion(id=1, content_hash=content_hash, loaded_at=clock()))
    return LoadReport(
        changed,
        municipalities=len(made.content.municipalities),
        localities=len(made.content.localities),
        programmes=len(made.content.programmes),
        providers=len(made.content.providers),
        left_out=made.left_out,
    )


def _replace(session: Session, content: Content) -> None:
    for table in (ProviderProgrammeRow, ProviderRow, ProgrammeRow, LocalityRow, MunicipalityRow):
        session.execute(delete(table))
    codes = {municipality.name: municipality.code for municipality in content.municipalities}
    session.add_all(
        MunicipalityRow(
            code=row.code,
            name=row.name,
            seat=row.seat,
            lat=row.lat,
            lon=row.lon,
            outside_county=row.outside_county,
            website=row.website,
            aliases=list(row.aliases),
            card=dict(content.cards.get(row.code, {})),
            **_source(row.source),
        )
        for row in content.municipalities
    )
    session.add_all(
        ProgrammeRow(
            code=row.code,
            name_sv=row.name_sv,
            name_en=row.name_en,
            kind=row.kind,
            orientations=[{"code": o.code, "name_sv": o.name_sv, "name_en": o.name_en} for o in row.orientations],
            aliases_sv=list(row.aliases_sv),
            aliases_en=list(row.aliases_en),
            closed=row.closed,
            replaced_by=row.replaced_by,
            **_source(row.source),
        )
        for row in content.programmes
    )
    # What the foreign keys point to has to be there first.
    session.flush()
    session.add_all(
        LocalityRow(
            name=row.name,
            municipality_code=codes[row.municipality],
            lat=row.lat,
            lon=row.lon,
            aliases=list(row.aliases),
            **_source(row.source),
        )
        for row in content.localities
    )
    session.add_all(_provider(row, codes[row.municipality]) for row in content.providers)
    session.flush()
    session.add_all(offer for row in content.providers for offer in _offers(row))


def _provider(row: Provider, municipality_code: str) -> ProviderRow:
    return ProviderRow(
        id=row.id,
        name=row.name,
        kind=row.kind,
        education_types=list(row.education_types),
        municipality_code=municipality_code,
        locality=row.locality,
        status=row.status,
        lat=row.point.lat if row.point else None,
        lon=row.point.lon if row.point else None,
        address=row.address,
        phone=row.phone,
        web=row.web,
        contact_source=row.contact_source,
        contact_date=str(row.contact_date) if row.contact_date else None,
        aliases=list(row.aliases),
        former_names=list(row.former_names),
        offers=None if row.offers is None else list(row.offers),
        stopped=list(row.stopped),
        programmes_complete=row.programmes_complete,
        courses_sv=list(row.courses.get("sv", ())),
        courses_en=list(row.courses.get("en", ())),
        whole_county=row.whole_county,
        note_sv=row.note.sv if row.note else None,
        note_en=row.note.en if row.note else None,
        distance=row.distance,
        units=list(row.units),
        **_source(row.source),
    )


def _offers(row: Provider) -> list[ProviderProgrammeRow]:
    return [
        ProviderProgrammeRow(
            provider_id=row.id,
            position=position,
            programme_code=offer.code,
            orientation=offer.orientation,
            form=offer.form,
            **_source(offer.source),
        )
        for position, offer in enumerate(row.programmes)
    ]


def _source(source: Source) -> dict[str, str | None]:
    return {
        "source": source.name,
        "source_date": str(source.dated) if source.dated else None,
        "checked_on": str(source.checked_on) if source.checked_on else None,
        "confidence": source.confidence,
    }
