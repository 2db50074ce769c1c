"""Which providers answer a question. Pure: works on an index of a snapshot on a day.

Called by the service. Nobody is ranked by quality: the order is fresh facts first, then the name; elsewhere,
the distance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bot.catalogue.cards import municipality_card, provider_card
from bot.catalogue.entries import Offer, Programme, Provider
from bot.catalogue.index import OFFICES, ORDER, Flags, Index, Numbers, first
from bot.catalogue.kinds import OUT_OF_CATALOGUE, SCHOOL_FORM, Confidence, EducationType
from bot.catalogue.rules import Point, normalise
from bot.catalogue.snapshot import Snapshot
from bot.catalogue.views import ProviderCard, SearchResult

_WITHOUT_PROGRAMMES = frozenset({EducationType.FOLK_HIGH_SCHOOL, EducationType.SFI})
# Nobody asks more schools than this whether they have something.
MOST_MAYBE = 10


@dataclass(frozen=True)
class Question:
    """What is asked for: `municipality` by its official name, `programme` by its code, also a closed one."""

    kind: EducationType | None = None
    municipality: str | None = None
    programme: str | None = None
    limit: int = 3
    offset: int = 0
    # Only where one can study at a distance.
    distance: bool = False
    # Where distances are measured from; None: the seat of the municipality.
    origin: Point | None = None


def search(index: Index, question: Question) -> SearchResult:
    """Find the providers that answer a question; when the place has none, the nearest that do."""
    snapshot, today = index.snapshot, index.today
    place = snapshot.municipalities.get(question.municipality) if question.municipality else None
    if question.municipality and place is None:
        return SearchResult(unknown_place=True)
    card = municipality_card(place, today) if place else None
    if question.kind in OUT_OF_CATALOGUE:
        return SearchResult(municipality_card=card, out_of_catalogue=True)
    wanted = _wanted(snapshot, question)
    rows, keys = _candidates(index, wanted)
    fits: Flags = index.listed[rows]
    if wanted.kind is not None:
        fits &= index.kinds[wanted.kind][rows]
    if question.distance:
        fits &= index.distance[rows]
    here: Flags = fits & (~index.outside[rows] if place is None else index.home[rows] == index.places[place.name])
    total = int(np.count_nonzero(here))
    items: list[ProviderCard] = []
    nearest: list[ProviderCard] = []
    elsewhere = 0
    if total:
        page = first(rows[here], keys[here], question.offset, question.limit)
        items = [_card(index, int(row), wanted) for row in page]
    elif place is not None:
        away = rows[fits]
        elsewhere = len(away)
        km = index.kilometres(question.origin or place, away)
        page = first(np.arange(elsewhere), index.nearest_first(km, keys[fits]), question.offset, question.limit)
        nearest = [replace(_card(index, int(away[row]), wanted), distance_km=int(km[row])) for row in page]
    return SearchResult(
        items=tuple(items),
        total=total,
        nearest=tuple(nearest),
        nearest_total=elsewhere,
        maybe=_maybe(index, wanted, question),
        municipality_card=card,
        programme_ignored=wanted.programme is None and question.programme is not None,
    )


def _candidates(index: Index, wanted: _Wanted) -> tuple[Numbers, Numbers]:
    """Return who may answer, and the order of what they answer with."""
    if wanted.unknown_programme:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    if wanted.programme is not None:
        return index.with_programme(wanted.programme.code)
    return np.arange(index.size), index.introductory() if wanted.about_programmes else index.own


def _card(index: Index, row: int, wanted: _Wanted) -> ProviderCard:
    return provider_card(
        index.snapshot,
        index.snapshot.providers[row],
        index.today,
        asked_for=lambda offer: _asked_for(index.snapshot, offer, wanted),
        about_programmes=wanted.about_programmes,
    )


@dataclass(frozen=True)
class _Wanted:
    """A question in terms of the catalogue."""

    kind: EducationType | None
    programme: Programme | None
    unknown_programme: bool = False

    @property
    def about_programmes(self) -> bool:
        """Whether the question is for programmes, so that their evidence counts and not the school's row."""
        return self.programme is not None or self.kind is EducationType.INTRODUCTORY


def _wanted(snapshot: Snapshot, question: Question) -> _Wanted:
    if question.programme is None or question.kind in _WITHOUT_PROGRAMMES:
        return _Wanted(question.kind, None)
    programme = snapshot.programmes.get(question.programme)
    if programme is not None and programme.replaced_by is not None:
        programme = snapshot.programmes[programme.replaced_by]
    if programme is None:
        return _Wanted(question.kind, None, unknown_programme=True)
    kind = question.kind
    if kind is EducationType.UPPER_SECONDARY:
        # An introductory programme "at gymnasiet" means the school form that it belongs to.
        kind = SCHOOL_FORM[programme.kind]
    return _Wanted(kind, programme)


def _answers(provider: Provider, wanted: _Wanted) -> bool:
    """Whether there is evidence that a provider has what is asked for."""
    if wanted.unknown_programme or not _of_kind(provider, wanted.kind):
        return False
    if wanted.programme is None:
        return True
    return any(offer.code == wanted.programme.code and _confirmed(offer) for offer in provider.programmes)


def _of_kind(provider: Provider, kind: EducationType | None) -> bool:
    if not provider.shown or provider.kind in OFFICES:
        return False
    return kind is None or kind in provider.education_types


def _asked_for(snapshot: Snapshot, offer: Offer, wanted: _Wanted) -> bool:
    """Whether a programme belongs on the card: the one asked for, or those of the school form asked for."""
    if wanted.programme is not None:
        return offer.code == wanted.programme.code
    form = SCHOOL_FORM[snapshot.programmes[offer.code].kind]
    return wanted.kind not in SCHOOL_FORM.values() or wanted.kind is form


def _confirmed(offer: Offer) -> bool:
    return offer.source.confidence is not Confidence.UNVERIFIED


def _maybe(index: Index, wanted: _Wanted, question: Question) -> tuple[ProviderCard, ...]:
    if question.municipality is None or wanted.unknown_programme or question.distance:
        return ()
    snapshot = index.snapshot
    of_place = np.flatnonzero(index.home == index.places[question.municipality])
    found = [
        provider
        for provider in (snapshot.providers[row] for row in of_place)
        if not _answers(provider, wanted) and _could(provider, wanted)
    ]
    cards = [provider_card(snapshot, provider, index.today, lambda _offer: False) for provider in found]
    cards.sort(key=lambda item: (ORDER[item.freshness], normalise(item.name)))
    return tuple(cards[:MOST_MAYBE])


def _could(provider: Provider, wanted: _Wanted) -> bool:
    """Whether it makes sense to ask a provider about something that no source confirms."""
    if wanted.kind is EducationType.SFI:
        # Sfi is a part of komvux, so the komvux of the place knows.
        return _of_kind(provider, EducationType.KOMVUX)
    if wanted.programme is None or not _of_kind(provider, wanted.kind) or provider.programmes_complete:
        return False
    if wanted.programme.code in provider.stopped:
        return False
    if wanted.kind is None and SCHOOL_FORM[wanted.programme.kind] not in provider.education_types:
        return False
    return provider.offers is None or wanted.programme.kind in provider.offers
