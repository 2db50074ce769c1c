"""The `bot` command. Each subcommand is thin: it builds services and calls one function."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TextIO

import click

from bot import log as logs
from bot import settings as settings_module
from bot.errors import BotError
from bot.settings import ROOT, Settings

# As `bot.console.permissions.Role`, which is imported only by who needs it: a test holds them together.
_ROLES = ["counsellor", "reviewer", "editor", "admin", "dpo"]
DIALOGUE_PYTHON = ROOT / "dialogue" / ".venv" / "bin" / "python"


class _PlainErrors(click.Group):
    """Shows our own errors as one clear text instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BotError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_PlainErrors, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Support bot for young people in Östergötland who left school."""


def main() -> int:
    """Entry point of the command."""
    cli(prog_name="bot")
    return 0


def _settings() -> Settings:
    return settings_module.load()


@cli.command()
def run() -> None:
    """Set up what is missing and run all three programs on this machine."""
    from bot import launch

    sys.exit(launch.run(_settings(), DIALOGUE_PYTHON, click.echo))


@cli.command()
def serve() -> None:
    """Run the `bot` program alone (receivers, workers, senders, web chat, console)."""
    from bot import supervisor, wiring
    from bot.server import serve as serve_bot

    supervisor.leave_with_parent()
    logs.configure()
    serve_bot(wiring.build(_settings()))


@cli.command("serve-actions")
def serve_actions() -> None:
    """Run the action server alone."""
    from actions.server import main as serve_action_server
    from bot import supervisor

    supervisor.leave_with_parent()
    logs.configure()
    serve_action_server(_settings())


@cli.command()
def train() -> None:
    """Train the dialogue model if its data has changed."""
    from bot import launch

    launch.train(_settings(), DIALOGUE_PYTHON, click.echo)


@cli.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables to this version."""
    from bot.db.base import use_keyring
    from bot.db.migrate import upgrade
    from bot.db.session import Database
    from bot.safety.crypto import Keyring

    settings = _settings()
    use_keyring(Keyring.from_text(settings.encryption_keys))
    click.echo("The database was upgraded." if upgrade(Database(settings.database_url)) else "Nothing to upgrade.")


@cli.group()
def catalogue() -> None:
    """Schools, programmes and municipalities."""


@catalogue.command("check")
def catalogue_check() -> None:
    """Check the data files; fail on a row, fact or date that may not be shown."""
    from bot.catalogue.check import check
    from bot.clock import STOCKHOLM
    from bot.guidance.check import check_knowledge

    settings = _settings()
    today = settings.clock().astimezone(STOCKHOLM).date()
    problems = [*check(settings.data_dir / "catalogue"), *check_knowledge(settings.data_dir, today)]
    for problem in problems:
        click.echo(str(problem))
    click.echo(f"{len(problems)} problems." if problems else "The catalogue is in order.")
    sys.exit(1 if problems else 0)


@catalogue.command("import")
@click.option(
    "--from", "source", type=click.Choice(["files", "skolverket"]), default="files", show_default=True,
    help="files: load data/catalogue. skolverket: read Skolverket's open data (needs the net).",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="skolverket: only say what would change.")
@click.option("--accept-loss", multiple=True, metavar="MUNICIPALITY", help="skolverket: believe a large loss here.")
@click.option("--back", is_flag=True, help="skolverket: make the import before the last one count again.")
@click.option("--base-url", default=None, hidden=True, help="Tests only: a server on loopback.")
def catalogue_import(
    source: str, dry_run: bool, accept_loss: tuple[str, ...], back: bool, base_url: str | None
) -> None:  # fmt: skip
    """Bring schools and courses into the database; a second run changes nothing."""
    from bot import launch, wiring

    services = wiring.build(_settings())
    if source == "files":
        launch.load_catalogue(services, click.echo)
        return
    from bot.catalogue.importer import command

    if back:
        command.back(services.db, services.settings, click.echo)
    else:
        command.run(
            services.db, services.settings, click.echo, dry_run=dry_run, accept_loss=accept_loss, base_url=base_url
        )


@cli.group()
def staff() -> None:
    """Accounts of the console."""


@staff.command("add")
@click.argument("username")
@click.option("--name", "display_name", required=True, help="What youths see when this person writes.")
@click.option("--role", "roles", multiple=True, type=click.Choice(_ROLES), required=True)
@click.option("--municipality", "municipalities", multiple=True, help="Official name; none means the whole county.")
def staff_add(username: str, display_name: str, roles: tuple[str, ...], municipalities: tuple[str, ...]) -> None:
    """Add an account and print its first password once."""
    from bot import wiring
    from bot.console.accounts import add_staff

    services = wiring.build(_settings())
    with services.db.transaction() as session:
        _, password = add_staff(
            session,
            username=username,
            display_name=display_name,
            roles=list(roles),
            municipalities=list(municipalities),
            now=services.clock(),
        )
    click.echo(f"User name: {username}\nPassword (shown once, changed at the first sign-in): {password}")


