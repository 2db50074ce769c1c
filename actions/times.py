"""Free times: which are free, which were offered, and how they stand on buttons. Used by the actions on meetings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from actions.dates import in_few_words
from actions.services import Services
from actions.turn import Turn
from bot.booking.service import MeetingTime
from bot.languages import Language
from bot.names import Entity

SHOWN_TIMES = 3
# A time is the one that was asked for if it starts within this; the search begins so much before it.
SAME_TIME = timedelta(minutes=1)


def free_at(services: Services, municipality: str | None, instant: datetime) -> MeetingTime | None:
    """Return the free time that starts at an instant, or None."""
    near = services.booking.free_times(municipality, limit=SHOWN_TIMES, after=instant - SAME_TIME)
    return next((time for time in near if abs(time.starts_at - instant) < SAME_TIME), None)


def offered_times(turn: Turn) -> tuple[datetime, ...]:
    """Return the times that stood on the buttons of the last question, in order."""
    named = (payload.entities.get(Entity.TIME) for payload in turn.last_said.payloads)
    return tuple(datetime.fromisoformat(time) for time in named if time)


def last_offered_time(turn: Turn) -> datetime | None:
    """Return the latest of those times, None when none were offered."""
    return max(offered_times(turn), default=None)


def time_values(times: Sequence[MeetingTime], language: Language) -> dict[str, str]:
    """Return the placeholders time_1, iso_1, ... of the questions for a time."""
    values: dict[str, str] = {}
    for number, time in enumerate(times[:SHOWN_TIMES], start=1):
        values[f"time_{number}"] = in_few_words(time.starts_at, language)
        values[f"iso_{number}"] = time.starts_at.isoformat()
    return values
