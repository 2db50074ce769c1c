"""Which answer fits a person, by the guidance rules. Pure: a situation in, a response out.

None: the rules say the same for everybody, or too little is known; then the general answer is right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from bot.guidance.rules import routes
from bot.guidance.season import SeasonDate, Stage, upper_secondary_chance
from bot.guidance.values import Finding, Need, Reason, Route, Situation, Status
from bot.names import Intent, Response

Found = Mapping[Route, Finding]

DATES: Mapping[Stage, Response] = {
    Stage.NOT_OPEN_YET: Response.UTTER_DATES_NOT_OPEN,
    Stage.OPEN: Response.UTTER_DATES_OPEN,
    Stage.WAIT_FOR_CHANGE: Response.UTTER_DATES_WAIT_FOR_CHANGE,
    Stage.CHANGE: Response.UTTER_DATES_CHANGE,
    Stage.WAIT_FOR_RESERVES: Response.UTTER_DATES_WAIT_FOR_RESERVES,
    Stage.RESERVES: Response.UTTER_DATES_RESERVES,
}


def personal_answer(intent: Intent, person: Situation, today: date) -> Response | None:
    """Return the answer to a question for this person."""
    choose = _BY_INTENT.get(intent)
    return choose(_routes(intent, person, today)) if choose is not None and _knows_something(person) else None


def depends_on_birth(intent: Intent, person: Situation, today: date) -> bool:
    """Whether knowing the year of birth would change the answer to a question."""
    needed = _TURNS_ON.get(intent)
    if needed is None or personal_answer(intent, person, today) is not None:
        return False
    return _routes(intent, person, today)[needed].needs is Need.BIRTH_YEAR


def too_old_to_start(person: Situation, today: date) -> bool:
    """Whether upper secondary school can certainly not be started any more, because of age."""
    return person.born is not None and _after(routes(person, today))


def dates_answer(season: tuple[SeasonDate, ...], today: date) -> Response:
    """Return the answer to "when, and is it too late" for upper secondary school."""
    return DATES[upper_secondary_chance(season, today).stage]


def _routes(intent: Intent, person: Situation, today: date) -> Found:
    """Return what holds for whom a question is about: who asks for a course in Swedish is taken to be new here."""
    return routes(replace(person, new_in_sweden=True) if intent is Intent.ASK_SWEDISH_COURSES else person, today)


def _knows_something(person: Situation) -> bool:
    return person.born is not None or person.schooling is not None


def _after(found: Found) -> bool:
    return found[Route.INDIVIDUAL_ALTERNATIVE].reason is Reason.AFTER_20_LIMIT


def _before(found: Found) -> bool:
    return found[Route.INDIVIDUAL_ALTERNATIVE].reason in (Reason.GRADES_DECIDE, Reason.COMPULSORY_FIRST)


def _finished(found: Found) -> bool:
    return found[Route.KOMVUX_UPPER_SECONDARY].reason is Reason.FINISHED_PROGRAMME


def _ways_back(found: Found) -> Response | None:
    if _finished(found):
        return Response.UTTER_MY_KOMVUX_FINISHED
    if _after(found):
        return Response.UTTER_MY_WAYS_BACK_AFTER
    if not _before(found):
        return None
    folk = found[Route.FOLK_HIGH_SCHOOL].status is Status.OPEN
    return Response.UTTER_MY_WAYS_BACK_BEFORE if folk else Response.UTTER_MY_WAYS_BACK_BEFORE_18


def _age_limit(found: Found) -> Response | None:
    if _after(found):
        return Response.UTTER_MY_AGE_LIMIT_AFTER
    return Response.UTTER_MY_AGE_LIMIT_BEFORE if _before(found) else None


def _komvux(found: Found) -> Response | None:
    if _finished(found):
        return Response.UTTER_MY_KOMVUX_FINISHED
    match found[Route.KOMVUX_UPPER_SECONDARY].status:
        case Status.OPEN:
            return Response.UTTER_MY_KOMVUX_AFTER
        case Status.SOON | Status.DECIDED:
            return Response.UTTER_MY_KOMVUX_BEFORE
        case _:
            return None


def _duty(found: Found) -> Response | None:
    duty = found[Route.MUNICIPAL_DUTY]
    if duty.status is Status.CLOSED:
        return Response.UTTER_MY_KAA_AFTER if duty.reason is Reason.DUTY_UNTIL_20 else None
    return None if duty.needs is Need.BIRTH_YEAR else Response.UTTER_MY_KAA_BEFORE


def _folk_high_school(found: Found) -> Response | None:
    match found[Route.FOLK_HIGH_SCHOOL].status:
        case Status.OPEN:
            return Response.UTTER_MY_FOLK_HIGH_SCHOOL_OPEN
        case Status.SOON | Status.DECIDED:
            return Response.UTTER_MY_FOLK_HIGH_SCHOOL_SOON
        case Status.UNKNOWN if found[Route.FOLK_HIGH_SCHOOL].needs is Need.BIRTH_YEAR:
            return None
        case _:
            return None


def _money(found: Found) -> Response | None:
    if found[Route.STUDENT_FINANCE].status is Status.OPEN:
        return Response.UTTER_MY_MONEY_FINANCE
    return Response.UTTER_MY_MONEY_HELP if found[Route.STUDY_HELP].status is Status.OPEN else None


def _introductory(found: Found) -> Response | None:
    return Response.UTTER_MY_INTRODUCTORY_AFTER if _after(found) else None


def _grades(found: Found) -> Response | None:
    if _after(found) or _finished(found):
        return Response.UTTER_MY_GRADES_AFTER
    return Response.UTTER_MY_GRADES_BEFORE if _before(found) else None


def _eligibility(found: Found) -> Response | None:
    return Response.UTTER_MY_ELIGIBILITY_AFTER if _after(found) else None


def _swedish(found: Found) -> Response | None:
    if found[Route.SFI].status is Status.SOON:
        return Response.UTTER_MY_SWEDISH_SOON
    if found[Route.SFI].status is not Status.OPEN:
        return None
    if _after(found):
        return Response.UTTER_MY_SWEDISH_AFTER
    return Response.UTTER_MY_SWEDISH_BEFORE if _before(found) else None


def _without_permit(found: Found) -> Response | None:
    # The limit at 18 of those without a permit stands on no page that may be cited (facts: school_without_residence).
    return Response.UTTER_MY_RESIDENCE_AFTER if _after(found) else None


_BY_INTENT: Mapping[Intent, Callable[[Found], Response | None]] = {
    Intent.ASK_WAYS_BACK: _ways_back,
    Intent.ASK_AGE_LIMIT: _age_limit,
    Intent.ASK_KOMVUX: _komvux,
    Intent.ASK_KAA: _duty,
    Intent.ASK_FOLK_HIGH_SCHOOL: _folk_high_school,
    Intent.ASK_STUDY_FINANCE: _money,
    Intent.ASK_INTRODUCTORY_PROGRAMME: _introductory,
    Intent.ASK_COMPLETE_GRADES: _grades,
    Intent.ASK_ELIGIBILITY: _eligibility,
    Intent.ASK_SWEDISH_COURSES: _swedish,
    Intent.ASK_RESIDENCE_STATUS: _without_permit,
}
# The route whose status decides whether the year of birth is worth asking for. Not for a question about permits: there
# nothing is asked.
_TURNS_ON: Mapping[Intent, Route] = {
    Intent.ASK_WAYS_BACK: Route.KOMVUX_UPPER_SECONDARY,
    Intent.ASK_AGE_LIMIT: Route.KOMVUX_UPPER_SECONDARY,
    Intent.ASK_KOMVUX: Route.KOMVUX_UPPER_SECONDARY,
    Intent.ASK_FOLK_HIGH_SCHOOL: Route.FOLK_HIGH_SCHOOL,
    Intent.ASK_STUDY_FINANCE: Route.STUDENT_FINANCE,
    Intent.ASK_COMPLETE_GRADES: Route.KOMVUX_UPPER_SECONDARY,
    Intent.ASK_SWEDISH_COURSES: Route.LANGUAGE_INTRODUCTION,
}
