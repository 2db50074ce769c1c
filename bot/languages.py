"""The languages the bot speaks."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """Codes of ISO 639-1."""

    SV = "sv"
    EN = "en"


def language_or_default(code: str | None) -> Language:
    """Return the supported language of a code such as ``en-GB``; Swedish for anything else."""
    short = (code or "").split("-")[0].lower()
    return Language(short) if short in set(Language) else Language.SV
