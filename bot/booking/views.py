"""What bookings hand to the dialogue and to the console: values, never rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.booking.models import ContactHow


@dataclass(frozen=True)
class MeetingTime:
    """A free time with a counsellor."""

    starts_at: datetime
    """Aware, UTC."""
    staff_id: str
    counsellor_name: str
    minutes: int = 30


@dataclass(frozen=True)
class Booked:
    """A meeting that stands (or, from `cancel`, stood)."""

    booking_id: str
    starts_at: datetime
    counsellor_name: str
    how: ContactHow
    municipality: str | None
    minutes: int = 30
    where: str | None = None
    """A place or a link, when the counsellor has named one."""


@dataclass(frozen=True)
class Taken:
    """The time cannot be had; these are free (none before the first is)."""

    next_free: tuple[MeetingTime, ...]


@dataclass(frozen=True)
class NobodyAvailable:
    """No counsellor covers the municipality, or none has a free time within the horizon."""


@dataclass(frozen=True)
class Meeting:
    """A meeting as the console lists it; `call_me` and `contact` may be placeholders of the vault."""

    booking_id: str
    conversation_id: str
    staff_id: str
    counsellor_name: str
    starts_at: datetime
    minutes: int
    how: ContactHow
    municipality: str | None
    topic: str
    call_me: str
    contact: str | None
    coming: bool = False
    """The youth said so when they were reminded."""
    outcome: str | None = None
