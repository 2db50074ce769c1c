"""Moving a meeting: to the time that is named if it is free, else to one of those nearest to it."""

from __future__ import annotations

from actions.base import BotAction
from actions.dates import in_words, wanted_time
from actions.meetings import facts_of, say_where
from actions.services import Services
from actions.times import NEAR, SHOWN_TIMES, free_at, last_offered_time, offer, time_values
from actions.turn import Turn
from bot.booking.service import Booked, Taken
from bot.names import Action, Entity, Response

NEW_TIMES = (
    Response.UTTER_ASK_NEW_TIME_ONE, Response.UTTER_ASK_NEW_TIME_TWO, Response.UTTER_ASK_NEW_TIME_THREE,
)  # fmt: skip


class ChangeBooking(BotAction):
    """Move the meeting: to the time that is named if it is free, else offer some."""

    action_name = Action.ACTION_CHANGE_BOOKING

    def act(self, turn: Turn) -> None:
        """Move it, or show free times."""
        move_meeting(turn, self.services, turn.entity(Entity.TIME))


def move_meeting(turn: Turn, services: Services, wanted: str | None) -> None:
    """Move the meeting to a wanted time (ISO 8601) if it is free; else offer the nearest times."""
    booked = services.booking.current(turn.conversation_id)
    if booked is None:
        turn.say(Response.UTTER_NO_BOOKING)
        return
    asked = wanted_time(wanted) if wanted else None
    if asked is None or asked.exact is None:
        offer_new_times(turn, services, wanted if asked else None)
        return
    if not free_at(services, booked.municipality, booked.how, asked.exact):
        turn.say(Response.UTTER_TIME_NOT_FREE)
        offer_new_times(turn, services, NEAR + asked.exact.isoformat())
        return
    match services.booking.move(turn.conversation_id, asked.exact, turn.message_id):
        case Booked() as moved:
            turn.say(Response.UTTER_BOOKING_MOVED, **facts_of(moved, turn.language))
            say_where(turn, moved)
        case Taken():
            turn.say(Response.UTTER_BOOKING_TAKEN)
            offer_new_times(turn, services, NEAR + asked.exact.isoformat())
        case None:
            turn.say(Response.UTTER_NO_BOOKING)


def offer_new_times(turn: Turn, services: Services, asked: str | None = None, *, last_offered: bool = False) -> None:
    """Show free times to move to: those that were asked for (`actions.times.offer`), or after those offered last."""
    booked = services.booking.current(turn.conversation_id)
    if booked is None:
        turn.say(Response.UTTER_NO_BOOKING)
        return
    last = last_offered_time(turn) if last_offered else None
    found = offer(services, booked.municipality, booked.how, last.isoformat() if last else asked)
    if not found.fits and not last:
        turn.say(Response.UTTER_TIME_NOT_FREE)
    times = found.times
    values = {"when": in_words(booked.starts_at, turn.language), **time_values(times, turn.language)}
    if times:
        turn.say(NEW_TIMES[len(times[:SHOWN_TIMES]) - 1], **values)
    else:
        turn.say(Response.UTTER_NO_NEW_TIMES, **values)
