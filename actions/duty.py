"""How to reach the municipality about its duty to those under 20 (KAA). Said after the answer to ask_kaa."""

from __future__ import annotations

from actions.asking import ask_municipality
from actions.base import BotAction
from actions.turn import Turn
from bot.catalogue.kinds import Freshness
from bot.catalogue.views import MunicipalityCard
from bot.names import Action, Intent, Response, Slot


class ShowDutyContact(BotAction):
    """How to reach the municipality about its duty (KAA)."""

    action_name = Action.ACTION_SHOW_DUTY_CONTACT

    def act(self, turn: Turn) -> None:
        """Say the number, and how sure it is; ask for the municipality, once, when it is not known."""
        place = turn.slot(Slot.MUNICIPALITY)
        card = self.services.catalogue.municipality(place) if place else None
        if card is None:
            ask_municipality(turn, Intent.ASK_KAA)
            return
        say_duty_contact(turn, card)


def say_duty_contact(turn: Turn, card: MunicipalityCard) -> None:
    """Say how to reach a municipality about its duty."""
    phone = card.kaa_phone or card.phone
    if phone is None:
        turn.say(Response.UTTER_DUTY_NO_PHONE, municipality=card.name)
        return
    fresh = card.kaa_contact_confirmed or (
        card.phone_dated is not None and card.phone_dated.freshness is Freshness.FRESH
    )
    said = Response.UTTER_DUTY_PHONE if fresh else Response.UTTER_DUTY_PHONE_OLD
    turn.say(said, municipality=card.name, phone=phone)
