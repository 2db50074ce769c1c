"""The import at the terminal: a bar while it reads, then what changes."""

from __future__ import annotations

from collections.abc import Callable, Collection

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.catalogue.importer.api import HOST, Api, Kept
from bot.catalogue.importer.run import go_back, run_import
from bot.db.session import Database
from bot.settings import Settings

Say = Callable[[str], None]


def run(
    db: Database, settings: Settings, say: Say, *, dry_run: bool, accept_loss: Collection[str], base_url: str | None
) -> None:
    """Import from Skolverket and say what changed.

    Raises:
        BotError: it failed; what had been read is kept for the next try, the catalogue is as it was.
    """
    kept = Kept(settings.var_dir / "import", settings.clock())
    api = Api(base=base_url or HOST, contact=settings.public_url, kept=kept, clock=settings.clock)
    bar = Progress(
        TextColumn("{task.description}", style="bold"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    try:
        with bar:
            task = bar.add_task("Skolverket", total=None)

            def progress(name: str, done: int, of: int) -> None:
                bar.update(task, description=name, completed=done, total=of)

            report = run_import(
                db, settings.data_dir / "catalogue", api, settings.clock,
                dry_run=dry_run, accept_loss=accept_loss, progress=progress,
            )  # fmt: skip
    finally:
        api.close()
    if kept.used:
        say(f"Went on with {kept.used} answers that were read before.")
    say("\n".join(report.lines()))
    if not dry_run:
        kept.clear()


def back(db: Database, settings: Settings, say: Say) -> None:
    """Make the import before the last one count again."""
    say(go_back(db, settings.data_dir / "catalogue", settings.clock))
