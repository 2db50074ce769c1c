"""Files, import and edits made into one catalogue. Called by the loader, and by the console and the importer to try
out a change before it is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from bot.catalogue.files import Content, build
from bot.catalogue.importer.store import active_import, imported_rows
from bot.catalogue.layers import EDITS, IMPORT, Layered, copy_of, lay_edits, lay_import
from bot.catalogue.references import references
from bot.catalogue.rows import Problem, RawRows
from bot.clock import STOCKHOLM
from bot.edits.rules import Kind, Overrides
from bot.edits.service import overrides, state

_EDITED = (Kind.PROVIDER, Kind.MUNICIPALITY)
_ROWS_OF = {Kind.PROVIDER: "providers", Kind.MUNICIPALITY: "municipalities"}


@dataclass(frozen=True)
class Layers:
    """What lies over the files."""

    imported: tuple[Mapping[str, Any], ...] = ()
    on: date | None = None
    edits: Mapping[Kind, Mapping[str, Overrides]] = field(default_factory=dict)


@dataclass(frozen=True)
class Composed:
    """The catalogue made of files and layers. `problems` are the files' own; `left_out` what a layer got wrong."""

    content: Content
    layered: Layered
    state: str
    problems: tuple[Problem, ...]
    left_out: tuple[Problem, ...]


def composed(session: Session, raw: RawRows) -> Composed:
    """Make the catalogue of the files and of what the database holds over them."""
    running = active_import(session)
    layers = Layers(
        imported=imported_rows(session, running.id) if running else (),
        on=running.fetched_at.astimezone(STOCKHOLM).date() if running else None,
        edits={kind: overrides(session, kind) for kind in _EDITED},
    )
    seal = f"{raw.digest}|{running.id if running else 0}|{layers.on}|{state(session)}"
    return lay(raw, layers, hashlib.sha256(seal.encode()).hexdigest())


def lay(raw: RawRows, layers: Layers, seal: str = "") -> Composed:
    """Lay layers over the rows of the files; what does not fit is taken off again, and named."""
    left_out: list[Problem] = []
    skip: dict[str, set[tuple[str, str]]] = {IMPORT: set(), EDITS: set()}
    while True:
        layered = _lay(raw, layers, skip)
        content, problems = build(layered.raw)
        problems += references(content)
        blamed = _blamed(layered, problems)
        if not blamed:
            return Composed(content, layered, seal, tuple(problems), tuple(left_out))
        for layer, kind, key, problem in blamed:
            skip[layer].add((kind, key))
            left_out.append(problem)


def _lay(raw: RawRows, layers: Layers, skip: Mapping[str, set[tuple[str, str]]]) -> Layered:
    layered = copy_of(raw)
    if layers.on is not None:
        lay_import(layered, layers.imported, layers.on, _keys(skip[IMPORT], "providers"))
    for kind, edits in layers.edits.items():
        lay_edits(layered, kind, edits, _keys(skip[EDITS], _ROWS_OF[kind]))
    return layered


def _keys(pairs: Iterable[tuple[str, str]], kind: str) -> frozenset[str]:
    return frozenset(key for of_kind, key in pairs if of_kind == kind)


def _blamed(layered: Layered, problems: Iterable[Problem]) -> list[tuple[str, str, str, Problem]]:
    """Return which layer's row each problem is due to, the topmost first; nothing for the files' own."""
    found: dict[tuple[str, str, str], Problem] = {}
    for problem in problems:
        for kind in _ROWS_OF.values():
            # Of two rows that claim one name, the one that a layer touched has to give way.
            for key in filter(None, (problem.row, problem.other)):
                layers = layered.touched.get((kind, key), set())
                if layers:
                    found.setdefault((EDITS if EDITS in layers else IMPORT, kind, key), problem)
                    break
    return [(*key, problem) for key, problem in found.items()]
