"""What comes back to a question of ours that no form asked: the year of birth, the municipality, or rather not.

Called first by the actions for a bare answer, a no and a message that was not understood: a model takes an answer
as short as "07" for any of them.
"""

from __future__ import annotations

from actions.choosing import choose_in_words
from actions.duty import say_duty_contact
from actions.grades import check_in_words
from actions.passing import passes_over
from actions.person import learn
from actions.services import Services
from actions.sources import today_in
from actions.telling import ASK_FIRST, tell
from actions.turn import Turn
from bot.names import Entity, Intent, Response, Slot


def take_answer(turn: Turn, services: Services) -> bool:
    """Take the message as the answer to what was asked last, if it can be; True when it was."""
    if turn.last_said.has(Response.UTTER_ASK_BIRTH_YEAR):
        return _birth_year(turn, services)
    if turn.last_said.has(Response.UTTER_ASK_HOME_MUNICIPALITY):
        return _municipality(turn, services)
    return check_in_words(turn, services) or choose_in_words(turn, services)


def _birth_year(turn: Turn, services: Services) -> bool:
    waiting = _waiting(turn)
    if learn(turn, today_in(services)):
        tell(turn, services, waiting, may_ask=False)
        return True
    if not _declines(turn):
        return False
    if waiting in ASK_FIRST:
        turn.say(Response.UTTER_NOT_TOLD)
        tell(turn, services, waiting, may_ask=False)
    else:
        # The general answer stands above already.
        turn.say(Response.UTTER_DENY)
    return True


def _municipality(turn: Turn, services: Services) -> bool:
    place = turn.entity(Entity.MUNICIPALITY) or (turn.text if turn.is_typed else "")
    card = services.catalogue.municipality(place) if place else None
    if card is not None:
        _waiting(turn)
        turn.remember(Slot.MUNICIPALITY, card.name)
        say_duty_contact(turn, card)
        return True
    if not _declines(turn):
        return False
    _waiting(turn)
    turn.say(Response.UTTER_NOT_TOLD_PLACE)
    return True


def _declines(turn: Turn) -> bool:
    return turn.intent is Intent.DENY or (turn.is_typed and passes_over(turn.text))


def _waiting(turn: Turn) -> Intent:
    waiting = turn.slot(Slot.WAITING_ANSWER)
    turn.forget(Slot.WAITING_ANSWER)
    return Intent(waiting) if waiting in set(Intent) else Intent.ASK_WAYS_BACK
