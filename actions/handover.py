"""Asking for a person, from within the dialogue. The button `bot:human` does the same without it."""

from __future__ import annotations

from actions.base import BotAction
from actions.services import Services
from actions.turn import Turn
from bot.handover.models import Reason
from bot.handover.wording import how_it_stands
from bot.names import Action, Response, Slot


class RequestHuman(BotAction):
    """Put the conversation into the queue."""

    action_name = Action.ACTION_REQUEST_HUMAN

    def act(self, turn: Turn) -> None:
        """Ask, and say how long the line is or when somebody is here."""
        request_human(turn, self.services)


def request_human(turn: Turn, services: Services) -> None:
    """Ask for a person. Without a known municipality the request goes to the county's common queue."""
    status = services.handover.request(
        conversation_id=turn.conversation_id,
        reason=Reason.TWO_MISSES if turn.last_said.has(Response.UTTER_MISS_SECOND) else Reason.ASKED,
        request_key=turn.message_id,
        municipality=turn.slot(Slot.MUNICIPALITY),
    )
    response, values = how_it_stands(status, turn.language)
    turn.say(response, **values)
    question = services.handover.follow_up(turn.conversation_id)
    if question is not None:
        turn.say(question.response, **question.values)
