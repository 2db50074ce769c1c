"""Looking up schools and courses: the list, more of it, and one school.

What is said of a school carries its age; an old or undated row asks to be checked with the school.
"""

from __future__ import annotations

from dataclasses import replace

from actions.base import BotAction
from actions.moving import NEW_TIMES, offer_new_times
from actions.passing import OTHER_PLACE, wants_another_place
from actions.services import Services
from actions.show_schools import say_card, say_choice
from actions.tasks import SEARCH
from actions.told import take_answer
from actions.turn import Turn
from actions.wish import Wish, at_a_distance, keep, kind_of, last_search, named_near
from bot.catalogue.kinds import OUT_OF_CATALOGUE, EducationType, Status
from bot.catalogue.views import ProviderCard, SearchResult
from bot.names import Action, Entity, Form, Response, Slot

PAGE = 3
COUNTY = "Östergötland"
# From 1 July of the year one turns 20; of a younger person we know that it is not yet (facts: komvux_from_20).
KOMVUX_AGE = 20


class SearchEducation(BotAction):
    """All is known: look it up and show the first schools."""

    action_name = Action.ACTION_SEARCH_EDUCATION

    def act(self, turn: Turn) -> None:
        """Search for what the form has asked."""
        place = None if turn.is_set(Slot.ANY_PLACE) else turn.slot(Slot.MUNICIPALITY)
        wish = Wish(
            kind=kind_of(turn.slot(Slot.EDUCATION_TYPE)),
            place=place,
            programme=None if turn.is_set(Slot.ANY_PROGRAMME) else turn.slot(Slot.PROGRAMME),
            distance=at_a_distance(turn, self.services),
            near=named_near(turn, self.services, place),
        )
        turn.forget(*SEARCH)
        search_now(turn, self.services, wish)


class ShowMore(BotAction):
    """The next page of the last list."""

    action_name = Action.ACTION_SHOW_MORE

    def act(self, turn: Turn) -> None:
        """Show more schools, or more times when times were offered last."""
        if take_answer(turn, self.services) or look_elsewhere(turn):
            return
        if turn.last_said.has(*NEW_TIMES):
            offer_new_times(turn, self.services, last_offered=True)
        else:
            show_more(turn, self.services)


class ShowProvider(BotAction):
    """More about one school: the one that is named, or the one just shown."""

    action_name = Action.ACTION_SHOW_PROVIDER

    def act(self, turn: Turn) -> None:
        """Show it, or ask which."""
        show_provider(turn, self.services)


def search_now(turn: Turn, services: Services, wish: Wish) -> None:
    """Show the first schools that fit a wish, or say honestly that there is none."""
    if wish.kind in OUT_OF_CATALOGUE:
        university = wish.kind is EducationType.UNIVERSITY
        turn.say(Response.UTTER_SEARCH_UNIVERSITY if university else Response.UTTER_SEARCH_HIGHER_VOCATIONAL)
        return
    result = _look_up(services, wish)
    if result.unknown_place:
        turn.say(Response.UTTER_RETRY_MUNICIPALITY)
        return
    if wish.distance and not (result.items or result.nearest):
        turn.say(Response.UTTER_SEARCH_DISTANCE_NONE)
        wish = replace(wish, distance=False)
        result = _look_up(services, wish)
    keep(turn, wish)
    turn.forget(Slot.SHOWN_COUNT, Slot.LAST_SHOWN)
    if wish.kind is EducationType.KOMVUX and turn.age is not None and turn.age < KOMVUX_AGE:
        turn.say(Response.UTTER_NOTE_KOMVUX_AGE)
    if result.items or result.nearest:
        turn.say(_heading(wish, found_there=bool(result.items)), place=wish.place or COUNTY)
    else:
        _say_nothing_found(turn, services, result, wish)
        return
    _show_page(turn, services, result, shown_before=0, wish=wish)


def look_elsewhere(turn: Turn) -> bool:
    """Start the last search again, for another place, if that is what a text asks for."""
    if not turn.number(Slot.SHOWN_COUNT) or not wants_another_place(turn.text):
        return False
    turn.remember(Slot.MUNICIPALITY, OTHER_PLACE)
    turn.then(Form.FIND_EDUCATION_FORM)
    return True


