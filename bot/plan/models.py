"""Tables of the plan. What somebody wants to do is theirs: it lies encrypted, and goes with them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, EncryptedText, new_id


class Plan(Base):
    """One goal, in the youth's own words (placeholders in the place of names)."""

    __tablename__ = "plan"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    goal: Mapped[str | None] = mapped_column(EncryptedText("plan.goal"))
    changed_at: Mapped[datetime]


class PlanStep(Base):
    """One small step towards it."""

    __tablename__ = "plan_step"
    __table_args__ = (UniqueConstraint("conversation_id", "number"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(EncryptedText("plan_step.text"))
    added_by: Mapped[str] = mapped_column(String(48))
    """``youth`` or ``staff:<id>``."""
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
