"""How one school is said in a bubble: which response, and what fills it. Pure; used by the actions and by the console's
preview, so that staff see exactly what a young person will.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from bot.catalogue.kinds import Freshness, Status
from bot.catalogue.views import Dated, ProviderCard
from bot.languages import Language
from bot.names import Intent, Response

# What fits a bubble beside the name and the contact.
ROOM_FOR_WHAT = 100
ROOM_FOR_WEB = 45
REGISTER = "Skolverket"
# A register shows no date of its own: what stands there is the day on which it was read.
_FETCHED: Mapping[Language, str] = {Language.SV: "hämtad", Language.EN: "fetched"}
# How close the map opens.
ZOOM = 15

_WITH_CONTACT: Mapping[Freshness, Response] = {
    Freshness.FRESH: Response.UTTER_PROVIDER,
    Freshness.DATED: Response.UTTER_PROVIDER_OLD,
    Freshness.UNDATED: Response.UTTER_PROVIDER_UNDATED,
    Freshness.HIDDEN: Response.UTTER_PROVIDER_UNDATED,
}
_WITHOUT_CONTACT: Mapping[Freshness, Response] = {
    Freshness.FRESH: Response.UTTER_PROVIDER_NO_CONTACT,
    Freshness.DATED: Response.UTTER_PROVIDER_OLD_NO_CONTACT,
    Freshness.UNDATED: Response.UTTER_PROVIDER_UNDATED_NO_CONTACT,
    Freshness.HIDDEN: Response.UTTER_PROVIDER_UNDATED_NO_CONTACT,
}
_WORST_LAST = (Freshness.FRESH, Freshness.DATED, Freshness.UNDATED, Freshness.HIDDEN)


def card_bubble(
    card: ProviderCard, language: Language, kind_name: str, *, more: bool = True
) -> tuple[Response, dict[str, str]]:
    """Return the response that says a school, and the values for its placeholders.

    Args:
        kind_name: what such a school is called, for one of which no programme is known.
        more: with a button for more about it; not where that is what is shown.
    """
    if card.status is Status.CLOSED:
        return Response.UTTER_PROVIDER_CLOSED, {"name": card.name, "note": card.note_text(language) or ""}
    reach = contact(card)
    age = oldest(card.dated, card.contact) if reach else card.dated
    values = {
        "name": card.name,
        "place": card.municipality,
        "what": what(card, language, kind_name),
        "contact": reach,
        "as_of": date_in_words(age, language),
        "origin": source_name(age.source),
        "more": f"/{Intent.ASK_PROVIDER_DETAILS}{json.dumps({'provider': card.id})}" if more else "",
        "map": map_address(card) or "",
        "web": card.web or "",
    }
    return card_response(age.freshness, has_contact=bool(reach)), values


def card_response(freshness: Freshness, *, has_contact: bool) -> Response:
    """Choose the bubble: what is not fresh asks to be checked."""
    return (_WITH_CONTACT if has_contact else _WITHOUT_CONTACT)[freshness]


def contact(card: ProviderCard) -> str:
    """Return phone and web page, as short as they can be written; empty when neither is known."""
    return ", ".join(part for part in (card.phone, short_web(card.web)) if part)


def what(card: ProviderCard, language: Language, kind_name: str) -> str:
    """Return what a school has, as much as fits, and how much more there is."""
    # A school for adults has both: single courses, and courses from a programme.
    names = [*(view.name(language) for view in card.programmes), *card.courses(language)]
    listed = ""
    for place, name in enumerate(names):
        longer = f"{listed}, {name}" if listed else name
        if len(longer) > ROOM_FOR_WHAT:
            return f"{listed} (+{len(names) - place})" if listed else kind_name
        listed = longer
    return listed or kind_name


def short_web(web: str | None) -> str | None:
    """Return a web page as it is said: without what a browser adds by itself."""
    if web is None:
        return None
    bare = web.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
    return bare if len(bare) <= ROOM_FOR_WEB else bare.split("/")[0]


def source_name(source: str) -> str:
    """Return what a source is called beside a fact: Skolverket, or the site that says so."""
    if REGISTER in source:
        return REGISTER
    if "://" in source:
        return (urlsplit(source.split(" ")[0]).hostname or source).removeprefix("www.")
    return source


def date_in_words(age: Dated, language: Language) -> str:
    """Return the date of a fact, and that it is the day of fetching where it is; empty when there is none."""
    words = age.as_of_text(language)
    if words is None:
        return ""
    return f"{_FETCHED[language]} {words}" if source_name(age.source) == REGISTER else words


def map_address(card: ProviderCard) -> str | None:
    """Return a map with the school marked; None when nobody knows where exactly it is.

    OpenStreetMap, opened by the young person's own browser: nothing of theirs is sent there by us.
    """
    if card.point is None:
        return None
    lat, lon = f"{card.point.lat:.5f}", f"{card.point.lon:.5f}"
    return f"https://www.openstreetmap.org/?{urlencode({'mlat': lat, 'mlon': lon})}#map={ZOOM}/{lat}/{lon}"


def oldest(*ages: Dated) -> Dated:
    """Return the age that asks for most care: undated before old before fresh, older before newer."""
    return max(
        ages, key=lambda age: (_WORST_LAST.index(age.freshness), -(age.as_of.earliest.toordinal() if age.as_of else 0))
    )
