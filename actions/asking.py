"""The two things that the bot may ask for because they change an answer: year of birth and municipality.

Each is asked once, says why, and may be left unanswered. What was asked waits in a slot.
"""

from __future__ import annotations

from actions.turn import Turn
from bot.names import Intent, Response, Slot


def ask_birth_year(turn: Turn, intent: Intent) -> bool:
    """Ask for the year of birth, unless it was asked before; False then."""
    return _ask(turn, Response.UTTER_ASK_BIRTH_YEAR, intent)


def ask_municipality(turn: Turn, intent: Intent) -> bool:
    """Ask where somebody lives, unless it was asked before; False then."""
    return _ask(turn, Response.UTTER_ASK_HOME_MUNICIPALITY, intent)


def _ask(turn: Turn, question: Response, intent: Intent) -> bool:
    asked = turn.names(Slot.ASKED)
    if question in asked:
        return False
    turn.remember(Slot.ASKED, [*asked, str(question)])
    turn.remember(Slot.WAITING_ANSWER, intent.value)
    turn.say(question)
    return True
