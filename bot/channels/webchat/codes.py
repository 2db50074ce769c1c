"""Codes to take an anonymous chat up again: easy to read aloud and write down, hard to guess."""

from __future__ import annotations

import secrets

# 30 signs without those that look alike: 12 of them are 58 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12


def new_code() -> str:
    """Return a new code, without its dashes."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """Return a code as it is shown: in groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read(typed: str) -> str | None:
    """Return the code that somebody typed, however it was spaced; None when it cannot be one."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum())
    return signs if len(signs) == LENGTH and set(signs) <= set(ALPHABET) else None
