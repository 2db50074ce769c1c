"""What is looked for. The last search stays in slots, so that its list can be paged and its wish changed."""

from __future__ import annotations

from dataclasses import dataclass

from actions.distance import last_wish, wants_distance
from actions.passing import OTHER_PLACE, wants_another_place
from actions.services import Services
from actions.turn import Turn
from bot.catalogue.entries import Locality
from bot.catalogue.kinds import EducationType
from bot.names import Entity, Form, Response, Slot

# Stands behind the kind in the slot of the last search.
_AT_A_DISTANCE = "+distance"
# Longer questions after a list are questions of their own.
_SHORT = 6
# A longer message is more than the name of a place.
_LONGEST_PLACE = 2

LISTS = (
    Response.UTTER_SEARCH_IN_PLACE, Response.UTTER_SEARCH_IN_COUNTY, Response.UTTER_SEARCH_NEAREST,
    Response.UTTER_SEARCH_DISTANCE, Response.UTTER_SEARCH_DISTANCE_NEAREST, Response.UTTER_SEARCH_DISTANCE_NONE,
    Response.UTTER_SEARCH_MORE, Response.UTTER_SEARCH_END, Response.UTTER_SEARCH_MAYBE, Response.UTTER_SEARCH_NONE,
    Response.UTTER_SHOW_MORE_END,
)  # fmt: skip
"""One of these is said with every list of schools."""


@dataclass(frozen=True)
class Wish:
    """What is looked for; None is "does not matter"."""

    kind: EducationType | None
    place: str | None
    programme: str | None
    distance: bool = False
    near: Locality | None = None
    """The town or village that was named, within the municipality `place`: kilometres count from there."""


def keep(turn: Turn, wish: Wish) -> None:
    """Remember what was looked for last."""
    kind = (wish.kind.value if wish.kind else "") + (_AT_A_DISTANCE if wish.distance else "")
    turn.remember(Slot.SEARCHED_KIND, kind or None)
    turn.remember(Slot.SEARCHED_PLACE, wish.near.name if wish.near else wish.place)
    turn.remember(Slot.SEARCHED_PROGRAMME, wish.programme)


def last_search(turn: Turn, services: Services) -> Wish:
    """Return what was looked for last."""
    kind = turn.slot(Slot.SEARCHED_KIND) or ""
    place = turn.slot(Slot.SEARCHED_PLACE)
    near = services.catalogue.locality(place) if place else None
    return Wish(
        kind=kind_of(kind.removesuffix(_AT_A_DISTANCE)),
        place=near.municipality if near else place,
        programme=turn.slot(Slot.SEARCHED_PROGRAMME),
        distance=kind.endswith(_AT_A_DISTANCE),
        near=near,
    )


def at_a_distance(turn: Turn, services: Services) -> bool:
    """Whether the search that is going on is for a distance: as was said in it, else as the last one if it goes on."""
    said = turn.heard_in(Form.FIND_EDUCATION_FORM)
    wanted = last_wish(one.text for one in said)
    if wanted is not None:
        return wanted
    goes_on = bool(said) and (said[0].place_in_words == OTHER_PLACE or wants_another_place(said[0].text))
    return (goes_on or repeats_last(turn)) and last_search(turn, services).distance


def repeats_last(turn: Turn) -> bool:
    """Whether a short message after a list changes but the place, or whether at a distance: "i Motala då?"."""
    other = turn.entity(Entity.EDUCATION_TYPE) or turn.entity(Entity.PROGRAMME)
    changes = turn.entity(Entity.MUNICIPALITY) or wants_distance(turn.text) is not None
    return bool(changes and not other and turn.last_said.has(*LISTS) and len(turn.text.split()) <= _SHORT)


def named_near(turn: Turn, services: Services, place: str | None) -> Locality | None:
    """Return the town or village by which a municipality was last named; None when it was by its own name."""
    for heard in turn.heard():
        name = heard.place_in_words
        if name is None and heard.is_typed and len(heard.text.split()) <= _LONGEST_PLACE:
            # A form takes an answer that the entities missed, misspelt for example.
            name = heard.text if services.catalogue.municipality(heard.text) else None
        if name is not None:
            found = services.catalogue.locality(name)
            return found if found is not None and found.municipality == place else None
    return None


def kind_of(value: str | None) -> EducationType | None:
    """Return the kind of education of a slot's or entity's value."""
    return EducationType(value) if value in set(EducationType) else None
