"""Whether the rows of the data files fit together: known codes and places, and no name that means two things.

Called by the loader, which refuses files that do not fit, and by the check.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.catalogue.entries import Programme, Provider
from bot.catalogue.files import Content
from bot.catalogue.kinds import SCHOOL_FORM, EducationType
from bot.catalogue.rows import Problem
from bot.catalogue.rules import normalise


def references(content: Content) -> list[Problem]:
    """Return every reference that leads nowhere and every name that two rows claim."""
    places = {municipality.name for municipality in content.municipalities}
    programmes = {programme.code: programme for programme in content.programmes}
    problems = [
        _problem(content, "localities", row.name, f"municipality '{row.municipality}' is not in municipalities.yml")
        for row in content.localities
        if row.municipality not in places
    ]
    for programme in content.programmes:
        problems += _programme(content, programme, programmes)
    for provider in content.providers:
        problems += _provider(content, provider, places, programmes)
    return problems + _names(content)


def _problem(content: Content, kind: str, key: str, message: str, other: str | None = None) -> Problem:
    return Problem(content.files.get((kind, key), f"{kind}.yml"), key, message, other)


def _programme(content: Content, row: Programme, programmes: dict[str, Programme]) -> list[Problem]:
    messages = []
    if row.replaced_by is not None and row.replaced_by not in programmes:
        messages.append(f"replaced_by '{row.replaced_by}' is not a programme of this file")
    if row.replaced_by is not None and not row.closed:
        messages.append("has replaced_by but is not closed; add 'closed: true' or take replaced_by away")
    return [_problem(content, "programmes", row.code, message) for message in messages]


def _provider(content: Content, row: Provider, places: set[str], programmes: dict[str, Programme]) -> list[Problem]:
    messages = []
    if row.municipality not in places:
        messages.append(f"municipality '{row.municipality}' is not in municipalities.yml")
    for code in row.stopped:
        if code not in programmes:
            messages.append(f"stopped names the programme '{code}', which is not in programmes.yml")
    for offer in row.programmes:
        programme = programmes.get(offer.code)
        if programme is None:
            messages.append(f"programme '{offer.code}' is not in programmes.yml (write EE, not EE25)")
            continue
        if programme.closed:
            instead = programme.replaced_by or "another programme"
            messages.append(f"programme '{offer.code}' is closed; write {instead} if the school confirms it")
        if offer.orientation is not None and offer.orientation not in {o.code for o in programme.orientations}:
            messages.append(f"orientation '{offer.orientation}' does not belong to {offer.code} in programmes.yml")
        if offer.code in row.stopped:
            messages.append(f"programme '{offer.code}' is both given and stopped; keep one of them")
        # Else the search by school form would miss the provider.
        kind = SCHOOL_FORM[programme.kind]
        adult = {EducationType.KOMVUX, EducationType.FOLK_HIGH_SCHOOL} & set(row.education_types)
        if kind not in row.education_types and not adult:
            messages.append(f"gives {offer.code}, so education_types needs {kind}")
    return [_problem(content, "providers", row.id, message) for message in messages]


def _names(content: Content) -> list[Problem]:
    problems = _clashes(
        content,
        "municipalities",
        [(row.code, (row.name, *row.aliases)) for row in content.municipalities]
        + [(row.code, (row.code,)) for row in content.municipalities],
    )
    problems += _clashes(content, "localities", [(row.name, (row.name, *row.aliases)) for row in content.localities])
    problems += _clashes(
        content,
        "programmes",
        # A closed programme shares its names with the one that took its place.
        [(row.replaced_by or row.code, (row.name_sv, *row.aliases_sv, *row.aliases_en)) for row in content.programmes],
    )
    return problems + _clashes(
        content,
        "providers",
        [(row.id, (row.name, *row.aliases, *row.former_names)) for row in content.providers],
    )


def _clashes(content: Content, kind: str, rows: Iterable[tuple[str, tuple[str, ...]]]) -> list[Problem]:
    owners: dict[str, str] = {}
    problems = []
    for key, names in rows:
        for name in names:
            owner = owners.setdefault(normalise(name), key)
            if owner != key:
                problems.append(
                    _problem(
                        content,
                        kind,
                        key,
                        f"the name '{name}' belongs to {owner} too; keep it in one of them",
                        owner,
                    )
                )
    return problems
