"""What the actions call. Given once when the action server starts; nothing is made at import.

rasa-sdk builds each action without arguments, so the services reach them through here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bot.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actions.knowledge import Knowledge
    from bot.booking.models import ContactHow
    from bot.booking.rules import TimeWindow
    from bot.booking.service import Booked, MeetingTime, NobodyAvailable, Taken
    from bot.catalogue.entries import Locality, Programme
    from bot.catalogue.kinds import EducationType
    from bot.catalogue.rules import Point
    from bot.catalogue.views import MunicipalityCard, ProviderCard, ProviderMatch, SearchResult
    from bot.handover.models import Reason
    from bot.handover.service import HandoverStatus, Question
    from bot.reminders.models import ReminderKind
    from bot.reminders.service import Reminded, TimePast


class CatalogueService(Protocol):
    """Schools and courses; see `bot.catalogue.service.Catalogue`."""

    def search(
        self,
        kind: EducationType | None = None,
        municipality: str | None = None,
        programme: str | None = None,
        limit: int = 3,
        offset: int = 0,
        *,
        distance: bool = False,
        origin: Point | None = None,
    ) -> SearchResult: ...

    def provider(self, provider_id: str) -> ProviderCard | None: ...

    def find_provider(self, text: str, limit: int = 5) -> tuple[ProviderMatch, ...]: ...

    def municipality(self, name: str) -> MunicipalityCard | None: ...

    def locality(self, name: str) -> Locality | None: ...

    def programme(self, code: str) -> Programme | None: ...

    def programmes_in(self, text: str) -> list[str]: ...


class BookingService(Protocol):
    """Meetings with counsellors; see `bot.booking.service.Booking`."""

    def free_times(
        self,
        municipality: str | None,
        limit: int = 3,
        after: datetime | None = None,
        *,
        window: TimeWindow | None = None,
        how: ContactHow | None = None,
    ) -> Sequence[MeetingTime]: ...

    def closest_times(
        self, municipality: str | None, wanted: datetime, limit: int = 3, *, how: ContactHow | None = None
    ) -> Sequence[MeetingTime]: ...

    def ways(self, municipality: str | None) -> Sequence[ContactHow]: ...

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
    ) -> Booked | Taken | NobodyAvailable: ...

    def current(self, conversation_id: str) -> Booked | None: ...

    def cancel(self, conversation_id: str, request_key: str) -> Booked | None: ...

    def set_topic(self, conversation_id: str, topic: str) -> Booked | None: ...

    def move(self, conversation_id: str, starts_at: datetime, request_key: str) -> Booked | Taken | None: ...


class HandoverService(Protocol):
    """Asking for a person; see `bot.handover.service.Handover`."""

    def request(
        self, *, conversation_id: str, reason: Reason, request_key: str, municipality: str | None
    ) -> HandoverStatus: ...

    def follow_up(self, conversation_id: str) -> Question | None: ...


class ReminderService(Protocol):
    """Being reminded; see `bot.reminders.service.Reminders`."""

    def remind(
        self, conversation_id: str, at: datetime, *, kind: ReminderKind, subject: str, note: str | None = None
    ) -> Reminded | TimePast: ...

    def stop(self, conversation_id: str) -> None: ...


@dataclass(frozen=True)
class Services:
    """Everything that actions use."""

    catalogue: CatalogueService
    booking: BookingService
    handover: HandoverService
    knowledge: Knowledge
    clock: Clock
    reminders: ReminderService
    """The dates of the application year."""


class _Given:
    services: Services | None = None


def use_services(services: Services) -> None:
    """Set what the actions of this process call."""
    _Given.services = services


def services() -> Services:
    """Return what the actions call.

    Raises:
        RuntimeError: the action server has not set it.
    """
    if _Given.services is None:
        raise RuntimeError("the actions have no services: start them through actions.server")
    return _Given.services
