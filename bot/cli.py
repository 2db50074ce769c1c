"""The `bot` command. Each subcommand is thin: it builds services and calls one function."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TextIO

import click

from bot import log as logs
from bot.commands import records
from bot.commands.bench import bench
from bot.commands.parts import DIALOGUE_PYTHON, current_settings
from bot.errors import BotError

# As `bot.console.permissions.Role`, which is imported only by who needs it: a test holds them together.
_ROLES = ["counsellor", "reviewer", "editor", "admin", "dpo"]


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


@cli.command()
def run() -> None:
    """Set up what is missing and run all three programs on this machine."""
    from bot import launch

    sys.exit(launch.run(current_settings(), DIALOGUE_PYTHON, click.echo))


@cli.command()
def serve() -> None:
    """Run the `bot` program alone (receivers, workers, senders, web chat, console)."""
    from bot import supervisor, wiring
    from bot.server import serve as serve_bot

    supervisor.leave_with_parent()
    logs.configure()
    serve_bot(wiring.build(current_settings()))


@cli.command("serve-actions")
def serve_actions() -> None:
    """Run the action server alone."""
    from actions.server import main as serve_action_server
    from bot import supervisor

    supervisor.leave_with_parent()
    logs.configure()
    serve_action_server(current_settings())


@cli.command()
def train() -> None:
    """Train the dialogue model if its data has changed."""
    from bot import launch

    launch.train(current_settings(), DIALOGUE_PYTHON, click.echo)


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

    settings = current_settings()
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

    settings = current_settings()
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

    services = wiring.build(current_settings())
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

    services = wiring.build(current_settings())
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

    predict.predict(current_settings(), DIALOGUE_PYTHON, file, sys.stdout)


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
    evaluate(current_settings(), DIALOGUE_PYTHON, rows, html, click.echo)


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


@cli.command()
@click.option("--language", type=click.Choice(["sv", "en"]), default="sv", help="The language to start in.")
def chat(language: str) -> None:
    """Chat in this terminal (the programs must run: `make run`)."""
    from bot import wiring
    from bot.channels.terminal import run_terminal_chat

    run_terminal_chat(wiring.build(current_settings()), language)


@cli.command()
@click.option("--youths", default=120, show_default=True, help="How many invented youths write.")
def demo(youths: int) -> None:
    """Fill a database of its own with a marked, invented month to look at and practise on."""
    from bot.demo.month import make

    logs.configure()
    make(current_settings(), youths, click.echo)


for _command in (bench, *records.COMMANDS):
    cli.add_command(_command)


if __name__ == "__main__":
    sys.exit(main())
