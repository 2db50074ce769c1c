"""Prata mer: the same counsellor again, when they are there (product.md 2.3, F5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation
from bot.duty.plan import DutyPlan
from bot.handover.counsellor import Claimed, claim
from bot.handover.models import Front, Handover, HandoverState, Reason
from bot.handover.requests import HandoverStatus, request
from bot.handover.rules import CLAIMABLE, REOPEN
from bot.handover.transitions import call_staff
from bot.texts import Texts


def reopen(
    session: Session, conversation: Conversation, *, request_key: str, now: datetime, texts: Texts
) -> HandoverStatus | None:
    """Prata mer: bring the counsellor back who had the chat lately and is on duty (F5), else ask for anybody.

    Returns:
        How the request stands, to be said; None when the counsellor is back, which has been said.
    """
    last = session.scalar(
        select(Handover)
        .where(
            Handover.conversation_id == conversation.id,
            Handover.state == HandoverState.CLOSED,
            Handover.owner.is_not(None),
            Handover.closed_at > now - REOPEN,
        )
        .order_by(Handover.closed_at.desc())
        .limit(1)
    )
    again = last is not None and last.owner is not None and DutyPlan(session, now).works_now(last.owner)
    municipality = last.municipality if last is not None else None
    status = request(
        session, conversation, reason=Reason.ASKED, request_key=request_key, now=now, municipality=municipality
    )
    row = session.scalar(select(Handover).where(Handover.request_key == request_key))
    if not again or last is None or last.owner is None or row is None or row.state not in CLAIMABLE:
        return status
    via = Front(last.via or Front.CONSOLE)
    result = claim(session, row.id, last.owner, now=now, texts=texts, via=via, event="reopened")
    if not isinstance(result, Claimed):
        return status
    # Nobody has pressed anything yet: the counsellor must hear of it like of a new request.
    call_staff(session, conversation.id, "reopened", now, staff_id=last.owner)
    return None
