"""Meetings with a counsellor: book, show, cancel. Only what the service confirms is said to be done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from actions.about_school import school_of
from actions.base import BotAction
from actions.dates import in_words
from actions.services import Services
from actions.tasks import BOOKING
from actions.times import NEAR
from actions.turn import Turn
from bot.booking.models import ContactHow
from bot.booking.service import Booked, NobodyAvailable, Taken
from bot.languages import Language
from bot.names import Action, Form, Response, Slot

_DONE: Mapping[ContactHow, Response] = {
    ContactHow.PHONE: Response.UTTER_BOOKING_DONE_PHONE,
    ContactHow.VIDEO: Response.UTTER_BOOKING_DONE_VIDEO,
    ContactHow.MEET: Response.UTTER_BOOKING_DONE_MEET,
    ContactHow.WALK: Response.UTTER_BOOKING_DONE_WALK,
    ContactHow.CHAT: Response.UTTER_BOOKING_DONE_CHAT,
}
_CURRENT: Mapping[ContactHow, Response] = {
    ContactHow.PHONE: Response.UTTER_BOOKING_CURRENT_PHONE,
    ContactHow.VIDEO: Response.UTTER_BOOKING_CURRENT_VIDEO,
    ContactHow.MEET: Response.UTTER_BOOKING_CURRENT_MEET,
    ContactHow.WALK: Response.UTTER_BOOKING_CURRENT_WALK,
    ContactHow.CHAT: Response.UTTER_BOOKING_CURRENT_CHAT,
}


class BookMeeting(BotAction):
    """All is known: book it, once for each message however often the turn is repeated."""

    action_name = Action.ACTION_BOOK_MEETING

    def act(self, turn: Turn) -> None:
        """Book, and say what came of it."""
        how, starts_at = turn.slot(Slot.CONTACT_HOW), turn.slot(Slot.MEETING_TIME)
        if how is None or starts_at is None:
            # The form ended early: there is a meeting already, or no free time to choose.
            turn.forget(*BOOKING)
            if self.services.booking.current(turn.conversation_id) is None:
                turn.say(Response.UTTER_BOOKING_NOBODY)
            else:
                show_meeting(turn, self.services)
            return
        school = school_of(turn, self.services)
        result = self.services.booking.book(
            conversation_id=turn.conversation_id,
            municipality=home(turn),
            topic=school or "",
            how=ContactHow(how),
            starts_at=datetime.fromisoformat(starts_at),
            call_me=turn.slot(Slot.CALL_ME) or "",
            contact=turn.slot(Slot.CONTACT_VALUE) if how == ContactHow.PHONE else None,
            request_key=turn.message_id,
        )
        match result:
            case Booked():
                turn.say(_DONE[result.how], **facts_of(result, turn.language))
                say_where(turn, result)
                if school:
                    turn.say(Response.UTTER_TOPIC_IS_SCHOOL, name=school)
                else:
                    turn.say(Response.UTTER_ASK_TOPIC)
                turn.forget(*BOOKING)
            case Taken():
                turn.say(Response.UTTER_BOOKING_TAKEN)
                turn.remember(Slot.TIMES_AFTER, NEAR + starts_at)
                turn.forget(Slot.MEETING_TIME)
                turn.then(Form.BOOKING_FORM)
            case NobodyAvailable():
                turn.say(Response.UTTER_BOOKING_NOBODY)
                turn.forget(*BOOKING)


class ShowBooking(BotAction):
    """When, where, with whom."""

    action_name = Action.ACTION_SHOW_BOOKING

    def act(self, turn: Turn) -> None:
        """Say the next meeting, or that there is none."""
        show_meeting(turn, self.services)


class CancelBooking(BotAction):
    """Cancel, after one question; a yes is taken up by action_affirm."""

    action_name = Action.ACTION_CANCEL_BOOKING

    def act(self, turn: Turn) -> None:
        """Ask whether the meeting is to be cancelled."""
        booked = self.services.booking.current(turn.conversation_id)
        if booked is None:
            turn.say(Response.UTTER_NO_BOOKING)
        else:
            turn.say(Response.UTTER_ASK_CANCEL_BOOKING, **facts_of(booked, turn.language))


def home(turn: Turn) -> str | None:
    """Return the municipality that the meeting is for, None if it was not told."""
    return None if turn.is_set(Slot.ANY_PLACE) else turn.slot(Slot.MUNICIPALITY)


def show_meeting(turn: Turn, services: Services) -> None:
    """Say the next meeting, or that there is none."""
    booked = services.booking.current(turn.conversation_id)
    if booked is None:
        turn.say(Response.UTTER_NO_BOOKING)
    else:
        turn.say(_CURRENT[booked.how], **facts_of(booked, turn.language))
        say_where(turn, booked)


def note_topic(turn: Turn, services: Services, topic: str) -> None:
    """Note what the meeting is about, so that the counsellor can be ready."""
    noted = services.booking.set_topic(turn.conversation_id, topic)
    turn.say(Response.UTTER_NO_BOOKING if noted is None else Response.UTTER_TOPIC_NOTED)


def cancel_meeting(turn: Turn, services: Services) -> None:
    """Cancel the meeting and say so; without one, say that."""
    cancelled = services.booking.cancel(turn.conversation_id, turn.message_id)
    if cancelled is None:
        turn.say(Response.UTTER_NO_BOOKING)
    else:
        turn.say(Response.UTTER_BOOKING_CANCELLED, when=in_words(cancelled.starts_at, turn.language))


def say_where(turn: Turn, booked: Booked) -> None:
    """Say where to go or which link to open; that it is to come when the counsellor has not said yet."""
    if booked.how not in (ContactHow.MEET, ContactHow.WALK, ContactHow.VIDEO):
        return
    if booked.where is None:
        turn.say(Response.UTTER_MEETING_WHERE_LATER)
    elif booked.how is ContactHow.VIDEO:
        turn.say(Response.UTTER_MEETING_LINK, where=booked.where)
    else:
        turn.say(Response.UTTER_MEETING_PLACE, where=booked.where)


def facts_of(booked: Booked, language: Language) -> dict[str, str]:
    """Return the placeholders of what is said about a meeting."""
    return {"counsellor": booked.counsellor_name, "when": in_words(booked.starts_at, language)}
