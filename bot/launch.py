"""What `bot run` does before the programs start: model, tables, catalogue, first account."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bot import wiring
from bot.catalogue.loader import load
from bot.console.accounts import first_account
from bot.db.base import use_keyring
from bot.db.migrate import upgrade
from bot.db.session import Database
from bot.errors import BotError
from bot.livechat.canned import load_starters
from bot.people import retention_plan
from bot.people.rotation import Rotation
from bot.safety.crypto import Keyring
from bot.settings import ROOT, Settings, engine_environ
from bot.supervisor import Supervisor, check_ports, programs

Say = Callable[[str], None]


class TrainingFailed(BotError):
    """The model could not be trained; the engine has printed why."""


class RotationFailed(BotError):
    """The dialogue server's database could not be encrypted anew; the message says why."""


def run(settings: Settings, dialogue_python: Path, say: Say) -> int:
    """Prepare what is missing, start the programs and stay until Ctrl-C; the exit code."""
    wanted = programs(settings, dialogue_python=dialogue_python)
    check_ports(wanted)
    train(settings, dialogue_python, say)
    account = prepare(settings, say)
    kept = retention_plan.load(settings.data_dir)["log"].kept
    supervisor = Supervisor(wanted, say, log_dir=settings.var_dir / "log", log_kept=kept)
    say("Starting (the dialogue server takes some seconds to load) ...")

    def ready() -> None:
        say("\n".join(_where(settings, account)))

    return supervisor.run(ready)


def train(settings: Settings, dialogue_python: Path, say: Say) -> None:
    """Train the model unless one for exactly this data is there.

    Raises:
        TrainingFailed: with what to do.
    """
    if not dialogue_python.exists():
        raise TrainingFailed("The dialogue engine is not installed. Run `make setup`.")
    env = engine_environ({"VAR_DIR": str(settings.var_dir)})
    command = [str(dialogue_python), "-m", "dialogue.train", "--out", str(settings.var_dir / "models")]
    # To standard error: `bot nlu predict` prints its answers on standard output.
    if subprocess.run(command, cwd=ROOT, env=env, check=False, stdout=sys.stderr).returncode != 0:
        raise TrainingFailed("The model could not be trained; the lines above say why. Mend the data and try again.")


def rotate_tracker(settings: Settings, dialogue_python: Path, batch: int) -> Rotation:
    """Encrypt the dialogue server's database anew with the first key; it may run meanwhile.

    Raises:
        RotationFailed: with what to do.
    """
    env = engine_environ({
        "VAR_DIR": str(settings.var_dir), "SHARED_SECRET": settings.shared_secret,
        "TRACKER_URL": settings.tracker_url, "TRACKER_KEYS": settings.tracker_keys(),
    })  # fmt: skip
    command = [str(dialogue_python), "-m", "dialogue.rotate", "--batch", str(batch)]
    done = subprocess.run(command, cwd=ROOT, env=env, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RotationFailed(f"The dialogue server's database could not be encrypted anew: {done.stderr.strip()}")
    return Rotation(**json.loads(done.stdout))


def prepare(settings: Settings, say: Say) -> tuple[str, str] | None:
    """Migrate, load the catalogue, make the first account; its name and password when it is new."""
    use_keyring(Keyring.from_text(settings.encryption_keys))
    db = Database(settings.database_url)
    try:
        if upgrade(db):
            say("The database is up to date.")
    finally:
        db.close()
    services = wiring.build(settings)
    try:
        load_catalogue(services, say)
        return first_account(services.db, services.clock())
    finally:
        services.db.close()


def load_catalogue(services: wiring.Services, say: Say) -> None:
    """Load the data files into the database, if they have changed."""
    report = load(services.db, services.settings.data_dir / "catalogue")
    say(str(report))
    if load_starters(services.db, services.settings.data_dir / "staff" / "replies.yml", services.clock()):
        say("The starter set of ready-made replies is in the console.")


def _where(settings: Settings, account: tuple[str, str] | None) -> list[str]:
    lines = ["", "Ready.", f"  Web chat   {settings.public_url}/chat", f"  Console    {settings.public_url}/console"]
    if account is not None:
        lines += [
            f"             first sign-in: {account[0]}  password: {account[1]}",
            "             (shown this once; you choose your own at the first sign-in)",
        ]
    if settings.telegram is None:
        lines.append("  Telegram   off (set TELEGRAM_BOT_TOKEN to switch it on)")
    else:
        lines.append(f"  Telegram   on, by {settings.telegram.mode}")
    lines += [f"  Logs       {settings.var_dir / 'log'}", "", "Ctrl-C stops everything."]
    return lines
