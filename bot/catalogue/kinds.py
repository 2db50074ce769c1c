"""The closed sets of the catalogue, as they stand in the data files and the database.

Used by every module of this package, and by the actions (EducationType is the entity of that name).
"""

from __future__ import annotations

from enum import StrEnum


class EducationType(StrEnum):
    """What a young person asks for; the values of the entity `education_type`."""

    UPPER_SECONDARY = "upper_secondary"
    INTRODUCTORY = "introductory"
    ADAPTED_UPPER_SECONDARY = "adapted_upper_secondary"
    KOMVUX = "komvux"
    SFI = "sfi"
    FOLK_HIGH_SCHOOL = "folk_high_school"
    HIGHER_VOCATIONAL = "higher_vocational"
    UNIVERSITY = "university"


# Kinds that the catalogue does not hold: they come after upper secondary school.
OUT_OF_CATALOGUE = frozenset({EducationType.HIGHER_VOCATIONAL, EducationType.UNIVERSITY})


class ProviderKind(StrEnum):
    """What a provider is."""

    UPPER_SECONDARY = "upper_secondary"
    INDEPENDENT_UPPER_SECONDARY = "independent_upper_secondary"
    INTRODUCTORY = "introductory"
    KOMVUX = "komvux"
    FOLK_HIGH_SCHOOL = "folk_high_school"
    GUIDANCE = "guidance"
    KAA = "kaa"


class ProgrammeKind(StrEnum):
    """What sort of programme it is."""

    VOCATIONAL = "vocational"
    PREPARATORY = "preparatory"
    INTRODUCTORY = "introductory"
    ADAPTED = "adapted"


# The school form that a programme belongs to.
SCHOOL_FORM = {
    ProgrammeKind.VOCATIONAL: EducationType.UPPER_SECONDARY,
    ProgrammeKind.PREPARATORY: EducationType.UPPER_SECONDARY,
    ProgrammeKind.INTRODUCTORY: EducationType.INTRODUCTORY,
    ProgrammeKind.ADAPTED: EducationType.ADAPTED_UPPER_SECONDARY,
}


class StudyForm(StrEnum):
    """How a programme is taken."""

    SCHOOL = "school"
    APPRENTICE = "apprentice"
    # Courses from the programme, for adults; not the whole programme.
    ADULT = "adult"


class Status(StrEnum):
    """Whether a provider takes students at all."""

    OPEN = "open"
    CLOSED = "closed"


class Confidence(StrEnum):
    """How well a row is known. Every value but `unverified` may be shown, with its date."""

    VERIFIED = "verified"
    SOURCED = "sourced"
    OLD = "old"
    UNVERIFIED = "unverified"


class Freshness(StrEnum):
    """What must be said beside a fact on the day it is shown (see `bot.catalogue.rules.freshness`)."""

    FRESH = "fresh"
    DATED = "dated"
    UNDATED = "undated"
    HIDDEN = "hidden"
