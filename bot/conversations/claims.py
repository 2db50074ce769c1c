"""Claims: one conversation is never in two hands (architecture, step 3 of a turn).

One conditional UPDATE decides, on SQLite and PostgreSQL alike; a rising number makes a claim
that has lapsed worthless to whoever still believes in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.engine import CursorResult

from bot.conversations.models import Conversation
from bot.db.session import Database

# Longer than the longest turn (the dialogue client gives up after 20 s, three actions at most).
LEASE = timedelta(seconds=60)


@dataclass(frozen=True)
class Claim:
    """The right to work on one conversation until `until`."""

    conversation_id: str
    claim_no: int
    holder: str
    until: datetime


def claim_next(db: Database, holder: str, now: datetime) -> Claim | None:
    """Claim the conversation that is due and has waited longest, or return None."""
    free = or_(Conversation.claim_until.is_(None), Conversation.claim_until < now)
    with db.reading() as session:
        # Most polls find nothing; they should not take SQLite's write lock.
        if session.scalar(select(Conversation.id).where(Conversation.ready_at <= now, free).limit(1)) is None:
            return None
    with db.transaction() as session:
        candidate = session.execute(
            select(Conversation.id, Conversation.claim_no)
            .where(Conversation.ready_at <= now, free)
            .order_by(Conversation.waiting_since, Conversation.ready_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if candidate is None:
            return None
        until = now + LEASE
        result = session.execute(
            update(Conversation)
            .where(
                Conversation.id == candidate.id,
                Conversation.claim_no == candidate.claim_no,
                Conversation.ready_at <= now,
                free,
            )
            .values(claimed_by=holder, claim_until=until, claim_no=Conversation.claim_no + 1)
            .execution_options(synchronize_session=False)
        )
        if not isinstance(result, CursorResult) or result.rowcount != 1:
            return None
        return Claim(candidate.id, candidate.claim_no + 1, holder, until)
