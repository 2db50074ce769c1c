"""Makes values of the registers fit to show: no markup, no broken letters, no personal data. Pure functions.

Each rule answers dirt that was seen in real rows, or an error that the APIs' documents allow.
"""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import ftfy
import ftfy.bad_codecs
import phonenumbers
from bs4 import BeautifulSoup

from bot.catalogue.rules import Located, Point, distance_km
from bot.given import storable

_EMPTY = frozenset({"", "null", "none", "undefined", "-", "–", "."})
# The county's bounds with a margin; a point outside is another school's (seen: a school of Borås placed in Umeå).
LAT_BOUNDS = (57.6, 59.1)
LON_BOUNDS = (14.3, 17.2)
FARTHEST_KM = 60.0
# Planned educations cuts titles here.
TITLE_CUT = 100
_ZIP = re.compile(r"\b(\d{3}) ?(\d{2})\b")
_SMALL = frozenset({"i", "och", "på", "vid", "av", "för"})
_LETTERS = frozenset({"AB", "BIS", "IB", "IT", "LBS", "NTI", "SFI", "KY", "YH", "ABF"})


def text(value: Any) -> str | None:
    """Return a text without markup, entities, hard spaces and broken letters; None when nothing is left of it."""
    if value is None:
        return None
    plain = html.unescape(storable(str(value)))
    if "<" in plain and ">" in plain:
        plain = BeautifulSoup(plain, "html.parser").get_text(" ")
    plain = " ".join(_unbroken(plain.replace("\xad", "")).split())
    return None if plain.lower() in _EMPTY else plain


def _unbroken(value: str) -> str:
    """Repair letters that were read in the wrong encoding ("Ã¶"), only when what comes out is valid UTF-8."""
    if not re.search(r"[ÃÂâ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]", value):
        return value
    try:
        value.encode("sloppy-windows-1252").decode("utf-8")
    except UnicodeError:
        return value
    return ftfy.fix_encoding(value)


def title(value: Any) -> str | None:
    """Return a title; one that was cut ends at its last whole word, without the bracket that never closes."""
    cleaned = text(value)
    if cleaned is None or len(cleaned) < TITLE_CUT - 1:
        return cleaned
    if cleaned.count("(") > cleaned.count(")"):
        cleaned = cleaned[: cleaned.rindex("(")].rstrip(" ,-–")
    else:
        cleaned = cleaned.rsplit(" ", 1)[0].rstrip(" ,-–(")
    return f"{cleaned} …"


def name(value: Any) -> str | None:
    """Return a name; one in capitals only (GÄVLE, LINKÖPINGS KOMMUN) in ordinary letters."""
    cleaned = text(value)
    if cleaned is None or not cleaned.isupper() or len(cleaned) < 4:
        return cleaned
    words = cleaned.split(" ")
    return " ".join(
        word if word in _LETTERS else word.lower() if word.lower() in _SMALL and place else word.capitalize()
        for place, word in enumerate(words)
    )


def postal_code(value: Any) -> str | None:
    """Return a postal code as `591 50`; None when it has not five digits."""
    digits = re.sub(r"\D", "", text(value) or "")
    return f"{digits[:3]} {digits[3:]}" if len(digits) == 5 else None


def address(street: Any, code: Any, locality: Any) -> str | None:
    """Return one line; a street field that holds the whole address already is not told twice."""
    first, last = name(street), name(locality)
    if first is None:
        return None
    if _ZIP.search(first):
        return _ZIP.sub(r"\1 \2", first)
    end = " ".join(part for part in (postal_code(code), last) if part)
    return f"{first}, {end}" if end and end.lower() != first.lower() else first


def phone(value: Any) -> str | None:
    """Return a Swedish number in one form, `013-20 76 00`; None for anything that cannot be one."""
    cleaned = text(value)
    if cleaned is None:
        return None
    try:
        number = phonenumbers.parse(cleaned, "SE")
    except phonenumbers.NumberParseException:
        return None
    if number.country_code != 46 or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def web(value: Any) -> str | None:
    """Return an address that may be shown: http or https, a named host, no user, no fragment; else None."""
    cleaned = text(value)
    if cleaned is None or re.search(r"[\s@<>\"]", cleaned):
        return None
    if "://" not in cleaned:
        cleaned = f"https://{cleaned}"
    try:
        parts = urlsplit(cleaned)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    known = re.fullmatch(r"([a-z0-9åäö-]+\.)+[a-z]{2,}", host)
    if parts.scheme not in ("http", "https") or not known or port is not None:
        return None
    return urlunsplit((parts.scheme, host, parts.path, parts.query, ""))


def number(value: Any) -> float | None:
    """Return a number, also one with a decimal comma ("185,0") or none at all ("null")."""
    cleaned = text(value)
    if cleaned is None:
        return None
    try:
        return float(cleaned.replace("\xa0", "").replace(" ", "").replace(",", "."))
    except ValueError:
        return None


def point(lat: Any, lon: Any, seat: Located, *, anywhere: bool = False) -> Point | None:
    """Return a place on the map; None when it lies outside the county or far from the municipality's seat.

    Args:
        anywhere: the county's bounds do not count (for measurements with other counties).
    """
    north, east = number(lat), number(lon)
    if north is None or east is None:
        return None
    inside = LAT_BOUNDS[0] <= north <= LAT_BOUNDS[1] and LON_BOUNDS[0] <= east <= LON_BOUNDS[1]
    found = Point(round(north, 5), round(east, 5))
    if not (inside or anywhere) or distance_km(found, seat) > FARTHEST_KM:
        return None
    return found
