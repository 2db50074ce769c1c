"""Tables of meetings: when counsellors can meet, and what is booked."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, EncryptedText, new_id


class ContactHow(StrEnum):
    """How the meeting takes place."""

    PHONE = "phone"
    VIDEO = "video"
    MEET = "meet"
    CHAT = "chat"


class BookingState(StrEnum):
    """Where a meeting is."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"


class WeeklyHours(Base):
    """A counsellor's recurring hours for meetings, in Europe/Stockholm wall time."""

    __tablename__ = "weekly_hours"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    weekday: Mapped[int]
    """0 is Monday."""
    starts: Mapped[str] = mapped_column(String(5))
    ends: Mapped[str] = mapped_column(String(5))


class BookingRow(Base):
    """One meeting with a counsellor."""

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("request_key"),
        # The database, not the code, keeps two youths from the same time.
        Index(
            "uq_booking_taken",
            "staff_id",
            "starts_at",
            unique=True,
            sqlite_where=text("state = 'booked'"),
            postgresql_where=text("state = 'booked'"),
        ),
        Index("ix_booking_conversation", "conversation_id", "state"),
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
