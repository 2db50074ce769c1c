"""Every setting: its environment variable, default and help, in one table.

The only module that reads the environment. `load` reports all faults at once.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.clock import Clock, clock_from
from bot.errors import SettingsError
from bot.safety.crypto import Keyring, new_key

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Variable:
    """One environment variable, as the README's table shows it."""

    name: str
    default: str
    help: str
    secret: bool = False


VARIABLES: tuple[Variable, ...] = (
    Variable("TELEGRAM_BOT_TOKEN", "", "Token from BotFather. Empty: Telegram is off, the web chat is live.", True),
    Variable("TELEGRAM_API_BASE_URL", "https://api.telegram.org", "Where the Bot API answers."),
    Variable("TELEGRAM_MODE", "polling", "`polling`, or `webhook` when several `bot` processes receive."),
    Variable("TELEGRAM_WEBHOOK_URL", "", "Public address of `/telegram/webhook` (webhook mode)."),
    Variable("TELEGRAM_WEBHOOK_SECRET", "", "Secret that Telegram sends along. Empty: made at first run.", True),
    Variable("DATABASE_URL", "sqlite:///var/bot.db", "The bot's database: SQLite, or `postgresql://…`.", True),
    Variable("DIALOGUE_URL", "http://127.0.0.1:5005", "Where the dialogue server listens."),
    Variable("ACTIONS_URL", "http://127.0.0.1:5055/webhook", "Where the action server listens."),
    Variable("TRACKER_URL", "sqlite:///var/tracker.db", "The dialogue server's own database.", True),
    Variable(
        "PUBLIC_URL",
        "",
        "The address people reach the web chat and the console at. Empty: `http://HTTP_HOST:HTTP_PORT`.",
    ),
    Variable("SHARED_SECRET", "", "Secret between the three programs. Empty: made at first run.", True),
    Variable(
        "METRICS_SECRET",
        "",
        "Opens `/metrics` from another machine, as `Authorization: Bearer …`. Empty: made at first run.",
        True,
    ),
    Variable("ENCRYPTION_KEYS", "", "`id:key` pairs, the first encrypts, all decrypt. Empty: made at first run.", True),
    Variable(
        "SMTP_URL", "", "`smtp[s]://user:password@host:port?from=address` for alerts by e-mail. Empty: none.", True
    ),
    Variable("OIDC_ISSUER", "", "Single sign-on for staff: the issuer. Empty: passwords only."),
    Variable("OIDC_CLIENT_ID", "", "Single sign-on: our client id."),
    Variable("OIDC_CLIENT_SECRET", "", "Single sign-on: our client secret.", True),
    Variable(
        "STAFF_SECOND_FACTOR",
        "optional",
        "Six digits from an app at sign-in: `optional`, `admins` (administrators must) or `all`.",
    ),
    Variable("HTTP_HOST", "127.0.0.1", "Address that `bot` listens on."),
    Variable("HTTP_PORT", "8080", "Port that `bot` listens on."),
    Variable("VAR_DIR", "var", "Folder for databases, models, caches and secrets of this machine."),
    Variable("BOT_CLOCK", "", "Tests only: an ISO instant, or `@/path` to a file that holds one."),
)


# The engine's programs run on an old Python: of our secrets they get their own and no other.
_OF_THE_ENGINE = ("SHARED_SECRET", "TRACKER_URL")
WITHHELD_FROM_ENGINE: Mapping[str, str] = {
    variable.name: "" for variable in VARIABLES if variable.secret and variable.name not in _OF_THE_ENGINE
}


