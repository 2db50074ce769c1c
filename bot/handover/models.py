"""Tables of the handover: one row a request, one row a transition."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, EncryptedText, new_id


class HandoverState(StrEnum):
    """States of a request; CLOSED is final."""

    REQUESTED = "REQUESTED"
    OFF_HOURS_QUEUED = "OFF_HOURS_QUEUED"
    LIVE = "LIVE"
    TIMED_OUT = "TIMED_OUT"
    CLOSED = "CLOSED"


class Reason(StrEnum):
    """Why the conversation goes to a person."""

    ASKED = "asked"
    TWO_MISSES = "two_misses"
    CRISIS = "crisis"
    TECHNICAL = "technical"


class EndReason(StrEnum):
    """Why it ended; no free text (product.md 2.2, rule 7)."""

    YOUTH_ENDED = "youth_ended"
    COUNSELLOR_CLOSED = "counsellor_closed"
    YOUTH_SILENT = "youth_silent"
    CLAIM_TIMEOUT = "claim_timeout"
    OFF_HOURS_EXPIRED = "off_hours_expired"
    TRANSFERRED_EXTERNAL = "transferred_external"
    BOOKED_MEETING = "booked_meeting"
    YOUTH_DELETED_DATA = "youth_deleted_data"
    YOUTH_UNREACHABLE = "youth_unreachable"
    INTERNAL_ERROR = "internal_error"


class Handover(Base):
    """A request for a person, from asking to the end."""

    __tablename__ = "handover"
    __table_args__ = (
        UniqueConstraint("request_key"),
        Index("ix_handover_queue", "state", "requested_at"),
        Index("ix_handover_conversation", "conversation_id", "state"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    request_key: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(20))
    municipality: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    summary: Mapped[str | None] = mapped_column(EncryptedText("handover.summary"))
    requested_at: Mapped[datetime]
    waiting_since: Mapped[datetime | None]
    """When the present wait for a person began; later than requested_at after opening or a return."""
    opens_at: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(String(36))
    lease_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]
    claimed_seq: Mapped[int | None]
    """The youth's last message when the claim was made; later ones are new to the counsellor."""
    first_reply_at: Mapped[datetime | None]
    turn_marker: Mapped[str | None] = mapped_column(String(20))
    """WAITING_YOUTH or WAITING_COUNSELLOR while LIVE."""
    closed_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(24))


class HandoverEvent(Base):
    """One transition, with its actor and time."""

    __tablename__ = "handover_event"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    handover_id: Mapped[str] = mapped_column(ForeignKey("handover.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(48))
    """``youth``, ``bot``, ``clock`` or ``staff:<id>``."""
    event: Mapped[str] = mapped_column(String(24))
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
