"""The table of edits: what staff changed, with its source and date. Nothing is ever overwritten here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base


class Edit(Base):
    """One change of one row. It counts until it is undone; later ones go before earlier ones."""

    __tablename__ = "edit"
    __table_args__ = (
        # Two people who change the same row from the same state cannot both be right.
        UniqueConstraint("kind", "key", "number"),
        Index("ix_edit_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """One of `rules.Kind`."""
    key: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    """The how many-th change of this row, from 1."""
    at: Mapped[datetime]
    staff_id: Mapped[str] = mapped_column(String(36))
    staff_name: Mapped[str] = mapped_column(String(80))
    """As it was then: accounts may go, the history stays."""
    changes: Mapped[dict[str, Any]]
    before: Mapped[dict[str, Any]]
    """The same fields as they were shown until then."""
    source: Mapped[str] = mapped_column(Text)
    source_date: Mapped[str] = mapped_column(String(10))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(80))
