"""Finds a provider or a municipality by what somebody typed. Pure: works on a snapshot.

Called by the service.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from bot.catalogue.entries import Locality, Municipality, Provider
from bot.catalogue.kinds import Confidence
from bot.catalogue.rules import Located, Point, distance_km, normalise
from bot.catalogue.similar import SimilarNames
from bot.catalogue.snapshot import Snapshot

# Similarity in percent from which two names are taken for the same, mistyped.
SIMILAR_PROVIDER = 82
SIMILAR_PLACE = 85
# Nobody in the county is further from all its towns and villages.
NEAR_KM = 30.0
# Words that begin many names and say nothing alone.
_GENERIC = frozenset({"folkhogskolan", "gymnasiet", "gymnasium", "komvux", "larling", "sfi", "skolan", "vux"})
# Longer messages hold a name, they are none; names have at most so many words; more that are similar help nobody.
MOST_TYPED = 80
MOST_WORDS = 8
MOST_SIMILAR = 30
# Shorter names are compared letter by letter only: "Bona" and "Boda" are one letter apart.
FUZZY_LENGTH = 5


@dataclass(frozen=True)
class Found:
    """A provider, how well its name fits (0 to 100), and which name that was."""

    provider: Provider
    score: int
    matched: str
    former: bool


class NameIndex:
    """Every name of every provider, arranged for looking up; built once for each snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._entries: list[tuple[str, Provider, str, bool]] = []
        for provider in snapshot.providers:
            if provider.source.confidence is Confidence.UNVERIFIED:
                continue
            names = [(name, False) for name in (provider.name, *provider.aliases)]
            names += [(name, True) for name in provider.former_names]
            self._entries += [(normalise(name), provider, name, former) for name, former in names]
        self._entries.sort(key=lambda entry: entry[0])
        self._plain = [entry[0] for entry in self._entries]
        self._similar = SimilarNames(self._plain)

    def find(self, text: str, limit: int) -> list[Found]:
        """Return the providers whose name, nickname or former name fits the text, best first."""
        typed = normalise(text)
        if not typed:
            return []
        best: dict[str, Found] = {}
        for number, score in self._scores(typed).items():
            _, provider, name, former = self._entries[number]
            held = best.get(provider.id)
            if score >= SIMILAR_PROVIDER and (held is None or (score, name) > (held.score, held.matched)):
                best[provider.id] = Found(provider, score, name, former)
        found = sorted(best.values(), key=lambda match: (-match.score, normalise(match.provider.name)))
        return found[:limit]

    def _scores(self, typed: str) -> dict[int, int]:
        scores: dict[int, int] = {}
        words = typed.split()
        generic = _GENERIC.issuperset(words)
        if min(len(typed), MOST_TYPED) >= FUZZY_LENGTH and not generic and len(typed) <= MOST_TYPED:
            similar = self._similar.find(typed, SIMILAR_PROVIDER - 0.5, MOST_SIMILAR)
            scores |= {
                number: min(99, round(score)) for number, score in similar if len(self._plain[number]) >= FUZZY_LENGTH
            }
        # "praktiska" is the beginning of two names.
        if len(typed) >= 4 and not generic:
            scores |= dict.fromkeys(self._beginning(f"{typed} "), 90) | dict.fromkeys(self._exactly(typed), 90)
        # "vad är numret till platen" holds the whole name.
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + MOST_WORDS) + 1):
                part = " ".join(words[start:end])
                if len(part) >= 4:
                    scores |= dict.fromkeys(self._exactly(part), 95)
        return scores | dict.fromkeys(self._exactly(typed), 100)

    def _exactly(self, name: str) -> range:
        return range(bisect_left(self._plain, name), bisect_right(self._plain, name))

    def _beginning(self, with_space: str) -> range:
        return range(bisect_left(self._plain, with_space), bisect_left(self._plain, with_space[:-1] + "!"))


def find_municipality(snapshot: Snapshot, text: str) -> Municipality | None:
    """Return the municipality that a name, code, nickname or place stands for; None when there is none."""
    found = _find_place(snapshot, text)
    return snapshot.municipalities[found.municipality] if isinstance(found, Locality) else found


def find_locality(snapshot: Snapshot, text: str) -> Locality | None:
    """Return the town or village that a text names; None when that is a municipality, or no place at all."""
    found = _find_place(snapshot, text)
    return found if isinstance(found, Locality) else None


def _find_place(snapshot: Snapshot, text: str) -> Municipality | Locality | None:
    typed = normalise(text)
    if not typed:
        return None
    names = dict(_names(snapshot))
    for spelling in (typed, typed.removesuffix("s")):
        if spelling in names:
            return names[spelling]
    if len(typed) < FUZZY_LENGTH or not names:
        return None
    score, name = max((fuzz.ratio(typed, name), name) for name in names)
    return names[name] if score >= SIMILAR_PLACE else None


def nearest_place(snapshot: Snapshot, point: Point) -> str | None:
    """Return the locality or seat nearest to a point; None when that is far away or in another county."""
    homes = snapshot.municipalities
    places: list[tuple[str, Municipality, Located]] = [(row.seat, row, row) for row in homes.values()]
    places += [(row.name, homes[row.municipality], row.point) for row in snapshot.localities if row.point]
    measured = [(distance_km(point, where), name, home) for name, home, where in places]
    if not measured:
        return None
    kilometres, name, home = min(measured, key=lambda found: (found[0], found[1]))
    return None if kilometres > NEAR_KM or home.outside_county else name


def _names(snapshot: Snapshot) -> Iterable[tuple[str, Municipality | Locality]]:
    for locality in snapshot.localities:
        for name in (locality.name, *locality.aliases):
            yield normalise(name), locality
    # Later wins: a municipality's own names before those of places.
    for municipality in snapshot.municipalities.values():
        for name in (municipality.code, municipality.seat, *municipality.aliases, municipality.name):
            yield normalise(name), municipality
