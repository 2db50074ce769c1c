"""Makes rows of the catalogue of what the registers say: units into schools, packages and courses to who gives them.

Pure functions. A row has the keys of a row in a providers file; who stands in the files already keeps that id.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.catalogue.importer import planned, register, susa
from bot.catalogue.importer.codes import INTRODUCTORY, StudyPath, study_path
from bot.catalogue.importer.places import Place
from bot.catalogue.importer.planned import Package, Start
from bot.catalogue.importer.register import Unit
from bot.catalogue.importer.susa import Course, FolkHighSchool
from bot.catalogue.kinds import EducationType, ProgrammeKind, ProviderKind, StudyForm
from bot.catalogue.rules import normalise

MOST_COURSES = 40
_NUMBER = re.compile(r"[\s,]+(?:(?:enhet|skolenhet|RO|MG)\s*)?(?:\d+[a-z]?|[IVX]+)$|[\s,]+(?:RO|MG)\d+$", re.IGNORECASE)
_ADULT = {"VUXSFI": EducationType.SFI}

Row = dict[str, Any]


@dataclass(frozen=True)
class Programmes:
    """What the catalogue knows of programmes: open codes with their kind, orientations, and everyday words."""

    kinds: Mapping[str, ProgrammeKind]
    orientations: frozenset[tuple[str, str]]
    # Words by programme, normalised; the longest are tried first.
    words: tuple[tuple[str, str], ...]


def base_name(name: str) -> str:
    """Return a unit's name without its number: `Bråvallagymnasiet 4` and `Dackeskolan MG4` are units of a school."""
    return _NUMBER.sub("", name).strip() or name


def schools(
    units: Iterable[Unit], starts: Iterable[Start], place: Place, programmes: Programmes
) -> tuple[list[Row], list[str]]:
    """Merge the units of a municipality into schools; also return the codes that the catalogue does not know."""
    groups: defaultdict[tuple[str, ...], list[Unit]] = defaultdict(list)
    for unit in sorted(units, key=lambda one: one.code):
        if unit.school_name:
            key: tuple[str, ...] = (unit.organiser, normalise(base_name(unit.school_name)))
        else:
            key = (unit.organiser, normalise(base_name(unit.name)), normalise(unit.street or ""))
        groups[key].append(unit)
    planned_codes: defaultdict[str, list[str]] = defaultdict(list)
    for start in starts:
        planned_codes[start.unit].append(start.code)
    unknown: set[str] = set()
    rows = [_school(group, planned_codes, place, programmes, unknown) for group in groups.values()]
    return rows, sorted(unknown)


def _school(
    units: list[Unit], planned_codes: Mapping[str, list[str]], place: Place, programmes: Programmes, unknown: set[str]
) -> Row:  # fmt: skip
    types = frozenset().union(*(unit.school_types for unit in units))
    paths = _paths([code for unit in units for code in unit.programmes], programmes, unknown)
    starting = _paths([code for unit in units for code in planned_codes.get(unit.code, ())], programmes, unknown)
    # What starts next is given, also where the register has not heard of it yet.
    offers = list(dict.fromkeys([*paths, *starting]))
    young = [unit for unit in units if unit.school_types & {"GY", "GYAN"}]
    placed = next((unit for unit in units if unit.point), None)
    return {
        "name": base_name(units[0].school_name or units[0].name),
        "kind": _kind(units, types),
        "education_types": [str(kind) for kind in _education_types(units, types, offers)],
        "municipality": place.name,
        "locality": _first(unit.locality for unit in units) or place.name,
        "lat": placed.point.lat if placed and placed.point else None,
        "lon": placed.point.lon if placed and placed.point else None,
        "address": _first(unit.address for unit in units),
        "phone": _first(unit.phone for unit in units),
        "web": _first(unit.web for unit in units),
        "units": [unit.code for unit in units],
        "programmes": [_offer(path) for path in offers],
        # The register names all programmes of a unit; a unit of the young without any has not told.
        "programmes_complete": bool(young) and all(unit.programmes for unit in young),
        "starting": sorted({path.code for path in starting}),
        "courses": [],
        "distance": None,
        "source": register.SOURCE,
    }


