"""One import as `bot catalogue import --from skolverket` runs it: read, compare, refuse or swap."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.catalogue.compose import Layers, lay
from bot.catalogue.files import build
from bot.catalogue.importer import store
from bot.catalogue.importer.api import Api
from bot.catalogue.importer.diff import Diff, compare, refuse_loss
from bot.catalogue.importer.identity import with_ids
from bot.catalogue.importer.recipe import Harvest, Progress, harvest, places_of, programmes_of
from bot.catalogue.loader import CatalogueError, LoadReport, load
from bot.catalogue.references import references
from bot.catalogue.rows import Problem, RawRows, read_rows
from bot.clock import STOCKHOLM, Clock
from bot.db.session import Database


@dataclass(frozen=True)
class ImportReport:
    """What an import found, and what became of it."""

    diff: Diff
    harvest: Harvest
    schools: int
    # Rows that do not fit the files; they would stay as the files have them.
    left_out: tuple[Problem, ...]
    # None: nothing was written (a dry run).
    applied: bool | None
    loaded: LoadReport | None

    def lines(self) -> list[str]:
        """Return the report as text."""
        read = ", ".join(f"{count} {name}" for name, count in sorted(self.harvest.counts.items()))
        lines = [*self.diff.lines(), f"{self.schools} schools; read: {read}."]
        single = sum(self.harvest.single_courses.values())
        lines.append(f"{single} single courses of komvux are counted, not imported.")
        lines += [f"Note: {note}" for note in self.harvest.notes]
        lines += [f"Left out: {problem}" for problem in self.left_out]
        if self.applied is None:
            return [*lines, "A dry run: the catalogue is as before. The next run within 12 hours uses what was read."]
        if not self.applied:
            return [*lines, "The registers say what the last import said; nothing was changed."]
        return [*lines, str(self.loaded)]


def run_import(
    db: Database,
    folder: Path,
    api: Api,
    clock: Clock,
    *,
    dry_run: bool = False,
    anywhere: bool = False,
    accept_loss: Collection[str] = (),
    progress: Progress = lambda _name, _done, _of: None,
) -> ImportReport:
    """Read the registers and put what they say into the catalogue; a second run changes nothing.

    Readers see the old catalogue until the new one is complete; whatever fails leaves it as it is.

    Args:
        anywhere: coordinates outside the county are fine (measurements with other counties).

    Raises:
        CatalogueError: the data files have faults.
        ImportFailed: something cannot be had, or is not complete.
        LossRefused: a municipality would lose too much.
    """
    raw, problems = read_rows(folder)
    content, faults = build(raw)
    problems = [*problems, *faults, *references(content)]
    if problems:
        raise CatalogueError(problems)
    found = harvest(api, places_of(content), programmes_of(content), clock(), progress, anywhere=anywhere)
    before = _before(db)
    rows = with_ids(found.rows, _held(raw), before)
    refuse_loss(before, rows, accept_loss)
    tried = lay(raw, Layers(tuple(rows), found.fetched.astimezone(STOCKHOLM).date()))
    applied = loaded = None
    if not dry_run:
        with db.transaction() as session:
            counts = {**found.counts, "single_courses": found.single_courses}
            applied = store.apply(
                session, rows, fetched=found.fetched, now=clock(), notes=found.notes, counts=counts
            )  # fmt: skip
        loaded = load(db, folder, clock)
    return ImportReport(compare(before, rows), found, len(rows), tried.left_out, applied, loaded)


def _before(db: Database) -> tuple[dict[str, Any], ...]:
    with db.reading() as session:
        running = store.active_import(session)
        return store.imported_rows(session, running.id) if running else ()


def _held(raw: RawRows) -> Mapping[str, Mapping[str, Any]]:
    return {key: held.row for key, held in raw.rows["providers"].items()}


def go_back(db: Database, folder: Path, clock: Clock) -> str:
    """Make the import before the last one count again, and say what came of it."""
    with db.transaction() as session:
        found = store.go_back(session)
        if found is None:
            return "There is no earlier import to go back to."
        read = found.fetched_at.astimezone(STOCKHOLM).date()
    return f"The import of {read} counts again.\n{load(db, folder, clock)}"
