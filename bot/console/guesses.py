"""Guessing is slow: wrong passwords and codes are counted by account and by where they came from.

Were they counted by account alone, anybody could keep anybody out. So each network waits for its own failures, and
a browser that has signed in to the account before only for its own: nobody else can make its owner wait. All
strangers together have a bound too, for who guesses from many networks; while it is reached, only browsers that
were never here wait. Every failure is forgotten after some hours.

Unknown user names are counted as known ones are: nothing, not even the time taken, tells them apart.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.console.browsers import KnownBrowsers
from bot.console.models import FailedSignIn, Staff

# After so many failures a network, or a known browser, rests: a minute, then twice as long each time.
FREE_FAILURES = 5
FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(hours=6)
# All strangers together have so many at one account until the first of them are forgotten: 200 a day, from however
# many networks. One network never gets that far: its own rests allow it about 15 in that time.
FAILURES_OF_STRANGERS = 50


@dataclass(frozen=True)
class Caller:
    """Where an attempt comes from."""

    network: str
    browser: str = ""
    """The cookie of a browser that has signed in before, as it was sent."""


@dataclass(frozen=True)
class Tally:
    """What is counted for one account and one network or browser."""

    account: str
    source: str
    stranger: bool

    def rests(self, session: Session, now: datetime) -> bool:
        """Whether no attempt counts now, not even a right one."""
        mine = FailedSignIn.account == self.account, FailedSignIn.at > now - FORGOTTEN_AFTER
        own, last = session.execute(
            select(func.count(), func.max(FailedSignIn.at)).where(*mine, FailedSignIn.source == self.source)
        ).one()
        of_strangers = session.scalar(select(func.count()).where(*mine, FailedSignIn.stranger.is_(True))) or 0
        over = own - FREE_FAILURES
        if over >= 0 and last + min(FIRST_REST * 2 ** min(over, 12), LONGEST_REST) > now:
            return True
        return self.stranger and of_strangers >= FAILURES_OF_STRANGERS

    def count(self, session: Session, now: datetime) -> None:
        """Count a failure."""
        session.add(FailedSignIn(account=self.account, source=self.source, stranger=self.stranger, at=now))

    def clear(self, session: Session) -> None:
        """Forget the failures of this network or browser, after a whole sign-in."""
        session.execute(
            delete(FailedSignIn).where(FailedSignIn.account == self.account, FailedSignIn.source == self.source)
        )


class Guesses:
    """Finds what is counted together. Only keyed hashes are kept: no address, and no name that somebody typed."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.new(secret.encode(), b"failed sign-ins", hashlib.sha256).digest()
        self.browsers = KnownBrowsers(secret)

    def tally(self, username: str, caller: Caller, staff: Staff | None) -> Tally:
        """Return what an attempt counts on.

        Args:
            username: as it is kept (`accounts.normalise_username`).
            staff: the account of that name, if there is one.
        """
        browser = self.browsers.recognise(caller.browser, staff)
        source = f"network\x00{caller.network}" if browser is None else f"browser\x00{browser}"
        return Tally(self._hash(username), self._hash(f"{username}\x00{source}"), stranger=browser is None)

    def forget(self, session: Session, username: str) -> None:
        """Begin anew for an account, such as after a new first password."""
        session.execute(delete(FailedSignIn).where(FailedSignIn.account == self._hash(username)))

    def under_attack(self, session: Session, usernames: Iterable[str], now: datetime) -> set[str]:
        """Return the accounts at which strangers have to wait."""
        full = session.scalars(
            select(FailedSignIn.account)
            .where(FailedSignIn.stranger.is_(True), FailedSignIn.at > now - FORGOTTEN_AFTER)
            .group_by(FailedSignIn.account)
            .having(func.count() >= FAILURES_OF_STRANGERS)
        ).all()
        return {name for name in usernames if self._hash(name) in full}

    def _hash(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
