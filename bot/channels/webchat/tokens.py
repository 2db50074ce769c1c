"""The token of an anonymous chat: a random address of ours, signed. The browser only keeps it in the page."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from itsdangerous import BadData, URLSafeTimedSerializer

# A chat in a page that is left open over a holiday still works; `Fortsätt senare` is for longer.
MAX_AGE_SECONDS = 30 * 24 * 3600


class Tokens:
    """Makes and reads tokens with a key of their own, derived from the shared secret."""

    def __init__(self, shared_secret: str) -> None:
        key = hmac.new(shared_secret.encode(), b"web chat token", hashlib.sha256).digest()
        self._serializer = URLSafeTimedSerializer(key, salt="chat")

    def mint(self) -> str:
        """Return a token for a new chat. Nothing is stored: the address means nothing yet."""
        return self.sign(secrets.token_urlsafe(16))

    def sign(self, address: str) -> str:
        """Return a token for an address that exists."""
        token = self._serializer.dumps(address)
        return token if isinstance(token, str) else token.decode()

    def address_of(self, token: str) -> str | None:
        """Return the address in a token; None when it is forged or too old."""
        try:
            address = self._serializer.loads(token, max_age=MAX_AGE_SECONDS)
        except BadData:
            return None
        return address if isinstance(address, str) else None
