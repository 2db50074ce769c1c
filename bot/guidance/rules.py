"""Which routes are open to somebody on a day, which will be, and which are not. Pure decisions, no I/O.

The rules stand in the Education Act (skollagen 2010:800) and with CSN; `bot.guidance.grounds` has the paragraph and
the page behind each reason. Each rule below looks at one possible day of birth; `routes` asks for all that are
possible, and says so where the answer is not the same for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from bot.guidance.eligibility import eligibility
from bot.guidance.money import money_at
from bot.guidance.values import (
    Born,
    Finding,
    Need,
    Reason,
    Residence,
    Route,
    Schooling,
    Situation,
    Status,
    birthday,
)

SOON = timedelta(days=366)
_NOT_REGISTERED = frozenset({Residence.ASYLUM, Residence.UNDOCUMENTED})
_FINISHED = frozenset({Schooling.STUDY_CERTIFICATE, Schooling.DIPLOMA})
_IN_SCHOOL = frozenset({
    Schooling.IN_COMPULSORY, Schooling.IN_INTRODUCTORY, Schooling.IN_NATIONAL, Schooling.IN_KOMVUX,
})  # fmt: skip
_DUTY = frozenset({
    Schooling.NEVER_STARTED, Schooling.LEFT_INTRODUCTORY, Schooling.LEFT_NATIONAL, Schooling.STUDY_CERTIFICATE,
})  # fmt: skip
_WAS_ADMITTED = frozenset({Schooling.LEFT_NATIONAL, Schooling.IN_NATIONAL})


def first_of_july(born: date, years: int) -> date:
    """Return 1 July of the year in which somebody turns so many years old."""
    return date(born.year + years, 7, 1)


def routes(situation: Situation, today: date) -> dict[Route, Finding]:
    """Return what holds for every route that may concern the person.

    Routes that only concern somebody who has told so (a disability, being new in Sweden) are left out otherwise.
    """
    born = situation.born or Born.unknown(today)
    possible = [_at(day, situation, today) for day in born.possible()]
    return {route: _together([found[route] for found in possible]) for route in possible[0]}


def open_routes(situation: Situation, today: date) -> tuple[Route, ...]:
    """Return the routes that are open on the day."""
    return tuple(route for route, found in routes(situation, today).items() if found.status is Status.OPEN)


def what_to_ask(findings: Iterable[Finding]) -> tuple[Need, ...]:
    """Return what would change an answer among these, each once, in order."""
    return tuple(dict.fromkeys(found.needs for found in findings if found.needs is not None))


def _together(found: list[Finding]) -> Finding:
    first = found[0]
    if len({one.status for one in found}) > 1:
        return Finding(first.route, Status.UNKNOWN, Reason.DEPENDS_ON_AGE, needs=Need.BIRTH_YEAR)
    # The same answer for every day of birth; a day that is not the same for all of them is not certain.
    return replace(
        first,
        opens_on=first.opens_on if len({one.opens_on for one in found}) == 1 else None,
        closes_on=first.closes_on if len({one.closes_on for one in found}) == 1 else None,
    )


def _at(born: date, person: Situation, today: date) -> dict[Route, Finding]:
    found = [
        *_upper_secondary(born, person, today),
        _komvux(Route.KOMVUX_BASIC, Reason.KOMVUX_BASIC_RIGHT, born, person, today),
        _komvux(Route.KOMVUX_UPPER_SECONDARY, Reason.KOMVUX_FROM_20, born, person, today),
        _folk_high_school(born, person, today),
        _study_motivation(born, person, today),
        _examination(person),
        _job_guarantee(born, person, today),
        _higher_studies(person),
        _municipal_duty(born, person, today),
        Finding(Route.GUIDANCE, Status.OPEN, Reason.OWN_SERVICE),
        *money_at(born, today),
    ]
    if person.schooling in _IN_SCHOOL:
        begun = person.schooling in (Schooling.IN_NATIONAL, Schooling.IN_INTRODUCTORY)
        found.insert(0, Finding(Route.STAY, Status.OPEN, Reason.RIGHT_TO_FINISH if begun else Reason.IN_STUDIES))
    if person.new_in_sweden is not False:
        found.append(_sfi(born, person, today))
    if person.intellectual_disability:
        found.append(_adapted(born, person, today))
        found.append(_komvux(Route.KOMVUX_ADAPTED, Reason.KOMVUX_BASIC_RIGHT, born, person, today))
    return {one.route: one for one in found}


# -- upper secondary school ------------------------------------------------------------------


def _upper_secondary(born: date, person: Situation, today: date) -> list[Finding]:
    wanted = [
        Route.VOCATIONAL, Route.PREPARATORY, Route.PROGRAMME_ORIENTED, Route.VOCATIONAL_INTRODUCTION,
        Route.INDIVIDUAL_ALTERNATIVE,
    ]  # fmt: skip
    if person.new_in_sweden is not False:
        wanted.append(Route.LANGUAGE_INTRODUCTION)
    shut = _cannot_start(born, person, today)
    if shut is not None:
        return [replace(shut, route=route) for route in wanted]
    closes = _last_day_to_start(born, person)
    return [replace(_by_grades(route, person), closes_on=closes) for route in wanted]


def _cannot_start(born: date, person: Situation, today: date) -> Finding | None:
    """What stops somebody from starting upper secondary school, whatever the grades; None if nothing does."""
    route = Route.VOCATIONAL
    if person.schooling in _FINISHED:
        return Finding(route, Status.CLOSED, Reason.ALREADY_FINISHED)
    if today >= first_of_july(born, 20):
        return Finding(route, Status.CLOSED, Reason.AFTER_20_LIMIT)
    if person.residence in _NOT_REGISTERED and today >= birthday(born, 18):
        # No right, but nothing stops a municipality from offering a place.
        return Finding(route, Status.DECIDED, Reason.NOT_BEGUN_BEFORE_18)
    # Year nine is as a rule finished in June of the year of turning 16.
    in_year_nine = person.schooling is Schooling.IN_COMPULSORY
    if in_year_nine or (person.schooling is None and today < first_of_july(born, 16)):
        opens = first_of_july(born, 16)
        return Finding(route, Status.SOON, Reason.COMPULSORY_FIRST, opens_on=opens if opens > today else None)
    return None


def _last_day_to_start(born: date, person: Situation) -> date:
    if person.residence in _NOT_REGISTERED:
        return min(birthday(born, 18), first_of_july(born, 20)) - timedelta(days=1)
    return first_of_july(born, 20) - timedelta(days=1)


def _by_grades(route: Route, person: Situation) -> Finding:
    """How the route stands for somebody young enough to start."""
    if person.grades is None:
        return _without_grades(route, person)
    able = eligibility(person.grades)
    if route is Route.VOCATIONAL:
        return _eligible(route, able.vocational)
    if route is Route.PREPARATORY:
        return replace(_eligible(route, bool(able.preparatory)), programmes=able.preparatory)
    if able.vocational:
        return Finding(route, Status.CLOSED, Reason.NOT_FOR_THE_ELIGIBLE)
    if route is Route.PROGRAMME_ORIENTED:
        near = able.programme_oriented
        reason = Reason.NEARLY_ELIGIBLE if near else Reason.NOT_NEARLY_ELIGIBLE
        return Finding(route, Status.OPEN if near else Status.CLOSED, reason)
    if route is Route.LANGUAGE_INTRODUCTION:
        return _language_introduction(person)
    return Finding(route, Status.OPEN, Reason.LACKS_ELIGIBILITY)


def _eligible(route: Route, enough: bool) -> Finding:
    return Finding(
        route,
        Status.OPEN if enough else Status.CLOSED,
        Reason.ELIGIBLE if enough else Reason.NOT_ELIGIBLE,
    )


def _without_grades(route: Route, person: Situation) -> Finding:
    if person.schooling in _WAS_ADMITTED:
        # Who was on a national programme was eligible for one; every one of them asks at least for the eight.
        if route is Route.VOCATIONAL:
            return Finding(route, Status.OPEN, Reason.ADMITTED_BEFORE)
        if route is not Route.PREPARATORY:
            return Finding(route, Status.CLOSED, Reason.NOT_FOR_THE_ELIGIBLE)
    return Finding(route, Status.UNKNOWN, Reason.GRADES_DECIDE, needs=Need.GRADES)


def _language_introduction(person: Situation) -> Finding:
    if person.new_in_sweden:
        return Finding(Route.LANGUAGE_INTRODUCTION, Status.OPEN, Reason.NEWLY_ARRIVED)
    return Finding(Route.LANGUAGE_INTRODUCTION, Status.UNKNOWN, Reason.NEWLY_ARRIVED, needs=Need.NEW_IN_SWEDEN)


def _adapted(born: date, person: Situation, today: date) -> Finding:
    shut = _cannot_start(born, person, today)
    if shut is not None:
        return replace(shut, route=Route.ADAPTED_UPPER_SECONDARY)
    return Finding(
        Route.ADAPTED_UPPER_SECONDARY,
        Status.DECIDED,
        Reason.MUNICIPALITY_DECIDES_TARGET_GROUP,
        closes_on=_last_day_to_start(born, person),
    )


# -- for adults ------------------------------------------------------------------------------


def _komvux(route: Route, right: Reason, born: date, person: Situation, today: date) -> Finding:
    if person.residence in _NOT_REGISTERED:
        return Finding(route, Status.CLOSED, Reason.NOT_RESIDENT)
    if route is Route.KOMVUX_UPPER_SECONDARY and person.schooling in _FINISHED:
        return Finding(route, Status.OPEN, Reason.FINISHED_PROGRAMME)
    opens = first_of_july(born, 20)
    if today >= opens:
        return Finding(route, Status.OPEN, right)
    if opens - today <= SOON:
        return Finding(route, Status.SOON, right, opens_on=opens)
    return Finding(route, Status.DECIDED, Reason.SPECIAL_REASONS, opens_on=opens)


def _sfi(born: date, person: Situation, today: date) -> Finding:
    if person.new_in_sweden is None:
        return Finding(Route.SFI, Status.UNKNOWN, Reason.SFI_FROM_16, needs=Need.NEW_IN_SWEDEN)
    if person.residence in _NOT_REGISTERED:
        return Finding(Route.SFI, Status.DECIDED, Reason.NOT_RESIDENT)
    opens = first_of_july(born, 16)
    if today >= opens:
        return Finding(Route.SFI, Status.OPEN, Reason.SFI_FROM_16)
    return Finding(Route.SFI, Status.SOON if opens - today <= SOON else Status.CLOSED, Reason.SFI_FROM_16, opens)


def _folk_high_school(born: date, person: Situation, today: date) -> Finding:
    opens = date(born.year + 18, 1, 1)
    if today >= opens:
        return Finding(Route.FOLK_HIGH_SCHOOL, Status.OPEN, Reason.FOLK_HIGH_SCHOOL_18)
    if opens - today <= SOON:
        return Finding(Route.FOLK_HIGH_SCHOOL, Status.SOON, Reason.FOLK_HIGH_SCHOOL_18, opens_on=opens)
    return Finding(Route.FOLK_HIGH_SCHOOL, Status.DECIDED, Reason.HOME_MUNICIPALITY_PAYS, opens_on=opens)


def _study_motivation(born: date, person: Situation, today: date) -> Finding:
    """Three months at a folk high school; the employment service decides, and places are never certain."""
    route, turns_16 = Route.STUDY_MOTIVATION, birthday(born, 16)
    if person.schooling is Schooling.DIPLOMA:
        return Finding(route, Status.CLOSED, Reason.HAS_DIPLOMA)
    if person.schooling in _IN_SCHOOL:
        return Finding(route, Status.CLOSED, Reason.IN_STUDIES)
    if today < turns_16:
        return Finding(route, Status.CLOSED, Reason.TOO_YOUNG, opens_on=turns_16)
    return Finding(route, Status.DECIDED, Reason.EMPLOYMENT_SERVICE_DECIDES)


def _job_guarantee(born: date, person: Situation, today: date) -> Finding:
    route = Route.JOB_GUARANTEE
    if person.schooling in _IN_SCHOOL:
        return Finding(route, Status.CLOSED, Reason.IN_STUDIES)
    if today < birthday(born, 16):
        return Finding(route, Status.CLOSED, Reason.TOO_YOUNG, opens_on=birthday(born, 16))
    if today >= birthday(born, 25):
        return Finding(route, Status.CLOSED, Reason.TOO_OLD)
    return Finding(route, Status.DECIDED, Reason.EMPLOYMENT_SERVICE_DECIDES)


def _examination(person: Situation) -> Finding:
    if person.schooling is Schooling.IN_COMPULSORY:
        return Finding(Route.EXAMINATION, Status.CLOSED, Reason.COMPULSORY_FIRST)
    if person.residence in _NOT_REGISTERED:
        return Finding(Route.EXAMINATION, Status.DECIDED, Reason.NOT_RESIDENT)
    return Finding(Route.EXAMINATION, Status.OPEN, Reason.ANY_COURSE)


def _higher_studies(person: Situation) -> Finding:
    has = person.schooling is Schooling.DIPLOMA
    return Finding(
        Route.HIGHER_STUDIES, Status.OPEN if has else Status.CLOSED, Reason.HAS_DIPLOMA if has else Reason.NEEDS_DIPLOMA
    )


# -- the municipality ------------------------------------------------------------------------


def _municipal_duty(born: date, person: Situation, today: date) -> Finding:
    """The municipality's activity responsibility (KAA) ends on the day of the 20th birthday."""
    route, ends = Route.MUNICIPAL_DUTY, birthday(born, 20)
    if today >= ends:
        return Finding(route, Status.CLOSED, Reason.DUTY_UNTIL_20)
    if person.residence in _NOT_REGISTERED:
        return Finding(route, Status.CLOSED, Reason.DUTY_NOT_COVERED)
    if person.schooling is None:
        return Finding(
            route,
            Status.UNKNOWN,
            Reason.DEPENDS_ON_SCHOOLING,
            needs=Need.SCHOOLING,
            closes_on=ends - timedelta(days=1),
        )
    if person.schooling not in _DUTY:
        return Finding(route, Status.CLOSED, Reason.DUTY_NOT_COVERED)
    return Finding(route, Status.OPEN, Reason.DUTY_UNTIL_20, closes_on=ends - timedelta(days=1))
