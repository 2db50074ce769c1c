"""One round of practice. Kept apart from every table of real conversations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, EncryptedJson, new_id


class PracticeRound(Base):
    """A counsellor's try at one scenario."""

    __tablename__ = "practice_round"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    scenario: Mapped[str] = mapped_column(String(40))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(EncryptedJson("practice_round.lines"))
    """``{"voice", "text", "at", "risk"}``; a line whose time lies ahead is still being typed."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
