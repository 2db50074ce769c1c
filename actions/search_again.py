"""After a list of schools: "nej, jag menade Norrköping" and "i Motala då?" look for the same, with that changed."""

from __future__ import annotations

from dataclasses import replace

from actions.distance import wants_distance
from actions.search import search_now
from actions.services import Services
from actions.tasks import SEARCH
from actions.turn import Turn
from actions.wish import LISTS, kind_of, last_search, named_near, repeats_last
from bot.names import Entity, Slot


def correct_search(turn: Turn, services: Services) -> bool:
    """Search again when schools were shown last and the message names another place, programme, kind or distance.

    "Nej, jag menade Norrköping": what is not named stays as it was.
    """
    kind, place = kind_of(turn.entity(Entity.EDUCATION_TYPE)), turn.entity(Entity.MUNICIPALITY)
    programme, distance = turn.entity(Entity.PROGRAMME), wants_distance(turn.text)
    if not turn.last_said.has(*LISTS) or not (kind or place or programme or distance is not None):
        return False
    wish = last_search(turn, services)
    if kind or programme:
        # Another kind of school has other programmes; another programme is looked for in upper secondary school.
        wish = replace(wish, kind=kind, programme=programme)
    if place:
        wish = replace(wish, place=place, near=named_near(turn, services, place))
    if distance is not None:
        wish = replace(wish, distance=distance)
    turn.forget(*SEARCH)
    search_now(turn, services, wish)
    return True


def go_on_searching(turn: Turn, services: Services) -> None:
    """Look for the same as before when a short question after a list names but a place, or a distance."""
    if not repeats_last(turn):
        return
    last = last_search(turn, services)
    turn.remember(Slot.EDUCATION_TYPE, last.kind.value if last.kind else None)
    turn.remember(Slot.PROGRAMME, last.programme)
    turn.remember(Slot.ANY_PROGRAMME, last.programme is None)
    if turn.entity(Entity.MUNICIPALITY) is None:
        turn.remember(Slot.MUNICIPALITY, last.place or turn.slot(Slot.MUNICIPALITY))
        turn.remember(Slot.ANY_PLACE, last.place is None)
