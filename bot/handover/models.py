"""Tables of the handover: one row a request, one row a transition."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
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


class Front(StrEnum):
    """Where a counsellor answers from."""

    CONSOLE = "console"
    TELEGRAM = "telegram"


class Asking(StrEnum):
    """A question to somebody who waits for a person."""

    PLACE = "place"
    WORDS = "words"


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
    via: Mapped[str | None] = mapped_column(String(12))
    """Where the owner last answered from (Front): their phone is told of new messages only if it was there."""
    transfer_to: Mapped[str | None] = mapped_column(String(36))
    """The colleague who has been asked to take it over; the owner has it until they say yes."""
    transfer_until: Mapped[datetime | None]
    asking: Mapped[str | None] = mapped_column(String(8))
    """What the youth has just been asked (Asking); their next text is the answer."""
    place_asked_at: Mapped[datetime | None]
    """When the youth was asked where they live: once, whatever they answer."""
    youth_words: Mapped[str | None] = mapped_column(EncryptedText("handover.youth_words"))
    """What the youth wants the counsellor to read instead of our summary, with placeholders."""
    summary_hidden: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The youth wants to tell it themselves: the packet then holds no summary."""
    summary_shown_at: Mapped[datetime | None]
    """When the youth saw what is handed over."""
    asked_position: Mapped[int | None]
    told_position: Mapped[int | None]
    told_at: Mapped[datetime | None]
    agreed: Mapped[str | None] = mapped_column(EncryptedText("handover.agreed"))
    """What youth and counsellor agreed on, in the counsellor's words; said to the youth at the end."""
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
