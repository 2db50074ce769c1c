"""Which providers answer a question. Pure: works on a snapshot and a date.

Called by the service. Nobody is ranked by quality: the order is fresh facts first, then the name; elsewhere,
the distance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from bot.catalogue.cards import municipality_card, provider_card
from bot.catalogue.entries import Offer, Programme, Provider
from bot.catalogue.kinds import (
    OUT_OF_CATALOGUE,
    SCHOOL_FORM,
    Confidence,
    EducationType,
    Freshness,
    ProviderKind,
)
from bot.catalogue.rules import distance_km, normalise
from bot.catalogue.snapshot import Snapshot
from bot.catalogue.views import ProviderCard, SearchResult

_ORDER = {Freshness.FRESH: 0, Freshness.DATED: 1, Freshness.UNDATED: 2, Freshness.HIDDEN: 3}
_WITHOUT_PROGRAMMES = frozenset({EducationType.FOLK_HIGH_SCHOOL, EducationType.SFI})
_OFFICES = frozenset({ProviderKind.GUIDANCE, ProviderKind.KAA})


@dataclass(frozen=True)
class Question:
    """What is asked for: `municipality` by its official name, `programme` by its code, also a closed one."""

    kind: EducationType | None = None
    municipality: str | None = None
    programme: str | None = None
    limit: int = 3
    offset: int = 0


def search(snapshot: Snapshot, question: Question, today: date) -> SearchResult:
    """Find the providers that answer a question; when the place has none, the nearest that do."""
    place = snapshot.municipalities.get(question.municipality) if question.municipality else None
    if question.municipality and place is None:
        return SearchResult(unknown_place=True)
    card = municipality_card(place, today) if place else None
    if question.kind in OUT_OF_CATALOGUE:
        return SearchResult(municipality_card=card, out_of_catalogue=True)
    wanted = _wanted(snapshot, question)
    here: list[ProviderCard] = []
    elsewhere: list[ProviderCard] = []
    for provider in snapshot.providers:
        if not _answers(provider, wanted):
            continue
        shown = provider_card(
            snapshot,
            provider,
            today,
            asked_for=lambda offer: _asked_for(snapshot, offer, wanted),
            about_programmes=wanted.about_programmes,
        )
        home = snapshot.municipalities[provider.municipality]
        if place is None:
            if not home.outside_county:
                here.append(shown)
        elif home is place:
            here.append(shown)
        else:
            elsewhere.append(replace(shown, distance_km=round(distance_km(place, provider.point or home))))
    here.sort(key=lambda item: (_ORDER[item.freshness], normalise(item.name)))
    elsewhere.sort(key=lambda item: (item.distance_km, _ORDER[item.freshness], normalise(item.name)))
    page = slice(question.offset, question.offset + question.limit)
    return SearchResult(
        items=tuple(here[page]),
        total=len(here),
        nearest=() if here else tuple(elsewhere[page]),
        nearest_total=0 if here else len(elsewhere),
        maybe=_maybe(snapshot, wanted, question.municipality, today),
        municipality_card=card,
        programme_ignored=wanted.programme is None and question.programme is not None,
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
    if not provider.shown or provider.kind in _OFFICES:
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


def _maybe(snapshot: Snapshot, wanted: _Wanted, municipality: str | None, today: date) -> tuple[ProviderCard, ...]:
    if municipality is None or wanted.unknown_programme:
        return ()
    found = [
        provider
        for provider in snapshot.providers
        if provider.municipality == municipality and not _answers(provider, wanted) and _could(provider, wanted)
    ]
    cards = [provider_card(snapshot, provider, today, lambda _offer: False) for provider in found]
    return tuple(sorted(cards, key=lambda item: (_ORDER[item.freshness], normalise(item.name))))


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
