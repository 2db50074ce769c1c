"""Tables of who writes to us. Outside `channel_identity` a person is a random UUID."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, EncryptedText, new_id


class Person(Base):
    """Somebody who writes to us through one channel. No name, no account, no number."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(16))
    language: Mapped[str | None] = mapped_column(String(2))
    municipality: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    notice_shown_at: Mapped[datetime | None]
    """When the first message (a bot, not private, what is kept, who reads) was queued."""
    unreachable_since: Mapped[datetime | None]
    """Set when the channel says that the person has blocked us."""


class ChannelIdentity(Base):
    """The vault of addresses: the only place that ties a pseudonym to an account of a channel."""

    __tablename__ = "channel_identity"
    __table_args__ = (UniqueConstraint("channel", "fingerprint"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Keyed hash of the address: finds the person again without reading the address."""
    address: Mapped[str] = mapped_column(EncryptedText("channel_identity.address"))


class VaultValue(Base):
    """The real value behind a placeholder such as ``<phone_number_1>`` of one conversation."""

    __tablename__ = "vault_value"
    __table_args__ = (
        UniqueConstraint("conversation_id", "kind", "fingerprint"),
        UniqueConstraint("conversation_id", "kind", "number"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    number: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    value: Mapped[str] = mapped_column(EncryptedText("vault_value.value"))
    created_at: Mapped[datetime]


class ResumeCode(Base):
    """Lets an anonymous web chat be taken up again; only the keyed hash of the code is kept."""

    __tablename__ = "resume_code"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]

    __table_args__ = (Index(None, "person_id"),)


class Erasure(Base):
    """An erasure under way: durable until every store is empty and the receipt is sent."""

    __tablename__ = "erasure"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(String(36))
    """Random; needed to empty the dialogue engine's store."""
    channel: Mapped[str] = mapped_column(String(16))
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    address: Mapped[str | None] = mapped_column(EncryptedText("erasure.address"))
    """Where the receipt goes; blanked as soon as it is sent."""
    language: Mapped[str] = mapped_column(String(2))
    staff_id: Mapped[str | None] = mapped_column(String(36))
    """The counsellor who had the chat: sees that it was erased, and nothing of it."""
    by: Mapped[str] = mapped_column(String(48), default="youth")
    """Who asked: ``youth``, ``retention`` or ``staff`` (`bot forget`)."""
    kept: Mapped[int] = mapped_column(default=0)
    """Records that the law makes the municipality keep (`PreservedRecord`)."""
    counts: Mapped[dict[str, Any]]
    """Store -> rows removed."""
    last_update: Mapped[int | None] = mapped_column(BigInteger)
    """The channel's highest number of what the person had sent: what comes again up to it is not taken."""
    requested_at: Mapped[datetime]
    engine_done_at: Mapped[datetime | None]
    """When every store was empty and what had been freed overwritten."""
    next_attempt_at: Mapped[datetime | None]
    receipt_sent_at: Mapped[datetime | None]


class PreservedRecord(Base):
    """What belongs to a report of concern (orosanmälan), kept until it is registered in the municipality's own system.

    A copy: it stands when the conversation is erased, by the youth or by time. Nothing points at it.
    Once it is registered, a new concern in the same conversation gets another.
    """

    __tablename__ = "preserved_record"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(String(36), index=True)
    municipality: Mapped[str | None] = mapped_column(String(40))
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(36))
    document: Mapped[str] = mapped_column(EncryptedText("preserved_record.document"))
    """The whole conversation as a readable text; what came or changed later is added under its date."""
    updated_at: Mapped[datetime]
    registered_at: Mapped[datetime | None]
    registered_by: Mapped[str | None] = mapped_column(String(36))
    registered_as: Mapped[str | None] = mapped_column(EncryptedText("preserved_record.registered_as"))
    """The number it has in the municipality's system."""


class RetentionRun(Base):
    """What one run of the retention did: the log of gallring. Written before anything is removed."""

    __tablename__ = "retention_run"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(index=True)
    started_by: Mapped[str] = mapped_column(String(16))
    """``daily`` or ``command``."""
    counts: Mapped[dict[str, Any]]
    """Document type -> what was removed, so far."""
    finished_at: Mapped[datetime | None]
    """When all was removed and overwritten. A run that was broken off has none yet, and the next goes on with it."""


class ExportLink(Base):
    """A link to what we hold about a person, for one download within a short time; only its hash is kept."""

    __tablename__ = "export_link"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(2))
    expires_at: Mapped[datetime]
