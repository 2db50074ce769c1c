"""After a list of schools: "nej, jag menade Norrköping" and "i Motala då?" look for the same, with that changed."""

from __future__ import annotations

from actions.search import Wish, kind_of, search_now
from actions.services import Services
from actions.tasks import SEARCH
from actions.turn import Turn
from bot.names import Entity, Response, Slot

# Longer questions after a list are questions of their own.
_SHORT = 6
_NAMED = (Entity.EDUCATION_TYPE, Entity.MUNICIPALITY, Entity.PROGRAMME)
_LISTS = (
    Response.UTTER_SEARCH_IN_PLACE, Response.UTTER_SEARCH_IN_COUNTY, Response.UTTER_SEARCH_NEAREST,
    Response.UTTER_SEARCH_MORE, Response.UTTER_SEARCH_END, Response.UTTER_SEARCH_MAYBE, Response.UTTER_SEARCH_NONE,
    Response.UTTER_SHOW_MORE_END,
)  # fmt: skip


def correct_search(turn: Turn, services: Services) -> bool:
    """Search again when schools were shown last and the message names another place, programme or kind.

    "Nej, jag menade Norrköping": what is not named stays as it was.
    """
    kind, place, programme = (turn.entity(name) for name in _NAMED)
    if not turn.last_said.has(*_LISTS) or not (kind or place or programme):
        return False
    # Another kind of school has other programmes; another programme is looked for in upper secondary school.
    wish = Wish(
        kind=kind_of(kind) or (None if programme else kind_of(turn.slot(Slot.SEARCHED_KIND))),
        place=place or turn.slot(Slot.SEARCHED_PLACE),
        programme=programme or (None if kind else turn.slot(Slot.SEARCHED_PROGRAMME)),
    )
    turn.forget(*SEARCH)
    search_now(turn, services, wish)
    return True


def go_on_searching(turn: Turn) -> None:
    """Look for the same as before when a short question after a list names nothing but a place: "i Motala då?"."""
    kind, place, programme = (turn.entity(name) for name in _NAMED)
    if place and not kind and not programme and turn.last_said.has(*_LISTS) and len(turn.text.split()) <= _SHORT:
        turn.remember(Slot.EDUCATION_TYPE, turn.slot(Slot.SEARCHED_KIND))
        turn.remember(Slot.PROGRAMME, turn.slot(Slot.SEARCHED_PROGRAMME))
        turn.remember(Slot.ANY_PROGRAMME, turn.slot(Slot.SEARCHED_PROGRAMME) is None)
