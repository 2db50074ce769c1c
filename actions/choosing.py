"""Two guides by taps: are my grades enough (three answers at most), and what might fit me (three questions).

Each button carries its own answer; what was chosen on the way stands in a slot. Both can be left at any time by
asking something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from actions.person import situation
from actions.personal import too_old_to_start
from actions.services import Services
from actions.sources import say_with_source, today_in
from actions.turn import Turn
from bot.guidance.eligibility import CORE, eligibility
from bot.guidance.values import Grades, Subject
from bot.names import Entity, Response, Slot

# The title of a button is at most this long.
TITLE_LENGTH = 28
SHOWN_PROGRAMMES = 3

_SWEDISH_AND_ONE = frozenset({Subject.SWEDISH, Subject.MATHS})
_GRADES: Mapping[str, Grades] = {
    "all_0": Grades(CORE, 2), "all_3": Grades(CORE, 4), "all_5": Grades(CORE, 8), "all_9": Grades(CORE, 9),
    "two_0": Grades(_SWEDISH_AND_ONE, 3), "two_4": Grades(_SWEDISH_AND_ONE, 4),
    "core_few": Grades(frozenset(), 0),
}  # fmt: skip
_QUESTIONS: Mapping[str, Response] = {
    "check": Response.UTTER_CHECK_CORE,
    "core_all": Response.UTTER_CHECK_MORE_ALL,
    "core_two": Response.UTTER_CHECK_MORE_TWO,
    "core_unknown": Response.UTTER_CHECK_UNKNOWN,
}


def tell_eligibility(turn: Turn, services: Services, choice: str | None = None) -> bool:
    """Go one step on in the check of grades; False when the message is no step of it, or the check is of no use."""
    choice = choice or turn.entity(Entity.CHOICE)
    today = today_in(services)
    if choice is None or too_old_to_start(situation(turn, today), today):
        return False
    if choice in _QUESTIONS:
        turn.say(_QUESTIONS[choice])
        return True
    grades = _GRADES.get(choice)
    if grades is None:
        return False
    say_with_source(turn, services, _result(grades))
    return True


def take_number(turn: Turn, services: Services) -> bool:
    """Take a number as the answer to "in how many more subjects"; False when there is none in the message."""
    found = re.search(r"\b\d{1,2}\b", turn.text)
    if found is None:
        return False
    core = CORE if turn.last_said.has(Response.UTTER_CHECK_MORE_ALL) else _SWEDISH_AND_ONE
    say_with_source(turn, services, _result(Grades(core, int(found[0]))))
    return True


def _result(grades: Grades) -> Response:
    able = eligibility(grades)
    if able.preparatory:
        return Response.UTTER_CHECK_PREPARATORY
    if able.vocational:
        return Response.UTTER_CHECK_VOCATIONAL
    return Response.UTTER_CHECK_NEARLY if able.programme_oriented else Response.UTTER_CHECK_INTRODUCTORY


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
