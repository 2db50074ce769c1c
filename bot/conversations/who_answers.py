"""Who answers: the bot, or a person? A pure decision from the state of the conversation."""

from __future__ import annotations

from enum import StrEnum

from bot.conversations.models import ConversationState


class Answerer(StrEnum):
    """Whose turn it is to answer what a youth writes."""

    BOT = "bot"
    QUEUE = "queue"
    """A person has been asked for and is on the way; the bot stays out and acknowledges."""
    COUNSELLOR = "counsellor"


def who_answers(state: str) -> Answerer:
    """Return who answers in a state (product.md 2.1).

    Off hours, and after a request that nobody took, the bot goes on helping.
    """
    match ConversationState(state):
        case ConversationState.LIVE:
            return Answerer.COUNSELLOR
        case ConversationState.REQUESTED:
            return Answerer.QUEUE
        case _:
            return Answerer.BOT