def _paths(codes: Iterable[str], programmes: Programmes, unknown: set[str]) -> list[StudyPath]:
    found = []
    for code in codes:
        path = study_path(code, programmes.kinds, programmes.orientations)
        if path is None:
            unknown.add(code)
        else:
            found.append(path)
    return found


def _kind(units: list[Unit], types: Collection[str]) -> str:
    if not {"GY", "GYAN"} & set(types):
        return ProviderKind.KOMVUX
    independent = any(unit.organiser_type == "ENSKILD" for unit in units)
    return ProviderKind.INDEPENDENT_UPPER_SECONDARY if independent else ProviderKind.UPPER_SECONDARY


def _education_types(units: list[Unit], types: Collection[str], offers: list[StudyPath]) -> list[EducationType]:
    found: dict[EducationType, None] = {}
    if "GY" in types:
        found[EducationType.UPPER_SECONDARY] = None
    if any(path.code == INTRODUCTORY for path in offers):
        found[EducationType.INTRODUCTORY] = None
    if "GYAN" in types:
        found[EducationType.ADAPTED_UPPER_SECONDARY] = None
    parts = frozenset().union(*(unit.adult_parts for unit in units))
    if "VUX" in types and (parts - set(_ADULT) or not parts):
        found[EducationType.KOMVUX] = None
    if "VUXSFI" in parts:
        found[EducationType.SFI] = None
    return list(found)


def _offer(path: StudyPath) -> Row:
    return {"code": path.code, "orientation": path.orientation, "form": str(path.form)}


def folk_high_schools(
    found: Iterable[FolkHighSchool], courses: Iterable[Course], places: Mapping[str, Place]
) -> list[Row]:
    """Make a row for each folk high school, with its courses, one title once."""
    by_school: defaultdict[str, list[Course]] = defaultdict(list)
    for course in courses:
        by_school[course.provider].append(course)
    return [
        {
            "name": school.name,
            "kind": ProviderKind.FOLK_HIGH_SCHOOL,
            "education_types": [str(EducationType.FOLK_HIGH_SCHOOL)],
            "municipality": places[school.municipality].name,
            "locality": school.locality or places[school.municipality].name,
            "lat": school.point.lat if school.point else None,
            "lon": school.point.lon if school.point else None,
            "address": school.address,
            "phone": school.phone,
            "web": school.web,
            "units": [],
            "programmes": [],
            "programmes_complete": False,
            "starting": [],
            "courses": _titles(course.title for course in by_school[school.id]),
            "distance": True if any(course.distance for course in by_school[school.id]) else None,
            "source": susa.SOURCE,
        }
        for school in sorted(found, key=lambda one: one.id)
    ]


def komvux(packages: Iterable[Package], place: Place, programmes: Programmes) -> Row | None:
    """Make one row of the packages that a municipality's komvux plans; None when it plans none."""
    planned_now = list(packages)
    if not planned_now:
        return None
    titles = _titles(package.title for package in planned_now)
    codes = sorted({code for title in titles for code in named_programmes(title, programmes)})
    return {
        "name": f"Komvux i {place.name}",
        "kind": ProviderKind.KOMVUX,
        "education_types": [str(EducationType.KOMVUX)],
        "municipality": place.name,
        "locality": place.name,
        "lat": None,
        "lon": None,
        "address": None,
        "phone": None,
        "web": None,
        "units": [],
        "programmes": [_offer(StudyPath(code, None, StudyForm.ADULT)) for code in codes],
        "programmes_complete": False,
        "starting": [],
        "courses": titles,
        "distance": True if any(package.distance for package in planned_now) else None,
        "source": planned.SOURCE,
    }


def named_programmes(title: str, programmes: Programmes) -> list[str]:
    """Return the programmes that a course's title names by an everyday word of the catalogue."""
    padded = f" {normalise(title)} "
    return list(dict.fromkeys(code for word, code in programmes.words if f" {word} " in padded))


def _titles(titles: Iterable[str]) -> list[str]:
    """One title once, whatever its dates; in order of the alphabet."""
    unique: dict[str, str] = {}
    for title in titles:
        unique.setdefault(normalise(title), title)
    return sorted(unique.values(), key=normalise)[:MOST_COURSES]


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
