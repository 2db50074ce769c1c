"""The questions of a booking: what the answers mean, which question comes next, which times are free."""

from __future__ import annotations

import re

from actions.about_school import note_school
from actions.answers import stands_alone
from actions.base import BotAction
from actions.dates import wanted_time
from actions.meetings import home
from actions.passing import pass_over, passes_over, place_in_list
from actions.services import Services
from actions.times import NEAR, SHOWN_TIMES, free_at, offer, offered_times, time_values
from actions.turn import Turn
from actions.ways import check_way, chosen_way, named_way
from bot.booking.models import ContactHow
from bot.names import Action, Form, Intent, Response, Slot

LONGEST_NAME = 30

_ASK_TIME = (
    Response.UTTER_ASK_MEETING_TIME_ONE, Response.UTTER_ASK_MEETING_TIME_TWO, Response.UTTER_ASK_MEETING_TIME_THREE,
)  # fmt: skip
# What safety puts in the place of a name or a number, resolved by the vault when the meeting is booked.
_NAME = re.compile(r"<person_name_\d+>")
_PHONE = re.compile(r"<phone_number_\d+>|\+?\d[\d -]{6,14}\d")
_BEFORE_A_NAME = re.compile(
    r"^((hej|hi|hello|tja|tjena)\b[ ,!.]*)?(jag heter|mitt namn är|kalla mig( för)?|säg( bara)?|du kan säga|"
    r"my name is|call me|i am|i'm|im|just|it is|its)?(\s+|$)",
    re.IGNORECASE,
)


class ValidateBooking(BotAction):
    """Looks at each answer, then names the next question."""

    action_name = Action.VALIDATE_BOOKING_FORM

    def act(self, turn: Turn) -> None:
        """Check what was filled in, and ask for what is missing."""
        filled = turn.candidates
        if turn.requested_slot is None and self.services.booking.current(turn.conversation_id) is not None:
            # One meeting at a time: action_book_meeting shows it, with the ways to move or cancel it.
            turn.forget(Slot.MEETING_TIME)
            turn.ask_next(None)
            return
        if turn.requested_slot is None:
            note_school(turn, self.services)
        # Without anything filled in, Rasa itself leaves the message to the rules.
        if filled and turn.requested_slot:
            if turn.is_typed and passes_over(turn.text) and pass_over(turn):
                turn.ask_next(next_question(turn))
                return
            if _choose_by_place(turn):
                turn.ask_next(next_question(turn))
                return
            if _is_for_the_rules(turn) or not _is_recognised(turn, self.services):
                turn.forget(*(slot for slot in filled if slot != Slot.MUNICIPALITY or turn.is_raw(slot)))
                turn.not_for_the_form(Form.BOOKING_FORM)
                return
            if _names_something_else(turn):
                turn.forget(turn.requested_slot)
                filled = {slot: value for slot, value in filled.items() if slot != turn.requested_slot}
        if Slot.MUNICIPALITY in filled:
            _check_place(turn, self.services, filled[Slot.MUNICIPALITY])
        if Slot.CONTACT_HOW in filled:
            check_way(turn, self.services, filled[Slot.CONTACT_HOW])
        if Slot.MEETING_TIME in filled:
            _check_time(turn, self.services, filled[Slot.MEETING_TIME])
        if Slot.CALL_ME in filled:
            _check_name(turn, filled[Slot.CALL_ME])
        if Slot.CONTACT_VALUE in filled:
            found = _PHONE.search(filled[Slot.CONTACT_VALUE])
            turn.remember(Slot.CONTACT_VALUE, found[0] if found else None)
            if found is None:
                turn.say(Response.UTTER_RETRY_CONTACT_VALUE)
        turn.ask_next(next_question(turn))


class AskMeetingTime(BotAction):
    """When does it suit: the next free times as buttons. Called by the form."""

    action_name = Action.ACTION_ASK_BOOKING_FORM_MEETING_TIME

    def act(self, turn: Turn) -> None:
        """Show free times; when there are none the form ends, and action_book_meeting says so."""
        asked = turn.slot(Slot.TIMES_AFTER)
        found = offer(self.services, home(turn), chosen_way(turn), asked)
        times = found.times
        if times and not found.fits:
            more = turn.intent == Intent.SHOW_MORE or turn.last_said.has(*_ASK_TIME)
            turn.say(Response.UTTER_NO_MORE_TIMES if more else Response.UTTER_TIME_NOT_FREE)
        if times:
            turn.say(_ASK_TIME[len(times[:SHOWN_TIMES]) - 1], **time_values(times, turn.language))
        else:
            turn.leave_form()


