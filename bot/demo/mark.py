"""The mark of an invented database: the console says so on every page, and Telegram stays off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.conversations.models import ChannelState

_KEY = "demo"


def set_mark(session: Session, now: datetime) -> None:
    """Mark a database as invented."""
    session.add(ChannelState(key=_KEY, value=now.isoformat()))


def is_demo(session: Session) -> bool:
    """Whether everything in this database is invented."""
    return session.get(ChannelState, _KEY) is not None
