"""Encryption of what a person wrote: AES-256-GCM from the `cryptography` library.

A ciphertext is bound to its context (table and column), so it cannot be moved to another place.
Several keys may be in force: the first encrypts, all decrypt.
"""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
_VERSION = b"\x01"


class UndecipherableError(Exception):
    """The text was encrypted with a key that is not in force, or was changed. Says no more."""


def new_key() -> str:
    """Return a new key with a random id, as ENCRYPTION_KEYS wants it (`id:key`)."""
    return f"k{os.urandom(3).hex()}:{base64.urlsafe_b64encode(AESGCM.generate_key(256)).decode()}"


class Keyring:
    """The keys in force."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._keys = keys
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._first = next(iter(self._ciphers))

    @classmethod
    def from_text(cls, text: str) -> Keyring:
        """Read `id:key` pairs, parted by commas; the first one encrypts.

        Raises:
            ValueError: a pair cannot be read; the message does not show it.
        """
        keys: dict[str, bytes] = {}
        for number, pair in enumerate(filter(None, (part.strip() for part in text.split(","))), start=1):
            name, _, encoded = pair.partition(":")
            try:
                key = base64.urlsafe_b64decode(encoded)
            except (binascii.Error, ValueError):
                key = b""
            if not name or len(name) > 32 or len(key) != 32:
                raise ValueError(f"pair {number} of ENCRYPTION_KEYS is not `id:key`; `bot keys new` prints one")
            if name in keys:
                raise ValueError(f"pair {number} of ENCRYPTION_KEYS has the id of an earlier one; each needs its own")
            keys[name] = key
        if not keys:
            raise ValueError("ENCRYPTION_KEYS is empty; `bot keys new` prints a key")
        return cls(keys)

    def encrypt(self, text: str, context: str) -> bytes:
        """Encrypt a text for one place, named by `context`."""
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[self._first].encrypt(nonce, text.encode("utf-8", "surrogatepass"), context.encode())
        return self._head() + nonce + sealed

    def decrypt(self, data: bytes, context: str) -> str:
        """Decrypt what `encrypt` returned for the same context.

        Raises:
            UndecipherableError: no key in force fits, or the data was changed or moved.
        """
        data = bytes(data)
        length = data[1] if len(data) > 1 else 0
        name, rest = data[2 : 2 + length].decode("utf-8", "replace"), data[2 + length :]
        cipher = self._ciphers.get(name)
        if data[:1] != _VERSION or cipher is None:
            raise UndecipherableError("no key in force fits; is a key missing in ENCRYPTION_KEYS?")
        try:
            return cipher.decrypt(rest[:_NONCE], rest[_NONCE:], context.encode()).decode("utf-8", "surrogatepass")
        except InvalidTag:
            raise UndecipherableError("the text was changed or moved") from None

    def is_current(self, data: bytes) -> bool:
        """Whether a ciphertext is of the first key; others are re-encrypted at a rotation."""
        return bytes(data).startswith(self._head())

    def _head(self) -> bytes:
        """Return what begins a ciphertext of the first key; the length parts its id from one that begins alike."""
        name = self._first.encode()
        return _VERSION + bytes([len(name)]) + name

    def derived(self, purpose: str) -> str:
        """Return Fernet keys of one purpose, parted by commas, in the order of these keys.

        From a derived key nobody gets back to ours (HKDF, RFC 5869), so a program that must only open its own
        store gets these instead.
        """
        return ",".join(
            base64.urlsafe_b64encode(HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(key)).decode()
            for key in self._keys.values()
        )

    def __repr__(self) -> str:
        return f"Keyring({len(self._ciphers)} keys)"
