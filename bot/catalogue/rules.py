"""How old a fact is, how far away a place is, and how names are compared. Pure functions.

Used by the search, the loader and the check; no database, no files, no clock of their own.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from bot.catalogue.kinds import Confidence, Freshness
from bot.languages import Language

# A fact of at most this age may be said without its date (product.md, feature 18).
FRESH_DAYS = 180
EARTH_RADIUS_KM = 6371.0

_MONTHS = {
    Language.SV: (
        *("januari", "februari", "mars", "april", "maj", "juni"),
        *("juli", "augusti", "september", "oktober", "november", "december"),
    ),
    Language.EN: (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
_PARTIAL = re.compile(r"(?P<about>about )?(?P<year>\d{4})(?:-(?P<month>\d{2}))?(?:-(?P<day>\d{2}))?")


@dataclass(frozen=True)
class SourceDate:
    """The date of a source, which may be a day, a month, a year, or a year that is only roughly known."""

    year: int
    month: int | None = None
    day: int | None = None
    about: bool = False

    @classmethod
    def parse(cls, value: str | date) -> SourceDate:
        """Read `2026-09-03`, `2026-05`, `2018` or `about 2018`.

        Raises:
            ValueError: the text has another form, or names a day that does not exist.
        """
        if isinstance(value, date):
            return cls(value.year, value.month, value.day)
        match = _PARTIAL.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"'{value}' is no date: write 2026-09-03, 2026-05, '2018' or about 2018")
        month = int(match["month"]) if match["month"] else None
        day = int(match["day"]) if match["day"] else None
        date(int(match["year"]), month or 1, day or 1)
        return cls(int(match["year"]), month, day, match["about"] is not None)

    @property
    def earliest(self) -> date:
        """The first day it can mean: an unclear date counts as its oldest reading."""
        return date(self.year, self.month or 1, self.day or 1)

    def text(self, language: Language) -> str:
        """Return the date in words: `3 september 2026`, `maj 2026`, `omkring 2018`."""
        words = str(self.year)
        if self.month is not None:
            words = f"{_MONTHS[language][self.month - 1]} {words}"
        if self.day is not None:
            words = f"{self.day} {words}"
        if self.about:
            words = f"{'omkring' if language is Language.SV else 'about'} {words}"
        return words

    def __str__(self) -> str:
        parts = [f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part is not None)]
        return ("about " if self.about else "") + "-".join(parts)


def freshness(confidence: Confidence, dated: SourceDate | None, today: date) -> Freshness:
    """Say how a fact may be shown on a day.

    `fresh`: at most 180 days old, said as it is. `dated`: older, said with its date. `undated`: the
    source has no date, which is said too. `hidden`: nobody has confirmed it, so it is not shown.
    A date in the future is an error of the file (see `check`) and counts as dated, never as fresh.
    """
    if confidence is Confidence.UNVERIFIED:
        return Freshness.HIDDEN
    if dated is None:
        return Freshness.UNDATED
    age = today - dated.earliest
    if confidence is not Confidence.OLD and timedelta(0) <= age <= timedelta(days=FRESH_DAYS):
        return Freshness.FRESH
    return Freshness.DATED


class Located(Protocol):
    """Anything with coordinates in degrees (WGS 84)."""

    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...


@dataclass(frozen=True)
class Point:
    """A place on the map, in degrees (WGS 84)."""

    lat: float
    lon: float


def distance_km(start: Located, end: Located) -> float:
    """Return the distance as the crow flies, in kilometres (haversine)."""
    lat1, lon1, lat2, lon2 = (math.radians(value) for value in (start.lat, start.lon, end.lat, end.lon))
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


def nearest[Place: Located](origin: Located, places: Iterable[Place]) -> list[tuple[float, Place]]:
    """Return the places with their distance in kilometres, nearest first; equals keep their order."""
    measured = [(distance_km(origin, place), place) for place in places]
    return sorted(measured, key=lambda pair: pair[0])


def normalise(name: str) -> str:
    """Return a name as it is compared: lower case, without accents, punctuation or double spaces.

    `å`, `ä` and `ö` become `a`, `a` and `o`, so that what is typed without them is found too.
    """
    # Twice: taking a character apart may leave a capital, and folding that may join it again.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold()).casefold()
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    return " ".join(re.sub(r"[^\w]+", " ", plain).split())
