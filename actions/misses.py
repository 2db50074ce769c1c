"""Not understood: what is said then, and what is tried first."""

from __future__ import annotations

from actions.answers import is_a_question
from actions.base import BotAction
from actions.distance import wants_distance
from actions.telling import searches_at_a_distance, tell
from actions.told import take_answer
from actions.turn import Turn
from bot.names import Action, Form, Intent, Response
from bot.texts import USUAL_TOPICS


class HandleMiss(BotAction):
    """Not understood: suggest, then offer a person, then show what works. Never the same words twice in a row."""

    action_name = Action.ACTION_HANDLE_MISS

    def act(self, turn: Turn) -> None:
        """Say the next step."""
        if take_answer(turn, self.services):
            return
        if searches_at_a_distance(turn):
            turn.then(Form.FIND_EDUCATION_FORM)
            return
        if wants_distance(turn.text) and turn.is_typed:
            tell(turn, self.services, Intent.ASK_DISTANCE_STUDIES)
            return
        explained = self.services.knowledge.explanation_of(turn.text) if is_a_question(turn.text) else None
        if explained is not None and not turn.last_said.has(explained):
            turn.say(explained)
            return
        misses = turn.misses_in_row
        if turn.in_other_language and misses <= 1:
            turn.say(Response.UTTER_UNSUPPORTED_LANGUAGE)
            return
        if misses > 1:
            turn.say(Response.UTTER_MISS_AGAIN if misses % 2 else Response.UTTER_MISS_SECOND)
            return
        titles = self.services.knowledge.topics
        likely = dict.fromkeys(intent for intent in (*turn.likely, *USUAL_TOPICS) if intent in titles)
        values: dict[str, str] = {}
        for number, intent in enumerate(list(likely)[:3], start=1):
            values[f"topic_{number}"] = titles[intent][turn.language]
            values[f"intent_{number}"] = intent
        turn.say(Response.UTTER_MISS_FIRST, **values)
