"""A guide by taps: what might fit me (three questions).

Each button carries its own answer; what was chosen on the way stands in a slot. It can be left at any time by asking
something else. The other guide, whether grades are enough, is in `actions.grades`.
"""

from __future__ import annotations

from actions.answers import is_a_question
from actions.person import situation
from actions.personal import too_old_to_start
from actions.services import Services
from actions.sources import say_with_source, today_in
from actions.turn import Turn
from bot.names import Entity, Intent, Response, Slot

CHOICES = (
    Response.UTTER_HELP_ME_CHOOSE, Response.UTTER_CHOOSE_HANDS, Response.UTTER_CHOOSE_PEOPLE,
    Response.UTTER_CHOOSE_IDEAS, Response.UTTER_CHOOSE_CREATE, Response.UTTER_CHOOSE_HOW,
)  # fmt: skip
"""The questions of the interest guide; their metadata says to the engine that small talk may answer them."""

# The title of a button is at most this long.
TITLE_LENGTH = 28
SHOWN_PROGRAMMES = 3


def choose(turn: Turn, services: Services, *, choice: str | None = None, only_if_meant: bool = False) -> bool:
    """Go one step on in the interest guide, by a button or by own words.

    Args:
        only_if_meant: do nothing, and return False, when the message chooses nothing.
    """
    table = services.knowledge.interests
    name = choice or turn.entity(Entity.CHOICE)
    meant = table.meant(turn.text) if name is None and turn.is_typed else None
    name = name or (meant.name if meant else "")
    if name in table.areas:
        turn.say(Response(str(table.areas[name].response)))
    elif name in table.interests:
        turn.remember(Slot.INTEREST, name)
        turn.say(Response.UTTER_CHOOSE_HOW)
    elif name in table.ways and turn.slot(Slot.INTEREST) in table.interests:
        _name_programmes(turn, services, name)
    elif only_if_meant:
        return False
    else:
        turn.say(Response.UTTER_HELP_ME_CHOOSE)
    return True


def choose_in_words(turn: Turn, services: Services) -> bool:
    """Take a message as the answer to the guide's question if it names a choice and asks nothing; True when it did."""
    if not turn.last_said.has(*CHOICES) or not turn.is_typed or turn.form is not None:
        return False
    if turn.intent in (Intent.DENY, Intent.TELL_LOW_MOOD) or is_a_question(turn.text):
        return False
    return choose(turn, services, only_if_meant=True)


def _name_programmes(turn: Turn, services: Services, way: str) -> None:
    table = services.knowledge.interests
    codes = table.interests[turn.slot(Slot.INTEREST) or ""].programmes[:SHOWN_PROGRAMMES]
    names = [table.names[code][turn.language] for code in codes]
    turn.forget(Slot.INTEREST)
    today = today_in(services)
    if too_old_to_start(situation(turn, today), today):
        turn.say(Response.UTTER_CHOOSE_RESULT_ADULT, names=", ".join(names))
        return
    response = Response.UTTER_CHOOSE_RESULT_AT_WORK if way == "at_work" else Response.UTTER_CHOOSE_RESULT
    say_with_source(
        turn,
        services,
        response,
        names=", ".join(names),
        **{f"title_{number}": name[:TITLE_LENGTH] for number, name in enumerate(names[:2], start=1)},
        **{f"code_{number}": code for number, code in enumerate(codes[:2], start=1)},
    )
