"""`bot bench`: measurements of this project, beside Rasa's own server and pipeline where there is one to compare."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from bot import log as logs
from bot.commands.parts import DIALOGUE_PYTHON, current_settings


@click.group()
def bench() -> None:
    """Measurements: ratios within one run, no part of the tests."""
    # Thousands of turns in this very program: what it says is the figures.
    logs.configure(level=logging.ERROR)


@bench.command("turn")
@click.option("--turns", default=200, show_default=True, help="Turns of each scripted conversation.")
@click.option("--epochs", type=int, help="For how long Rasa's networks learn; by default as long as Rasa says.")
def bench_turn(turns: int, epochs: int | None) -> None:
    """Compare the cost of a turn with Rasa's own server and default pipeline."""
    from bot.bench import turn

    turn.run(current_settings(), DIALOGUE_PYTHON, turns, epochs, click.echo)


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

    measured.run_search(current_settings().data_dir, rows, click.echo)


@bench.command("import")
def bench_import() -> None:
    """Import a synthetic national register and say how much memory that takes."""
    from bot.bench import catalogue as measured

    measured.run_import_bench(current_settings().data_dir, click.echo)


@bench.command("console")
@click.option("--conversations", default=10_000, show_default=True, help="How many there are.")
def bench_console(conversations: int) -> None:
    """Measure the console's lists with many conversations, on a database of its own."""
    from bot.bench import console

    console.run(current_settings(), conversations, click.echo)


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
    nlu_bench.run(current_settings(), DIALOGUE_PYTHON, rows, click.echo)
