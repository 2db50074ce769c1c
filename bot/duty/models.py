"""Tables of duty. A counsellor's own weekly hours (the rota) are `bot.booking.models.WeeklyHours`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, new_id

COUNTY = ""
"""Stands where a municipality could: what holds for the whole county."""


class OpeningHours(Base):
    """When a municipality's chat is open, in Europe/Stockholm wall time. Without any, the rota decides alone."""

    __tablename__ = "opening_hours"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    municipality: Mapped[str] = mapped_column(String(40), index=True)
    weekday: Mapped[int]
    """0 is Monday."""
    starts: Mapped[str] = mapped_column(String(5))
    ends: Mapped[str] = mapped_column(String(5))


class Absence(Base):
    """A time when a counsellor is away, whatever the rota says. No reason is kept."""

    __tablename__ = "absence"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class DutySign(Base):
    """What a counsellor has said by hand: on duty beside the rota, or off although it says on."""

    __tablename__ = "duty_sign"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    on: Mapped[bool]
    since: Mapped[datetime]
    until: Mapped[datetime]


class DutySetting(Base):
    """Who answers for what nobody on duty takes; one row a municipality, one for the county."""

    __tablename__ = "duty_setting"

    municipality: Mapped[str] = mapped_column(String(40), primary_key=True)
    crisis_owner: Mapped[str | None] = mapped_column(String(36))
    """Whom a crisis alert reaches when nobody is on duty."""
    crisis_nobody: Mapped[bool] = mapped_column(default=False)
    """It has been decided that nobody is called at night: the bot then says so."""
    responsible: Mapped[str | None] = mapped_column(String(36))
    """The last step of an escalation."""
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(36))
