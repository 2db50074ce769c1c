"""Receipts of erasures: the last words to somebody whose rows are gone, so they lie in no outbox.

Sent by the sender, once; then the address is blanked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.channels.telegram.api import TelegramClient
from bot.channels.telegram.deliver import End, deliver
from bot.channels.telegram.journal import SendJournal
from bot.channels.telegram.receive import CHANNEL
from bot.db.session import Database
from bot.people.erasure import receipt, receipt_was_sent, waiting_receipts
from bot.texts import Texts

_PREFIX = "receipt:"
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0


@dataclass
class _Later:
    """A receipt that could not be sent yet."""

    at: float
    pause: float


class Receipts:
    """Sends what waits; remembers pauses in memory only, for a restart may try at once."""

    def __init__(self, db: Database, texts: Texts, journal: SendJournal) -> None:
        self._db = db
        self._texts = texts
        self._journal = journal
        self._later: dict[str, _Later] = {}

    def waiting(self, monotonic: float) -> list[tuple[str, str, str]]:
        """Return (erasure, address, text) of the receipts to be sent now."""
        with self._db.reading() as session:
            rows = waiting_receipts(session, CHANNEL)
            return [
                (row.id, row.address or "", receipt(self._texts, row).text)
                for row in rows
                if row.id not in self._later or self._later[row.id].at <= monotonic
            ]

    async def send(self, client: TelegramClient, erasure: str, address: str, text: str, monotonic: float) -> bool:
        """Send one receipt; True when its address can be blanked.

        Whoever has blocked the bot gets none, and one that may have arrived is not sent again:
        a second one would say that the erased person is still known.
        """
        key = _key(erasure)
        if self._journal.mark_of(key) is not None:
            return True  # An earlier life of this program has sent it.
        outcome = await deliver(client, self._journal, key=key, chat=address, text=text, keyboard=None, plain=True)
        if outcome.end in (End.WAIT, End.NOT_SENT):
            # Telegram's refusal stands in the journal; the next try is a send of its own.
            self._journal.finish(key)
            earlier = self._later.get(erasure)
            pause = min(earlier.pause * 2, LONGEST_PAUSE) if earlier else FIRST_PAUSE
            self._later[erasure] = _Later(monotonic + max(pause, outcome.seconds), pause)
            return False
        return True

    def blank(self, erasure: str, now: datetime) -> None:
        """Blank the address of an erasure whose receipt is done with."""
        with self._db.transaction() as session:
            receipt_was_sent(session, erasure, now)
        self._journal.finish(_key(erasure))
        self._later.pop(erasure, None)


def is_receipt(key: str) -> bool:
    """Whether a key of the journal is that of a receipt."""
    return key.startswith(_PREFIX)


def _key(erasure: str) -> str:
    return f"{_PREFIX}{erasure}"
