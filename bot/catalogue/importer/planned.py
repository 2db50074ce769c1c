"""Planned educations v4: which programmes start next, and packages of komvux. Never paged: cut into slices instead.

The order of rows is not stable between pages (a sweep of 6,046 rows held 4,780 different ones) and a page holds 100
rows at most, whatever is asked for. So each list is asked for in parts that fit one page, and the sum is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.catalogue.importer import clean
from bot.catalogue.importer.api import PLANNED_JSON, Api, ImportFailed, Incomplete

BASE = "/planned-educations/v4"
SOURCE = "https://api.skolverket.se/planned-educations (Skolverket, CC0)"
PAGE = 100
FORMS = ("gy", "gyan")
# Packages of komvux; single courses (vuxgy: about 82,000) are only counted.
PACKAGES = ("komvuxcoursepackage",)
SINGLE_COURSES = "vuxgy"


@dataclass(frozen=True)
class Start:
    """A programme that a school unit plans to give."""

    unit: str
    code: str
    starts: date | None


@dataclass(frozen=True)
class Package:
    """A package of komvux; several dates of one package are one row each."""

    id: str
    title: str
    provider: str
    distance: bool
    starts: date | None


def starts(api: Api, municipality: str, form: str, codes: Iterable[str], today: date) -> tuple[list[Start], int]:
    """Return the planned programmes of a municipality, and how many rows the API says there are.

    Args:
        codes: study paths by which a list that does not fit one page is cut.

    Raises:
        Incomplete: the parts together hold fewer rows than promised.
    """
    path, key = f"{BASE}/education-events", "educationEvents"
    asked = [("geographicalAreaCode", municipality), ("typeOfSchooling", form)]
    rows = _all(api, path, key, asked, "studyPathCode", codes, _event_id)
    found = [
        Start(str(row["schoolUnitCode"]), str(row["studyPathCode"]), _day(row.get("startDate")))
        for row in rows
        if not _over(row, today)
    ]
    return found, len(rows)


def package_types(api: Api) -> tuple[list[str], list[str]]:
    """Return the types of adult education to import, and those that the live list does not know any more."""
    answer = _body(api.get(f"{BASE}/support/adultTypeOfSchooling", accept=PLANNED_JSON))
    rows = answer if isinstance(answer, list) else (answer.get("_embedded") or {}).get("adultTypeOfSchoolings") or []
    live = {str(row.get("id")) for row in rows}
    return [kind for kind in PACKAGES if kind in live], [kind for kind in PACKAGES if kind not in live]


def directions(api: Api) -> list[str]:
    """Return the ids by which a long list of adult education is cut."""
    body = _body(api.get(f"{BASE}/adult-education-events/areas", accept=PLANNED_JSON))
    return [str(item["directionId"]) for area in body.get("areas") or () for item in area.get("directions") or ()]


def packages(api: Api, municipality: str, kind: str, cuts: Iterable[str], today: date) -> tuple[list[Package], int]:
    """Return the packages of a municipality and how many rows there are.

    The place is the municipality of the row; its contact address is often a head office elsewhere and is not read.

    Raises:
        Incomplete: the parts together hold fewer rows than promised.
    """
    path, key = f"{BASE}/adult-education-events", "listedAdultEducationEvents"
    asked = [("geographicalAreaCode", municipality), ("typeOfSchool", kind)]
    rows = _all(api, path, key, asked, "directionIds", cuts, lambda row: str(row["educationEventId"]))
    found = []
    for row in rows:
        named, provider = clean.title(row.get("titleSv")), clean.name(row.get("providerName"))
        begins = _day(row.get("semesterStartFrom"))
        # A row of another municipality is the API's mistake; one that has begun is over unless it starts any time.
        if named is None or provider is None or row.get("geographicalAreaCode") not in (None, municipality):
            continue
        if begins is not None and begins < today:
            continue
        found.append(Package(str(row["educationEventId"]), named, provider, row.get("distance") is True, begins))
    return found, len(rows)


def count_single_courses(api: Api, municipality: str) -> int:
    """Return how many single komvux courses the municipality plans; they are not imported."""
    asked = [("geographicalAreaCode", municipality), ("typeOfSchool", SINGLE_COURSES)]
    body = _body(api.get(f"{BASE}/adult-education-events-count", asked, accept=PLANNED_JSON))
    value = body.get("count", body.get("totalElements")) if isinstance(body, Mapping) else body
    return int(clean.number(value) or 0)


def _all(
    api: Api, path: str, key: str, asked: list[tuple[str, str]], cut_by: str, cuts: Iterable[str], identity: Any
) -> list[Mapping[str, Any]]:  # fmt: skip
    rows, total = _page(api, path, key, asked)
    found = {identity(row): row for row in rows}
    if len(found) >= total:
        return list(found.values())
    for cut in cuts:
        part, of_part = _page(api, path, key, [*asked, (cut_by, cut)])
        if of_part > PAGE:
            raise Incomplete(f"{path} {dict(asked)} {cut_by}={cut}: {of_part} rows, more than fit one page.")
        found |= {identity(row): row for row in part}
        if len(found) >= total:
            return list(found.values())
    raise Incomplete(f"{path} {dict(asked)}: {total} rows promised, {len(found)} different ones came.")


def _page(api: Api, path: str, key: str, asked: list[tuple[str, str]]) -> tuple[list[Mapping[str, Any]], int]:
    body = _body(api.get(path, [*asked, ("page", "0"), ("size", str(PAGE))], accept=PLANNED_JSON))
    if not isinstance(body, Mapping):
        raise ImportFailed(f"{path} has another form than expected.")
    # An empty result lacks `_embedded`.
    rows = list((body.get("_embedded") or {}).get(key) or ())
    page = body.get("page") or {}
    return rows, int(page.get("totalElements", len(rows)))


def _body(answer: Any) -> Any:
    if not isinstance(answer, Mapping) or answer.get("status") != "OK" or "body" not in answer:
        raise ImportFailed("Planned educations answered in another form than expected. The catalogue stays as it is.")
    return answer["body"]


def _event_id(row: Mapping[str, Any]) -> str:
    return f"{row['schoolUnitCode']}:{row['studyPathCode']}:{row.get('startDate')}"


def _over(row: Mapping[str, Any], today: date) -> bool:
    ends = _day(row.get("endDate"))
    return ends is not None and ends < today


def _day(value: Any) -> date | None:
    cleaned = clean.text(value)
    try:
        return date.fromisoformat(cleaned[:10]) if cleaned else None
    except ValueError:
        return None