def show_more(turn: Turn, services: Services) -> None:
    """Show the next page of the last search."""
    shown = turn.number(Slot.SHOWN_COUNT)
    if not shown:
        turn.say(Response.UTTER_SHOW_MORE_NOTHING)
        return
    result = _look_up(services, last_search(turn, services), offset=shown)
    if result.items or result.nearest:
        _show_page(turn, services, result, shown_before=shown, wish=None)
    else:
        turn.say(Response.UTTER_SHOW_MORE_END)


def show_provider(turn: Turn, services: Services) -> None:
    """Show all that is known of one school."""
    named = turn.entity(Entity.PROVIDER)
    cards = [card for name in (named,) if name and (card := services.catalogue.provider(name))]
    if not cards and turn.is_typed:
        cards = [match.provider for match in services.catalogue.find_provider(turn.text, limit=PAGE)]
    if not cards:
        if named:
            turn.say(Response.UTTER_PROVIDER_UNKNOWN)
            return
        cards = [card for name in turn.names(Slot.LAST_SHOWN) if (card := services.catalogue.provider(name))]
    if len(cards) != 1:
        say_choice(turn, cards[:PAGE])
        return
    card = cards[0]
    turn.remember(Slot.LAST_SHOWN, [card.id])
    say_card(turn, services, card, more=False)
    if card.status is Status.OPEN:
        if card.address:
            turn.say(Response.UTTER_PROVIDER_ADDRESS, address=card.address)
        if note := card.note_text(turn.language):
            turn.say(Response.UTTER_PROVIDER_NOTE, note=note)
    turn.say(Response.UTTER_PROVIDER_NEXT, id=card.id)


def _look_up(services: Services, wish: Wish, offset: int = 0) -> SearchResult:
    return services.catalogue.search(
        wish.kind,
        wish.place,
        wish.programme,
        limit=PAGE,
        offset=offset,
        distance=wish.distance,
        origin=wish.near.point if wish.near else None,
    )


def _heading(wish: Wish, *, found_there: bool) -> Response:
    if wish.distance:
        return Response.UTTER_SEARCH_DISTANCE if found_there else Response.UTTER_SEARCH_DISTANCE_NEAREST
    if not found_there:
        return Response.UTTER_SEARCH_NEAREST
    return Response.UTTER_SEARCH_IN_PLACE if wish.place else Response.UTTER_SEARCH_IN_COUNTY


def _show_page(turn: Turn, services: Services, result: SearchResult, *, shown_before: int, wish: Wish | None) -> None:
    page: tuple[ProviderCard, ...] = result.items or result.nearest
    for card in page:
        say_card(turn, services, card)
    shown = shown_before + len(page)
    turn.remember(Slot.SHOWN_COUNT, float(shown))
    turn.remember(Slot.LAST_SHOWN, [card.id for card in page])
    if wish and not result.items:
        _advise(turn, services, wish)
    total = result.total if result.items else result.nearest_total
    turn.say(Response.UTTER_SEARCH_MORE if shown < total else Response.UTTER_SEARCH_END)


def _advise(turn: Turn, services: Services, wish: Wish) -> None:
    """Komvux exists everywhere, also where the catalogue has no row for it; its page only where staff filled it in."""
    if wish.kind is EducationType.KOMVUX and wish.place:
        card = services.catalogue.municipality(wish.place)
        page = card.contacts.get("komvux_web") if card else None
        turn.say(Response.UTTER_KOMVUX_ADVICE, place=wish.place, web=page.value if page else "")


def _say_nothing_found(turn: Turn, services: Services, result: SearchResult, wish: Wish) -> None:
    _advise(turn, services, wish)
    if result.maybe:
        turn.say(Response.UTTER_SEARCH_MAYBE)
        for card in result.maybe[:PAGE]:
            say_card(turn, services, card)
        turn.remember(Slot.LAST_SHOWN, [card.id for card in result.maybe[:PAGE]])
        turn.say(Response.UTTER_SEARCH_END)
    else:
        turn.say(Response.UTTER_SEARCH_NONE)
