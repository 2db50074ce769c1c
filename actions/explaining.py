"""What did that mean: a word, or the last answer in simpler words."""

from __future__ import annotations

from actions.answers import ANSWERS
from actions.base import BotAction
from actions.services import Services
from actions.turn import Turn
from bot.names import Action, Response


class Explain(BotAction):
    """What did that mean: explain the word that is named, or offer a person."""

    action_name = Action.ACTION_EXPLAIN

    def act(self, turn: Turn) -> None:
        """Explain."""
        explain(turn, self.services)


def explain(turn: Turn, services: Services) -> None:
    """Explain a word of the message; else say the last answer in simpler words; else explain a hard word of it."""
    said = turn.last_said
    words = services.knowledge
    simpler = next((words.simpler[name] for name in words.simpler if said.has(name)), None)
    turn.say(
        words.explanation_of(turn.text)
        or simpler
        or words.explanation_of(said.text, leave_out=(*said.responses, *ANSWERS.values()))
        or Response.UTTER_ASK_REPHRASE
    )
