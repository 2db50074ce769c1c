"""Browsers that have signed in before: a signed cookie that says so, without saying whose account it was.

After OWASP, "Slow Down Online Guessing Attacks with Device Cookies". The cookie opens nothing. It only gives a
browser a count of its own (see `guesses`), so that nobody else can make its owner wait.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from itsdangerous import BadData, URLSafeSerializer

from bot.console.models import Staff

COOKIE = "console_browser"
COOKIE_SECONDS = 180 * 24 * 3600
# So many accounts are remembered in a browser that colleagues share; the ones of longest ago go first.
ACCOUNTS_OF_A_BROWSER = 10


class KnownBrowsers:
    """Writes and reads the cookie."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.new(secret.encode(), b"known browsers", hashlib.sha256).digest()
        self._signer = URLSafeSerializer(self._key, salt="browser")

    def remember(self, cookie: str, staff: Staff) -> str:
        """Return the cookie of a browser that has signed in to an account just now.

        Args:
            cookie: what the browser had until now, perhaps nothing.
        """
        name, marks = self._read(cookie)
        mine = self._mark(staff)
        others = [mark for mark in marks if mark != mine]
        return str(self._signer.dumps([name, [mine, *others][:ACCOUNTS_OF_A_BROWSER]]))

    def recognise(self, cookie: str, staff: Staff | None) -> str | None:
        """Return the random name of a browser that has signed in to this account before; None of any other."""
        name, marks = self._read(cookie)
        mine = self._mark(staff)
        return name if staff is not None and mine in marks else None

    def _read(self, cookie: str) -> tuple[str, list[str]]:
        try:
            name, marks = self._signer.loads(cookie)
        except BadData:
            return secrets.token_urlsafe(16), []
        return name, marks

    def _mark(self, staff: Staff | None) -> str:
        # With the password in it: after a new one, who got in with the old one is a stranger again.
        told = f"{staff.id}\x00{staff.password_hash}" if staff is not None else ""
        return hmac.new(self._key, told.encode(), hashlib.sha256).hexdigest()[:32]
