"""Susa-navet, EMIL 3: the folk high schools, which no register of Skolverket's holds, and their courses.

No filter by municipality: everything of the type FHS is read (a few hundred rows) and filtered here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.catalogue.importer import clean
from bot.catalogue.importer.api import Api, ImportFailed, Incomplete
from bot.catalogue.importer.places import Place
from bot.catalogue.rules import Point

BASE = "/susa-navet/emil3"
SOURCE = "https://api.skolverket.se/susa-navet/emil3 (Skolverket, CC0)"
SCHOOL_TYPE = "FHS"
PAGE = 2000
MOST_PAGES = 50
_SWEEPS = 2


@dataclass(frozen=True)
class FolkHighSchool:
    """A folk high school in one of the municipalities."""

    id: str
    name: str
    municipality: str
    locality: str | None
    address: str | None
    point: Point | None
    phone: str | None
    web: str | None


@dataclass(frozen=True)
class Course:
    """A course that a folk high school plans."""

    id: str
    provider: str
    title: str
    municipality: str | None
    distance: bool


def schools(api: Api, places: Mapping[str, Place], *, anywhere: bool = False) -> tuple[list[FolkHighSchool], int]:
    """Return the folk high schools of the municipalities, and how many rows were read."""
    rows = _sweep(api, "educationProviders")
    return [found for row in rows if (found := _school(row, places, anywhere))], len(rows)


def courses(api: Api, places: Mapping[str, Place], today: date) -> tuple[list[Course], int]:
    """Return the courses that can still be started, and how many rows were read."""
    rows = _sweep(api, "educationEvents")
    return [course for row in rows for course in _courses(row, places, today)], len(rows)


def _sweep(api: Api, key: str) -> list[Mapping[str, Any]]:
    """Read all pages; the order may change between them, so what is missing is looked for once more.

    Raises:
        Incomplete: fewer different rows than the API says there are.
    """
    found: dict[str, Mapping[str, Any]] = {}
    total = 0
    for sweep in range(_SWEEPS):
        page, pages = 0, 1
        while page < min(pages, MOST_PAGES):
            # The second time through with another size: the first answers are kept, and asking for them anew helps not.
            size = PAGE - sweep
            asked = [("schoolType", SCHOOL_TYPE), ("page", str(page)), ("size", str(size))]
            answer = api.get(f"{BASE}/{key}", asked)
            try:
                shown = answer["page"]
                total, pages = int(shown["totalElements"]), int(shown["totalPages"])
                if int(shown.get("pageNumber", shown.get("number", page))) != page:
                    raise ImportFailed(f"Susa-navet sent another page of {key} than was asked for.")
                found |= {str(row["id"]): row for row in answer.get(key) or ()}
            except (KeyError, TypeError) as error:
                raise ImportFailed(f"Susa-navet's {key} have another form than expected ({error!r}).") from None
            page += 1
        if len(found) >= total:
            return list(found.values())
    raise Incomplete(f"Susa-navet: {total} {key} promised, {len(found)} different ones came.")


def _content(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what a row holds; None for one that was taken away."""
    content = row.get("content")
    return content if row.get("status") == "ACTIVE" and isinstance(content, Mapping) else None


def _school(row: Mapping[str, Any], places: Mapping[str, Place], anywhere: bool) -> FolkHighSchool | None:
    content = _content(row)
    if content is None:
        return None
    # The visiting address says where the school is; the contact address may be an owner's elsewhere.
    visited = next((one for one in content.get("visitAddresses") or () if str(one.get("areaCode")) in places), None)
    title = clean.name(_words(content.get("name")))
    if visited is None or title is None:
        return None
    place = places[str(visited["areaCode"])]
    where = visited.get("wgs84") or {}
    return FolkHighSchool(
        id=str(row["id"]),
        name=title,
        municipality=place.code,
        locality=clean.name(visited.get("town")),
        address=clean.address(visited.get("streetAddress"), visited.get("postalCode"), visited.get("town")),
        point=clean.point(where.get("latitude"), where.get("longitude"), place, anywhere=anywhere),
        phone=next((tel for one in content.get("phones") or () if (tel := clean.phone(_number(one)))), None),
        web=next((web for address in _urls(content.get("url")) if (web := clean.web(address))), None),
    )


def _courses(row: Mapping[str, Any], places: Mapping[str, Place], today: date) -> Iterator[Course]:
    content = _content(row)
    if content is None or content.get("isCancelled") or _before(content.get("expires"), today):
        return
    continuous = bool((content.get("application") or {}).get("continuous"))
    if _before((content.get("execution") or {}).get("start"), today) and not continuous:
        return
    title = clean.title(_words(content.get("title")))
    providers = content.get("providers") or ()
    if title is None or not providers:
        return
    areas = [str(one["areaCode"]) for one in content.get("locations") or () if one.get("areaCode")]
    if areas and not set(areas) & set(places):
        return
    here = next((area for area in areas if area in places), None)
    yield Course(str(row["id"]), str(providers[0]), title, here, content.get("distance") is not None)


def _words(value: Any) -> str | None:
    """Return the Swedish of a text that is given by language; `value` and `content` are both in use."""
    if isinstance(value, str) or value is None:
        return value
    rows = value.get("strings") if isinstance(value, Mapping) else value
    texts = {str(row.get("lang")): row.get("value") or row.get("content") for row in rows or ()}
    found = texts.get("swe") or next(iter(texts.values()), None)
    return None if found is None else str(found)


def _urls(value: Any) -> list[str]:
    rows = value.get("urls") if isinstance(value, Mapping) else value
    return [str(row.get("value") or row.get("content") or "") for row in rows or () if isinstance(row, Mapping)]


def _number(value: Any) -> Any:
    return value.get("number") if isinstance(value, Mapping) else value


def _before(value: Any, today: date) -> bool:
    cleaned = clean.text(value)
    try:
        return cleaned is not None and date.fromisoformat(cleaned[:10]) < today
    except ValueError:
        return False
