"""Meetings with a counsellor: book, show, cancel, move. Only what the service confirms is said to be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from actions.base import BotAction
from actions.dates import in_words, wanted_time
from actions.services import Services
from actions.tasks import BOOKING
from actions.times import SAME_TIME, SHOWN_TIMES, free_at, last_offered_time, time_values
from actions.turn import Turn
from bot.booking.models import ContactHow
from bot.booking.service import Booked, MeetingTime, NobodyAvailable, Taken
from bot.languages import Language
from bot.names import Action, Entity, Form, Response, Slot

NEW_TIMES = (
    Response.UTTER_ASK_NEW_TIME_ONE, Response.UTTER_ASK_NEW_TIME_TWO, Response.UTTER_ASK_NEW_TIME_THREE,
)  # fmt: skip
_DONE: Mapping[ContactHow, Response] = {
    ContactHow.PHONE: Response.UTTER_BOOKING_DONE_PHONE,
    ContactHow.VIDEO: Response.UTTER_BOOKING_DONE_VIDEO,
    ContactHow.MEET: Response.UTTER_BOOKING_DONE_MEET,
    ContactHow.CHAT: Response.UTTER_BOOKING_DONE_CHAT,
}
_CURRENT: Mapping[ContactHow, Response] = {
    ContactHow.PHONE: Response.UTTER_BOOKING_CURRENT_PHONE,
    ContactHow.VIDEO: Response.UTTER_BOOKING_CURRENT_VIDEO,
    ContactHow.MEET: Response.UTTER_BOOKING_CURRENT_MEET,
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
        result = self.services.booking.book(
            conversation_id=turn.conversation_id,
            municipality=home(turn),
            topic=turn.slot(Slot.TOPIC) or "",
            how=ContactHow(how),
            starts_at=datetime.fromisoformat(starts_at),
            call_me=turn.slot(Slot.CALL_ME) or "",
            contact=turn.slot(Slot.CONTACT_VALUE) if how == ContactHow.PHONE else None,
            request_key=turn.message_id,
        )
        match result:
            case Booked():
                turn.say(_DONE[result.how], **_facts(result, turn.language))
                turn.forget(*BOOKING)
            case Taken():
                turn.say(Response.UTTER_BOOKING_TAKEN)
                _show_from(turn, result.next_free)
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
            turn.say(Response.UTTER_ASK_CANCEL_BOOKING, **_facts(booked, turn.language))


class ChangeBooking(BotAction):
    """Move the meeting: to the time that is named if it is free, else offer some."""

    action_name = Action.ACTION_CHANGE_BOOKING

    def act(self, turn: Turn) -> None:
        """Move it, or show free times."""
        move_meeting(turn, self.services, turn.entity(Entity.TIME))


def home(turn: Turn) -> str | None:
    """Return the municipality that the meeting is for, None if it was not told."""
    return None if turn.is_set(Slot.ANY_PLACE) else turn.slot(Slot.MUNICIPALITY)


def show_meeting(turn: Turn, services: Services) -> None:
    """Say the next meeting, or that there is none."""
    booked = services.booking.current(turn.conversation_id)
    if booked is None:
        turn.say(Response.UTTER_NO_BOOKING)
    else:
        turn.say(_CURRENT[booked.how], **_facts(booked, turn.language))


def cancel_meeting(turn: Turn, services: Services) -> None:
    """Cancel the meeting and say so; without one, say that."""
    cancelled = services.booking.cancel(turn.conversation_id, turn.message_id)
    if cancelled is None:
        turn.say(Response.UTTER_NO_BOOKING)
    else:
        turn.say(Response.UTTER_BOOKING_CANCELLED, when=in_words(cancelled.starts_at, turn.language))


def move_meeting(turn: Turn, services: Services, wanted: str | None) -> None:
    """Move the meeting to a wanted time (ISO 8601) if it is free; else offer the nearest times."""
    booked = services.booking.current(turn.conversation_id)
    if booked is None:
        turn.say(Response.UTTER_NO_BOOKING)
        return
    asked = wanted_time(wanted) if wanted else None
    if asked is None or asked.whole_day:
        offer_new_times(turn, services, after=asked.starts_at if asked else None)
        return
    if free_at(services, booked.municipality, asked.starts_at) is None:
        turn.say(Response.UTTER_TIME_NOT_FREE)
        offer_new_times(turn, services, after=asked.starts_at)
        return
    match services.booking.move(turn.conversation_id, asked.starts_at, turn.message_id):
        case Booked() as moved:
            turn.say(Response.UTTER_BOOKING_MOVED, **_facts(moved, turn.language))
        case Taken(next_free):
            turn.say(Response.UTTER_BOOKING_TAKEN)
            offer_new_times(turn, services, after=next_free[0].starts_at - SAME_TIME if next_free else None)
        case None:
            turn.say(Response.UTTER_NO_BOOKING)


def offer_new_times(
    turn: Turn, services: Services, *, after: datetime | None = None, last_offered: bool = False
) -> None:
    """Show free times to move to: from a time on, or after those that were offered last."""
    booked = services.booking.current(turn.conversation_id)
    if booked is None:
        turn.say(Response.UTTER_NO_BOOKING)
        return
    if last_offered:
        after = last_offered_time(turn)
    times = services.booking.free_times(booked.municipality, limit=SHOWN_TIMES, after=after)
    if not times and after is not None:
        times = services.booking.free_times(booked.municipality, limit=SHOWN_TIMES)
    values = {"when": in_words(booked.starts_at, turn.language), **time_values(times, turn.language)}
    if times:
        turn.say(NEW_TIMES[len(times[:SHOWN_TIMES]) - 1], **values)
    else:
        turn.say(Response.UTTER_NO_NEW_TIMES, **values)


def _show_from(turn: Turn, free: Sequence[MeetingTime]) -> None:
    """Let the next question for a time begin with the first of these."""
    turn.remember(Slot.TIMES_AFTER, (free[0].starts_at - SAME_TIME).isoformat() if free else None)


def _facts(booked: Booked, language: Language) -> dict[str, str]:
    return {"counsellor": booked.counsellor_name, "when": in_words(booked.starts_at, language)}
