"""A sender that kills itself with SIGKILL at a chosen point; run as a program by test_kill_points.

The points are where a crash would lose or double a message if the journal were not there.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import uvloop

from bot.bell import Bell
from bot.channels.telegram import outgoing
from bot.channels.telegram.journal import Mark, SendJournal
from bot.channels.telegram.send import Sender
from bot.clock import system_clock
from bot.conversations.inbox import Inbox
from bot.db.base import use_keyring
from bot.db.session import Database
from bot.people.vault import Vault
from bot.safety.crypto import Keyring
from bot.settings import ROOT, Settings, TelegramSettings
from bot.texts import Texts
from bot.wiring import Services


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_before_the_request() -> None:
    begin = outgoing.begin

    def begin_and_die(*args: object, **kwargs: object) -> object:
        begin(*args, **kwargs)  # type: ignore[arg-type]
        return _die()

    outgoing.begin = begin_and_die  # type: ignore[assignment]


def _die_at_mark(wanted: Mark) -> None:
    note = SendJournal.note

    def note_and_die(self: SendJournal, key: str, mark: Mark) -> None:
        note(self, key, mark)
        if mark is wanted:
            _die()

    SendJournal.note = note_and_die  # type: ignore[method-assign]


def services_of(database_url: str, var_dir: str, api: str, token: str, keys: str) -> Services:
    """Make the services of a program of its own."""
    use_keyring(Keyring.from_text(keys))
    telegram = TelegramSettings(token, api, "polling", "", "")
    settings = Settings(
        telegram=telegram, database_url=database_url, dialogue_url="", actions_url="", tracker_url="",
        public_url="", shared_secret="", encryption_keys=keys, http_host="", http_port=1,
        var_dir=Path(var_dir), clock=system_clock,
    )  # fmt: skip
    db, vault, texts = Database(database_url), Vault("a key of this test"), Texts.load(ROOT / "data" / "responses")
    return Services(
        settings=settings,
        clock=system_clock,
        db=db,
        vault=vault,
        texts=texts,
        bell=Bell(),
        inbox=Inbox(db, vault, texts, system_clock),
    )


def main(point: str, database_url: str, var_dir: str, api: str, token: str, keys: str, loop: str) -> None:
    """Send until the point is reached."""
    services = services_of(database_url, var_dir, api, token, keys)
    match point:
        case "before the request":
            _die_before_the_request()
        case "request has left":
            _die_at_mark(Mark.LEFT)
        case "telegram said yes":
            _die_at_mark(Mark.ANSWERED)
        case "telegram said no":
            _die_at_mark(Mark.REFUSED)
    assert services.settings.telegram is not None
    run = Sender(services, services.settings.telegram).run
    if loop == "uvloop":
        uvloop.run(run(asyncio.Event()))
    else:
        asyncio.run(run(asyncio.Event()))


if __name__ == "__main__":
    main(*sys.argv[1:])
