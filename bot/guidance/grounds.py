"""The law and the source behind each reason that the guidance rules give.

`fact` names the row of data/knowledge/facts.yml that has the page it was read on, with its date; None where the
reason is no claim about the world (something was not told, or it is this service's own offer).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.guidance.values import Reason


@dataclass(frozen=True)
class Ground:
    """Where a rule stands."""

    law: str | None
    fact: str | None


GROUNDS: Mapping[Reason, Ground] = {
    Reason.BEFORE_20_LIMIT: Ground("15 kap. 5 § skollagen", "start_upper_secondary_before_20"),
    Reason.AFTER_20_LIMIT: Ground("15 kap. 5 § skollagen", "start_upper_secondary_before_20"),
    Reason.COMPULSORY_FIRST: Ground("15 kap. 5 § skollagen", "start_upper_secondary_before_20"),
    Reason.ALREADY_FINISHED: Ground("15 kap. 5 §, 16 kap. 29 § skollagen", "not_after_a_finished_programme"),
    Reason.RIGHT_TO_FINISH: Ground("16 kap. 37 §, 17 kap. 15 § skollagen", "right_to_finish_programme"),
    Reason.BEGUN_BEFORE_18: Ground("29 kap. 3 § skollagen", "school_without_residence"),
    Reason.NOT_BEGUN_BEFORE_18: Ground("29 kap. 3 § skollagen", "school_without_residence"),
    Reason.ELIGIBLE: Ground("16 kap. 30-31 §§ skollagen", "eligibility_8_and_12"),
    Reason.ADMITTED_BEFORE: Ground("16 kap. 30-31 §§ skollagen", "eligibility_8_and_12"),
    Reason.NOT_ELIGIBLE: Ground("16 kap. 30-31 §§ skollagen", "eligibility_8_and_12"),
    Reason.GRADES_DECIDE: Ground("16 kap. 30-31 §§ skollagen", "eligibility_8_and_12"),
    Reason.NOT_FOR_THE_ELIGIBLE: Ground("17 kap. skollagen", "introductory_programmes"),
    Reason.NEARLY_ELIGIBLE: Ground("17 kap. skollagen", "programme_oriented_choice"),
    Reason.NOT_NEARLY_ELIGIBLE: Ground("17 kap. skollagen", "programme_oriented_choice"),
    Reason.LACKS_ELIGIBILITY: Ground("17 kap. skollagen", "introductory_programmes"),
    Reason.NEWLY_ARRIVED: Ground("17 kap. skollagen", "language_introduction"),
    Reason.MUNICIPALITY_DECIDES_TARGET_GROUP: Ground("18 kap. 4-5 §§ skollagen", "adapted_upper_secondary"),
    Reason.KOMVUX_BASIC_RIGHT: Ground("20 kap. 11 § skollagen", "komvux_basic_right"),
    Reason.KOMVUX_FROM_20: Ground("20 kap. 20 § skollagen", "komvux_from_20"),
    Reason.FINISHED_PROGRAMME: Ground(
        "20 kap. 20 § skollagen, 3 kap. 2 § förordningen om vuxenutbildning", "study_certificate_opens_komvux"
    ),
    Reason.SPECIAL_REASONS: Ground(
        "20 kap. 20 § skollagen, 3 kap. 2 § förordningen om vuxenutbildning", "komvux_earlier"
    ),
    Reason.NOT_RESIDENT: Ground("20 kap. 11 och 20 §§, 29 kap. 2 § skollagen", "komvux_basic_right"),
    Reason.SFI_FROM_16: Ground("20 kap. 31 § skollagen", "sfi_from_16"),
    Reason.FOLK_HIGH_SCHOOL_18: Ground(None, "general_course"),
    Reason.HOME_MUNICIPALITY_PAYS: Ground(None, "general_course_before_18"),
    Reason.EMPLOYMENT_SERVICE_DECIDES: Ground(None, "employment_service_decides"),
    Reason.TOO_YOUNG: Ground(None, None),
    Reason.TOO_OLD: Ground(None, None),
    Reason.IN_STUDIES: Ground(None, None),
    Reason.HAS_DIPLOMA: Ground(None, None),
    Reason.ANY_COURSE: Ground(None, "examination_without_course"),
    Reason.NEEDS_DIPLOMA: Ground(None, "higher_vocational"),
    Reason.DUTY_UNTIL_20: Ground("29 kap. 9 § skollagen", "municipal_duty_under_20"),
    Reason.DUTY_NOT_COVERED: Ground("29 kap. 9 § skollagen", "municipal_duty_under_20"),
    Reason.OWN_SERVICE: Ground(None, None),
    Reason.STUDY_HELP_UNTIL_20: Ground("2 kap. studiestödslagen", "study_help_until_20"),
    Reason.STUDENT_FINANCE_FROM_20: Ground("3 kap. studiestödslagen", "student_finance_from_20"),
    Reason.DEPENDS_ON_AGE: Ground(None, None),
    Reason.DEPENDS_ON_SCHOOLING: Ground("29 kap. 9 § skollagen", "municipal_duty_under_20"),
}
