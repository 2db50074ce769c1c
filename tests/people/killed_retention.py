"""A program that runs the retention until it is killed: `killed_retention.py <database url> <key> <instant>`."""

from __future__ import annotations

import sys
from datetime import datetime

from bot.db.base import use_keyring
from bot.db.session import Database
from bot.people import retention, retention_plan
from bot.safety.crypto import Keyring
from bot.settings import ROOT

if __name__ == "__main__":
    url, key, instant = sys.argv[1:]
    use_keyring(Keyring.from_text(key))
    retention.run(Database(url), datetime.fromisoformat(instant), plan=retention_plan.load(ROOT / "data"))
