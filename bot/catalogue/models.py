"""The tables of the catalogue: what the loader makes of the data files, the import and the edits of staff.

The loader replaces them whole, all but the imports, which are one of its sources (the edits are in `bot.edits`).

Nothing else in the database points here: other features keep a provider's id or a municipality's name
as text.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base

# A date as the source gives it: a day, a month, a year or "about 2018" (see rules.SourceDate).
SOURCE_DATE_LENGTH = 16


class Sourced:
    """Columns of every row that states a fact."""

    source: Mapped[str] = mapped_column(Text)
    source_date: Mapped[str | None] = mapped_column(String(SOURCE_DATE_LENGTH))
    checked_on: Mapped[str | None] = mapped_column(String(SOURCE_DATE_LENGTH))
    confidence: Mapped[str] = mapped_column(String(12))


class CatalogueVersion(Base):
    """Which state of the files lies in the tables; one row."""

    __tablename__ = "catalogue_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content_hash: Mapped[str] = mapped_column(String(80))
    loaded_at: Mapped[datetime]


class MunicipalityRow(Sourced, Base):
    """A municipality and its card."""

    __tablename__ = "catalogue_municipality"

    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    seat: Mapped[str] = mapped_column(String(60))
    lat: Mapped[float]
    lon: Mapped[float]
    outside_county: Mapped[bool]
    website: Mapped[str | None] = mapped_column(Text)
    aliases: Mapped[list[str]]
    # What the law gives, main number, KAA and notes, as `MunicipalityCard` shows them.
    card: Mapped[dict[str, Any]]


class LocalityRow(Sourced, Base):
    """A place and the municipality it belongs to; only for recognising where somebody lives."""

    __tablename__ = "catalogue_locality"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("catalogue_municipality.code"))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    aliases: Mapped[list[str]]


class ProgrammeRow(Sourced, Base):
    """A programme of upper secondary school."""

    __tablename__ = "catalogue_programme"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name_sv: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    # [{"code": ..., "name_sv": ..., "name_en": ...}]
    orientations: Mapped[list[dict[str, Any]]]
    aliases_sv: Mapped[list[str]]
    aliases_en: Mapped[list[str]]
    closed: Mapped[bool]
    replaced_by: Mapped[str | None] = mapped_column(String(8))


class ProviderRow(Sourced, Base):
    """A school, a komvux, a folk high school or an office."""

    __tablename__ = "catalogue_provider"
    __table_args__ = (Index("ix_catalogue_provider_place", "municipality_code", "status"),)

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(40))
    education_types: Mapped[list[str]]
    municipality_code: Mapped[str] = mapped_column(ForeignKey("catalogue_municipality.code"))
    locality: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(12))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    address: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(String(20))
    web: Mapped[str | None] = mapped_column(Text)
    # Where address and phone are from, when that is not the row's own source.
    contact_source: Mapped[str | None] = mapped_column(Text)
    contact_date: Mapped[str | None] = mapped_column(String(SOURCE_DATE_LENGTH))
    aliases: Mapped[list[str]]
    former_names: Mapped[list[str]]
    # Further kinds of programme it makes sense to ask them about; null: anything.
    offers: Mapped[list[str] | None]
    # Codes of programmes that take no new students any more.
    stopped: Mapped[list[str]]
    programmes_complete: Mapped[bool]
    courses_sv: Mapped[list[str]]
    courses_en: Mapped[list[str]]
    whole_county: Mapped[bool]
    note_sv: Mapped[str | None] = mapped_column(Text)
    note_en: Mapped[str | None] = mapped_column(Text)
    # Whether one can study there at a distance; null: no source says either.
    distance: Mapped[bool | None]
    # Codes of the school units in Skolverket's register.
    units: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")


class ProviderProgrammeRow(Sourced, Base):
    """Evidence that a provider gives, or has given, a programme in a form."""

    __tablename__ = "catalogue_provider_programme"

    provider_id: Mapped[str] = mapped_column(ForeignKey("catalogue_provider.id"), primary_key=True)
    # Order within the provider, as in the file.
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    programme_code: Mapped[str] = mapped_column(ForeignKey("catalogue_programme.code"))
    orientation: Mapped[str | None] = mapped_column(String(8))
    form: Mapped[str] = mapped_column(String(12))


class CatalogueImport(Base):
    """One import from the registers; the one that counts is active, the one before it is kept."""

    __tablename__ = "catalogue_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    # When the registers were read; the same content read again later only moves this.
    fetched_at: Mapped[datetime]
    applied_at: Mapped[datetime]
    content_hash: Mapped[str] = mapped_column(String(64))
    active: Mapped[bool] = mapped_column(Boolean)
    notes: Mapped[list[str]]
    # How many rows of each kind were read, and the single courses of each municipality.
    counts: Mapped[dict[str, Any]]


class CatalogueImportedRow(Base):
    """One school of an import, with the keys of a row in a providers file."""

    __tablename__ = "catalogue_imported_row"

    import_id: Mapped[int] = mapped_column(ForeignKey("catalogue_import.id", ondelete="CASCADE"), primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    data: Mapped[dict[str, Any]]
