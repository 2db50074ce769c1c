"""By when somebody who waits should have an answer: the timer runs from the request and is paused off hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from bot.booking.hours import HORIZON_DAYS
from bot.conversations.models import Conversation
from bot.duty.plan import DutyPlan
from bot.duty.rules import due_after
from bot.handover.models import Handover
from bot.handover.rules import ANSWER_DANGER, ANSWER_WITHIN, CLAIMABLE


def deadlines_of(
    session: Session, pairs: Iterable[tuple[Handover, Conversation]], now: datetime
) -> dict[str, datetime]:
    """Return by when each request that waits should be answered, by its id.

    A request that nobody will be there for within the time a plan reaches has none. The hours of today's
    rota count for the days behind us too: what it said then is not kept.
    """
    waiting = [(row, conversation) for row, conversation in pairs if row.state in CLAIMABLE]
    if not waiting:
        return {}
    starts = {row.id: _start(row) for row, _ in waiting}
    plan = DutyPlan(session, now, since=min(starts.values()))
    found: dict[str, datetime] = {}
    for row, conversation in waiting:
        start = starts[row.id]
        spans = plan.spans(row.municipality, start, days=(now - start).days + HORIZON_DAYS)
        due = due_after(spans, start, ANSWER_WITHIN)
        if conversation.risk != "none":
            # Danger does not wait for the morning.
            danger = max(start, conversation.risk_at or start) + ANSWER_DANGER
            due = danger if due is None else min(due, danger)
        if due is not None:
            found[row.id] = due
    return found


def _start(row: Handover) -> datetime:
    """The first answer counts from the request (product.md 2.2, rule 8); who had one waits anew since the return."""
    return row.waiting_since or row.requested_at if row.first_reply_at is not None else row.requested_at
