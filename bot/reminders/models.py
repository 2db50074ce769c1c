"""Tables of reminders: what is to be said and what was, what somebody chose, and how it helped."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, EncryptedText, new_id


class ReminderKind(StrEnum):
    """What a reminder is about."""

    MEETING_DAY = "meeting_day"
    """The day before a meeting."""
    MEETING_SOON = "meeting_soon"
    """Two hours before it."""
    MISSED = "missed"
    """After a meeting that did not happen: a kind word and a new time."""
    AFTER_MEETING = "after_meeting"
    AFTER_CHAT = "after_chat"
    ASKED = "asked"
    """For a day or a time that the youth named."""
    SEASON = "season"
    """For a date of the application year."""
    CHECK_IN = "check_in"


class ReminderState(StrEnum):
    """Where a reminder is."""

    WAITING = "waiting"
    SENT = "sent"
    """In the outbox, which delivers it."""
    CANCELLED = "cancelled"
    """The youth wanted no more."""
    PAST = "past"
    """Its time went by while it could not be said (the youth had blocked us)."""


class Reminder(Base):
    """One thing to say unasked. The unique key is why nothing is said twice."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("conversation_id", "kind", "subject"),
        Index("ix_reminder_due", "state", "due_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(48))
    """What it is about: a booking, a request, a date of the year, the number of a check-in."""
    note: Mapped[str | None] = mapped_column(EncryptedText("reminder.note"))
    """What the youth wrote when asking for it, with placeholders."""
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class CheckIns(StrEnum):
    """How often somebody wants to hear from us by ourselves."""

    OFF = "off"
    SILENCE = "silence"
    """On day 2, 7, 21 and 60 after they last wrote."""
    WEEKLY = "weekly"


class ReminderChoice(Base):
    """What a youth chose. Without a row: reminders of meetings, and no check-ins."""

    __tablename__ = "reminder_choice"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    check_ins: Mapped[str] = mapped_column(String(10))
    since: Mapped[datetime | None]
    """Weekly: when they said yes. Silence: when they last wrote, as far as the steps know."""
    step: Mapped[int] = mapped_column(default=0)
    """How many check-ins have been sent since then."""
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    stopped_at: Mapped[datetime | None]
    """They wanted no reminders at all."""


class Feedback(Base):
    """One question after a meeting or a chat with a person; asked at most once, answered if they like."""

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("about", "subject"), Index("ix_feedback_conversation", "conversation_id"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    about: Mapped[str] = mapped_column(String(16))
    """ReminderKind.AFTER_MEETING or AFTER_CHAT."""
    subject: Mapped[str] = mapped_column(String(36))
    """The booking or the handover."""
    asked_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(String(8))
    """``yes``, ``some``, ``no`` or ``none`` (there was no meeting)."""
    answered_at: Mapped[datetime | None]
