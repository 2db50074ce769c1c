"""Decisions of the handover without a database: leases, quiet periods, rank in the queue."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from bot.handover.models import Handover, HandoverState

# A counsellor who takes a chat says something within this time, and keeps answering (product.md 2.3, F4).
FIRST_REPLY = timedelta(minutes=5)
BETWEEN_REPLIES = timedelta(minutes=15)
# A youth who has an answer and says nothing for so long goes back to the bot, and is told so.
YOUTH_SILENT = timedelta(hours=2)
# Somebody who waits longer than this, although we are open, hears that it takes time and may book instead.
WAITED_LONG = timedelta(minutes=30)
# A message written while waiting is acknowledged at most this often (F2).
QUIET_PERIOD = timedelta(minutes=5)
# A request that nobody took is brought up again each day.
REMIND_STAFF = timedelta(hours=20)
# A sign of danger, or a counsellor who did not come back, counts as having waited so much longer.
# It is finite, so that every request rises with time and none is starved.
PRECEDENCE = timedelta(hours=4)

# Who waits may be taken; also before opening, and after we have said that it takes time.
CLAIMABLE = (HandoverState.REQUESTED, HandoverState.OFF_HOURS_QUEUED, HandoverState.TIMED_OUT)


class TurnMarker(StrEnum):
    """Whose move it is in a live chat."""

    WAITING_YOUTH = "WAITING_YOUTH"
    WAITING_COUNSELLOR = "WAITING_COUNSELLOR"


def rank(handover: Handover, risk: str) -> tuple[bool, datetime, str]:
    """Return the sort key in the queue: waiting now before parked, then by time waited, weighted."""
    bonus = PRECEDENCE * ((risk != "none") + (handover.claimed_at is not None))
    return (handover.state != HandoverState.REQUESTED, handover.requested_at - bonus, handover.id)


def lease_has_lapsed(handover: Handover, now: datetime) -> bool:
    """Whether the counsellor of a live chat has left the youth waiting for too long.

    While it is the youth's move, nothing lapses: silence of the youth is no absence of ours.
    """
    return (
        handover.state == HandoverState.LIVE
        and handover.turn_marker != TurnMarker.WAITING_YOUTH
        and (handover.lease_until is None or handover.lease_until < now)
    )


def youth_fell_silent(handover: Handover, now: datetime) -> bool:
    """Whether a youth has left the counsellor's answer without a word for long."""
    return (
        handover.state == HandoverState.LIVE
        and handover.turn_marker == TurnMarker.WAITING_YOUTH
        and handover.lease_until is not None
        and handover.lease_until - BETWEEN_REPLIES + YOUTH_SILENT < now
    )


def has_waited_long(handover: Handover, now: datetime) -> bool:
    """Whether a request has stood for so long that the youth must hear about it."""
    since = handover.waiting_since or handover.requested_at
    return handover.state == HandoverState.REQUESTED and since + WAITED_LONG < now
