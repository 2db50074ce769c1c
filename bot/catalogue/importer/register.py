"""Skolenhetsregistret v2: the school units of a municipality. No paging; a list, then one call for each unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.catalogue.importer import clean
from bot.catalogue.importer.api import Api, ImportFailed
from bot.catalogue.importer.places import Place
from bot.catalogue.rules import Point

BASE = "/skolenhetsregistret/v2"
SOURCE = "https://api.skolverket.se/skolenhetsregistret/v2 (Skolverket, CC0)"
SCHOOL_TYPES = ("GY", "GYAN", "VUX")
ACTIVE = "AKTIV"
_VISITING = "BESOKSADRESS"


@dataclass(frozen=True)
class Unit:
    """One school unit, cleaned. Head teachers and e-mail addresses are never read."""

    code: str
    name: str
    school_name: str | None
    municipality: str
    organiser: str
    organiser_type: str
    locality: str | None
    address: str | None
    street: str | None
    point: Point | None
    phone: str | None
    web: str | None
    school_types: frozenset[str]
    adult_parts: frozenset[str]
    programmes: tuple[str, ...] = ()
    # The address was given with coordinates that cannot be right.
    misplaced: bool = field(default=False, compare=False)


def codes_in(api: Api, municipality: str, school_type: str) -> list[str]:
    """Return the codes of the active units of one type in a municipality."""
    params = [("municipality_code", municipality), ("status", ACTIVE), ("school_type", school_type)]
    answer = api.get(f"{BASE}/school-units", params)
    try:
        rows = answer["data"]["attributes"]
        return [str(row["schoolUnitCode"]) for row in rows if row.get("status", ACTIVE) == ACTIVE]
    except (KeyError, TypeError) as error:
        raise ImportFailed(f"The register's list has another form than expected ({error!r}).") from None


def unit(api: Api, code: str, place: Place, *, anywhere: bool = False) -> Unit | None:
    """Return one unit; None when it has closed since the list was made."""
    answer = api.get(f"{BASE}/school-units/{code}")
    try:
        attributes: Mapping[str, Any] = answer["data"]["attributes"]
        organiser: Mapping[str, Any] = answer.get("included") or {}
        if attributes.get("status") != ACTIVE or str(attributes["municipalityCode"]) != place.code:
            return None
        return _unit(code, attributes, organiser, place, anywhere)
    except (KeyError, TypeError, AttributeError) as error:
        raise ImportFailed(f"Unit {code} of the register has another form than expected ({error!r}).") from None


def _unit(code: str, row: Mapping[str, Any], organiser: Mapping[str, Any], place: Place, anywhere: bool) -> Unit:
    visiting = _visiting(row.get("addresses") or ())
    where = visiting.get("geoCoordinates") or {}
    point = clean.point(where.get("latitude"), where.get("longitude"), place, anywhere=anywhere)
    given = clean.number(where.get("latitude")) not in (None, 0.0)
    properties = row.get("schoolTypeProperties") or {}
    programmes = [str(item) for part in ("gy", "gyan") for item in (properties.get(part) or {}).get("programmes") or ()]
    return Unit(
        code=code,
        name=clean.name(row.get("displayName")) or code,
        school_name=clean.name(row.get("schoolName")),
        municipality=place.code,
        organiser=str(organiser.get("organizationNumber") or ""),
        organiser_type=str((organiser.get("attributes") or {}).get("organizerType") or ""),
        locality=clean.name(visiting.get("locality")),
        address=clean.address(visiting.get("streetAddress"), visiting.get("postalCode"), visiting.get("locality")),
        street=clean.name(visiting.get("streetAddress")),
        point=point,
        phone=clean.phone(row.get("phoneNumber")),
        web=clean.web(row.get("url")),
        school_types=frozenset(str(item) for item in row.get("schoolTypes") or ()),
        adult_parts=frozenset(str(item) for item in (properties.get("vux") or {}).get("schoolTypeParts") or ()),
        programmes=tuple(dict.fromkeys(programmes)),
        misplaced=given and point is None,
    )


def _visiting(addresses: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return where the school is; a postal or delivery address may be the head office's."""
    return next((row for row in addresses if row.get("type") == _VISITING), {})


def units_of(
    api: Api, place: Place, run: Callable[[Callable[[str], Unit | None], list[str]], Iterable[Unit | None]],
    *, anywhere: bool = False,
) -> tuple[list[Unit], int]:  # fmt: skip
    """Return the units of a municipality and how many the lists named; `run` maps, perhaps in parallel."""
    codes = sorted({code for kind in SCHOOL_TYPES for code in codes_in(api, place.code, kind)})
    found = run(lambda code: unit(api, code, place, anywhere=anywhere), codes)
    return [one for one in found if one is not None], len(codes)
