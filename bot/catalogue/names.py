"""Finds a provider or a municipality by what somebody typed. Pure: works on a snapshot.

Called by the service.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from bot.catalogue.entries import Municipality, Provider
from bot.catalogue.kinds import Confidence
from bot.catalogue.rules import normalise
from bot.catalogue.snapshot import Snapshot

# Similarity in percent from which two names are taken for the same, mistyped.
SIMILAR_PROVIDER = 82
SIMILAR_PLACE = 85
# Words that begin many names and say nothing alone.
_GENERIC = frozenset({"folkhogskolan", "gymnasiet", "gymnasium", "komvux", "larling", "sfi", "skolan", "vux"})
# Shorter names are compared letter by letter only: "Bona" and "Boda" are one letter apart.
FUZZY_LENGTH = 5


@dataclass(frozen=True)
class Found:
    """A provider, how well its name fits (0 to 100), and which name that was."""

    provider: Provider
    score: int
    matched: str
    former: bool


def find_providers(snapshot: Snapshot, text: str, limit: int) -> list[Found]:
    """Return the providers whose name, nickname or former name fits the text, best first."""
    typed = normalise(text)
    if not typed:
        return []
    found = []
    for provider in snapshot.providers:
        if provider.source.confidence is Confidence.UNVERIFIED:
            continue
        names = [(name, False) for name in (provider.name, *provider.aliases)]
        names += [(name, True) for name in provider.former_names]
        score, matched, former = max((_score(typed, normalise(name)), name, old) for name, old in names)
        if score >= SIMILAR_PROVIDER:
            found.append(Found(provider, score, matched, former))
    found.sort(key=lambda match: (-match.score, normalise(match.provider.name)))
    return found[:limit]


def _score(typed: str, name: str) -> int:
    if typed == name:
        return 100
    words, name_words = typed.split(), name.split()
    # "vad är numret till platen" holds the whole name; "praktiska" is the beginning of two names.
    if len(name) >= 4 and _within(name_words, words):
        return 95
    if len(typed) >= 4 and name_words[: len(words)] == words and not _GENERIC.issuperset(words):
        return 90
    if min(len(typed), len(name)) < FUZZY_LENGTH or _GENERIC.issuperset(words):
        return 0
    return min(99, round(fuzz.ratio(typed, name)))


def _within(part: list[str], whole: list[str]) -> bool:
    return any(whole[start : start + len(part)] == part for start in range(len(whole) - len(part) + 1))


def find_municipality(snapshot: Snapshot, text: str) -> Municipality | None:
    """Return the municipality that a name, code, nickname or place stands for; None when there is none."""
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


def _names(snapshot: Snapshot) -> Iterable[tuple[str, Municipality]]:
    for locality in snapshot.localities:
        for name in (locality.name, *locality.aliases):
            yield normalise(name), snapshot.municipalities[locality.municipality]
    # Later wins: a municipality's own names before those of places.
    for municipality in snapshot.municipalities.values():
        for name in (municipality.code, municipality.seat, *municipality.aliases, municipality.name):
            yield normalise(name), municipality
