"""How one school is said: name, place, what it has, how to reach it, and how old that is."""

from __future__ import annotations

from collections.abc import Sequence

from actions.services import Services
from actions.turn import Turn
from bot.catalogue.bubbles import card_bubble
from bot.catalogue.views import ProviderCard
from bot.names import Response

TITLE_LENGTH = 28


def say_card(turn: Turn, services: Services, card: ProviderCard, *, more: bool = True) -> None:
    """Say one school in one bubble; `more`: with a button for more about it."""
    response, values = card_bubble(card, turn.language, services.knowledge.kinds[card.kind][turn.language], more=more)
    turn.say(response, **values)


def say_choice(turn: Turn, cards: Sequence[ProviderCard]) -> None:
    """Ask which of two or three schools is meant; without any, ask for a name."""
    values = {f"name_{number}": card.name[:TITLE_LENGTH] for number, card in enumerate(cards, start=1)}
    values |= {f"id_{number}": card.id for number, card in enumerate(cards, start=1)}
    asked = {2: Response.UTTER_WHICH_OF_TWO, 3: Response.UTTER_WHICH_OF_THREE}
    turn.say(asked.get(len(cards), Response.UTTER_WHICH_PROVIDER), **values)
