"""Which money from CSN goes with somebody's age, when absence may cost it, and which grades count. Pure functions."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from bot.guidance.values import Finding, Reason, Route, Status, birthday

# The school may report repeated invalid absence of this many hours or more in a month. There is no 20 % rule any more.
# https://www.csn.se/om-nagot-hander-eller-andras/ogiltig-franvaro-pa-gymnasiet.html
ABSENCE_HOURS_A_MONTH = 4

# From this day levels and subject grades (Gy25) replace courses; who began earlier may finish courses until the other.
# https://www.stenungsund.se/barn-och-utbildning/vuxenutbildningen/gy25---amnesbetyg-pa-gymnasial-niva (2025-04-22)
GY25_FROM = date(2025, 7, 1)
OLD_COURSES_UNTIL = date(2030, 6, 30)


def money_at(born: date, today: date) -> tuple[Finding, Finding]:
    """Return how study help and student finance stand for studies at upper secondary level, full time.

    Study help: from the quarter after the 16th birthday to the first half of the year of turning 20.
    Student finance (grant and loan): from the second half of that year; it must be applied for.
    """
    turns_16, ends = birthday(born, 16), date(born.year + 20, 7, 1)
    begins = _next_quarter(turns_16)
    if today >= ends or (begins - today).days > 366:
        help_status = Status.CLOSED
    else:
        help_status = Status.OPEN if today >= begins else Status.SOON
    finance = Finding(Route.STUDENT_FINANCE, Status.OPEN, Reason.STUDENT_FINANCE_FROM_20)
    if today < ends:
        soon = (ends - today).days <= 366
        finance = Finding(
            Route.STUDENT_FINANCE,
            Status.SOON if soon else Status.CLOSED,
            Reason.STUDENT_FINANCE_FROM_20,
            opens_on=ends,
        )
    return (
        Finding(
            Route.STUDY_HELP,
            help_status,
            Reason.STUDY_HELP_UNTIL_20,
            opens_on=begins if help_status is Status.SOON else None,
            closes_on=date(born.year + 20, 6, 30) if help_status is Status.OPEN else None,
        ),
        finance,
    )


def absence_may_be_reported(invalid_hours_in_month: float, *, repeated: bool) -> bool:
    """Whether the school may tell CSN: repeated invalid absence that adds up to four hours or more in a month.

    The school judges, and may choose not to when illness, bullying or other personal reasons are behind it.
    """
    return repeated and invalid_hours_in_month >= ABSENCE_HOURS_A_MONTH


class GradeSystem(StrEnum):
    """How upper secondary grades are set for somebody."""

    COURSES = "courses"
    SUBJECTS = "subjects"
    ASK = "ask"
    """Began with courses, but their time has run out: a counsellor has to look at the grades."""


def grade_system(started: date, today: date) -> GradeSystem:
    """Return which rules hold for somebody who first started at upper secondary level on a day."""
    if started >= GY25_FROM:
        return GradeSystem.SUBJECTS
    return GradeSystem.COURSES if today <= OLD_COURSES_UNTIL else GradeSystem.ASK


def _next_quarter(day: date) -> date:
    """Return the first day of the quarter after the one that a day lies in."""
    month = (day.month - 1) // 3 * 3 + 4
    return date(day.year + (month > 12), (month - 1) % 12 + 1, 1)
