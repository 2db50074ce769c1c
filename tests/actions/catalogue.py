"""A small catalogue in memory for the tests of the actions, with the real service's values."""

from __future__ import annotations

from datetime import date

from bot.catalogue.entries import Locality, Programme, Source, Words
from bot.catalogue.kinds import (
    OUT_OF_CATALOGUE,
    Confidence,
    EducationType,
    Freshness,
    ProgrammeKind,
    ProviderKind,
    Status,
)
from bot.catalogue.rules import Point, SourceDate
from bot.catalogue.views import Dated, MunicipalityCard, ProgrammeView, ProviderCard, ProviderMatch, SearchResult

FRESH = Dated(Freshness.FRESH, SourceDate.parse(date(2026, 9, 3)), "test")
OLD = Dated(Freshness.DATED, SourceDate.parse("2018"), "test")
UNDATED = Dated(Freshness.UNDATED, None, "test")
# A village of Motala; nobody knows where exactly the other one is.
BORENSBERG = Locality("Borensberg", "Motala", 58.56, 15.28, (), Source("test", None, Confidence.SOURCED))
GODEGARD = Locality("Godegård", "Motala", None, None, (), Source("test", None, Confidence.SOURCED))
ADVICE = Words("Ring växeln.", "Call the town hall.")


def card(
    name: str,
    place: str = "Motala",
    *,
    kind: ProviderKind = ProviderKind.UPPER_SECONDARY,
    dated: Dated = FRESH,
    contact: Dated | None = None,
    phone: str | None = "0141-12 34 56",
    web: str | None = None,
    address: str | None = None,
    programmes: tuple[str, ...] = ("El- och energiprogrammet",),
    status: Status = Status.OPEN,
    note: Words | None = None,
    distance: bool | None = None,
) -> ProviderCard:
    """Make one school."""
    return ProviderCard(
        id=name.lower().replace(" ", "-"),
        name=name,
        kind=kind,
        status=status,
        municipality=place,
        locality=place,
        address=address,
        phone=phone,
        web=web,
        programmes=tuple(ProgrammeView("EE", one, one, (), (), dated) for one in programmes),
        programmes_complete=False,
        courses_sv=(),
        courses_en=(),
        note=note,
        dated=dated,
        contact=contact or dated,
        outside_county=False,
        distance=distance,
    )


class FakeCatalogue:
    """Schools by place; a search looks at the place, and whether it is at a distance, only."""

    def __init__(self, *cards: ProviderCard) -> None:
        self.cards = list(cards)
        self.phone: str | None = "0141-22 50 00"
        self.phone_dated: Dated | None = FRESH
        self.maybe: tuple[ProviderCard, ...] = ()
        self.asked: list[tuple[EducationType | None, str | None, str | None, int]] = []
        self.asked_at_a_distance: list[bool] = []
        self.measured_from: list[Point | None] = []

    def search(
        self,
        kind: EducationType | None = None,
        municipality: str | None = None,
        programme: str | None = None,
        limit: int = 3,
        offset: int = 0,
        *,
        distance: bool = False,
        origin: Point | None = None,
    ) -> SearchResult:
        self.asked.append((kind, municipality, programme, offset))
        self.asked_at_a_distance.append(distance)
        self.measured_from.append(origin)
        if kind in OUT_OF_CATALOGUE:
            return SearchResult(out_of_catalogue=True)
        fit = [one for one in self.cards if one.distance or not distance]
        here = [one for one in fit if municipality in (None, one.municipality)]
        other = [] if here else fit
        page = slice(offset, offset + limit)
        return SearchResult(
            items=tuple(here[page]),
            total=len(here),
            nearest=tuple(other[page]),
            nearest_total=len(other),
            maybe=self.maybe,
        )

    def provider(self, provider_id: str) -> ProviderCard | None:
        return next((one for one in self.cards if one.id == provider_id), None)

    def find_provider(self, text: str, limit: int = 5) -> tuple[ProviderMatch, ...]:
        found = [one for one in self.cards if one.name.lower() in text.lower()]
        return tuple(ProviderMatch(one, 95, one.name, False) for one in found[:limit])

    def municipality(self, name: str) -> MunicipalityCard | None:
        place = self.locality(name)
        if place is not None:
            return self.municipality(place.municipality)
        if name not in ("Motala", "Ydre", "Linköping"):
            return None
        return MunicipalityCard(
            code="0583",
            name=name,
            seat=name,
            outside_county=False,
            website=None,
            phone=self.phone,
            phone_dated=self.phone_dated,
            kaa_name=None,
            kaa_web=None,
            kaa_phone=None,
            kaa_contact_confirmed=False,
            kaa_advice=ADVICE,
            komvux_advice=ADVICE,
            note=None,
            note_dated=None,
            law="",
            law_source="",
        )

    def locality(self, name: str) -> Locality | None:
        return next((one for one in (BORENSBERG, GODEGARD) if one.name.lower() == name.lower()), None)

    def programme(self, code: str) -> Programme | None:
        if code not in ("EE", "VO", "BA"):
            return None
        return Programme(
            code=code,
            name_sv="El",
            name_en="El",
            kind=ProgrammeKind.VOCATIONAL,
            orientations=(),
            aliases_sv=(),
            aliases_en=(),
            closed=False,
            replaced_by=None,
            source=Source("test", None, Confidence.SOURCED),
        )

    def programmes_in(self, text: str) -> list[str]:
        return ["EE"] if "elektriker" in text.lower() else []
