"""Imports every table, so that migrations and tests see them all."""

from __future__ import annotations

from sqlalchemy import MetaData

import bot.alerts.models
import bot.approvals.models
import bot.booking.models
import bot.catalogue.models
import bot.console.models
import bot.conversations.models
import bot.db.leases
import bot.duty.models
import bot.edits.models
import bot.handover.models
import bot.livechat.models
import bot.people.models
import bot.plan.models
import bot.practice.models
import bot.reminders.models
from bot.db.base import Base


def metadata() -> MetaData:
    """Return the tables of all features."""
    return Base.metadata


__all__ = ["bot", "metadata"]
