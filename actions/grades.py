"""A guide by taps: are my grades enough (three answers at most). Its questions may be answered in words, too."""

from __future__ import annotations

import re
from collections.abc import Mapping

from actions.passing import passes_over
from actions.person import situation
from actions.personal import too_old_to_start
from actions.services import Services
from actions.sources import say_with_source, today_in
from actions.turn import Turn
from bot.guidance.eligibility import CORE, eligibility
from bot.guidance.values import Grades, Subject
from bot.names import Entity, Intent, Response

_SWEDISH_AND_ONE = frozenset({Subject.SWEDISH, Subject.MATHS})
_GRADES: Mapping[str, Grades] = {
    "all_0": Grades(CORE, 2), "all_3": Grades(CORE, 4), "all_5": Grades(CORE, 8), "all_9": Grades(CORE, 9),
    "two_0": Grades(_SWEDISH_AND_ONE, 3), "two_4": Grades(_SWEDISH_AND_ONE, 4),
    "core_few": Grades(frozenset(), 0),
}  # fmt: skip
_QUESTIONS: Mapping[str, Response] = {
    "check": Response.UTTER_CHECK_CORE,
    "core_not_all": Response.UTTER_CHECK_TWO,
    "core_all": Response.UTTER_CHECK_MORE_ALL,
    "core_two": Response.UTTER_CHECK_MORE_TWO,
    "core_unknown": Response.UTTER_CHECK_UNKNOWN,
}
# What a yes and a no mean to each question.
_YES_AND_NO: Mapping[Response, tuple[str, str]] = {
    Response.UTTER_CHECK_CORE: ("core_all", "core_not_all"),
    Response.UTTER_CHECK_TWO: ("core_two", "core_few"),
}
_YES = re.compile(r"\W*(ja|japp|jo|yes|yep|yeah|yup|sure|absolut|alla|all)\b", re.IGNORECASE)
_NO = re.compile(r"\W*(nej|nä|nope|no|nah|inte|not)\b", re.IGNORECASE)
_NONE = re.compile(r"\b(inga|inget|noll|none|zero)\b", re.IGNORECASE)
_LACKS = re.compile(
    r"\b(saknar?|inte|utan|utom|förutom|underkän\w*|failed|lack|missing|not|without|except|but|don.?t)\b", re.IGNORECASE
)
_NAMED: Mapping[Subject, re.Pattern[str]] = {
    Subject.SWEDISH: re.compile(r"\b(svensk|swedish|sva\b)", re.IGNORECASE),
    Subject.ENGLISH: re.compile(r"\b(engelsk|english)", re.IGNORECASE),
    Subject.MATHS: re.compile(r"\b(matte|matematik|math)", re.IGNORECASE),
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


def check_in_words(turn: Turn, services: Services) -> bool:
    """Take a message as the answer to the question of the check that was asked last; False when it is none."""
    if not turn.is_typed:
        return False
    if turn.last_said.has(Response.UTTER_CHECK_MORE_ALL, Response.UTTER_CHECK_MORE_TWO):
        return _take_number(turn, services)
    for question, answers in _YES_AND_NO.items():
        if turn.last_said.has(question):
            choice = _choice(turn, *answers)
            return choice is not None and tell_eligibility(turn, services, choice)
    return False


def _choice(turn: Turn, yes: str, no: str) -> str | None:
    named = {subject for subject, sign in _NAMED.items() if sign.search(turn.text)}
    if named:
        has = set(CORE) - named if _LACKS.search(turn.text) else named
        if has == CORE:
            return "core_all"
        return "core_two" if Subject.SWEDISH in has and len(has) > 1 else "core_few"
    if passes_over(turn.text):
        return "core_unknown"
    if turn.intent is Intent.DENY or _NO.match(turn.text):
        return no
    return yes if turn.intent is Intent.AFFIRM or _YES.match(turn.text) else None


def _take_number(turn: Turn, services: Services) -> bool:
    found = re.search(r"\b\d{1,2}\b", turn.text)
    if found is None and not _NONE.search(turn.text):
        return False
    core = CORE if turn.last_said.has(Response.UTTER_CHECK_MORE_ALL) else _SWEDISH_AND_ONE
    say_with_source(turn, services, _result(Grades(core, int(found[0]) if found else 0)))
    return True


def _result(grades: Grades) -> Response:
    able = eligibility(grades)
    if able.preparatory:
        return Response.UTTER_CHECK_PREPARATORY
    if able.vocational:
        return Response.UTTER_CHECK_VOCATIONAL
    return Response.UTTER_CHECK_NEARLY if able.programme_oriented else Response.UTTER_CHECK_INTRODUCTORY
