"""Tables of the conversation: inbox, turns, outbox, buttons and alerts to staff."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, EncryptedJson, EncryptedText, new_id


class ConversationState(StrEnum):
    """Who has the conversation; the state machine is the specification's (handover)."""

    BOT = "BOT"
    REQUESTED = "REQUESTED"
    OFF_HOURS_QUEUED = "OFF_HOURS_QUEUED"
    LIVE = "LIVE"
    TIMED_OUT = "TIMED_OUT"


class InboundKind(StrEnum):
    """What a person sent, in words of no channel."""

    TEXT = "text"
    EDIT = "edit"
    BUTTON = "button"
    COMMAND = "command"
    STICKER = "sticker"
    OTHER = "other"
    """Voice, photo, video, contact, location, poll, ...: we cannot read it and say so."""
    LEFT = "left"
    RETURNED = "returned"


class InboundStatus(StrEnum):
    """Where a message is on its way."""

    PENDING = "pending"
    IN_TURN = "in_turn"
    ANSWERED = "answered"
    FOR_PEOPLE = "for_people"
    SET_ASIDE = "set_aside"
    NOTED = "noted"
    """Stored, needs no answer (an edit of an old message, a person who blocked us)."""


class OutboundState(StrEnum):
    """Where a reply is on its way."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    NOT_SENT = "not_sent"
    """Kept but withheld: a person took over before it left, or there is no address any more."""


class Author(StrEnum):
    """Who speaks."""

    BOT = "bot"
    COUNSELLOR = "counsellor"
    SYSTEM = "system"


class Conversation(Base):
    """One person's thread. Its id is what Rasa sees; nothing in it names anybody."""

    __tablename__ = "conversation"
    __table_args__ = (
        Index("ix_conversation_due", "ready_at"),
        # The console's list, latest first.
        Index("ix_conversation_latest", "last_inbound_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(20), default=ConversationState.BOT)
    language: Mapped[str] = mapped_column(String(2), default="sv")
    language_chosen: Mapped[bool] = mapped_column(default=False)
    """The youth chose the language by command or button, so a turn does not change it back."""
    session: Mapped[int] = mapped_column(default=0)
    """Rises at each hand-back: the engine then forgets the task it was in."""
    open_question: Mapped[str | None] = mapped_column(String(40))
    """The slot the bot has just asked for; redaction reads a bare answer in its light."""

    risk: Mapped[str] = mapped_column(String(12), default="none")
    risk_at: Mapped[datetime | None]

    inbound_seq: Mapped[int] = mapped_column(default=0)
    outbound_seq: Mapped[int] = mapped_column(default=0)

    ready_at: Mapped[datetime | None]
    """When a worker should look at it; empty when nothing waits."""
    waiting_since: Mapped[datetime | None]
    claim_no: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claim_until: Mapped[datetime | None]

    outage_told_at: Mapped[datetime | None]
    """When the youth was told that an answer will be late; empty when none is late."""
    waiting_ack_at: Mapped[datetime | None]
    """When we last acknowledged a message written while waiting for a person."""
    created_at: Mapped[datetime]
    last_inbound_at: Mapped[datetime | None]
    blanked_at: Mapped[datetime | None]
    """When retention took every word and address away; what is left counts for statistics only."""


class InboundMessage(Base):
    """The inbox: one row for each update of a channel, whatever happens after."""

    __tablename__ = "inbound_message"
    __table_args__ = (
        UniqueConstraint("channel", "update_id"),
        UniqueConstraint("conversation_id", "seq"),
        Index("ix_inbound_message_open", "conversation_id", "status", "seq"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(16))
    update_id: Mapped[str] = mapped_column(String(80))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    raw_text: Mapped[str | None] = mapped_column(EncryptedText("inbound_message.raw_text"))
    """As written; short-lived, read only by the counsellor of this chat."""
    text: Mapped[str | None] = mapped_column(EncryptedText("inbound_message.text"))
    """With placeholders: what Rasa, logs and reviewers see."""
    payload: Mapped[str | None] = mapped_column(EncryptedText("inbound_message.payload"))
    """A button's payload or a command's name, both ours; what was chosen says as much as words."""
    entities: Mapped[list[dict[str, Any]]] = mapped_column(EncryptedJson("inbound_message.entities"), default=list)
    channel_message_id: Mapped[str | None] = mapped_column(String(80))
    detail: Mapped[str | None] = mapped_column(String(32))
    risk: Mapped[str] = mapped_column(String(12), default="none")
    status: Mapped[str] = mapped_column(String(12), default=InboundStatus.PENDING)
    turn_id: Mapped[str | None] = mapped_column(String(36))
    received_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]


class TurnStatus(StrEnum):
    """Where a turn is."""

    OPEN = "open"
    DONE = "done"
    SET_ASIDE = "set_aside"
    CANCELLED = "cancelled"


class Turn(Base):
    """A burst of messages, frozen. Its id is the message_id that makes a repeat harmless."""

    __tablename__ = "turn"
    __table_args__ = (Index("ix_turn_open", "conversation_id", "status"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(12), default=TurnStatus.OPEN)
    text: Mapped[str | None] = mapped_column(EncryptedText("turn.text"))
    button: Mapped[str | None] = mapped_column(EncryptedText("turn.button"))
    sent_entities: Mapped[list[dict[str, Any]]] = mapped_column(EncryptedJson("turn.sent_entities"), default=list)
    session: Mapped[int] = mapped_column(default=0)
    first_seq: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    """Failures that are this turn's own; an outage of the engine does not count."""
    outage_since: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    language: Mapped[str | None] = mapped_column(String(2))
    intent: Mapped[str | None] = mapped_column(String(64))
    confidence: Mapped[float | None]
    ranking: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    entities: Mapped[list[dict[str, Any]]] = mapped_column(EncryptedJson("turn.entities"), default=list)
    slots: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("turn.slots"), default=dict)
    municipality: Mapped[str | None] = mapped_column(String(40))
    """Of the slots, the one that says whose conversation this is: in the clear, for the database to compare."""
    model: Mapped[str | None] = mapped_column(String(80))
    latency_ms: Mapped[int | None]
    replayed: Mapped[bool] = mapped_column(default=False)


class OutboundMessage(Base):
    """The outbox: every word to a youth, from whomever, in order."""

    __tablename__ = "outbound_message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("key"),
        Index("ix_outbound_message_due", "state", "due_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    seq: Mapped[int]
    key: Mapped[str] = mapped_column(String(120))
    """Says what this message answers; queued twice under one key, it is stored once."""
    author: Mapped[str] = mapped_column(String(12))
    staff_id: Mapped[str | None] = mapped_column(String(36))
    response: Mapped[str | None] = mapped_column(String(64))
    """Name of the response that was said, for logs and metrics."""
    text: Mapped[str] = mapped_column(EncryptedText("outbound_message.text"))
    buttons: Mapped[list[dict[str, Any]]] = mapped_column(EncryptedJson("outbound_message.buttons"), default=list)
    """Rows of ``{"title", "token"}``, or ``{"title", "url"}`` for one that opens a page."""
    turn_id: Mapped[str | None] = mapped_column(String(36))
    state: Mapped[str] = mapped_column(String(12), default=OutboundState.QUEUED)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    timeouts: Mapped[int] = mapped_column(default=0)
    plain: Mapped[bool] = mapped_column(default=False)
    failed_reason: Mapped[str | None] = mapped_column(String(40))
    channel_message_id: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Button(Base):
    """The payload behind a short random token; valid only in its own conversation."""

    __tablename__ = "button"

    token: Mapped[str] = mapped_column(String(24), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    outbound_id: Mapped[str] = mapped_column(String(36))
    title: Mapped[str] = mapped_column(EncryptedText("button.title"))
    payload: Mapped[str] = mapped_column(EncryptedText("button.payload"))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AlertKind(StrEnum):
    """Why staff are called."""

    CRISIS = "crisis"
    HANDOVER = "handover"
    SET_ASIDE = "set_aside"
    UNREACHABLE = "unreachable"
    DELIVERY = "delivery"
    TRANSFER = "transfer"
    """A colleague asks somebody to take a chat over."""
    SHIFT = "shift"
    """Somebody's shift is over and chats of theirs are open."""
    APPROVAL = "approval"
    """An answer of the bot waits to be read by a counsellor first."""


class Alert(Base):
    """A call to staff that stands until somebody has acknowledged it."""

    __tablename__ = "alert"
    __table_args__ = (Index("ix_alert_open", "acknowledged_at", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    detail: Mapped[str | None] = mapped_column(String(64))
    """A reason code, never words of the youth."""
    staff_id: Mapped[str | None] = mapped_column(String(36))
    """For this person alone; empty: for whoever the duty says."""
    created_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(36))


class ChannelState(Base):
    """Small facts a channel must not forget, such as the offset of Telegram's updates."""

    __tablename__ = "channel_state"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(120))
