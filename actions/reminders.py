"""Being reminded: at a time that is named, when a date of the application year comes, or no more."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from actions.base import BotAction
from actions.dates import in_words, wanted_time
from actions.services import Services
from actions.turn import Turn
from bot.booking.hours import instant
from bot.clock import STOCKHOLM
from bot.guidance.season import NextDate, next_dates
from bot.languages import Language
from bot.names import Action, Entity, Response
from bot.reminders.models import ReminderKind
from bot.reminders.rules import AFTERNOON
from bot.reminders.service import TimePast

_DATES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("application_closes", re.compile(r"sista (dag|ansök|chans)|stäng|deadline|last day|clos|too late", re.IGNORECASE)),
    ("folk_high_school_opens_autumn", re.compile(r"folkhög|folk high", re.IGNORECASE)),
    ("final_result", re.compile(r"slutlig|slutantag|final (result|admission)", re.IGNORECASE)),
    ("preliminary_result", re.compile(r"besked|antagning|prelimin|kommit in\b|result|got in", re.IGNORECASE)),
    ("application_opens", re.compile(r"ansök|söka|söker|öppna|appl|opens?\b|opening", re.IGNORECASE)),
)  # fmt: skip
_MEETING = re.compile(r"möte|bokning|min tid\b|min träff|meeting|appointment|my time\b|booking", re.IGNORECASE)
# A deadline is of use before it is there.
_DAYS_BEFORE = {"application_closes": 7}


class SetReminder(BotAction):
    """Remind me: at a time, of a date of the year, of my meeting; else ask of what."""

    action_name = Action.ACTION_SET_REMINDER

    def act(self, turn: Turn) -> None:
        """Set it and say when, or ask."""
        set_reminder(turn, self.services)


class StopReminders(BotAction):
    """Say nothing unasked any more."""

    action_name = Action.ACTION_STOP_REMINDERS

    def act(self, turn: Turn) -> None:
        """Stop at once, and say so."""
        stop_reminders(turn, self.services)


def stop_reminders(turn: Turn, services: Services) -> None:
    """Stop everything that is said unasked."""
    services.reminders.stop(turn.conversation_id)
    turn.say(Response.UTTER_STOP_REMINDERS)


def set_reminder(turn: Turn, services: Services) -> None:
    """Set the reminder that a message asks for, or ask what it is to be about."""
    named = turn.entity(Entity.TIME)
    if named is not None and (at := _instant_of(named, services.clock())) is not None:
        _remind_at(turn, services, at)
        return
    if _MEETING.search(turn.text) and services.booking.current(turn.conversation_id) is not None:
        turn.say(Response.UTTER_REMINDER_OF_MEETING)
        return
    key = turn.entity(Entity.TOPIC) or next((key for key, sign in _DATES if sign.search(turn.text)), None)
    today = services.clock().astimezone(STOCKHOLM).date()
    coming = {one.key: one for one in next_dates(services.knowledge.dates(), today, exact_only=True)}
    if key in coming:
        _remind_of(turn, services, coming[key])
    else:
        turn.say(Response.UTTER_SET_REMINDER)


def _remind_at(turn: Turn, services: Services, at: datetime) -> None:
    result = services.reminders.remind(
        turn.conversation_id, at, kind=ReminderKind.ASKED, subject=turn.message_id, note=turn.text[:300]
    )
    if isinstance(result, TimePast):
        turn.say(Response.UTTER_REMINDER_PAST)
    else:
        turn.say(Response.UTTER_REMINDER_SET, when=in_words(result.at, turn.language))


def _remind_of(turn: Turn, services: Services, date: NextDate) -> None:
    before = timedelta(days=_DAYS_BEFORE.get(date.key, 0))
    now = services.clock()
    at = max(instant(date.date - before, AFTERNOON), now + timedelta(days=1) if before else now)
    title = date.occurrence.row.title
    note = f"{title.sv if turn.language is Language.SV else title.en}, {date.occurrence.text(turn.language)}."
    result = services.reminders.remind(
        turn.conversation_id, at, kind=ReminderKind.SEASON, subject=f"{date.key}:{date.date.year}", note=note
    )
    if isinstance(result, TimePast):
        turn.say(Response.UTTER_REMINDER_PAST)
    else:
        turn.say(Response.UTTER_REMINDER_SET_SEASON, what=note, when=in_words(result.at, turn.language))


def _instant_of(named: str, now: datetime) -> datetime | None:
    """Return when to remind for an entity `time`: a day without a time is its afternoon."""
    asked = wanted_time(named)
    if asked is None or asked.exact is not None:
        return asked.exact if asked else None
    window = asked.window
    if window.first_day is not None:
        return instant(window.first_day, window.starts or AFTERNOON)
    if window.starts is None:
        return None
    today = instant(now.astimezone(STOCKHOLM).date(), window.starts)
    return today if today > now else instant(now.astimezone(STOCKHOLM).date() + timedelta(days=1), window.starts)
