"""Hand-written services for the tests of the actions: in memory, and they can be told to fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.booking.models import ContactHow
from bot.booking.rules import TimeWindow
from bot.booking.service import Booked, MeetingTime, NobodyAvailable, Taken
from bot.handover.models import HandoverState, Reason
from bot.handover.service import HandoverStatus, Question
from bot.reminders.models import ReminderKind
from bot.reminders.service import Reminded, TimePast


class ServiceDown(Exception):
    """What a fake raises when it is told to be down."""


class FakeBooking:
    """Meetings in memory: one counsellor, the given times."""

    def __init__(self, *starts: datetime) -> None:
        self.starts = list(starts)
        self.booked: dict[str, Booked] = {}
        self.calls: list[dict[str, object]] = []
        self.done: dict[str, Booked] = {}
        self.down = False
        self.offered: tuple[ContactHow, ...] = tuple(ContactHow)
        self.topics: list[str] = []
        self.gone: set[datetime] = set()
        """Times that still look free, but somebody else takes them first."""

    def free_times(
        self,
        municipality: str | None,
        limit: int = 3,
        after: datetime | None = None,
        *,
        window: TimeWindow | None = None,
        how: ContactHow | None = None,
    ) -> Sequence[MeetingTime]:
        self._check()
        found = [
            start for start in sorted(self.starts)
            if (after is None or start > after) and (window is None or window.holds(start))
        ]  # fmt: skip
        return tuple(MeetingTime(start, staff_id="staff-1", counsellor_name="Sara") for start in found[:limit])

    def closest_times(
        self, municipality: str | None, wanted: datetime, limit: int = 3, *, how: ContactHow | None = None
    ) -> Sequence[MeetingTime]:
        self._check()
        closest = sorted(self.starts, key=lambda start: abs(start - wanted))[:limit]
        return tuple(MeetingTime(start, staff_id="staff-1", counsellor_name="Sara") for start in sorted(closest))

    def ways(self, municipality: str | None) -> Sequence[ContactHow]:
        self._check()
        return self.offered

    def set_topic(self, conversation_id: str, topic: str) -> Booked | None:
        self._check()
        self.topics.append(topic)
        return self.booked.get(conversation_id)

    def book(
        self,
        *,
        conversation_id: str,
        municipality: str | None,
        topic: str,
        how: ContactHow,
        starts_at: datetime,
        call_me: str,
        contact: str | None,
        request_key: str,
    ) -> Booked | Taken | NobodyAvailable:
        self._check()
        self.calls.append({
            "municipality": municipality, "topic": topic, "how": how, "starts_at": starts_at, "call_me": call_me,
            "contact": contact, "request_key": request_key,
        })  # fmt: skip
        if request_key in self.done:
            return self.done[request_key]
        if not self.starts:
            return NobodyAvailable()
        if starts_at in self.gone:
            self.starts.remove(starts_at)
            return Taken(tuple(self.free_times(municipality)))
        booked = Booked(
            booking_id=f"booking-{len(self.done) + 1}",
            starts_at=starts_at,
            counsellor_name="Sara",
            how=how,
            municipality=municipality,
        )
        self.done[request_key] = self.booked[conversation_id] = booked
        self.starts.remove(starts_at)
        return booked

    def current(self, conversation_id: str) -> Booked | None:
        self._check()
        return self.booked.get(conversation_id)

    def cancel(self, conversation_id: str, request_key: str) -> Booked | None:
        self._check()
        return self.booked.pop(conversation_id, None)

    def move(self, conversation_id: str, starts_at: datetime, request_key: str) -> Booked | Taken | None:
        self._check()
        old = self.booked.get(conversation_id)
        if old is None:
            return None
        if starts_at in self.gone:
            self.starts.remove(starts_at)
            return Taken(tuple(self.free_times(old.municipality)))
        moved = replace(old, starts_at=starts_at)
        self.booked[conversation_id] = moved
        return moved

    def _check(self) -> None:
        if self.down:
            raise ServiceDown


class FakeHandover:
    """The queue in memory; answers with the status it is given."""

    def __init__(self, status: HandoverStatus | None = None) -> None:
        self.status = status or HandoverStatus(state=HandoverState.REQUESTED, position=2, opens_at=None)
        self.requests: list[dict[str, object]] = []
        self.question: Question | None = None

    def request(
        self, *, conversation_id: str, reason: Reason, request_key: str, municipality: str | None
    ) -> HandoverStatus:
        self.requests.append({
            "conversation_id": conversation_id, "reason": reason, "request_key": request_key,
            "municipality": municipality,
        })  # fmt: skip
        return self.status

    def follow_up(self, conversation_id: str) -> Question | None:
        """Ask what the test has set."""
        assert conversation_id == "conversation-1"
        return self.question


class FakeReminders:
    """Reminders in memory; what lies behind `now` is past."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now
        self.set: dict[str, tuple[datetime, ReminderKind, str | None]] = {}
        self.stopped: list[str] = []

    def remind(
        self, conversation_id: str, at: datetime, *, kind: ReminderKind, subject: str, note: str | None = None
    ) -> Reminded | TimePast:
        if self.now is not None and at <= self.now:
            return TimePast()
        self.set[subject] = (at, kind, note)
        return Reminded(at)

    def stop(self, conversation_id: str) -> None:
        self.stopped.append(conversation_id)


def booked_with(starts_at: datetime, *free: datetime) -> FakeBooking:
    """Return bookings where the test's conversation has a meeting by phone, and these times are free."""
    booking = FakeBooking(*free)
    booking.booked["conversation-1"] = Booked(
        booking_id="booking-0", starts_at=starts_at, counsellor_name="Sara", how=ContactHow.PHONE, municipality=None
    )
    return booking
