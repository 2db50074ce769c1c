"""Steering the conversation: starting over, yes and no, a bare answer, another language."""

from __future__ import annotations

import re

from actions.answers import ANSWERS, SMALL_TALK, YES_IS_THE_FIRST_BUTTON
from actions.base import BotAction
from actions.handover import request_human
from actions.meetings import cancel_meeting, note_topic
from actions.moving import move_meeting
from actions.person import learn
from actions.said import Payload
from actions.search import look_elsewhere, show_more, show_provider
from actions.search_again import correct_search
from actions.sources import today_in
from actions.tasks import clear_all_tasks
from actions.telling import tell
from actions.told import take_answer
from actions.turn import Turn
from bot.languages import Language
from bot.names import Action, Entity, Form, Intent, Response, Slot

_LANGUAGE_NAMES = (
    (re.compile(r"\b(engelsk|english|eng\b)", re.IGNORECASE), Language.EN),
    (re.compile(r"\b(svensk|swedish|sv\b)", re.IGNORECASE), Language.SV),
)
_OTHER_LANGUAGES = re.compile(
    r"\b(arab|somal|dari|persi|farsi|tigrin|kurd|turk|russ|rysk|ukrain|polsk|polish|spansk|spanish|fransk|french|"
    r"tysk|german|danish|dansk|norsk|norw|finsk|finnish|bosn|serb|kroat|croat|alban|pashto|thai|kines|chinese|español)",
    re.IGNORECASE,
)


class Restart(BotAction):
    """Start over: forms and tasks are dropped, what we know of the person stays."""

    action_name = Action.ACTION_RESTART

    def act(self, turn: Turn) -> None:
        """Forget the tasks and greet anew."""
        turn.leave_form()
        clear_all_tasks(turn)
        turn.say(Response.UTTER_RESTART)


class Affirm(BotAction):
    """Yes: to the question that the bot asked last, if it was one that can be answered so."""

    action_name = Action.ACTION_AFFIRM

    def act(self, turn: Turn) -> None:
        """Do what the yes means."""
        said = turn.last_said
        if take_answer(turn, self.services):
            return
        if said.has(Response.UTTER_ASK_CANCEL_BOOKING):
            cancel_meeting(turn, self.services)
        elif said.has(Response.UTTER_ASK_DELETE):
            turn.say(Response.UTTER_PRESS_BUTTON)
            turn.say(Response.UTTER_ASK_DELETE)
        elif said.has(*YES_IS_THE_FIRST_BUTTON) and said.payloads:
            self._press(turn, said.payloads[0])
        else:
            turn.say(Response.UTTER_AFFIRM)

    def _press(self, turn: Turn, payload: Payload) -> None:
        if payload.name in ("bot:human", Intent.TALK_TO_HUMAN):
            request_human(turn, self.services)
        elif payload.name == Intent.BOOK_COUNSELLOR:
            turn.then(Form.BOOKING_FORM)
        elif payload.name == Intent.FIND_EDUCATION:
            for name, value in payload.entities.items():
                turn.remember(Slot(name), value)
            turn.then(Form.FIND_EDUCATION_FORM)
        elif payload.name == Intent.SHOW_MORE:
            show_more(turn, self.services)
        elif payload.name == Intent.CHANGE_BOOKING:
            move_meeting(turn, self.services, payload.entities.get(Entity.TIME))
        elif payload.name in ANSWERS:
            tell(turn, self.services, Intent(payload.name), choice=payload.entities.get(Entity.CHOICE))
        else:
            turn.say(Response.UTTER_AFFIRM)


class Deny(BotAction):
    """No: to the question that the bot asked last."""

    action_name = Action.ACTION_DENY

    def act(self, turn: Turn) -> None:
        """Leave things as they are."""
        said = turn.last_said
        if take_answer(turn, self.services):
            return
        if said.has(
            Response.UTTER_ASK_CANCEL_BOOKING, Response.UTTER_ASK_NEW_TIME_ONE, Response.UTTER_ASK_NEW_TIME_TWO,
            Response.UTTER_ASK_NEW_TIME_THREE,
        ):  # fmt: skip
            turn.say(Response.UTTER_BOOKING_KEPT)
        elif said.has(Response.UTTER_ASK_DELETE):
            turn.say(Response.UTTER_DELETE_KEPT)
        elif not correct_search(turn, self.services):
            turn.say(Response.UTTER_DENY)


class NoteAnswer(BotAction):
    """A bare answer that no form asked for: a place, an age, a school, a time."""

    action_name = Action.ACTION_NOTE_ANSWER

    def act(self, turn: Turn) -> None:
        """Say what it was taken for, and what can be done with it."""
        new_times = (
            Response.UTTER_ASK_NEW_TIME_ONE,
            Response.UTTER_ASK_NEW_TIME_TWO,
            Response.UTTER_ASK_NEW_TIME_THREE,
        )
        if take_answer(turn, self.services):
            return
        if turn.entity(Entity.TIME) and turn.last_said.has(*new_times):
            move_meeting(turn, self.services, turn.entity(Entity.TIME))
        elif topic := turn.entity(Entity.TOPIC):
            note_topic(turn, self.services, topic)
        elif look_elsewhere(turn) or correct_search(turn, self.services):
            return
        elif turn.entity(Entity.PROVIDER):
            show_provider(turn, self.services)
        elif turn.entity(Entity.PROGRAMME) or turn.entity(Entity.EDUCATION_TYPE):
            turn.then(Form.FIND_EDUCATION_FORM)
        elif place := turn.entity(Entity.MUNICIPALITY):
            turn.say(Response.UTTER_NOTED_PLACE, municipality=place)
        elif learn(turn, today_in(self.services)):
            if turn.age is None:
                tell(turn, self.services, Intent.ASK_WAYS_BACK)
                return
            under = turn.age < 20
            said = Response.UTTER_NOTED_AGE_UNDER_20 if under else Response.UTTER_NOTED_AGE_20_OR_MORE
            turn.say(said, age=turn.age)
        else:
            # Small talk after a question that is answered in own words comes here too (dialogue/own_words.py).
            small_talk = [ANSWERS[intent] for intent in turn.likely[:1] if intent in SMALL_TALK]
            turn.say(small_talk[0] if small_talk else Response.UTTER_INFORM)


class ChangeLanguage(BotAction):
    """The other language, or the one that is named."""

    action_name = Action.ACTION_CHANGE_LANGUAGE

    def act(self, turn: Turn) -> None:
        """Change it and say so in it."""
        change_language(turn)


def change_language(turn: Turn) -> None:
    """Change to the language that a message names; without a name, to the other one."""
    wanted = next((language for pattern, language in _LANGUAGE_NAMES if pattern.search(turn.text)), None)
    if wanted is None and _OTHER_LANGUAGES.search(turn.text):
        turn.say(Response.UTTER_UNSUPPORTED_LANGUAGE)
        return
    if wanted is None:
        wanted = Language.EN if turn.language is Language.SV else Language.SV
    turn.remember(Slot.LANGUAGE, wanted.value)
    # Both variations of these two are in the new language: the engine still knows the old one.
    turn.say(Response.UTTER_NOW_IN_ENGLISH if wanted is Language.EN else Response.UTTER_NOW_IN_SWEDISH)
