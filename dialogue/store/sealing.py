"""Encryption of what the engine remembers: Fernet, from the `cryptography` library.

Used by conversations.py. The keys (TRACKER_KEYS) open this database only: `bot` derives them from ENCRYPTION_KEYS,
which the engine never gets. Several may be in force: the first encrypts, all decrypt.
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_MARK = "sealed:"


class Undecipherable(Exception):
    """Sealed with a key that is not in force, or changed. Says no more."""


class Seal:
    """The keys in force."""

    def __init__(self, keys: str) -> None:
        """Read Fernet keys parted by commas.

        Raises:
            ValueError: there is none, or one cannot be read; the message does not show it.
        """
        pieces = [piece.strip() for piece in keys.split(",") if piece.strip()]
        try:
            ciphers = [Fernet(piece) for piece in pieces]
        except ValueError:
            raise ValueError("a key is no Fernet key") from None
        if not ciphers:
            raise ValueError("there is no key")
        self._first, self._all = ciphers[0], MultiFernet(ciphers)

    def close(self, text: str) -> str:
        """Encrypt a text."""
        return _MARK + self._all.encrypt(text.encode()).decode()

    def open(self, text: str) -> str:
        """Decrypt what `close` returned; what was stored before there were keys is returned as it is.

        Raises:
            Undecipherable: no key in force fits, or the text was changed.
        """
        if not text.startswith(_MARK):
            return text
        try:
            return self._all.decrypt(text[len(_MARK) :].encode()).decode()
        except InvalidToken:
            raise Undecipherable from None

    def is_current(self, text: str) -> bool:
        """Whether a text is sealed with the first key; others are sealed anew at a rotation."""
        if not text.startswith(_MARK):
            return False
        try:
            self._first.decrypt(text[len(_MARK) :].encode())
        except InvalidToken:
            return False
        return True

    def __repr__(self) -> str:
        return "Seal()"