def engine_environ(given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a program of the engine's Python: this process's without our secrets, and `given`."""
    return {**os.environ, "RASA_TELEMETRY_ENABLED": "false", **WITHHELD_FROM_ENGINE, **given}


@dataclass(frozen=True)
class TelegramSettings:
    """How we reach Telegram; None in Settings when there is no token."""

    token: str = field(repr=False)
    api_base_url: str
    mode: str
    webhook_url: str
    webhook_secret: str = field(repr=False)


@dataclass(frozen=True)
class OidcSettings:
    """The municipality's own sign-in for staff; None in Settings when there is none."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """All settings, checked. Secrets are hidden in `repr`."""

    telegram: TelegramSettings | None
    database_url: str = field(repr=False)
    dialogue_url: str
    actions_url: str
    tracker_url: str = field(repr=False)
    public_url: str
    shared_secret: str = field(repr=False)
    encryption_keys: str = field(repr=False)
    http_host: str
    http_port: int
    var_dir: Path
    clock: Clock = field(repr=False)
    clock_text: str = ""
    smtp_url: str = field(default="", repr=False)
    metrics_secret: str = field(default="", repr=False)
    second_factor: str = "optional"
    oidc: OidcSettings | None = None
    data_dir: Path = ROOT / "data"

    def tracker_keys(self) -> str:
        """The keys of the dialogue server's database, which that server gets instead of ENCRYPTION_KEYS.

        Raises:
            ValueError: ENCRYPTION_KEYS cannot be read.
        """
        return Keyring.from_text(self.encryption_keys).derived("dialogue tracker")


def load(environ: Mapping[str, str] | None = None, *, root: Path = ROOT) -> Settings:
    """Read and check all settings; make the secrets that are not given.

    Args:
        environ: the environment, by default this process's own.
        root: relative paths are taken from here.

    Raises:
        SettingsError: names every fault and what to do about it.
    """
    env = os.environ if environ is None else environ
    values = {variable.name: env.get(variable.name, "").strip() or variable.default for variable in VARIABLES}
    faults: list[str] = []

    var_dir = (root / values["VAR_DIR"]).resolve()
    database_url = _place_sqlite(values["DATABASE_URL"], root, var_dir, env.get("DATABASE_URL"), "bot.db")
    tracker_url = _place_sqlite(values["TRACKER_URL"], root, var_dir, env.get("TRACKER_URL"), "tracker.db")
    remote = not database_url.startswith("sqlite") and not _is_loopback(database_url)

    def secret(name: str, filename: str, make: str) -> str:
        if values.get(name):
            return values[name]
        if remote:
            faults.append(f"{name} is not set. With a database on another machine, set it in the environment: {make}")
            return ""
        return _kept_secret(var_dir / "secrets" / filename, new_key if name == "ENCRYPTION_KEYS" else _random_secret)

    shared = secret("SHARED_SECRET", "shared_secret", "any 32 random characters, the same for all programs.")
    metrics = secret("METRICS_SECRET", "metrics_secret", "any 32 random characters; the one who measures sends them.")
    keys = secret("ENCRYPTION_KEYS", "encryption_keys", "`bot keys new` prints one.")

    for name in ("DIALOGUE_URL", "ACTIONS_URL", "TELEGRAM_API_BASE_URL"):
        parts = urlsplit(values[name])
        if parts.scheme not in ("http", "https") or not parts.hostname:
            faults.append(f"{name} is no web address. Give one such as http://127.0.0.1:5005.")
    if not values["HTTP_PORT"].isdecimal() or not 0 < int(values["HTTP_PORT"]) < 65536:
        faults.append("HTTP_PORT is no port. Give a number from 1 to 65535.")
    mail = urlsplit(values["SMTP_URL"])
    if values["SMTP_URL"] and (mail.scheme not in ("smtp", "smtps") or not mail.hostname):
        faults.append("SMTP_URL is no mail server. Give one such as smtp://user:password@host:587?from=name@host.")
    if values["TELEGRAM_MODE"] not in ("polling", "webhook"):
        faults.append("TELEGRAM_MODE must be polling or webhook.")

    telegram = None
    if values["TELEGRAM_BOT_TOKEN"]:
        if values["TELEGRAM_MODE"] == "webhook" and not values["TELEGRAM_WEBHOOK_URL"]:
            faults.append("TELEGRAM_WEBHOOK_URL is not set: give the public address of /telegram/webhook.")
        telegram = TelegramSettings(
            token=values["TELEGRAM_BOT_TOKEN"],
            api_base_url=values["TELEGRAM_API_BASE_URL"].rstrip("/"),
            mode=values["TELEGRAM_MODE"],
            webhook_url=values["TELEGRAM_WEBHOOK_URL"],
            webhook_secret=values["TELEGRAM_WEBHOOK_SECRET"]
            or secret("TELEGRAM_WEBHOOK_SECRET", "webhook_secret", "1 to 256 of A-Z a-z 0-9 _ -."),
        )
    if values["STAFF_SECOND_FACTOR"] not in ("optional", "admins", "all"):
        faults.append("STAFF_SECOND_FACTOR must be optional, admins or all.")
    oidc = _oidc(values, faults)
    clock: Clock = clock_from(None)
    try:
        clock = clock_from(values["BOT_CLOCK"])
    except ValueError:
        faults.append("BOT_CLOCK is no ISO instant. Unset it: it is for tests.")
    if faults:
        raise SettingsError("These settings cannot work:\n- " + "\n- ".join(faults))
    return Settings(
        telegram=telegram,
        database_url=database_url,
        dialogue_url=values["DIALOGUE_URL"].rstrip("/"),
        actions_url=values["ACTIONS_URL"],
        tracker_url=tracker_url,
        public_url=values["PUBLIC_URL"].rstrip("/") or f"http://{values['HTTP_HOST']}:{values['HTTP_PORT']}",
        shared_secret=shared,
        encryption_keys=keys,
        http_host=values["HTTP_HOST"],
        http_port=int(values["HTTP_PORT"]),
        var_dir=var_dir,
        clock=clock,
        clock_text=values["BOT_CLOCK"],
        smtp_url=values["SMTP_URL"],
        metrics_secret=metrics,
        second_factor=values["STAFF_SECOND_FACTOR"],
        oidc=oidc,
    )


def _oidc(values: Mapping[str, str], faults: list[str]) -> OidcSettings | None:
    names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    if not any(values[name] for name in names):
        return None
    missing = [name for name in names if not values[name]]
    if missing:
        faults.append(f"{', '.join(missing)} is not set: single sign-on needs {', '.join(names)}.")
        return None
    parts = urlsplit(values["OIDC_ISSUER"])
    if not parts.hostname or (parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1")):
        faults.append("OIDC_ISSUER must begin with https://.")
    return OidcSettings(values["OIDC_ISSUER"].rstrip("/"), values["OIDC_CLIENT_ID"], values["OIDC_CLIENT_SECRET"])


def _place_sqlite(url: str, root: Path, var_dir: Path, given: str | None, filename: str) -> str:
    """Make the path of an SQLite URL absolute, so that it means the same in every program."""
    if not given:
        return f"sqlite:///{var_dir / filename}"
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        return f"sqlite:///{(root / url.removeprefix('sqlite:///')).resolve()}"
    return url


def _is_loopback(url: str) -> bool:
    return (urlsplit(url).hostname or "localhost") in ("localhost", "127.0.0.1", "::1")


def _random_secret() -> str:
    return secrets.token_urlsafe(32)


def _kept_secret(path: Path, make: Callable[[], str]) -> str:
    """Read a secret of this machine, or make it; two programs that start at once get the same one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        descriptor = -1
    if descriptor >= 0:
        try:
            if not path.exists():
                os.write(descriptor, make().encode())
                os.fsync(descriptor)
                os.link(path.with_suffix(".new"), path)
        except FileExistsError:
            pass
        finally:
            os.close(descriptor)
            path.with_suffix(".new").unlink(missing_ok=True)
    for _ in range(200):
        if path.exists() and (found := path.read_text(encoding="utf-8").strip()):
            return found
        time.sleep(0.01)  # Another program holds the .new file for a few milliseconds.
    raise SettingsError(f"{path} could not be made. Remove {path.name}.new beside it and try again.")
