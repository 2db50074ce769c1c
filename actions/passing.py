"""Passing over a question of a form ("does not matter", "rather not say"), choosing by place in a list,
another place. Used by the forms' checks and by the rule for a plain no. The phrases are what our own buttons say, and
what people write instead; a model takes some of them for something else.
"""

from __future__ import annotations

import re

from actions.turn import Turn
from bot.booking.models import ContactHow
from bot.names import Response, Slot

# What a counsellor sees instead of a name when somebody would rather not say one.
ANONYMOUS = "anonym"
# The button "another place" puts this in the place of a municipality.
OTHER_PLACE = "other"

_PASSES = re.compile(
    r"spelar (det )?ingen roll|kvittar|skitsamma|skit ?samma|strunt ?samma|vill (inte|ej)( säga| svara| uppge)?$|"
    r"vet (inte|ej)|ingen aning|hoppa över|var som helst|vart som helst|överallt|hela (länet|östergötland)|"
    r"vilke[nt] som helst|vad som helst|när som helst|inget speciellt|hellre chatt|"
    r"(does ?n.?t|does not|do ?n.?t) (really )?(matter|care|mind)|rather not|(do ?n.?t|do not) want to( say)?$|"
    r"(do ?n.?t|do not) know|no idea|dunno|^idk|skip|^any( ?where| ?time| one| of them)?$|whatever|"
    r"whole county|rather chat",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(annan|andra) (plats|ort|stad|kommun|ställe)|annat ställe|någon annanstans|nån annanstans|"
    r"(another|other|different) (place|town|city)|somewhere else|elsewhere",
    re.IGNORECASE,
)
# Longer texts say something more.
_LONGEST = 7
_LONGEST_CHOICE = 4
_ORDINALS = (
    re.compile(r"\b(först\w*|first|1:?an?)\b|^1$", re.IGNORECASE),
    re.compile(r"\b(andra|second|2:?an?|mitten|middle)\b|^2$", re.IGNORECASE),
    re.compile(r"\b(tredje|third|3:?e?an?|3:?e|sista|last)\b|^3$", re.IGNORECASE),
)


def wants_another_place(text: str) -> bool:
    """Whether a text asks for the same search somewhere else, as our button does."""
    return len(text.split()) <= _LONGEST and _ELSEWHERE.search(text) is not None


def passes_over(text: str) -> bool:
    """Whether a text says that a question does not matter or will not be answered."""
    return len(text.split()) <= _LONGEST and _PASSES.search(text.strip(" .,!")) is not None


def place_in_list(text: str) -> int | None:
    """Return which of the things offered a text names (0 is the first), or None."""
    if len(text.split()) > _LONGEST_CHOICE:
        return None
    return next((place for place, sign in enumerate(_ORDINALS) if sign.search(text.strip(" .,!"))), None)


def pass_over(turn: Turn) -> bool:
    """Go on without an answer to the open question; False where that is not possible."""
    match turn.requested_slot:
        case Slot.MUNICIPALITY:
            turn.forget(Slot.MUNICIPALITY)
            turn.remember(Slot.ANY_PLACE, True)
        case Slot.PROGRAMME:
            turn.forget(Slot.PROGRAMME)
            turn.remember(Slot.ANY_PROGRAMME, True)
        case Slot.CALL_ME:
            turn.remember(Slot.CALL_ME, ANONYMOUS)
        case Slot.CONTACT_VALUE:
            turn.forget(Slot.CONTACT_VALUE)
            turn.remember(Slot.CONTACT_HOW, ContactHow.CHAT.value)
            turn.say(Response.UTTER_CONTACT_CHAT_INSTEAD)
        case _:
            return False
    return True
