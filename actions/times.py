"""Free times: which are free, which were offered, and how they stand on buttons. Used by the actions on meetings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.dates import in_few_words, wanted_time
from actions.services import Services
from actions.turn import Turn
from bot.booking.models import ContactHow
from bot.booking.service import MeetingTime
from bot.languages import Language
from bot.names import Entity

SHOWN_TIMES = 3
# A time is the one that was asked for if it starts within this; the search begins so much before it.
SAME_TIME = timedelta(minutes=1)
# In the slot `times_after`: the times closest to an instant; without it, an instant means those after it.
NEAR = "near "


@dataclass(frozen=True)
class Offer:
    """Free times to show, and whether they are what was asked for."""

    times: Sequence[MeetingTime]
    fits: bool = True


def offer(services: Services, municipality: str | None, how: ContactHow | None, asked: str | None) -> Offer:
    """Return the free times to show.

    Args:
        asked: "near <instant>", an instant (later ones), or days and parts of days; None for the first times.
    """
    booking = services.booking
    if asked and asked.startswith(NEAR):
        wanted = datetime.fromisoformat(asked.removeprefix(NEAR))
        return Offer(booking.closest_times(municipality, wanted, SHOWN_TIMES, how=how))
    named = wanted_time(asked) if asked else None
    if named is None:
        return Offer(booking.free_times(municipality, SHOWN_TIMES, how=how))
    if named.exact is not None:
        later = booking.free_times(municipality, SHOWN_TIMES, named.exact, how=how)
    else:
        later = booking.free_times(municipality, SHOWN_TIMES, window=named.window, how=how)
    if later:
        return Offer(later)
    begins = named.window.begins()
    if begins is not None:
        return Offer(booking.closest_times(municipality, begins, SHOWN_TIMES, how=how), fits=False)
    return Offer(booking.free_times(municipality, SHOWN_TIMES, how=how), fits=False)


def free_at(services: Services, municipality: str | None, how: ContactHow | None, instant: datetime) -> bool:
    """Whether a meeting can begin at an instant."""
    near = services.booking.free_times(municipality, 1, instant - SAME_TIME, how=how)
    return any(abs(time.starts_at - instant) < SAME_TIME for time in near)


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
