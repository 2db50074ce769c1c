"""Tables of the live chat. None holds a word that somebody typed and did not send."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, EncryptedText, new_id


class ReadUpTo(Base):
    """How far a counsellor has read a conversation."""

    __tablename__ = "read_up_to"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    seq: Mapped[int]
    """Number of the youth's last message that was on this person's screen."""


class Side(StrEnum):
    """Who is typing."""

    YOUTH = "youth"
    STAFF = "staff"


class TypingSign(Base):
    """Somebody is typing: that, and when; never what."""

    __tablename__ = "typing_sign"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    side: Mapped[str] = mapped_column(String(8), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class CannedReply(Base):
    """A ready-made reply in both languages. Staff may change all of them; none is ever sent by itself."""

    __tablename__ = "canned_reply"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    starter: Mapped[str | None] = mapped_column(String(40), unique=True)
    """Name of the row in the starter set that it came from; it is not brought in again."""
    title: Mapped[str] = mapped_column(String(60))
    text_sv: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str | None] = mapped_column(String(36))


class ScheduledState(StrEnum):
    """What became of a message that was set for later."""

    WAITING = "waiting"
    SENT = "sent"
    CANCELLED = "cancelled"


class CancelReason(StrEnum):
    """Why it was not sent."""

    YOUTH_WROTE = "youth_wrote"
    BY_STAFF = "by_staff"
    UNREACHABLE = "unreachable"
    TAKEN = "taken"
    """A colleague has the chat by now."""
    ACCOUNT_CLOSED = "account_closed"


class ScheduledMessage(Base):
    """A counsellor's message that is to be sent at a time, unless the youth writes first."""

    __tablename__ = "scheduled_message"
    __table_args__ = (Index("ix_scheduled_message_due", "state", "send_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[str] = mapped_column(String(36))
    text: Mapped[str] = mapped_column(EncryptedText("scheduled_message.text"))
    send_at: Mapped[datetime]
    after_seq: Mapped[int]
    """The youth's last message when it was written; a later one cancels it."""
    state: Mapped[str] = mapped_column(String(12), default=ScheduledState.WAITING)
    reason: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
