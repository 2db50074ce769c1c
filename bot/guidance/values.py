"""What the guidance rules take and give: a person's situation, the routes, and what is said about each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

# Whom the service is for; a person who has told no age is somewhere in between.
YOUNGEST, OLDEST = 15, 24


class Schooling(StrEnum):
    """Where somebody is in school, or how far they came."""

    IN_COMPULSORY = "in_compulsory"
    NEVER_STARTED = "never_started"
    LEFT_INTRODUCTORY = "left_introductory"
    LEFT_NATIONAL = "left_national"
    IN_INTRODUCTORY = "in_introductory"
    IN_NATIONAL = "in_national"
    STUDY_CERTIFICATE = "study_certificate"
    """A national programme was finished, without meeting the demands of a diploma (studiebevis)."""
    DIPLOMA = "diploma"
    IN_KOMVUX = "in_komvux"
    """In komvux at upper secondary level."""


class Residence(StrEnum):
    """On what ground somebody lives in Sweden. Never asked for; taken into account when it is told."""

    REGISTERED = "registered"
    ASYLUM = "asylum"
    UNDOCUMENTED = "undocumented"


class Subject(StrEnum):
    """Subjects of compulsory school that the rules name; any other is counted only."""

    SWEDISH = "swedish"
    """Swedish, or Swedish as a second language."""
    ENGLISH = "english"
    MATHS = "maths"
    BIOLOGY = "biology"
    PHYSICS = "physics"
    CHEMISTRY = "chemistry"
    GEOGRAPHY = "geography"
    HISTORY = "history"
    RELIGION = "religion"
    CIVICS = "civics"


@dataclass(frozen=True)
class Grades:
    """The subjects of compulsory school with at least an E: those named here, and how many others."""

    passed: frozenset[Subject]
    others: int = 0

    def __post_init__(self) -> None:
        if self.others < 0:
            raise ValueError("the number of other subjects cannot be below 0")


@dataclass(frozen=True)
class Born:
    """When somebody was born, as far as it is known: on `last` at the latest, on `first` at the earliest."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError("the earliest day of birth lies after the latest")

    @classmethod
    def on(cls, day: date) -> Born:
        """The day is known."""
        return cls(day, day)

    @classmethod
    def in_year(cls, year: int, month: int | None = None) -> Born:
        """The year is known, perhaps the month.

        Raises:
            ValueError: there is no such month.
        """
        if month is None:
            return cls(date(year, 1, 1), date(year, 12, 31))
        following = date(year + month // 12, month % 12 + 1, 1)
        return cls(date(year, month, 1), following - timedelta(days=1))

    @classmethod
    def aged(cls, years: int, today: date) -> Born:
        """Only the age in whole years is known."""
        return cls(years_before(today, years + 1) + timedelta(days=1), years_before(today, years))

    @classmethod
    def unknown(cls, today: date) -> Born:
        """Nothing is known, but that the service is meant for the person."""
        return cls(years_before(today, OLDEST + 1) + timedelta(days=1), years_before(today, YOUNGEST))

    @property
    def year(self) -> int | None:
        """The year of birth, if it is known."""
        return self.first.year if self.first.year == self.last.year else None

    def possible(self) -> Iterator[date]:
        """Yield days of birth among which every different answer is found: the ends, and each half-year between."""
        yield self.first
        for year in range(self.first.year, self.last.year + 1):
            for month in (1, 7):
                for day in (date(year, month, 1) - timedelta(days=1), date(year, month, 1)):
                    if self.first < day < self.last:
                        yield day
        if self.last != self.first:
            yield self.last


@dataclass(frozen=True)
class Situation:
    """What somebody has told. None: not told."""

    born: Born | None = None
    municipality: str | None = None
    schooling: Schooling | None = None
    grades: Grades | None = None
    residence: Residence | None = None
    new_in_sweden: bool | None = None
    intellectual_disability: bool | None = None
    """Told of their own accord; never asked for."""
    registered_jobseeker: bool | None = None
    child: bool | None = None


class Route(StrEnum):
    """A way to study, to support or to somebody who helps."""

    STAY = "stay"
    VOCATIONAL = "vocational"
    PREPARATORY = "preparatory"
    PROGRAMME_ORIENTED = "programme_oriented"
    VOCATIONAL_INTRODUCTION = "vocational_introduction"
    INDIVIDUAL_ALTERNATIVE = "individual_alternative"
    LANGUAGE_INTRODUCTION = "language_introduction"
    ADAPTED_UPPER_SECONDARY = "adapted_upper_secondary"
    KOMVUX_BASIC = "komvux_basic"
    KOMVUX_UPPER_SECONDARY = "komvux_upper_secondary"
    KOMVUX_ADAPTED = "komvux_adapted"
    SFI = "sfi"
    FOLK_HIGH_SCHOOL = "folk_high_school"
    STUDY_MOTIVATION = "study_motivation"
    EXAMINATION = "examination"
    JOB_GUARANTEE = "job_guarantee"
    HIGHER_STUDIES = "higher_studies"
    MUNICIPAL_DUTY = "municipal_duty"
    GUIDANCE = "guidance"
    STUDY_HELP = "study_help"
    STUDENT_FINANCE = "student_finance"


INTRODUCTORY = frozenset({
    Route.PROGRAMME_ORIENTED, Route.VOCATIONAL_INTRODUCTION, Route.INDIVIDUAL_ALTERNATIVE, Route.LANGUAGE_INTRODUCTION,
})  # fmt: skip
NATIONAL = frozenset({Route.VOCATIONAL, Route.PREPARATORY})


class Status(StrEnum):
    """How a route stands on the day."""

    OPEN = "open"
    SOON = "soon"
    """Opens within a year; `opens_on` says when."""
    DECIDED = "decided"
    """Not by right: somebody (the municipality, the employment service) decides in the single case."""
    CLOSED = "closed"
    UNKNOWN = "unknown"
    """Depends on something that was not told; `needs` says what."""


class Need(StrEnum):
    """What would have to be told."""

    BIRTH_YEAR = "birth_year"
    SCHOOLING = "schooling"
    GRADES = "grades"
    NEW_IN_SWEDEN = "new_in_sweden"


class Reason(StrEnum):
    """Why a route stands as it does; `bot.guidance.grounds` has the law and the source of each."""

    BEFORE_20_LIMIT = "before_20_limit"
    AFTER_20_LIMIT = "after_20_limit"
    COMPULSORY_FIRST = "compulsory_first"
    ALREADY_FINISHED = "already_finished"
    RIGHT_TO_FINISH = "right_to_finish"
    BEGUN_BEFORE_18 = "begun_before_18"
    NOT_BEGUN_BEFORE_18 = "not_begun_before_18"
    ELIGIBLE = "eligible"
    ADMITTED_BEFORE = "admitted_before"
    NOT_ELIGIBLE = "not_eligible"
    GRADES_DECIDE = "grades_decide"
    NOT_FOR_THE_ELIGIBLE = "not_for_the_eligible"
    NEARLY_ELIGIBLE = "nearly_eligible"
    NOT_NEARLY_ELIGIBLE = "not_nearly_eligible"
    LACKS_ELIGIBILITY = "lacks_eligibility"
    NEWLY_ARRIVED = "newly_arrived"
    MUNICIPALITY_DECIDES_TARGET_GROUP = "municipality_decides_target_group"
    KOMVUX_BASIC_RIGHT = "komvux_basic_right"
    KOMVUX_FROM_20 = "komvux_from_20"
    FINISHED_PROGRAMME = "finished_programme"
    SPECIAL_REASONS = "special_reasons"
    NOT_RESIDENT = "not_resident"
    SFI_FROM_16 = "sfi_from_16"
    FOLK_HIGH_SCHOOL_18 = "folk_high_school_18"
    HOME_MUNICIPALITY_PAYS = "home_municipality_pays"
    EMPLOYMENT_SERVICE_DECIDES = "employment_service_decides"
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    IN_STUDIES = "in_studies"
    HAS_DIPLOMA = "has_diploma"
    ANY_COURSE = "any_course"
    NEEDS_DIPLOMA = "needs_diploma"
    DUTY_UNTIL_20 = "duty_until_20"
    DUTY_NOT_COVERED = "duty_not_covered"
    OWN_SERVICE = "own_service"
    STUDY_HELP_UNTIL_20 = "study_help_until_20"
    STUDENT_FINANCE_FROM_20 = "student_finance_from_20"
    DEPENDS_ON_AGE = "depends_on_age"
    DEPENDS_ON_SCHOOLING = "depends_on_schooling"


@dataclass(frozen=True)
class Finding:
    """What holds for one route on one day."""

    route: Route
    status: Status
    reason: Reason
    opens_on: date | None = None
    """From when it is open by right, where that lies ahead and is certain."""
    closes_on: date | None = None
    """The last day, where there is one and it is certain."""
    needs: Need | None = None
    programmes: frozenset[str] = field(default_factory=frozenset)
    """For PREPARATORY: the codes of the programmes that the grades are enough for."""


def years_before(day: date, years: int) -> date:
    """Return the same day so many years earlier; 29 February becomes 28 February."""
    return _in_year(day, day.year - years)


def birthday(born: date, years: int) -> date:
    """Return the day on which somebody turns so many years old.

    Who was born on 29 February is taken to turn so on 28 February: limits "before the birthday" are then told
    on the careful side.
    """
    return _in_year(born, born.year + years)


def _in_year(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)
