"""Which grades open which programmes of upper secondary school. Pure functions.

Source of the rules: the county's admission office, https://www.gymnasiestudera.se/behorig-till-gymnasiet/ (16 kap.
30-31 §§ skollagen), and for the programme-oriented choice
https://utbildningsguiden.skolverket.se/gymnasieskolan/gymnasieskolans-program/introduktionsprogram (17 kap. skollagen).
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.guidance.values import Grades, Subject

CORE = frozenset({Subject.SWEDISH, Subject.ENGLISH, Subject.MATHS})
SCIENCE = frozenset({Subject.BIOLOGY, Subject.PHYSICS, Subject.CHEMISTRY})
SOCIETY = frozenset({Subject.GEOGRAPHY, Subject.HISTORY, Subject.RELIGION, Subject.CIVICS})

VOCATIONAL_SUBJECTS = 8
PREPARATORY_SUBJECTS = 12
# Of the twelve, these must be among the nine beside Swedish, English and maths.
MUST_HAVE = {
    "NA": SCIENCE, "TE": SCIENCE,
    "EK": SOCIETY, "HU": SOCIETY, "SA": SOCIETY,
    "ES": frozenset[Subject](),
}  # fmt: skip


@dataclass(frozen=True)
class Eligibility:
    """What grades are enough for."""

    vocational: bool
    preparatory: frozenset[str]
    """Codes of the preparatory programmes."""
    programme_oriented: bool
    """Whether they are enough for a programme-oriented choice (an introductory programme)."""
    missing_core: frozenset[Subject]
    missing_for_vocational: int
    """How many more subjects a vocational programme asks for, those of the core among them."""


def eligibility(grades: Grades) -> Eligibility:
    """Say which programmes grades of at least E are enough for."""
    core = grades.passed & CORE
    beside = len(grades.passed - CORE) + grades.others
    complete = core == CORE
    missing_core = CORE - core
    return Eligibility(
        vocational=complete and beside >= VOCATIONAL_SUBJECTS - len(CORE),
        preparatory=frozenset(
            code for code, needed in MUST_HAVE.items()
            if complete and beside >= PREPARATORY_SUBJECTS - len(CORE) and needed <= grades.passed
        ),
        programme_oriented=_nearly(core, beside),
        missing_core=missing_core,
        missing_for_vocational=len(missing_core) + max(0, VOCATIONAL_SUBJECTS - len(CORE) - beside),
    )  # fmt: skip


def _nearly(core: frozenset[Subject], beside: int) -> bool:
    """All three of the core and three more; or Swedish with maths or English, and four more."""
    return (core == CORE and beside >= 3) or (Subject.SWEDISH in core and len(core) >= 2 and beside >= 4)
