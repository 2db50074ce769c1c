"""Tables of reaching staff. What is said to them never mixes with what is said to youths."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, EncryptedText, new_id


class Path(StrEnum):
    """How a message reaches somebody of the staff."""

    TELEGRAM = "telegram"
    EMAIL = "email"


class StaffContact(Base):
    """Where a member of staff wants to be reached: a private account of theirs, so it lies encrypted."""

    __tablename__ = "staff_contact"
    __table_args__ = (UniqueConstraint("fingerprint"),)

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    """Keyed hash of the Telegram account: knows a counsellor again without reading the address."""
    address: Mapped[str | None] = mapped_column(EncryptedText("staff_contact.address"))
    linked_at: Mapped[datetime | None]
    show_text: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Words of a youth may stand in a message, and so on a lock screen; else they are fetched by a button."""
    email: Mapped[str | None] = mapped_column(EncryptedText("staff_contact.email"))
    email_on: Mapped[bool] = mapped_column(default=True, server_default=true())


class LinkCode(Base):
    """A code shown in the console that ties a Telegram account to an account of ours; used once."""

    __tablename__ = "link_code"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]


class MessageState(StrEnum):
    """Where a message to staff is on its way."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    NOT_NEEDED = "not_needed"
    """The alert was taken before it left, or the phone may not have it any more."""


class StaffMessage(Base):
    """One message to somebody of the staff; the key makes every step of an alert one message."""

    __tablename__ = "staff_message"
    __table_args__ = (UniqueConstraint("key"), Index("ix_staff_message_due", "path", "state", "due_at"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(160))
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(String(12))
    address: Mapped[str | None] = mapped_column(EncryptedText("staff_message.address"))
    """Only of an answer to an account that is linked to nobody; blanked when the message has left or is given up."""
    text: Mapped[str] = mapped_column(EncryptedText("staff_message.text"))
    buttons: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """Rows of ``{"title", "token"}``; the tokens are commands that the services check."""
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    handover_id: Mapped[str | None] = mapped_column(String(36))
    """A reply to this message goes to this chat."""
    alert_id: Mapped[str | None] = mapped_column(String(36))
    state: Mapped[str] = mapped_column(String(12), default=MessageState.QUEUED)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    channel_message_id: Mapped[str | None] = mapped_column(String(80))


class PhoneRemoval(Base):
    """A message about an erased chat that is to go from a counsellor's phone. Nothing in it leads to the chat."""

    __tablename__ = "phone_removal"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    channel_message_id: Mapped[str] = mapped_column(String(80))
    sent_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
