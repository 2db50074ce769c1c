"""When something may be said unasked. Pure; times in, times out.

Clock times are Swedish wall time, so "the day before at two" stays at two over a clock change.
Numbers: domain notes 2.4 and 6.5 (24 h and 2 h; days 2, 7, 21, 60; at most one a week; never at night).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from bot.clock import STOCKHOLM
from bot.reminders.models import CheckIns, ReminderKind

QUIET_FROM, QUIET_UNTIL = time(21), time(8)
# What would fall into the evening's quiet hours is said a little before them.
LAST_MOMENT = time(20, 30)
# The hour of check-ins, and of reminders for a day without a time: after school, when young people write.
AFTERNOON = time(16, 30)

HOURS_BEFORE = timedelta(hours=2)
# Later than this before a meeting, reminding helps nobody.
LEAST_BEFORE = timedelta(minutes=30)
# Somebody who has just booked knows it.
JUST_BOOKED = timedelta(hours=1)
AFTER_MEETING = timedelta(hours=1)
AFTER_CHAT = timedelta(minutes=10)
# A question about how it was, or a kind word, comes within so long or not at all.
STALE = timedelta(days=3)
# A reminder that was asked for waits so long for somebody who has blocked us or is in a chat.
ASKED_STALE = timedelta(days=7)
SILENCE_DAYS = (2, 7, 21, 60)
WEEKS = 10
_WEEK_DAYS = 7
# Not in the middle of something that they are just writing.
PAUSE = timedelta(minutes=15)
# After a sign of danger, people and not reminders.
AFTER_DANGER = timedelta(days=2)
LONGEST_AHEAD = timedelta(days=400)

UNASKED = (ReminderKind.CHECK_IN, ReminderKind.ASKED, ReminderKind.SEASON)
"""What counts towards one a week: a check-in gives way to what was asked for."""


def is_quiet(now: datetime) -> bool:
    """Whether it is night: nothing is said unasked."""
    local = now.astimezone(STOCKHOLM).time()
    return local >= QUIET_FROM or local < QUIET_UNTIL


def wall(day_of: datetime, clock: time, days: int = 0) -> datetime:
    """Return a clock time on a day (or so many days from it) as an instant."""
    day = day_of.astimezone(STOCKHOLM).date() + timedelta(days=days)
    return datetime.combine(day, clock, STOCKHOLM).astimezone(UTC)


def out_of_quiet(instant: datetime, now: datetime) -> datetime:
    """Return when to say what was meant for an instant: itself, a little before the night, or after it."""
    local = instant.astimezone(STOCKHOLM).time()
    if local < QUIET_UNTIL:
        return wall(instant, QUIET_UNTIL)
    if local < QUIET_FROM:
        return instant
    before = wall(instant, LAST_MOMENT)
    return before if before > now else wall(instant, QUIET_UNTIL, days=1)


@dataclass(frozen=True)
class Window:
    """From when something can be said, and until when it makes sense."""

    due_at: datetime
    until: datetime

    def holds(self, now: datetime) -> bool:
        """Whether now is the time."""
        return self.due_at <= now < self.until


def meeting_window(kind: ReminderKind, starts_at: datetime) -> Window:
    """Return when to remind of a meeting: the day before, or two hours before, outside the quiet hours."""
    soon = starts_at - HOURS_BEFORE
    if is_quiet(soon):
        morning = wall(starts_at, QUIET_UNTIL)
        soon = morning if morning <= starts_at - LEAST_BEFORE else wall(starts_at, LAST_MOMENT, days=-1)
    if kind == ReminderKind.MEETING_SOON:
        return Window(soon, starts_at)
    clock = starts_at.astimezone(STOCKHOLM).time()
    if clock >= QUIET_FROM:
        clock = LAST_MOMENT
    day = wall(starts_at, max(clock, QUIET_UNTIL), days=-1)
    return Window(day, min(soon, starts_at - HOURS_BEFORE))


def meeting_reminder(now: datetime, starts_at: datetime, booked_at: datetime) -> ReminderKind | None:
    """Say which reminder of a meeting is due; None for what was booked when its time had almost come."""
    for kind in (ReminderKind.MEETING_SOON, ReminderKind.MEETING_DAY):
        window = meeting_window(kind, starts_at)
        if window.holds(now) and window.due_at > booked_at + JUST_BOOKED:
            return kind
    return None


def next_check_in(
    mode: CheckIns, since: datetime, step: int, last_heard: datetime | None, said: Sequence[datetime]
) -> datetime | None:
    """Return when to check in next; None when there is nothing more to say.

    Args:
        since: when they said yes (weekly).
        step: how many have been said.
        last_heard: when they last wrote.
        said: when something was said unasked, or will be because they asked for it: a week lies between.
    """
    if mode is CheckIns.WEEKLY:
        due = wall(since, AFTERNOON, days=_WEEK_DAYS * (step + 1)) if step < WEEKS else None
    elif mode is CheckIns.SILENCE:
        base = max(since, last_heard or since)
        due = wall(base, AFTERNOON, days=SILENCE_DAYS[step]) if step < len(SILENCE_DAYS) else None
    else:
        return None
    while due is not None and (near := [at for at in said if abs(_days_between(at, due)) < _WEEK_DAYS]):
        due = wall(max(near), AFTERNOON, days=_WEEK_DAYS)
    return due


def _days_between(earlier: datetime, later: datetime) -> int:
    """Count in days of the calendar: a week with a clock change is a week."""
    return (later.astimezone(STOCKHOLM).date() - earlier.astimezone(STOCKHOLM).date()).days
