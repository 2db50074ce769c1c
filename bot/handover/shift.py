"""The end of a shift: impossible with open chats, until each has been given a way to go on (F11).

Functions on an open session.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.duty.service import add_absence, sign_off
from bot.handover.counsellor import Done
from bot.handover.queue import Entry, mine_of


@dataclass(frozen=True)
class HasChats:
    """These chats are open: transfer, close with a message, or put each back into the queue first."""

    chats: tuple[Entry, ...]


def leave(session: Session, staff_id: str, *, now: datetime) -> Done | HasChats:
    """Go off duty for the rest of the day."""
    chats = mine_of(session, staff_id)
    if chats:
        return HasChats(chats)
    sign_off(session, staff_id, now=now)
    return Done()


def be_away(
    session: Session, staff_id: str, *, starts_at: datetime, ends_at: datetime, now: datetime
) -> Done | HasChats:
    """Note an absence; one that begins now needs the open chats settled like the end of a shift.

    Raises:
        DutyError: the times cannot be.
    """
    chats = mine_of(session, staff_id) if starts_at <= now else ()
    if chats:
        return HasChats(chats)
    add_absence(session, staff_id, starts_at=starts_at, ends_at=ends_at, now=now)
    return Done()
