"""`bot retention`, `keys`, `forget`, `export` and `privacy`: what is kept of people, and how it goes away."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.parts import DIALOGUE_PYTHON, current_settings
from bot.settings import ROOT


@click.group()
def retention() -> None:
    """What is kept goes away by itself."""


@retention.command("run")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def retention_run(dry_run: bool) -> None:
    """Remove what has been kept long enough (also done daily by the running bot)."""
    from bot import wiring
    from bot.people import retention_plan
    from bot.people.retention import run as run_retention

    settings = current_settings()
    services = wiring.build(settings)
    plan = retention_plan.load(settings.data_dir)
    click.echo(str(run_retention(services.db, services.clock(), plan=plan, dry_run=dry_run)))


@click.group()
def keys() -> None:
    """Encryption keys."""


@keys.command("new")
def keys_new() -> None:
    """Print a new key for ENCRYPTION_KEYS."""
    from bot.safety.crypto import new_key

    click.echo(new_key())


@keys.command("tracker")
def keys_tracker() -> None:
    """Print TRACKER_KEYS for a dialogue server that `bot run` does not start. They open its own database only."""
    click.echo(current_settings().tracker_keys())


@keys.command("rotate")
@click.option("--batch", default=200, show_default=True, help="Rows of one transaction.")
def keys_rotate(batch: int) -> None:
    """Encrypt everything anew with the first key of ENCRYPTION_KEYS.

    The programs may run meanwhile, once they have the new key. Broken off, it goes on where it was.
    """
    from bot import launch, wiring
    from bot.people.rotation import rotate

    settings = current_settings()
    reports = [rotate(wiring.build(settings).db, batch=batch), launch.rotate_tracker(settings, DIALOGUE_PYTHON, batch)]
    changed, unreadable = (sum(getattr(report, name) for report in reports) for name in ("changed", "unreadable"))
    click.echo(f"{changed} values are encrypted anew; {unreadable} could not be read.")
    if unreadable:
        raise click.ClickException("A key is missing in ENCRYPTION_KEYS. Put it back and run this again.")
    if not all(report.overwritten for report in reports):
        raise click.ClickException("What lay there before is not overwritten, for the database was in use: run again.")
    click.echo("No value needs the older keys any more: take them out of ENCRYPTION_KEYS and restart the programs.")


@click.command()
@click.argument("conversation")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(conversation: str, yes: bool) -> None:
    """Erase a person from every store, as /radera does. CONVERSATION is the id in the console's address.

    The running bot empties the dialogue engine's store and sends the receipt.
    """
    from bot import wiring
    from bot.people.requests import NoSuchConversation, forget_person

    if not yes:
        click.confirm("Everything about this person goes, and cannot be brought back. Go on?", abort=True)
    services = wiring.build(current_settings())
    try:
        done = forget_person(services.db, conversation, services.clock())
    except NoSuchConversation as error:
        raise click.ClickException(str(error)) from None
    removed = ", ".join(f"{store}: {count}" for store, count in done.counts.items())
    click.echo(f"Erased ({removed}).")
    if done.kept:
        click.echo("The record of a report of concern stays until it is registered (console, Gallring).")


@click.command("export")
@click.argument("conversation")
@click.option("--out", type=click.Path(path_type=Path), help="A file to write (0600); standard output without it.")
@click.option("--language", type=click.Choice(["sv", "en"]), default="sv")
@click.option("--with-notes", is_flag=True, help="Also notes of staff: decide on secrecy first.")
def export_person(conversation: str, out: Path | None, language: str, with_notes: bool) -> None:
    """Print everything that every store holds of a person. CONVERSATION is the id in the console's address."""
    from bot import wiring
    from bot.languages import Language
    from bot.people.requests import NoSuchConversation, export_of, write_private

    services = wiring.build(current_settings())
    try:
        text = export_of(services.db, conversation, Language(language), services.clock(), with_notes=with_notes)
    except NoSuchConversation as error:
        raise click.ClickException(str(error)) from None
    if out is None:
        click.echo(text)
        return
    write_private(out, text)
    click.echo(f"Written to {out}. Remove the file when it has been handed over.")


@click.group()
def privacy() -> None:
    """The papers of docs/privacy that are made from the code."""


@privacy.command("papers")
def privacy_papers() -> None:
    """Write the data map and the retention plan anew, or say what is not classified."""
    from bot.people import papers

    problems = papers.write(ROOT, current_settings().data_dir)
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.ClickException(f"{len(problems)} things are missing in bot/people/data_map.yml.")
    click.echo("docs/privacy/data-map.md and docs/privacy/retention-plan.md are written.")


COMMANDS = (retention, keys, forget, export_person, privacy)
