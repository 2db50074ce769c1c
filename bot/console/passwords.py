"""Passwords of staff: Argon2id, and the same time for unknown user names as for known ones."""

from __future__ import annotations

import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 12
MAX_LENGTH = 200
# Easy to read aloud and to type: no letters that look like others.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the hash to keep."""
    return _HASHER.hash(password)


def is_right(password: str, kept_hash: str | None) -> bool:
    """Whether a password fits; takes as long without a hash (an unknown user) as with one."""
    try:
        return _HASHER.verify(kept_hash or _dummy_hash(), password[:MAX_LENGTH]) and kept_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept_hash: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept_hash)


def new_password() -> str:
    """Return a first password, to be changed at the first sign-in (79 bits)."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def fault_of(password: str, *, username: str, old: str = "") -> str | None:
    """Say in Swedish what is wrong with a password somebody chose, or None."""
    if len(password) < MIN_LENGTH:
        return f"Lösenordet behöver minst {MIN_LENGTH} tecken. Välj till exempel fyra ord som du minns."
    if len(password) > MAX_LENGTH:
        return f"Lösenordet får ha högst {MAX_LENGTH} tecken."
    if username.lower() in password.lower() or len(set(password)) < 5:
        return "Lösenordet är för lätt att gissa. Välj ett annat."
    if password == old:
        return "Välj ett annat lösenord än det du har nu."
    return None


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))
