"""The guidance rules against the law text, and what must hold for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.guidance.eligibility import eligibility
from bot.guidance.grounds import GROUNDS
from bot.guidance.money import GradeSystem, absence_may_be_reported, grade_system
from bot.guidance.rules import open_routes, routes, what_to_ask
from bot.guidance.values import (
    INTRODUCTORY,
    NATIONAL,
    OLDEST,
    YOUNGEST,
    Born,
    Grades,
    Need,
    Reason,
    Residence,
    Route,
    Schooling,
    Situation,
    Status,
    Subject,
    years_before,
)
from tests.data.project_files import ROOT, read

SHORT = dict(zip("sv en ma bi fy ke ge hi re sh".split(), Subject, strict=True))
TODAY = date(2026, 11, 27)


def _cases() -> Iterator[Any]:
    for group in read(ROOT / "tests" / "guidance" / "cases.yml")["groups"]:
        for number, (born, today, told, route, status) in enumerate(group["cases"], start=1):
            yield pytest.param(
                str(born), today, told, Route(route), Status(status), group["law"],
                id=f"{group['law'].split('.')[0]}-{route}-{number}",
            )  # fmt: skip


def born_from(text: str, today: date) -> Born | None:
    """Read how a case says when somebody was born."""
    if text == "?":
        return None
    if text.endswith("years"):
        return Born.aged(int(text.split()[0]), today)
    parts = [int(part) for part in text.split("-")]
    return Born.on(date(*parts)) if len(parts) == 3 else Born.in_year(*parts)


def situation_from(born: Born | None, told: str) -> Situation:
    """Read what a case says is told."""
    words = told.split()
    passed = frozenset(SHORT[word] for word in words if word in SHORT)
    others = [int(word) for word in words if word.startswith("+")]
    residence = next((Residence(word) for word in words if word in {"asylum", "undocumented"}), None)
    return Situation(
        born=born,
        schooling=next((Schooling(word) for word in words if word in set(Schooling)), None),
        grades=Grades(passed, sum(others)) if passed or others else None,
        residence=residence,
        new_in_sweden=True if "new" in words else None,
        intellectual_disability=True if "disability" in words else None,
    )


@pytest.mark.parametrize(("born", "today", "told", "route", "status", "law"), list(_cases()))
def test_the_law(born: str, today: date, told: str, route: Route, status: Status, law: str) -> None:
    found = routes(situation_from(born_from(born, today), told), today)
    assert found[route].status is status, f"{law} ({found[route].reason})"


def test_there_are_enough_cases_by_hand() -> None:
    assert len(list(_cases())) >= 150


# -- what holds for everybody ------------------------------------------------------------------

todays = st.dates(date(2025, 7, 1), date(2032, 12, 31))
grades = st.none() | st.builds(Grades, st.frozensets(st.sampled_from(Subject)), st.integers(0, 7))


@st.composite
def people(draw: st.DrawFn, residence: st.SearchStrategy[Residence | None] | None = None) -> tuple[Situation, date]:
    """Somebody of 15 to 24 on some day, who has told as much or as little as they like."""
    today = draw(todays)
    age = draw(st.integers(YOUNGEST, OLDEST))
    latest = years_before(today, age)
    day = draw(st.dates(years_before(today, age + 1), latest).filter(lambda one: years_before(today, age + 1) < one))
    born = draw(st.sampled_from([Born.on(day), Born.in_year(day.year), Born.in_year(day.year, day.month),
                                 Born.aged(age, today), None]))  # fmt: skip
    person = Situation(
        born=born,
        schooling=draw(st.none() | st.sampled_from(Schooling)),
        grades=draw(grades),
        residence=draw(residence if residence is not None else st.none() | st.sampled_from(Residence)),
        new_in_sweden=draw(st.none() | st.booleans()),
        intellectual_disability=draw(st.none() | st.just(True)),
    )
    return person, today


# Each pair is shut out by one rule or another; somebody who has told everything never gets both.
UPPER_SECONDARY = NATIONAL | INTRODUCTORY | {Route.ADAPTED_UPPER_SECONDARY}
KOMVUX = frozenset({Route.KOMVUX_BASIC, Route.KOMVUX_UPPER_SECONDARY, Route.KOMVUX_ADAPTED})
EXCLUSIVE = (
    (NATIONAL, INTRODUCTORY),
    (UPPER_SECONDARY, KOMVUX),
    (frozenset({Route.STUDY_HELP}), frozenset({Route.STUDENT_FINANCE})),
    (frozenset({Route.MUNICIPAL_DUTY}), frozenset({Route.STAY, Route.HIGHER_STUDIES})),
)
STUDY = UPPER_SECONDARY | KOMVUX | {Route.STAY, Route.FOLK_HIGH_SCHOOL, Route.HIGHER_STUDIES}


@settings(max_examples=100)
@given(people())
def test_nobody_is_told_two_things_that_exclude_each_other(drawn: tuple[Situation, date]) -> None:
    opened = set(open_routes(*drawn))
    for one, other in EXCLUSIVE:
        assert not (opened & one and opened & other)


@settings(max_examples=100)
@given(people())
def test_everybody_has_somebody_to_turn_to(drawn: tuple[Situation, date]) -> None:
    assert Route.GUIDANCE in open_routes(*drawn)


@settings(max_examples=100)
@given(people(st.none() | st.just(Residence.REGISTERED)))
def test_every_resident_has_a_way_to_study(drawn: tuple[Situation, date]) -> None:
    """Open now, soon after year nine, or one that opens up when something is told."""
    person, today = drawn
    found = [one for route, one in routes(person, today).items() if route in STUDY]
    assert any(one.status in (Status.OPEN, Status.UNKNOWN, Status.SOON) for one in found)
    whole = person.born is not None and person.born.first == person.born.last
    started = person.schooling not in (None, Schooling.IN_COMPULSORY)
    if whole and started and person.grades is not None:
        assert any(one.status is Status.OPEN for one in found)


@settings(max_examples=100)
@given(people())
def test_a_day_is_named_only_where_it_lies_ahead(drawn: tuple[Situation, date]) -> None:
    person, today = drawn
    for found in routes(person, today).values():
        assert found.opens_on is None or found.opens_on > today
        assert found.closes_on is None or found.closes_on >= today
        assert (found.status is Status.UNKNOWN) == (found.needs is not None)


@settings(max_examples=100)
@given(people())
def test_knowing_the_day_of_birth_never_contradicts_the_year(drawn: tuple[Situation, date]) -> None:
    person, today = drawn
    if person.born is None or person.born.first != person.born.last:
        return
    rough = Situation(**{**vars(person), "born": Born.in_year(person.born.first.year)})
    for route, found in routes(rough, today).items():
        if found.status is not Status.UNKNOWN:
            assert found.status is routes(person, today)[route].status


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_ground(reason: Reason) -> None:
    assert reason in GROUNDS


# -- single rules ------------------------------------------------------------------------------


def test_the_limits_are_named_to_the_day() -> None:
    found = routes(Situation(Born.in_year(2007), schooling=Schooling.LEFT_NATIONAL), TODAY)
    assert found[Route.VOCATIONAL].closes_on == date(2027, 6, 30)
    assert found[Route.KOMVUX_UPPER_SECONDARY].opens_on == date(2027, 7, 1)
    assert found[Route.STUDENT_FINANCE].opens_on == date(2027, 7, 1)
    # Without the day of birth nobody can say when the municipality's duty ends.
    assert found[Route.MUNICIPAL_DUTY].closes_on is None
    exact = routes(Situation(Born.on(date(2007, 5, 9)), schooling=Schooling.LEFT_NATIONAL), TODAY)
    assert exact[Route.MUNICIPAL_DUTY].closes_on == date(2027, 5, 8)


def test_only_what_changes_the_answer_is_asked_for() -> None:
    nineteen = routes(Situation(Born.aged(19, TODAY)), TODAY)
    assert what_to_ask([nineteen[Route.KOMVUX_UPPER_SECONDARY]]) == (Need.BIRTH_YEAR,)
    seventeen = routes(Situation(Born.aged(17, TODAY)), TODAY)
    assert what_to_ask([seventeen[Route.KOMVUX_UPPER_SECONDARY]]) == ()


def test_some_preparatory_programmes_ask_for_certain_subjects() -> None:
    core = {Subject.SWEDISH, Subject.ENGLISH, Subject.MATHS}
    science = {Subject.BIOLOGY, Subject.PHYSICS, Subject.CHEMISTRY}
    society = {Subject.GEOGRAPHY, Subject.HISTORY, Subject.RELIGION, Subject.CIVICS}
    assert eligibility(Grades(frozenset(core), 9)).preparatory == {"ES"}
    assert eligibility(Grades(frozenset(core | science), 6)).preparatory == {"ES", "NA", "TE"}
    assert eligibility(Grades(frozenset(core | society), 5)).preparatory == {"ES", "EK", "HU", "SA"}
    assert eligibility(Grades(frozenset(core | science | society), 2)).preparatory == {
        "ES", "NA", "TE", "EK", "HU", "SA",
    }  # fmt: skip
    assert eligibility(Grades(frozenset(core | science | society), 1)).preparatory == frozenset()


def test_what_is_missing_is_counted() -> None:
    able = eligibility(Grades(frozenset({Subject.SWEDISH}), 3))
    assert able.missing_core == {Subject.ENGLISH, Subject.MATHS}
    assert able.missing_for_vocational == 4


@pytest.mark.parametrize(("hours", "repeated", "reported"), [
    (3.9, True, False), (4, True, True), (30, True, True), (8, False, False), (0, True, False),
])  # fmt: skip
def test_absence_is_counted_in_hours_and_has_to_be_repeated(hours: float, repeated: bool, reported: bool) -> None:
    assert absence_may_be_reported(hours, repeated=repeated) is reported


@pytest.mark.parametrize(("started", "today", "system"), [
    ("2025-06-30", "2026-11-27", GradeSystem.COURSES),
    ("2025-07-01", "2026-11-27", GradeSystem.SUBJECTS),
    ("2023-08-15", "2030-06-30", GradeSystem.COURSES),
    ("2023-08-15", "2030-07-01", GradeSystem.ASK),
    ("2026-08-15", "2031-01-01", GradeSystem.SUBJECTS),
])  # fmt: skip
def test_old_courses_may_be_finished_until_june_2030(started: str, today: str, system: GradeSystem) -> None:
    assert grade_system(date.fromisoformat(started), date.fromisoformat(today)) is system


def test_a_person_born_on_a_leap_day_turns_20_on_a_leap_day_and_18_on_the_careful_day() -> None:
    person = Situation(Born.on(date(2008, 2, 29)), schooling=Schooling.NEVER_STARTED, grades=Grades(frozenset(), 1),
                       residence=Residence.ASYLUM)  # fmt: skip
    assert routes(person, date(2026, 2, 27))[Route.INDIVIDUAL_ALTERNATIVE].status is Status.OPEN
    assert routes(person, date(2026, 2, 28))[Route.INDIVIDUAL_ALTERNATIVE].status is Status.DECIDED


def test_a_birth_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="earliest"):
        Born(date(2008, 1, 2), date(2008, 1, 1))
    with pytest.raises(ValueError, match="month"):
        Born.in_year(2008, 13)
