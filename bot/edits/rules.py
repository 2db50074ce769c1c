"""What an edit is, and which one counts. Pure: no database, no web.

Precedence: an edit of staff goes before an import, an import before the files. It stands until it is undone, also when
files or registers change later; the console shows what they say beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from bot.errors import BotError
from bot.given import read_day

LONGEST_SOURCE = 400


class Kind(StrEnum):
    """What can be edited."""

    PROVIDER = "provider"
    MUNICIPALITY = "municipality"
    FACT = "fact"
    SEASON = "season"


class EditRefused(BotError):
    """The edit cannot be kept; says in Swedish what to do (staff read it)."""


@dataclass(frozen=True)
class Override:
    """One field's value that counts, with where it is from."""

    value: Any
    source: str
    source_date: str


@dataclass(frozen=True)
class Overrides:
    """What the edits of one row come to: the last value of each field, and the last look somebody took."""

    fields: Mapping[str, Override] = field(default_factory=dict)
    source: str = ""
    source_date: str = ""


@dataclass(frozen=True)
class Made:
    """An edit as the rules see it."""

    changes: Mapping[str, Any]
    source: str
    source_date: str
    undone: bool = False


def folded(edits: Iterable[Made]) -> Overrides | None:
    """Return what edits come to, oldest first; None when none counts (any more)."""
    fields: dict[str, Override] = {}
    last: Made | None = None
    for edit in edits:
        if edit.undone:
            continue
        last = edit
        fields |= {name: Override(value, edit.source, edit.source_date) for name, value in edit.changes.items()}
    return Overrides(fields, last.source, last.source_date) if last else None


def checked_source(source: str, source_date: str, today: date) -> tuple[str, str]:
    """Return source and date as they are kept.

    Raises:
        EditRefused: one is missing, or the date is no day or lies in the future.
    """
    named = " ".join(source.split())
    if not named:
        raise EditRefused("Skriv varifrån uppgiften kommer: en webbadress, eller vem du har talat med.")
    if len(named) > LONGEST_SOURCE:
        raise EditRefused(f"Källan är för lång. Högst {LONGEST_SOURCE} tecken.")
    try:
        day = read_day(source_date.strip())
    except ValueError:
        raise EditRefused("Skriv källans datum som år-månad-dag, till exempel 2026-11-27.") from None
    if day > today:
        raise EditRefused("Källans datum ligger i framtiden. Skriv dagen då uppgiften lämnades eller lästes.")
    return named, day.isoformat()
