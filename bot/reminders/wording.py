"""How reminders are worded. What lies on a lock screen names no school, no person and no reason."""

from __future__ import annotations

from datetime import datetime

from bot.clock import STOCKHOLM
from bot.handover.wording import clock_time
from bot.languages import Language
from bot.names import Response
from bot.reminders.models import CheckIns, ReminderKind
from bot.texts import Bubble, Texts

_NEAR = {
    Language.SV: ("i dag", "i morgon"),
    Language.EN: ("today", "tomorrow"),
}
_STEPS = (
    Response.UTTER_CHECK_IN_1, Response.UTTER_CHECK_IN_2, Response.UTTER_CHECK_IN_3, Response.UTTER_CHECK_IN_4,
)  # fmt: skip
_FIXED = {
    ReminderKind.MISSED: Response.UTTER_MEETING_MISSED,
    ReminderKind.AFTER_MEETING: Response.UTTER_AFTER_MEETING,
    ReminderKind.AFTER_CHAT: Response.UTTER_AFTER_CHAT,
    ReminderKind.ASKED: Response.UTTER_REMINDER_ASKED,
    ReminderKind.SEASON: Response.UTTER_REMINDER_ASKED,
}


def when_in_words(instant: datetime, now: datetime, language: Language) -> str:
    """Return a time as people say it: `i morgon kl. 14.00`, `tomorrow at 14:00`; further away with the date."""
    days = (instant.astimezone(STOCKHOLM).date() - now.astimezone(STOCKHOLM).date()).days
    if days not in (0, 1):
        return clock_time(instant, language)
    local = instant.astimezone(STOCKHOLM)
    clock = f"kl. {local:%H.%M}" if language is Language.SV else f"at {local:%H:%M}"
    return f"{_NEAR[language][days]} {clock}"


def bubble_of(
    texts: Texts,
    language: Language,
    kind: ReminderKind,
    *,
    now: datetime,
    starts_at: datetime | None = None,
    mode: CheckIns = CheckIns.OFF,
    step: int = 0,
) -> Bubble:
    """Return what is said.

    Args:
        starts_at: of the meeting that it is about.
        mode, step: of a check-in.
    """
    if kind in (ReminderKind.MEETING_DAY, ReminderKind.MEETING_SOON) and starts_at is not None:
        return texts.say(Response.UTTER_REMINDER_MEETING, language, when=when_in_words(starts_at, now, language))
    if kind == ReminderKind.CHECK_IN:
        weekly = mode is CheckIns.WEEKLY
        return texts.say(Response.UTTER_CHECK_IN_WEEK if weekly else _STEPS[step % len(_STEPS)], language)
    return texts.say(_FIXED[kind], language)
