"""The questions of a search: what the answers mean, and which question comes next.

Place, kind and programme come in any order; only what is missing and matters is asked for.
"""

from __future__ import annotations

from actions.answers import stands_alone
from actions.base import BotAction
from actions.distance import wants_distance
from actions.passing import OTHER_PLACE, pass_over, passes_over
from actions.search_again import go_on_searching
from actions.services import Services
from actions.turn import Turn
from actions.wish import at_a_distance, last_search
from bot.catalogue.kinds import OUT_OF_CATALOGUE, EducationType
from bot.names import Action, Form, Intent, Response, Slot

# The programme of all introductory programmes; it names the kind of school.
INTRODUCTORY = "IM"


class ValidateSearch(BotAction):
    """Looks at each answer, then names the next question."""

    action_name = Action.VALIDATE_FIND_EDUCATION_FORM

    def act(self, turn: Turn) -> None:
        """Check what was filled in, and ask for what is missing."""
        filled = turn.candidates
        asked = turn.requested_slot
        if asked is None and (turn.intent is Intent.FIND_EDUCATION or wants_distance(turn.text) is not None):
            go_on_searching(turn, self.services)
        # Without anything filled in, Rasa itself leaves the message to the rules.
        if filled and asked:
            if turn.is_typed and passes_over(turn.text) and pass_over(turn):
                turn.ask_next(next_question(turn, self.services))
                return
            raw = tuple(slot for slot in filled if turn.is_raw(slot))
            if raw and wants_distance(turn.text) is not None:
                # "nåt på distans" to any of the questions: how to study is noted in the message itself.
                turn.forget(*raw)
                filled = {slot: value for slot, value in filled.items() if slot not in raw}
            elif stands_alone(turn.intent, turn.text) or not _is_recognised(turn, self.services):
                turn.forget(*(slot for slot in filled if slot != Slot.MUNICIPALITY or turn.is_raw(slot)))
                turn.not_for_the_form(Form.FIND_EDUCATION_FORM)
                return
            if turn.is_raw(asked) and any(not turn.is_raw(slot) for slot in filled):
                # "in Linköping" to the question which kind: that is noted, and the question stays.
                turn.forget(asked)
                filled = {slot: value for slot, value in filled.items() if slot != asked}
        if Slot.MUNICIPALITY in filled:
            _check_place(turn, self.services, filled[Slot.MUNICIPALITY])
        if Slot.EDUCATION_TYPE in filled:
            _check_kind(turn, filled[Slot.EDUCATION_TYPE])
        if Slot.PROGRAMME in filled:
            _check_programme(turn, self.services, filled[Slot.PROGRAMME])
        turn.ask_next(next_question(turn, self.services))


def next_question(turn: Turn, services: Services) -> Slot | None:
    """Return what is still to be asked; None when the search can begin.

    At a distance only the place is asked for: so few schools offer it that nothing has to be narrowed down.
    """
    distance = at_a_distance(turn, services)
    kind, programme = turn.slot(Slot.EDUCATION_TYPE), turn.slot(Slot.PROGRAMME)
    if kind in OUT_OF_CATALOGUE:
        return None
    if kind is None and programme is None and not distance:
        return Slot.EDUCATION_TYPE
    if turn.slot(Slot.MUNICIPALITY) is None and not turn.is_set(Slot.ANY_PLACE):
        return Slot.MUNICIPALITY
    narrow = kind == EducationType.UPPER_SECONDARY and programme is None and not distance
    return Slot.PROGRAMME if narrow and not turn.is_set(Slot.ANY_PROGRAMME) else None


def _is_recognised(turn: Turn, services: Services) -> bool:
    """Whether there is an answer in the message: an entity, or a place or programme that the entities missed."""
    filled = turn.candidates
    if any(not turn.is_raw(slot) for slot in filled):
        return True
    place, programme = filled.get(Slot.MUNICIPALITY), filled.get(Slot.PROGRAMME)
    if programme is not None and services.catalogue.programmes_in(programme):
        return True
    return place is not None and services.catalogue.municipality(place) is not None


def _check_place(turn: Turn, services: Services, value: str) -> None:
    if value == OTHER_PLACE:
        turn.forget(Slot.MUNICIPALITY)
        # The same search in another place: what was looked for last stays.
        last = last_search(turn, services)
        kind = last.kind.value if last.kind else None
        turn.remember(Slot.EDUCATION_TYPE, turn.slot(Slot.EDUCATION_TYPE) or kind)
        turn.remember(Slot.PROGRAMME, turn.slot(Slot.PROGRAMME) or last.programme)
        turn.remember(Slot.ANY_PROGRAMME, turn.slot(Slot.PROGRAMME) is None)
        return
    card = services.catalogue.municipality(value)
    turn.remember(Slot.MUNICIPALITY, card.name if card else None)
    if card is None:
        turn.say(Response.UTTER_RETRY_MUNICIPALITY)


def _check_kind(turn: Turn, value: str) -> None:
    known = value in set(EducationType)
    turn.remember(Slot.EDUCATION_TYPE, value if known else None)
    if not known:
        turn.say(Response.UTTER_RETRY_EDUCATION_TYPE)


def _check_programme(turn: Turn, services: Services, code: str) -> None:
    if code == INTRODUCTORY:
        turn.forget(Slot.PROGRAMME)
        if turn.slot(Slot.EDUCATION_TYPE) in (None, EducationType.UPPER_SECONDARY):
            turn.remember(Slot.EDUCATION_TYPE, EducationType.INTRODUCTORY.value)
        return
    if services.catalogue.programme(code) is None:
        code = next(iter(services.catalogue.programmes_in(code)), code)
    known = services.catalogue.programme(code) is not None
    turn.remember(Slot.PROGRAMME, code if known else None)
    if not known:
        turn.say(Response.UTTER_RETRY_PROGRAMME)
