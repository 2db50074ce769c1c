"""The engine's settings: the only module of the package that reads the environment.

`read` is called by the server and by training; all faults are reported at once.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Mapping, Optional
from urllib.parse import urlsplit

from dialogue.clock import Clock, clock_from
from dialogue.store.sealing import Seal

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """Settings that cannot work; the message names every fault and what to do."""


@dataclass(frozen=True)
class Settings:
    """All settings, checked. Secrets are hidden in `repr`."""

    host: str
    port: int
    actions_url: str
    tracker_url: str = field(repr=False)
    shared_secret: str = field(repr=False)
    tracker_keys: str = field(repr=False)
    """Fernet keys parted by commas: the first seals what is stored, all open it."""
    var_dir: Path
    clock: Clock = field(repr=False)
    parent_pipe: Optional[int] = None
    model: Optional[Path] = None
    """A model file to serve instead of the one that fits the project's data."""


def read(environ: Optional[Mapping[str, str]] = None, *, root: Path = ROOT) -> Settings:
    """Read and check the environment; relative paths are taken from `root`.

    Raises:
        SettingsError: names every fault.
    """
    env = os.environ if environ is None else environ
    faults = []
    var_dir = (root / (env.get("VAR_DIR") or "var")).resolve()
    address = urlsplit(env.get("DIALOGUE_URL") or "http://127.0.0.1:5005")
    if address.scheme != "http" or not address.hostname:
        faults.append("DIALOGUE_URL is no http address. Give one such as http://127.0.0.1:5005.")
    actions_url = env.get("ACTIONS_URL") or "http://127.0.0.1:5055/webhook"
    if urlsplit(actions_url).scheme not in ("http", "https"):
        faults.append("ACTIONS_URL is no web address. Give one such as http://127.0.0.1:5055/webhook.")
    secret = env.get("SHARED_SECRET") or _kept_secret(var_dir)
    if not secret:
        faults.append("SHARED_SECRET is not set. Start through `bot run`, or set the same secret for all programs.")
    keys = env.get("TRACKER_KEYS", "")
    try:
        Seal(keys)
    except ValueError as error:
        faults.append(f"TRACKER_KEYS: {error}. Start through `bot run`, or set what `bot keys tracker` prints.")
    try:
        clock = clock_from(env.get("BOT_CLOCK"))
    except ValueError:
        clock = clock_from(None)
        faults.append("BOT_CLOCK is no ISO instant. Unset it: it is for tests.")
    pipe = env.get("BOT_PARENT_PIPE", "")
    if pipe and not pipe.isdigit():
        faults.append("BOT_PARENT_PIPE is no file descriptor. Unset it: the supervisor sets it.")
    if faults:
        raise SettingsError("These settings cannot work:\n- " + "\n- ".join(faults))
    model = env.get("DIALOGUE_MODEL")
    return Settings(
        host=address.hostname or "127.0.0.1",
        port=address.port or 5005,
        actions_url=actions_url,
        tracker_url=env.get("TRACKER_URL") or f"sqlite:///{var_dir / 'tracker.db'}",
        shared_secret=secret,
        tracker_keys=keys,
        var_dir=var_dir,
        clock=clock,
        parent_pipe=int(pipe) if pipe else None,
        model=(root / model).resolve() if model else None,
    )


def cache_dir() -> Path:
    """Where embeddings and other things that can be made again are kept."""
    return (ROOT / (os.environ.get("VAR_DIR") or "var")).resolve() / "cache"


def _kept_secret(var_dir: Path) -> str:
    """The secret that `bot` made at its first run on this machine, if there is one."""
    path = var_dir / "secrets" / "shared_secret"
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""