def next_question(turn: Turn) -> Slot | None:
    """Return what is still to be asked; None when the meeting can be booked.

    Four taps at most: what it is about is asked afterwards, when the time is safe (product.md, feature 6).
    """
    if turn.slot(Slot.MUNICIPALITY) is None and not turn.is_set(Slot.ANY_PLACE):
        return Slot.MUNICIPALITY
    for slot in (Slot.CONTACT_HOW, Slot.MEETING_TIME, Slot.CALL_ME):
        if turn.slot(slot) is None:
            return slot
    if turn.slot(Slot.CONTACT_HOW) == ContactHow.PHONE and turn.slot(Slot.CONTACT_VALUE) is None:
        return Slot.CONTACT_VALUE
    return None


def _is_for_the_rules(turn: Turn) -> bool:
    """Whether the message asks something of its own."""
    return stands_alone(turn.intent, turn.text)


# Answers that are words of one's own, whatever the model takes them for.
_OWN_WORDS = frozenset({Slot.CONTACT_HOW, Slot.CALL_ME})
# But these are no answer to any question.
_NO_ANSWER = frozenset({
    Intent.AFFIRM, Intent.DENY, Intent.THANK, Intent.GOODBYE, Intent.CHANGE_LANGUAGE, Intent.ASK_REPHRASE,
    Intent.ASK_FOR_HELP, Intent.ASK_IF_BOT, Intent.SHOW_MORE, Intent.FIND_EDUCATION, Intent.ASK_PROVIDER_DETAILS,
    Intent.SHOW_BOOKING, Intent.CHANGE_BOOKING, Intent.CANCEL_BOOKING, Intent.ASK_PRIVACY, Intent.EXPORT_MY_DATA,
    Intent.SET_REMINDER, Intent.STOP_REMINDERS,
})  # fmt: skip


def _is_recognised(turn: Turn, services: Services) -> bool:
    """Whether there is an answer in the message: an entity, own words where those count, or a place."""
    filled = turn.candidates
    if any(not turn.is_raw(slot) for slot in filled):
        return True
    if _OWN_WORDS & filled.keys():
        return turn.intent not in _NO_ANSWER
    place = filled.get(Slot.MUNICIPALITY)
    return place is not None and services.catalogue.municipality(place) is not None


def _names_something_else(turn: Turn) -> bool:
    """Whether a message answers another question than the open one: "nej, jag menade Mjölby" to "how shall we talk"."""
    asked, filled = turn.requested_slot, turn.candidates
    if asked is None or not turn.is_raw(asked) or all(turn.is_raw(slot) for slot in filled):
        return False
    match asked:
        case Slot.CONTACT_HOW:
            return named_way(filled[asked]) is None
        case Slot.CALL_ME:
            return turn.intent in _NO_ANSWER
        case Slot.CONTACT_VALUE:
            return _PHONE.search(filled[asked]) is None
        case _:
            return True


def _choose_by_place(turn: Turn) -> bool:
    """ "The first one", or "does not matter", to times that were offered: take that time."""
    if turn.requested_slot != Slot.MEETING_TIME or not turn.is_typed or not turn.is_raw(Slot.MEETING_TIME):
        return False
    times = offered_times(turn)
    place = 0 if passes_over(turn.text) else place_in_list(turn.text)
    if place is None or place >= len(times):
        return False
    turn.remember(Slot.MEETING_TIME, times[place].isoformat())
    return True


def _check_place(turn: Turn, services: Services, value: str) -> None:
    card = services.catalogue.municipality(value)
    turn.remember(Slot.MUNICIPALITY, card.name if card else None)
    if card is None:
        turn.say(Response.UTTER_RETRY_MUNICIPALITY)


def _check_time(turn: Turn, services: Services, value: str) -> None:
    asked = wanted_time(value)
    if asked is None:
        turn.forget(Slot.MEETING_TIME)
        turn.say(Response.UTTER_RETRY_MEETING_TIME)
    elif asked.exact is None:
        turn.forget(Slot.MEETING_TIME)
        turn.remember(Slot.TIMES_AFTER, value)
    elif free_at(services, home(turn), chosen_way(turn), asked.exact):
        turn.remember(Slot.MEETING_TIME, asked.exact.isoformat())
    else:
        turn.forget(Slot.MEETING_TIME)
        turn.remember(Slot.TIMES_AFTER, NEAR + asked.exact.isoformat())
        turn.say(Response.UTTER_TIME_NOT_FREE)


def _check_name(turn: Turn, value: str) -> None:
    placeholder = _NAME.search(value)
    name = placeholder[0] if placeholder else _BEFORE_A_NAME.sub("", value.strip()).strip(" .,!")
    fits = bool(name) and len(name) <= LONGEST_NAME
    turn.remember(Slot.CALL_ME, name if fits else None)
    if not fits:
        turn.say(Response.UTTER_RETRY_CALL_ME)
