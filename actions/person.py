"""What somebody has told that decides which rules hold for them: born when, how far in school, living where.

Read from the message and kept in slots. Used by the answers and by the questions that wait for it.
"""

from __future__ import annotations

import re
from datetime import date

from actions.turn import Turn
from bot.guidance.values import Born, Schooling, Situation
from bot.names import Entity, Response, Slot

# Outside these a year is no year of birth of anybody who writes here.
_YOUNGEST, _OLDEST = 10, 40
_YEAR = re.compile(r"(?<!\d)(19\d\d|20\d\d)(?!\d)")
_SHORT_YEAR = re.compile(r"(?<![\d.:])['’-]?([0-2]\d)(?![\d.:%])")
_BARE_YEAR = re.compile(r"\W*(?:19|20)\d\d\W*")
_BORN = re.compile(r"\b(född|fodd|föddes|foddes|fött|born|birth|årgång)", re.IGNORECASE)
_HAS = r"\b(har|fick|fått|fatt|med|got|have|with)\b"
_NOT = re.compile(r"\b(inte|ej|ingen|inget|utan|not|no|don.?t|didn.?t|without|never|aldrig)\b", re.IGNORECASE)
_TELLS = (
    (re.compile(_HAS + r".{0,25}\b(studiebevis|study certificate)", re.IGNORECASE), Schooling.STUDY_CERTIFICATE),
    (re.compile(_HAS + r".{0,25}\b(gymnasieexamen|examensbevis|diploma)", re.IGNORECASE), Schooling.DIPLOMA),
)


def situation(turn: Turn, today: date) -> Situation:
    """Return what is known of the person, this message included."""
    schooling = turn.slot(Slot.SCHOOLING)
    return Situation(
        born=_known_birth(turn, today),
        municipality=turn.slot(Slot.MUNICIPALITY),
        schooling=Schooling(schooling) if schooling in set(Schooling) else None,
    )


def learn(turn: Turn, today: date) -> bool:
    """Remember what a message tells of the person; True when it tells when they were born."""
    for pattern, schooling in _TELLS:
        if turn.is_typed and pattern.search(turn.text) and not _NOT.search(turn.text):
            turn.remember(Slot.SCHOOLING, schooling.value)
    born = _told_birth(turn, today)
    if born is None:
        return False
    turn.remember(Slot.BORN, f"{born.first.isoformat()}/{born.last.isoformat()}")
    return True


def _told_birth(turn: Turn, today: date) -> Born | None:
    if turn.is_typed:
        asked = turn.last_said.has(Response.UTTER_ASK_BIRTH_YEAR)
        year = _year(turn.text, asked, today)
        if year is not None:
            return Born.in_year(year)
    age = turn.entity(Entity.AGE) or ""
    return Born.aged(int(age), today) if age.isdigit() and _YOUNGEST <= int(age) <= _OLDEST else None


def _year(text: str, asked: bool, today: date) -> int | None:
    """Return the year of birth that a text names; among other words one counts only as the answer to that question."""
    named = _BORN.search(text) or _BARE_YEAR.fullmatch(text)
    if not (asked or named):
        return None
    found = [int(year) for year in _YEAR.findall(text)]
    if not found:
        # "07", "född -07"; an age in two digits is no year of birth of somebody old enough to write here.
        found = [2000 + int(year) for year in _SHORT_YEAR.findall(text)]
    return next((year for year in found if _YOUNGEST <= today.year - year <= _OLDEST), None)


def _known_birth(turn: Turn, today: date) -> Born | None:
    kept = turn.slot(Slot.BORN)
    told = None
    if kept:
        first, last = (date.fromisoformat(part) for part in kept.split("/"))
        told = Born(first, last)
    if turn.age is None or not _YOUNGEST <= turn.age <= _OLDEST:
        return told
    aged = Born.aged(turn.age, today)
    if told is None:
        return aged
    both = max(told.first, aged.first), min(told.last, aged.last)
    # They may contradict each other when the age was told long ago; the day of birth does not grow old.
    return Born(*both) if both[0] <= both[1] else told
