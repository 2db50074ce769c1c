"""How one school is said: name, place, what it has, how to reach it, and how old that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actions.services import Services
from actions.turn import Turn
from bot.catalogue.kinds import Freshness, Status
from bot.catalogue.views import Dated, ProviderCard
from bot.names import Response

# What fits a bubble beside the name and the contact.
ROOM_FOR_WHAT = 100
ROOM_FOR_WEB = 45
TITLE_LENGTH = 28

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


def say_card(turn: Turn, services: Services, card: ProviderCard) -> None:
    """Say one school in one bubble."""
    if card.status is Status.CLOSED:
        turn.say(Response.UTTER_PROVIDER_CLOSED, name=card.name, note=card.note_text(turn.language) or "")
        return
    reach = contact(card)
    age = _oldest(card.dated, card.contact) if reach else card.dated
    turn.say(
        card_response(age.freshness, has_contact=bool(reach)),
        name=card.name,
        place=card.municipality,
        what=_what(card, turn, services),
        contact=reach,
        as_of=age.as_of_text(turn.language) or "",
    )


def card_response(freshness: Freshness, *, has_contact: bool) -> Response:
    """Choose the bubble: what is not fresh asks to be checked."""
    return (_WITH_CONTACT if has_contact else _WITHOUT_CONTACT)[freshness]


def contact(card: ProviderCard) -> str:
    """Return phone and web page, as short as they can be written; empty when neither is known."""
    return ", ".join(part for part in (card.phone, _short_web(card.web)) if part)


def say_choice(turn: Turn, cards: Sequence[ProviderCard]) -> None:
    """Ask which of two or three schools is meant; without any, ask for a name."""
    values = {f"name_{number}": card.name[:TITLE_LENGTH] for number, card in enumerate(cards, start=1)}
    values |= {f"id_{number}": card.id for number, card in enumerate(cards, start=1)}
    asked = {2: Response.UTTER_WHICH_OF_TWO, 3: Response.UTTER_WHICH_OF_THREE}
    turn.say(asked.get(len(cards), Response.UTTER_WHICH_PROVIDER), **values)


def _what(card: ProviderCard, turn: Turn, services: Services) -> str:
    kind = services.knowledge.kinds[card.kind][turn.language]
    # A school for adults has both: single courses, and courses from a programme.
    names = [*(view.name(turn.language) for view in card.programmes), *card.courses(turn.language)]
    listed = ""
    for place, name in enumerate(names):
        longer = f"{listed}, {name}" if listed else name
        if len(longer) > ROOM_FOR_WHAT:
            return f"{listed} (+{len(names) - place})" if listed else kind
        listed = longer
    return listed or kind


def _short_web(web: str | None) -> str | None:
    if web is None:
        return None
    bare = web.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
    return bare if len(bare) <= ROOM_FOR_WEB else bare.split("/")[0]


def _oldest(*ages: Dated) -> Dated:
    """Return the age that asks for most care: undated before old before fresh, older before newer."""
    return max(
        ages, key=lambda age: (_WORST_LAST.index(age.freshness), -(age.as_of.earliest.toordinal() if age.as_of else 0))
    )
