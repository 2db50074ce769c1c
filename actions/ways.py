"""How to talk to a counsellor: which ways there are, and what an answer means. Part of the booking's questions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from actions.base import BotAction
from actions.meetings import home
from actions.said import Payload
from actions.services import Services
from actions.turn import Turn
from bot.booking.models import ContactHow
from bot.names import Action, Entity, Intent, Response, Slot

_HOW: Mapping[ContactHow, re.Pattern[str]] = {
    ContactHow.VIDEO: re.compile(r"\b(video|teams|zoom|online|facetime)", re.IGNORECASE),
    ContactHow.PHONE: re.compile(r"\b(telefon|tele|ring|call|phone|mobil|samtal)", re.IGNORECASE),
    ContactHow.WALK: re.compile(r"\b(promenad|promenera|gå ut|gå en|gå och prata|walk)", re.IGNORECASE),
    ContactHow.MEET: re.compile(r"\b(ses|träff|traff|möt|mötas|på plats|irl|meet|in person|face)", re.IGNORECASE),
    ContactHow.CHAT: re.compile(r"\b(chat|skriv|text|här|here|sms|write)", re.IGNORECASE),
}  # fmt: skip


class AskContactHow(BotAction):
    """How to talk: the ways in which somebody here meets, as buttons. Called by the form."""

    action_name = Action.ACTION_ASK_BOOKING_FORM_CONTACT_HOW

    def act(self, turn: Turn) -> None:
        """Show the ways; when nobody covers the place the form ends, and action_book_meeting says so."""
        ways = self.services.booking.ways(home(turn))
        if not ways:
            turn.leave_form()
            return
        titles = self.services.knowledge.ways
        buttons = [(titles[way][turn.language], Payload(Intent.INFORM, {Entity.CONTACT_HOW: str(way)})) for way in ways]
        turn.say_with_buttons(Response.UTTER_ASK_CONTACT_HOW, buttons)


def chosen_way(turn: Turn) -> ContactHow | None:
    """Return how they want to talk, None while that is open."""
    how = turn.slot(Slot.CONTACT_HOW)
    return ContactHow(how) if how else None


def named_way(value: str) -> ContactHow | None:
    """Return the way to talk that an answer names, by a button or in words."""
    if value in set(ContactHow):
        return ContactHow(value)
    return next((how for how, sign in _HOW.items() if sign.search(value)), None)


def check_way(turn: Turn, services: Services, value: str) -> None:
    """Take an answer to how to talk, if somebody here meets so."""
    how = named_way(value)
    ways = services.booking.ways(home(turn))
    if how is None:
        turn.say(Response.UTTER_RETRY_CONTACT_HOW)
    elif ways and how not in ways:
        turn.say(Response.UTTER_WAY_NOT_OFFERED)
        how = None
    turn.remember(Slot.CONTACT_HOW, str(how) if how else None)
