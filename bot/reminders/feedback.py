"""Did it help? What youths answered after meetings and chats, as numbers that point at nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import STOCKHOLM
from bot.reminders.models import Feedback, ReminderKind
from bot.small_numbers import suppressed_with_sum

# Whole months that have passed: a number that grew while one looked would say who has just answered.
MONTHS = 3
SILENT = "silent"
_ANSWERS = {
    ReminderKind.AFTER_MEETING: ("yes", "some", "no", "none", SILENT),
    ReminderKind.AFTER_CHAT: ("yes", "some", "no", SILENT),
}


@dataclass(frozen=True)
class Helped:
    """How many youths gave each answer; None where a number is too small to show."""

    about: str
    answers: dict[str, int | None]
    asked: int | None


@dataclass(frozen=True)
class Summary:
    """The answers of the months from `first` to before `end`."""

    first: datetime
    end: datetime
    parts: tuple[Helped, ...]


def summary_of(session: Session, now: datetime) -> Summary:
    """Return what youths answered in the last whole months. Each youth counts once, with their last answer."""
    first, end = _months(now)
    place = func.row_number().over(
        partition_by=(Feedback.conversation_id, Feedback.about), order_by=(Feedback.asked_at.desc(), Feedback.id)
    )
    ranked = (
        select(Feedback.about, Feedback.answer, place.label("place"))
        .where(Feedback.asked_at >= first, Feedback.asked_at < end)
        .subquery()
    )
    rows = session.execute(
        select(ranked.c.about, ranked.c.answer, func.count())
        .where(ranked.c.place == 1)
        .group_by(ranked.c.about, ranked.c.answer)
    )
    found = {(about, answer or SILENT): count for about, answer, count in rows}
    parts = []
    for about, names in _ANSWERS.items():
        counts = {name: found.get((about, name), 0) for name in names}
        parts.append(Helped(about, *suppressed_with_sum(counts)))
    return Summary(first, end, tuple(parts))


def _months(now: datetime) -> tuple[datetime, datetime]:
    end = now.astimezone(STOCKHOLM).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months = end.year * 12 + end.month - 1 - MONTHS
    return end.replace(year=months // 12, month=months % 12 + 1), end
