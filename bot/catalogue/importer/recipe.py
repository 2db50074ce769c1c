"""The import from beginning to end: part by part, each checked against what the register promised.

Called by the command. Nothing here writes to the catalogue: `store` does, after the comparison.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bot.catalogue.files import Content
from bot.catalogue.importer import merge, planned, register, susa
from bot.catalogue.importer.api import PARALLEL, Api
from bot.catalogue.importer.codes import slices_for
from bot.catalogue.importer.places import Place
from bot.catalogue.kinds import ProgrammeKind
from bot.catalogue.rules import normalise
from bot.clock import STOCKHOLM

# Told after each part: its name, how many parts are done, and how many there are.
Progress = Callable[[str, int, int], None]


@dataclass
class Harvest:
    """What an import brought. `rows` have no ids yet."""

    fetched: datetime
    rows: list[dict[str, Any]] = field(default_factory=list)
    # What somebody should know about the data: unknown codes, rejected coordinates.
    notes: list[str] = field(default_factory=list)
    # Rows read of each kind, for the report.
    counts: Counter[str] = field(default_factory=Counter)
    # Single courses of komvux by municipality: counted, not imported.
    single_courses: dict[str, int] = field(default_factory=dict)


def places_of(content: Content, *, names: Iterable[str] = ()) -> list[Place]:
    """Return the municipalities of the county, as the files name them; `names` picks some."""
    wanted = set(names)
    return [
        Place(row.code, row.name, row.lat, row.lon)
        for row in content.municipalities
        if not row.outside_county and (not wanted or row.name in wanted)
    ]


def programmes_of(content: Content) -> merge.Programmes:
    """Return what the importer needs to know of programmes; closed ones are left out."""
    rows = [row for row in content.programmes if not row.closed]
    # Adapted programmes have the names of ordinary ones; a course of komvux is never theirs.
    young = [row for row in rows if row.kind in (ProgrammeKind.VOCATIONAL, ProgrammeKind.PREPARATORY)]
    words = {normalise(word): row.code for row in young for word in (row.name_sv, *row.aliases_sv)}
    return merge.Programmes(
        kinds={row.code: row.kind for row in rows},
        orientations=frozenset((row.code, orientation.code) for row in rows for orientation in row.orientations),
        words=tuple(sorted(((w, c) for w, c in words.items() if len(w) >= 4), key=lambda pair: (-len(pair[0]), pair))),
    )


def harvest(
    api: Api,
    places: Sequence[Place],
    programmes: merge.Programmes,
    now: datetime,
    progress: Progress = lambda _name, _done, _of: None,
    *,
    anywhere: bool = False,
) -> Harvest:
    """Read everything and make rows of it.

    Args:
        anywhere: coordinates outside the county are fine (measurements with other counties).

    Raises:
        Incomplete: a part has fewer rows than promised.
        ImportFailed: something cannot be had. The catalogue stays as it is.
    """
    result = Harvest(fetched=now)
    by_code = {place.code: place for place in places}
    today = now.astimezone(STOCKHOLM).date()
    parts = 2 * len(places) + 1
    done = 0

    def tell(name: str) -> None:
        nonlocal done
        done += 1
        progress(name, done, parts)

    with ThreadPoolExecutor(PARALLEL) as pool:
        for place in places:
            _young(api, place, programmes, today, result, pool, anywhere=anywhere)
            tell(f"{place.name}: skolor")
        kinds, missing = planned.package_types(api)
        result.notes += [
            f"Planned educations knows no type '{kind}' any more; nothing of it was read." for kind in missing
        ]
        cuts = planned.directions(api) if kinds else []
        for place in places:
            _adult(api, place, kinds, cuts, programmes, today, result)
            tell(f"{place.name}: komvux")
    _folk_high_schools(api, by_code, today, result, anywhere=anywhere)
    tell("folkhögskolor")
    if api.oldest is not None:
        result.fetched = api.oldest
    return result


def _young(
    api: Api, place: Place, programmes: merge.Programmes, today: date, result: Harvest, pool: ThreadPoolExecutor,
    *, anywhere: bool,
) -> None:  # fmt: skip
    units, listed = register.units_of(api, place, pool.map, anywhere=anywhere)
    result.counts["units"] += listed
    if len(units) < listed:
        result.notes.append(f"{place.name}: {listed - len(units)} units closed or moved while we read.")
    seen = [code for unit in units for code in unit.programmes]
    starts: list[planned.Start] = []
    for form in planned.FORMS:
        cuts = list(dict.fromkeys([*seen, *slices_for(programmes.kinds)]))
        found, count = planned.starts(api, place.code, form, cuts, today)
        starts += found
        result.counts["planned programmes"] += count
    rows, unknown = merge.schools(units, starts, place, programmes)
    result.rows += rows
    result.notes += [
        f"{place.name}: {unit.name} has coordinates elsewhere; left out." for unit in units if unit.misplaced
    ]
    if unknown:
        result.notes.append(f"{place.name}: codes that the catalogue does not know: {', '.join(unknown)}.")


def _adult(
    api: Api, place: Place, kinds: Iterable[str], cuts: list[str], programmes: merge.Programmes, today: date,
    result: Harvest,
) -> None:  # fmt: skip
    found: list[planned.Package] = []
    for kind in kinds:
        packages, count = planned.packages(api, place.code, kind, cuts, today)
        found += packages
        result.counts["komvux packages"] += count
    row = merge.komvux(found, place, programmes)
    if row is not None:
        result.rows.append(row)
    result.single_courses[place.name] = planned.count_single_courses(api, place.code)


def _folk_high_schools(
    api: Api, by_code: Mapping[str, Place], today: date, result: Harvest, *, anywhere: bool
) -> None:  # fmt: skip
    schools, read = susa.schools(api, by_code, anywhere=anywhere)
    courses, events = susa.courses(api, by_code, today)
    result.counts["folk high schools read"] += read
    result.counts["folk high school courses read"] += events
    result.rows += merge.folk_high_schools(schools, courses, by_code)
