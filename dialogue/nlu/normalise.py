"""How a message is brought into one form before it is compared: shared by features and entities."""

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_LONG = re.compile(r"(\w)\1{2,}")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_PLAIN = str.maketrans({"å": "a", "ä": "a", "ö": "o", "é": "e", "è": "e", "ü": "u", "ø": "o", "æ": "a"})


def normalise(text: str) -> str:
    """One space between words, plain quotes, composed letters, no letter thrice in a row."""
    text = unicodedata.normalize("NFC", text).translate(_QUOTES)
    return _SPACE.sub(" ", _LONG.sub(r"\1\1", text)).strip()


def fold(text: str) -> str:
    """Lower case without diacritics, of the same length, so that positions stay."""
    return unicodedata.normalize("NFC", text).lower().translate(_PLAIN)
