"""What is said in the middle of a form and is no answer to it: answered here, then the form goes on."""

from __future__ import annotations

from collections.abc import Mapping

from actions.answers import ANSWERS
from actions.base import BotAction
from actions.distance import wants_distance
from actions.explaining import explain
from actions.meetings import show_meeting
from actions.passing import pass_over
from actions.reminders import set_reminder, stop_reminders
from actions.search import search_now, show_more, show_provider
from actions.steering import change_language
from actions.tasks import BOOKING, SEARCH
from actions.telling import tell
from actions.times import last_offered_time
from actions.turn import Turn
from actions.wish import Wish, kind_of, named_near
from bot.names import Action, Entity, Form, Intent, Response, Slot

_RETRY: Mapping[Slot, Response] = {
    Slot.EDUCATION_TYPE: Response.UTTER_RETRY_EDUCATION_TYPE,
    Slot.MUNICIPALITY: Response.UTTER_RETRY_MUNICIPALITY,
    Slot.PROGRAMME: Response.UTTER_RETRY_PROGRAMME,
    Slot.CONTACT_HOW: Response.UTTER_RETRY_CONTACT_HOW,
    Slot.MEETING_TIME: Response.UTTER_RETRY_MEETING_TIME,
    Slot.CALL_ME: Response.UTTER_RETRY_CALL_ME,
    Slot.CONTACT_VALUE: Response.UTTER_RETRY_CONTACT_VALUE,
}


class Answer(BotAction):
    """Answer what was said in the middle of a form; the rule then lets the form ask again, or has ended it."""

    action_name = Action.ACTION_ANSWER

    def act(self, turn: Turn) -> None:
        """Answer by what the message means."""
        if turn.intent is not None and turn.intent in ANSWERS:
            tell(turn, self.services, turn.intent, may_ask=False)
            return
        match turn.intent:
            case Intent.CHANGE_LANGUAGE:
                change_language(turn)
            case Intent.ASK_REPHRASE:
                explain(turn, self.services)
            case Intent.SET_REMINDER:
                set_reminder(turn, self.services)
            case Intent.STOP_REMINDERS:
                stop_reminders(turn, self.services)
            case Intent.SHOW_BOOKING:
                show_meeting(turn, self.services)
            case Intent.ASK_PROVIDER_DETAILS:
                show_provider(turn, self.services)
            case Intent.SHOW_MORE if turn.requested_slot == Slot.MEETING_TIME:
                _later_times(turn)
            case Intent.SHOW_MORE:
                show_more(turn, self.services)
            case Intent.FIND_EDUCATION:
                if turn.form is Form.BOOKING_FORM:
                    self._search_meanwhile(turn)
            case Intent.AFFIRM if turn.last_said.has(Response.UTTER_ASK_MEETING_TIME_ONE):
                _take_the_only_time(turn)
            case _:
                _say_again(turn)

    def _search_meanwhile(self, turn: Turn) -> None:
        """A search in the middle of a booking: with what the message names, without asking more."""
        place = turn.entity(Entity.MUNICIPALITY) or turn.slot(Slot.MUNICIPALITY)
        wish = Wish(
            kind=kind_of(turn.entity(Entity.EDUCATION_TYPE)),
            place=place,
            programme=turn.entity(Entity.PROGRAMME),
            distance=wants_distance(turn.text) is True,
            near=named_near(turn, self.services, place),
        )
        search_now(turn, self.services, wish)


class SkipQuestion(BotAction):
    """ "It does not matter" or "I would rather not say": go on without that answer, where that is possible."""

    action_name = Action.ACTION_SKIP_QUESTION

    def act(self, turn: Turn) -> None:
        """Note that the question was passed over."""
        if turn.requested_slot == Slot.MEETING_TIME:
            _later_times(turn)
        elif not pass_over(turn):
            _say_again(turn)


class LeaveTask(BotAction):
    """Stop the form that is going on."""

    action_name = Action.ACTION_LEAVE_TASK

    def act(self, turn: Turn) -> None:
        """Leave it and forget its answers; what we know of the person stays."""
        booking = turn.form is Form.BOOKING_FORM
        turn.leave_form()
        turn.forget(*(BOOKING if booking else SEARCH))
        turn.say(Response.UTTER_LEFT_BOOKING if booking else Response.UTTER_LEFT_SEARCH)


def _later_times(turn: Turn) -> None:
    """Let the form ask for a time again, with later ones."""
    last = last_offered_time(turn)
    turn.remember(Slot.TIMES_AFTER, last.isoformat() if last else None)


def _take_the_only_time(turn: Turn) -> None:
    last = last_offered_time(turn)
    if last is not None:
        turn.remember(Slot.MEETING_TIME, last.isoformat())


def _say_again(turn: Turn) -> None:
    """Help with the open question; the second time in a row, offer a way out."""
    retry = _RETRY.get(turn.requested_slot) if turn.requested_slot else None
    if retry is None or turn.last_said.has(retry):
        turn.say(Response.UTTER_FORM_STUCK)
    else:
        turn.say(retry)