@cli.group()
def nlu() -> None:
    """What the model understands."""


@nlu.command("predict")
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
def nlu_predict(file: TextIO) -> None:
    """Read JSON lines with `text`, print what the model makes of each."""
    from bot.nlu import predict

    predict.predict(_settings(), DIALOGUE_PYTHON, file, sys.stdout)


@nlu.command("evaluate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page with plots to this file.")
def nlu_evaluate(file: Path | None, html: Path | None) -> None:
    """Measure the model on labelled messages (JSON lines with text, lang, intent, entities).

    Without FILE: on the repository's own sets.
    """
    from bot.nlu import labelled
    from bot.nlu.evaluate import evaluate

    rows = labelled.read(file) if file else labelled.own_sets()
    evaluate(_settings(), DIALOGUE_PYTHON, rows, html, click.echo)


@cli.group()
def safety() -> None:
    """Crisis screening and redaction, without any server."""


@safety.command("screen")
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
def safety_screen(file: TextIO) -> None:
    """Read JSON lines with `text`, print the risk in each."""
    from bot.safety.screen import screen_record

    _each_line(file, screen_record)


@safety.command("redact")
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
def safety_redact(file: TextIO) -> None:
    """Read JSON lines with `text`, print each with placeholders."""
    from bot.safety.redact import redact_record

    _each_line(file, redact_record)


def _each_line(lines: Iterable[str], work: Callable[[str], dict[str, Any]]) -> None:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            text = json.loads(line)["text"]
        except (ValueError, KeyError, TypeError):
            message = f'line {number} is no JSON object with a `text`; write one such as {{"text": "hej"}}'
            raise click.ClickException(message) from None
        click.echo(json.dumps(work(str(text)), ensure_ascii=False))


@cli.group()
def retention() -> None:
    """What is kept goes away by itself."""


@retention.command("run")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def retention_run(dry_run: bool) -> None:
    """Remove what has been kept long enough (also done daily by the running bot)."""
    from bot import wiring
    from bot.people import retention_plan
    from bot.people.retention import run as run_retention

    settings = _settings()
    services = wiring.build(settings)
    plan = retention_plan.load(settings.data_dir)
    click.echo(str(run_retention(services.db, services.clock(), plan=plan, dry_run=dry_run)))


@cli.group()
def keys() -> None:
    """Encryption keys."""


@keys.command("new")
def keys_new() -> None:
    """Print a new key for ENCRYPTION_KEYS."""
    from bot.safety.crypto import new_key

    click.echo(new_key())


@keys.command("rotate")
@click.option("--batch", default=200, show_default=True, help="Rows of one transaction.")
def keys_rotate(batch: int) -> None:
    """Encrypt everything anew with the first key of ENCRYPTION_KEYS.

    The programs may run meanwhile, once they have the new key. Broken off, it goes on where it was.
    """
    from bot import wiring
    from bot.people.rotation import rotate

    services = wiring.build(_settings())
    report = rotate(services.db, batch=batch)
    click.echo(f"{report.changed} values are encrypted anew; {report.unreadable} could not be read.")
    if report.unreadable:
        raise click.ClickException("A key is missing in ENCRYPTION_KEYS. Put it back and run this again.")
    click.echo("No value needs the older keys any more: take them out of ENCRYPTION_KEYS and restart the programs.")


@cli.command()
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
    services = wiring.build(_settings())
    try:
        done = forget_person(services.db, conversation, services.clock())
    except NoSuchConversation as error:
        raise click.ClickException(str(error)) from None
    removed = ", ".join(f"{store}: {count}" for store, count in done.counts.items())
    click.echo(f"Erased ({removed}).")
    if done.kept:
        click.echo("The record of a report of concern stays until it is registered (console, Gallring).")


@cli.command("export")
@click.argument("conversation")
@click.option("--out", type=click.Path(path_type=Path), help="A file to write (0600); standard output without it.")
@click.option("--language", type=click.Choice(["sv", "en"]), default="sv")
@click.option("--with-notes", is_flag=True, help="Also notes of staff: decide on secrecy first.")
def export_person(conversation: str, out: Path | None, language: str, with_notes: bool) -> None:
    """Print everything that every store holds of a person. CONVERSATION is the id in the console's address."""
    from bot import wiring
    from bot.languages import Language
    from bot.people.requests import NoSuchConversation, export_of, write_private

    services = wiring.build(_settings())
    try:
        text = export_of(services.db, conversation, Language(language), services.clock(), with_notes=with_notes)
    except NoSuchConversation as error:
        raise click.ClickException(str(error)) from None
    if out is None:
        click.echo(text)
        return
    write_private(out, text)
    click.echo(f"Written to {out}. Remove the file when it has been handed over.")


