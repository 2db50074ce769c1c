"""The facts and the dates of the year with the edits of staff over them. Read by the answers and by the console.

An edit of a date is for one year: it becomes a row of `years` with its own source. An edit of a fact may change its
words, or only say that somebody has read the source again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.db.session import Database
from bot.edits.rules import Kind, Overrides
from bot.edits.service import overrides, state
from bot.guidance.season import SeasonDate, season_from

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
YEAR = "year:"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class _Held:
    state: str
    facts: dict[str, Row]
    season: tuple[SeasonDate, ...]


class EditedKnowledge:
    """The tables in data/knowledge that staff may edit, as they count now. Safe to share between threads."""

    def __init__(self, db: Database, folder: Path) -> None:
        self._db = db
        self._facts = {str(row["id"]): row for row in _rows(folder / "facts.yml", "facts")}
        self._season = {str(row["key"]): row for row in _rows(folder / "season.yml", "dates")}
        self._held: _Held | None = None

    def facts(self) -> dict[str, Row]:
        """Return all facts by id."""
        return self._current().facts

    def season(self) -> tuple[SeasonDate, ...]:
        """Return the dates of the year."""
        return self._current().season

    def fact_of_the_file(self, key: str) -> Row | None:
        """Return a fact as the file has it."""
        return self._facts.get(key)

    def date_of_the_file(self, key: str) -> Row | None:
        """Return a date as the file has it."""
        return self._season.get(key)

    def _current(self) -> _Held:
        with self._db.reading() as session:
            now = state(session)
            if self._held is None or self._held.state != now:
                facts, dates = overrides(session, Kind.FACT), overrides(session, Kind.SEASON)
                self._held = _Held(
                    now,
                    {key: edited_fact(row, facts.get(key)) for key, row in self._facts.items()},
                    season_from(edited_date(row, dates.get(key)) for key, row in self._season.items()),
                )
            return self._held


def edited_fact(row: Row, edits: Overrides | None) -> Row:
    """Return a fact with what staff changed; source and date are those of their last look."""
    if edits is None:
        return row
    changed = {name: override.value for name, override in edits.fields.items()}
    return {**row, "confidence": "sourced", **changed, "source": edits.source, "checked_on": edits.source_date}


def edited_date(row: Row, edits: Overrides | None) -> Row:
    """Return a date with the years that staff gave; a year of theirs goes before the file's."""
    if edits is None:
        return row
    years = {
        int(name.removeprefix(YEAR)): _days(override.value)
        | {"source": override.source, "checked_on": override.source_date}
        for name, override in edits.fields.items()
        if name.startswith(YEAR) and override.value
    }
    kept = [one for one in row.get("years") or () if _year_of(one) not in years]
    # What staff have confirmed for a year may be said.
    return {**row, "confidence": "sourced", "years": [*kept, *(years[year] for year in sorted(years))]}


def _days(value: Mapping[str, str]) -> dict[str, Any]:
    return {name: date.fromisoformat(day) for name, day in value.items()}


def _year_of(row: Row) -> int:
    return int(str(row.get("on") or row.get("from"))[:4])


def _rows(path: Path, key: str) -> list[dict[str, Any]]:
    return list(yaml.load(path.read_text(encoding="utf-8"), _LOADER)[key])  # safe: plain values only
