"""A meeting about one school: booked from its card, or by its name. The counsellor sees it as the topic."""

from __future__ import annotations

import re

from actions.services import Services
from actions.turn import Turn
from bot.names import Entity, Intent, Response, Slot

_THIS = re.compile(
    r"\b(om|för|about|for) (det här|detta|den|denna|det|skolan|this|it|that|the school)\b", re.IGNORECASE
)


def note_school(turn: Turn, services: Services) -> None:
    """Remember, when a booking begins, which school it is about: the one named, or the one on the card just shown."""
    if turn.slot(Slot.CALL_ME) is not None:
        return  # the same booking again, because its time was taken meanwhile
    named = turn.entity(Entity.PROVIDER)
    shown = turn.names(Slot.LAST_SHOWN)
    if named is None and turn.last_said.has(Response.UTTER_PROVIDER_NEXT) and len(shown) == 1 and _means_it(turn):
        named = shown[0]
    turn.remember(Slot.PROVIDER, named if named and services.catalogue.provider(named) else None)


def school_of(turn: Turn, services: Services) -> str | None:
    """Return the name of the school that the booking is about."""
    noted = turn.slot(Slot.PROVIDER)
    card = services.catalogue.provider(noted) if noted else None
    return card.name if card else None


def _means_it(turn: Turn) -> bool:
    return turn.intent is Intent.BOOK_COUNSELLOR and _THIS.search(turn.text) is not None