@cli.group()
def privacy() -> None:
    """The papers of docs/privacy that are made from the code."""


@privacy.command("papers")
def privacy_papers() -> None:
    """Write the data map and the retention plan anew, or say what is not classified."""
    from bot.people import papers

    problems = papers.write(ROOT, _settings().data_dir)
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.ClickException(f"{len(problems)} things are missing in bot/people/data_map.yml.")
    click.echo("docs/privacy/data-map.md and docs/privacy/retention-plan.md are written.")


@cli.command()
@click.option("--language", type=click.Choice(["sv", "en"]), default="sv", help="The language to start in.")
def chat(language: str) -> None:
    """Chat in this terminal (the programs must run: `make run`)."""
    from bot import wiring
    from bot.channels.terminal import run_terminal_chat

    run_terminal_chat(wiring.build(_settings()), language)


@cli.command()
@click.option("--youths", default=120, show_default=True, help="How many invented youths write.")
def demo(youths: int) -> None:
    """Fill a database of its own with a marked, invented month to look at and practise on."""
    from bot.demo.month import make

    logs.configure()
    make(_settings(), youths, click.echo)


@cli.group()
def bench() -> None:
    """Measurements: ratios within one run, no part of the tests."""


@bench.command("turn")
@click.option("--turns", default=200, show_default=True, help="Turns of each scripted conversation.")
def bench_turn(turns: int) -> None:
    """Compare the cost of a turn with Rasa's own server and default pipeline."""
    from bot.bench import turn

    turn.run(_settings(), DIALOGUE_PYTHON, turns, click.echo)


@bench.command("bookings")
@click.option("--people", default=1_000, show_default=True, help="So many want the same time at once.")
@click.option("--database", "url", help="A PostgreSQL to try it on too; by default a SQLite file.")
def bench_bookings(people: int, url: str | None) -> None:
    """Let a crowd book one time of one counsellor: exactly one may get it."""
    from bot.bench import bookings

    if not bookings.run(url, people, click.echo).holds:
        raise click.ClickException("More or fewer than one got the time.")


@bench.command("search")
@click.option("--rows", default=100_000, show_default=True, help="Schools in the synthetic catalogue.")
def bench_search(rows: int) -> None:
    """Search a synthetic national catalogue in every way there is."""
    from bot.bench import catalogue as measured

    measured.run_search(_settings().data_dir, rows, click.echo)


@bench.command("import")
def bench_import() -> None:
    """Import a synthetic national register and say how much memory that takes."""
    from bot.bench import catalogue as measured

    measured.run_import_bench(_settings().data_dir, click.echo)


@bench.command("console")
@click.option("--conversations", default=10_000, show_default=True, help="How many there are.")
def bench_console(conversations: int) -> None:
    """Measure the console's lists with many conversations, on a database of its own."""
    from bot.bench import console

    console.run(_settings(), conversations, click.echo)


@bench.command("claims")
@click.option("--threads", default=200, show_default=True, help="So many take the same chat at once.")
@click.option("--rounds", default=100, show_default=True, help="How often.")
@click.option("--database", "url", help="A PostgreSQL to try it on too; by default a SQLite file.")
def bench_claims(threads: int, rounds: int, url: str | None) -> None:
    """Let a crowd of counsellors take one chat: exactly one may get it, each time."""
    from bot.bench import claims

    if not claims.run(url, threads, rounds, click.echo).holds:
        raise click.ClickException("A chat had no owner, or more than one.")


@bench.command("month")
@click.option("--youths", default=500, show_default=True)
@click.option("--counsellors", default=12, show_default=True)
@click.option("--seed", default=1, show_default=True, help="The same seed is the same month.")
def bench_month(youths: int, counsellors: int, seed: int) -> None:
    """Live through a month with holidays, a clock change and crashes: nobody may be left without an owner."""
    from bot.bench import month

    if not month.run(youths=youths, counsellors=counsellors, seed=seed, say=click.echo).holds:
        raise click.ClickException("A request was lost, or a chat was nobody's.")


@bench.command("nlu")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
def bench_nlu(file: Path | None) -> None:
    """Compare what our pipeline and Rasa's default pipeline understand (JSON lines with text, lang, intent)."""
    from bot.bench import nlu as nlu_bench
    from bot.nlu import labelled

    rows = labelled.read(file) if file else labelled.own_sets()
    nlu_bench.run(_settings(), DIALOGUE_PYTHON, rows, click.echo)


if __name__ == "__main__":
    sys.exit(main())
