"""A program that sweeps until it is killed: `killed_sweeper.py <database url> <key> <instant>`."""

from __future__ import annotations

import sys
from datetime import datetime

from bot.db.base import use_keyring
from bot.db.session import Database
from bot.reminders.sweeper import Sweeper
from bot.safety.crypto import Keyring
from bot.settings import ROOT
from bot.texts import Texts

if __name__ == "__main__":
    url, key, instant = sys.argv[1:]
    use_keyring(Keyring.from_text(key))
    now = datetime.fromisoformat(instant)
    sweeper = Sweeper(Database(url), lambda: now, Texts.load(ROOT / "data" / "responses"))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        sweeper.sweep()
