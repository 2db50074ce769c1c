"""Tables of approval: the topics that were chosen, and the answers that wait for a counsellor."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, EncryptedJson, new_id


class ApprovalTopic(Base):
    """A topic whose answers are read first. Without any, the mode is off."""

    __tablename__ = "approval_topic"

    intent: Mapped[str] = mapped_column(String(64), primary_key=True)
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[str] = mapped_column(String(36))


class HeldState(StrEnum):
    """What became of an answer that was held."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    LAPSED = "lapsed"
    """Nobody read it in time, or nobody was there to."""
    OVERTAKEN = "overtaken"
    """A counsellor had taken the chat by then."""


class HeldAnswer(Base):
    """One answer of the bot, as it would have been said."""

    __tablename__ = "held_answer"
    __table_args__ = (Index("ix_held_answer_due", "state", "due_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    turn_id: Mapped[str] = mapped_column(String(36))
    intent: Mapped[str] = mapped_column(String(64))
    bubbles: Mapped[list[dict[str, Any]]] = mapped_column(EncryptedJson("held_answer.bubbles"), default=list)
    """Rows of ``{"text", "response", "buttons": [[title, payload], ...]}``."""
    state: Mapped[str] = mapped_column(String(12), default=HeldState.WAITING)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(36))
