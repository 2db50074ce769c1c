"""Gives imported schools their ids: the one of the row they are, in the files or the last import; else a new one.

Pure functions. An id is never changed later: bookings and logs keep it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from bot.catalogue.kinds import EducationType, ProviderKind
from bot.catalogue.rules import normalise

Row = dict[str, Any]
_MOST = 56


def with_ids(
    rows: Iterable[Row], held: Mapping[str, Mapping[str, Any]], earlier: Iterable[Mapping[str, Any]]
) -> list[Row]:
    """Return the rows with ids, one row for each id, in the order of their ids.

    Args:
        held: rows of the files, by id.
        earlier: rows of the last import.
    """
    known = {**{str(row["id"]): row for row in earlier}, **held}
    taken: dict[str, Row] = {}
    for row in sorted(rows, key=lambda one: (one["municipality"], one["name"], one["units"])):
        found = _same(row, known) or _new(row, {*known, *taken})
        if found in taken:
            taken[found] = _joined(taken[found], row)
        else:
            taken[found] = {"id": found, **row}
    return _unlike_names([taken[key] for key in sorted(taken)], held)


def _same(row: Row, known: Mapping[str, Mapping[str, Any]]) -> str | None:
    units = set(row["units"])
    for key, other in known.items():
        if units & {str(code) for code in other.get("units") or ()} and _related(row, other):
            return key
    called = normalise(row["name"])
    for key, other in known.items():
        names = (other["name"], *(other.get("aliases") or ()), *(other.get("former_names") or ()))
        # A folk high school's municipality is not always told the same way; no two have one name.
        near = other["municipality"] == row["municipality"] or row["kind"] == ProviderKind.FOLK_HIGH_SCHOOL
        if near and _related(row, other) and called in {normalise(name) for name in names}:
            return key
    if row["kind"] == ProviderKind.KOMVUX and not units:
        return _only_komvux(row["municipality"], known)
    return None


def _related(row: Row, other: Mapping[str, Any]) -> bool:
    """Whether two rows can be one school: a school for adults is not the gymnasium of the same name."""
    apart = (ProviderKind.KOMVUX, ProviderKind.FOLK_HIGH_SCHOOL)
    return all(bool(row["kind"] == kind) == bool(other["kind"] == kind) for kind in apart)


def _only_komvux(municipality: str, known: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return the komvux of a municipality when the files know exactly one: its packages belong there."""
    found = [
        key
        for key, other in known.items()
        if other["kind"] == ProviderKind.KOMVUX
        and other["municipality"] == municipality
        and other.get("status", "open") == "open"
        and EducationType.KOMVUX in other["education_types"]
        and not other.get("units")
    ]
    return found[0] if len(found) == 1 else None


def _new(row: Row, taken: set[str]) -> str:
    for words in (row["name"], f"{row['name']} {row['municipality']}"):
        plain = unicodedata.normalize("NFKD", words.lower())
        slug = re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")[:_MOST]
        slug = slug.strip("-") or "skola"
        if slug not in taken:
            return slug
    return f"{slug[:45]}-{row['units'][0] if row['units'] else len(taken)}"


def _joined(first: Row, second: Row) -> Row:
    """Return two rows that turned out to be one school: what the first does not know, the second may."""
    joined = {**second, **{key: value for key, value in first.items() if value not in (None, [], "")}}
    for key in ("units", "starting", "courses", "education_types"):
        joined[key] = list(dict.fromkeys([*first[key], *second[key]]))
    joined["programmes"] = [*first["programmes"], *(o for o in second["programmes"] if o not in first["programmes"])]
    joined["programmes_complete"] = first["programmes_complete"] and second["programmes_complete"]
    return joined


def _unlike_names(rows: list[Row], held: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """Tell schools of one name apart by their municipality: a name means one school only."""
    owners = {
        normalise(name): key
        for key, other in held.items()
        for name in (other["name"], *(other.get("aliases") or ()), *(other.get("former_names") or ()))
    }
    for row in rows:
        if owners.setdefault(normalise(row["name"]), row["id"]) == row["id"]:
            continue
        row["name"] = f"{row['name']} ({row['municipality']})"
        if owners.setdefault(normalise(row["name"]), row["id"]) != row["id"]:
            row["name"] = f"{row['name']} {row['units'][0] if row['units'] else row['id']}"
    return rows
