"""The catalogue arranged for searching: on a day, who has what, how fresh that is, and where it lies.

Built once for each snapshot and day (what is fresh changes at midnight), then a search looks at arrays instead of rows:
a national catalogue of 100,000 rows is searched in a few milliseconds (`bot bench search`). Used by `search`.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bot.catalogue.cards import dated, newest
from bot.catalogue.entries import Offer, Source
from bot.catalogue.kinds import SCHOOL_FORM, Confidence, EducationType, Freshness, ProviderKind
from bot.catalogue.rules import EARTH_RADIUS_KM, Located, normalise
from bot.catalogue.snapshot import Snapshot
from bot.catalogue.views import Dated

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

ORDER = {Freshness.FRESH: 0, Freshness.DATED: 1, Freshness.UNDATED: 2, Freshness.HIDDEN: 3}
OFFICES = frozenset({ProviderKind.GUIDANCE, ProviderKind.KAA})


class Index:
    """One snapshot on one day."""

    def __init__(self, snapshot: Snapshot, today: date) -> None:
        self.snapshot = snapshot
        self.today = today
        self._ages: dict[int, Dated] = {}
        providers = snapshot.providers
        self.size = len(providers)
        by_name = sorted(range(self.size), key=lambda row: (normalise(providers[row].name), providers[row].id))
        self._rank = np.empty(self.size, np.int64)
        self._rank[by_name] = np.arange(self.size)
        freshness = [ORDER[self._age(provider.source).freshness] for provider in providers]
        # Fresh facts first, then the alphabet, as one number.
        self.own = np.array(freshness, np.int64) * max(self.size, 1) + self._rank
        self.listed: Flags = np.array([row.shown and row.kind not in OFFICES for row in providers], bool)
        self.distance: Flags = np.array([row.distance is True for row in providers], bool)
        self.kinds: dict[EducationType, Flags] = {
            kind: np.array([kind in row.education_types for row in providers], bool) for kind in EducationType
        }
        places = {name: number for number, name in enumerate(snapshot.municipalities)}
        self.places = places
        self.home = np.array([places[row.municipality] for row in providers], np.int64)
        homes = list(snapshot.municipalities.values())
        self.outside: Flags = np.array([homes[number].outside_county for number in self.home], bool)
        points: list[Located] = [row.point or homes[place] for row, place in zip(providers, self.home, strict=True)]
        self._lat = np.radians(np.array([point.lat for point in points], float))
        self._lon = np.radians(np.array([point.lon for point in points], float))
        self._evidence = self._evidences()

    def with_programme(self, code: str) -> tuple[Numbers, Numbers]:
        """Return the providers with evidence for a programme, and the order of that evidence."""
        return self._evidence.get(code, (np.empty(0, np.int64), np.empty(0, np.int64)))

    def introductory(self) -> Numbers:
        """Return the order of all providers by their evidence for introductory programmes, else by their row."""
        keys = self.own.copy()
        rows, order = self.with_programme(_form_key(EducationType.INTRODUCTORY))
        keys[rows] = order
        return keys

    def kilometres(self, start: Located, rows: Numbers) -> Numbers:
        """Return how far away providers are as the crow flies, in whole kilometres."""
        lat, lon = np.radians(start.lat), np.radians(start.lon)
        half = np.sin((self._lat[rows] - lat) / 2) ** 2
        half += np.cos(lat) * np.cos(self._lat[rows]) * np.sin((self._lon[rows] - lon) / 2) ** 2
        found: Numbers = np.rint(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, half)))).astype(np.int64)
        return found

    def nearest_first(self, kilometres: Numbers, keys: Numbers) -> Numbers:
        """Return an order by distance, then fresh facts, then the alphabet."""
        found: Numbers = kilometres * (len(ORDER) * max(self.size, 1)) + keys
        return found

    def _evidences(self) -> dict[str, tuple[Numbers, Numbers]]:
        found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, provider in enumerate(self.snapshot.providers):
            by_code: defaultdict[str, list[Dated]] = defaultdict(list)
            for offer in provider.programmes:
                if offer.source.confidence is not Confidence.UNVERIFIED:
                    age = self._age(offer.source)
                    by_code[offer.code].append(age)
                    by_code[_form_key(self._form(offer))].append(age)
            for code, ages in by_code.items():
                order = ORDER[newest(ages).freshness] * max(self.size, 1) + int(self._rank[number])
                found[code].append((number, order))
        return {
            code: (np.array([row for row, _ in rows], np.int64), np.array([order for _, order in rows], np.int64))
            for code, rows in found.items()
        }

    def _form(self, offer: Offer) -> EducationType:
        return SCHOOL_FORM[self.snapshot.programmes[offer.code].kind]

    def _age(self, source: Source) -> Dated:
        """Return the age of a source; rows share sources, so each is looked at once."""
        age = self._ages.get(id(source))
        if age is None:
            age = self._ages[id(source)] = dated(source, self.today)
        return age


def first(rows: Numbers, keys: Numbers, offset: int, limit: int) -> Numbers:
    """Return one page of rows, smallest key first, without sorting what comes after it."""
    end = min(offset + limit, len(rows))
    if end < len(rows):
        chosen = np.argpartition(keys, end - 1)[:end] if end else np.empty(0, np.int64)
        rows, keys = rows[chosen], keys[chosen]
    return rows[np.argsort(keys, kind="stable")][offset:end]


def _form_key(form: EducationType) -> str:
    return f"form:{form}"
