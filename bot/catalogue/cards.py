"""Turns facts into what may be seen: names beside codes, and how old each fact is on a day.

Called by the search and the service.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.catalogue.entries import Municipality, Offer, Orientation, Programme, Provider, Source, Words
from bot.catalogue.kinds import Confidence, Freshness
from bot.catalogue.rules import SourceDate, freshness
from bot.catalogue.snapshot import Snapshot
from bot.catalogue.views import ContactView, Dated, MunicipalityCard, ProgrammeView, ProviderCard


def dated(source: Source, today: date) -> Dated:
    """Return the age of a fact on a day."""
    return Dated(freshness(source.confidence, source.dated, today), source.dated, source.name)


def provider_card(
    snapshot: Snapshot,
    provider: Provider,
    today: date,
    asked_for: Callable[[Offer], bool] = lambda _offer: True,
    about_programmes: bool = False,
) -> ProviderCard:
    """Build the card of a provider.

    `asked_for` picks the programmes that are on the card; unconfirmed ones never are. `about_programmes`: the
    question was for them, so the card is as old as the best evidence for one of them.
    """
    offers = [offer for offer in provider.programmes if asked_for(offer)]
    programmes = _programmes(snapshot, offers, today)
    own = dated(provider.source, today)
    return ProviderCard(
        id=provider.id,
        name=provider.name,
        kind=provider.kind,
        status=provider.status,
        municipality=provider.municipality,
        locality=provider.locality,
        address=provider.address,
        phone=provider.phone,
        web=provider.web,
        programmes=programmes,
        programmes_complete=provider.programmes_complete,
        courses_sv=provider.courses.get("sv", ()),
        courses_en=provider.courses.get("en", ()),
        note=provider.note,
        dated=newest([view.dated for view in programmes]) if about_programmes and programmes else own,
        contact=_contact(provider, own, today),
        outside_county=snapshot.municipalities[provider.municipality].outside_county,
        point=provider.point,
        distance=provider.distance,
    )


def municipality_card(municipality: Municipality, today: date) -> MunicipalityCard | None:
    """Build the card of a municipality; None for a neighbour, whose duties are not ours to tell."""
    card = municipality.card
    if card is None:
        return None
    kaa = card.kaa
    return MunicipalityCard(
        code=municipality.code,
        name=municipality.name,
        seat=municipality.seat,
        outside_county=municipality.outside_county,
        website=municipality.website,
        phone=card.phone,
        phone_dated=dated(card.phone_source, today) if card.phone_source else None,
        kaa_name=Words(kaa.name_sv, kaa.name_en) if kaa else None,
        kaa_web=kaa.web if kaa else None,
        kaa_phone=kaa.phone if kaa else None,
        kaa_contact_confirmed=kaa.contact_confirmed if kaa else False,
        kaa_advice=card.kaa_advice,
        komvux_advice=card.komvux_advice,
        note=card.note,
        note_dated=dated(card.note_source, today) if card.note_source else None,
        law=card.paragraph,
        law_source=card.law.name,
        contacts={name: ContactView(one.value, dated(one.source, today)) for name, one in card.contacts.items()},
    )


def _programmes(snapshot: Snapshot, offers: list[Offer], today: date) -> tuple[ProgrammeView, ...]:
    by_code: dict[str, list[tuple[Offer, Dated]]] = {}
    for offer in offers:
        age = dated(offer.source, today)
        if age.freshness is not Freshness.HIDDEN:
            by_code.setdefault(offer.code, []).append((offer, age))
    return tuple(_programme(snapshot.programmes[code], found) for code, found in by_code.items())


def _programme(programme: Programme, found: list[tuple[Offer, Dated]]) -> ProgrammeView:
    names = {orientation.code: orientation for orientation in programme.orientations}
    codes = dict.fromkeys(offer.orientation for offer, _age in found if offer.orientation)
    orientations: list[Orientation] = [names[code] for code in codes]
    return ProgrammeView(
        code=programme.code,
        name_sv=programme.name_sv,
        name_en=programme.name_en,
        orientations=tuple(orientations),
        forms=tuple(dict.fromkeys(offer.form for offer, _age in found)),
        dated=newest([age for _offer, age in found]),
    )


def newest(ages: list[Dated]) -> Dated:
    """Return the best evidence: fresh before old, old before undated, newer before older."""
    order = (Freshness.FRESH, Freshness.DATED, Freshness.UNDATED, Freshness.HIDDEN)
    return min(ages, key=lambda age: (order.index(age.freshness), -_ordinal(age.as_of)))


def _ordinal(as_of: SourceDate | None) -> int:
    return as_of.earliest.toordinal() if as_of else 0


def _contact(provider: Provider, own: Dated, today: date) -> Dated:
    if provider.contact_source is None:
        return own
    source = Source(provider.contact_source, provider.contact_date, Confidence.SOURCED)
    return dated(source, today)
