"""Tables of meetings: when and how counsellors can meet, and what is booked."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from secrets import token_urlsafe

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, EncryptedText, new_id


def _new_token() -> str:
    return token_urlsafe(32)


class ContactHow(StrEnum):
    """How the meeting takes place."""

    PHONE = "phone"
    VIDEO = "video"
    MEET = "meet"
    """At school, or wherever the counsellor's rules say."""
    WALK = "walk"
    """Walk and talk: side by side, outdoors."""
    CHAT = "chat"


class BookingState(StrEnum):
    """Where a meeting is."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What became of a meeting, as the counsellor notes it. Nobody is blamed, nothing follows from it."""

    CAME = "came"
    NOT_COME = "not_come"
    MOVED = "moved"
    """They agreed on another time."""


class WeeklyHours(Base):
    """A counsellor's recurring hours for meetings, in Europe/Stockholm wall time."""

    __tablename__ = "weekly_hours"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    weekday: Mapped[int]
    """0 is Monday."""
    starts: Mapped[str] = mapped_column(String(5))
    ends: Mapped[str] = mapped_column(String(5))


class MeetingRules(Base):
    """How a counsellor meets: length, pause, notice, ways; and their calendar. Without a row: the defaults."""

    __tablename__ = "meeting_rules"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    minutes: Mapped[int]
    buffer_minutes: Mapped[int]
    """Kept free after each meeting."""
    notice_minutes: Mapped[int]
    horizon_days: Mapped[int]
    ways: Mapped[list[str]]
    """Values of ContactHow."""
    place: Mapped[str | None] = mapped_column(String(200))
    """Where to meet; shown to youths who have booked."""
    video_link: Mapped[str | None] = mapped_column(String(300))


class AvailabilityException(Base):
    """Days on which the weekly hours do not hold: away (all day or for a while), or there at another time."""

    __tablename__ = "availability_exception"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    starts: Mapped[str | None] = mapped_column(String(5))
    """Wall time on each of the days; empty is the whole day."""
    ends: Mapped[str | None] = mapped_column(String(5))
    away: Mapped[bool]


class BusySpan(Base):
    """A time that a counsellor's own calendar says is taken. Only when; never what."""

    __tablename__ = "busy_span"
    __table_args__ = (Index("ix_busy_span_staff", "staff_id", "starts_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class CalendarLink(Base):
    """A counsellor's calendar: the secret address of our feed, and the address that we read."""

    __tablename__ = "calendar_link"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    feed_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    feed_token: Mapped[str | None] = mapped_column(EncryptedText("calendar_link.feed_token"))
    discreet: Mapped[bool] = mapped_column(default=True)
    """The feed names nobody, not even by nickname."""
    import_url: Mapped[str | None] = mapped_column(EncryptedText("calendar_link.import_url"))
    import_fault: Mapped[str | None] = mapped_column(String(24))
    """Why the last reading did not work; a code, empty when it did."""
    imported_at: Mapped[datetime | None]
    import_due_at: Mapped[datetime | None] = mapped_column(index=True)


class BookingCell(Base):
    """A quarter of an hour that is taken. Its key, not the code, keeps two meetings of one person apart,
    whatever their lengths and pauses; SQLite and PostgreSQL hold to it alike.
    """

    __tablename__ = "booking_cell"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    cell: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Quarters of an hour since 1970 (UTC)."""
    booking_id: Mapped[str] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)


class BookingRow(Base):
    """One meeting with a counsellor."""

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("request_key"),
        Index("ix_booking_conversation", "conversation_id", "state"),
        Index("ix_booking_starts", "state", "starts_at"),
        Index("ix_booking_token", "token"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    request_key: Mapped[str] = mapped_column(String(80))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    municipality: Mapped[str | None] = mapped_column(String(40))
    topic: Mapped[str] = mapped_column(EncryptedText("booking.topic"))
    how: Mapped[str] = mapped_column(String(8))
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    call_me: Mapped[str] = mapped_column(EncryptedText("booking.call_me"))
    contact: Mapped[str | None] = mapped_column(EncryptedText("booking.contact"))
    state: Mapped[str] = mapped_column(String(12), default=BookingState.BOOKED)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    changed_key: Mapped[str | None] = mapped_column(String(80), index=True)
    """Which request cancelled or moved it, so that a repeat changes nothing more."""
    uid: Mapped[str] = mapped_column(String(36), default=new_id)
    """Names the meeting in calendars; a moved meeting keeps it."""
    sequence: Mapped[int] = mapped_column(default=0)
    """Rises with each change, as calendars ask for (RFC 5545, 3.8.7.4)."""
    token: Mapped[str] = mapped_column(String(43), default=_new_token)
    """In the address of the youth's calendar file; a moved meeting keeps it."""
    coming_at: Mapped[datetime | None]
    """When the youth last said that they are coming."""
    outcome: Mapped[str | None] = mapped_column(String(12))
    outcome_at: Mapped[datetime | None]
