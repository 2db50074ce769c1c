"""Decisions of the handover without a database: leases, quiet periods, rank in the queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from bot.handover.models import Handover, HandoverState

# A counsellor who takes a chat says something within this time, and keeps answering (product.md 2.3, F4).
FIRST_REPLY = timedelta(minutes=5)
BETWEEN_REPLIES = timedelta(minutes=15)
# A youth who has an answer and says nothing for so long goes back to the bot, and is told so.
YOUTH_SILENT = timedelta(hours=2)
# Somebody who waits longer than this, although we are open, hears that it takes time and may book instead.
WAITED_LONG = timedelta(minutes=30)
# By when somebody should have answered: in open time, and in time of the clock where there is danger
# (product.md 4.1). What the queue shows; nobody in it is hurried by it past somebody in danger.
ANSWER_WITHIN = WAITED_LONG
ANSWER_DANGER = timedelta(minutes=5)
# A message written while waiting is acknowledged at most this often (F2).
QUIET_PERIOD = timedelta(minutes=5)
# A request that nobody took is brought up again each day.
REMIND_STAFF = timedelta(hours=20)
# After so long without anybody the youth is told that the request ends, and what there is instead.
EXPIRES = timedelta(days=14)
# A colleague who is asked to take a chat over says yes or no within this time.
TRANSFER_OFFER = timedelta(minutes=5)
# "Prata mer" within this time brings back the counsellor who had the chat, if on duty (F5).
REOPEN = timedelta(hours=24)
# How a youth who waits hears that the line has moved (feature 4): at a change, and at most so often.
POSITION_PAUSE = timedelta(minutes=2)
# A sign of danger, or a counsellor who did not come back, counts as having waited so much longer:
# more than any weekend or run of holidays, so that danger comes first, then who was left waiting.
# Both are finite, so that every request rises with time and none is starved.
DANGER = timedelta(days=14)
RETURNED = timedelta(days=7)

# Who waits may be taken; also before opening, and after we have said that it takes time.
CLAIMABLE = (HandoverState.REQUESTED, HandoverState.OFF_HOURS_QUEUED, HandoverState.TIMED_OUT)


# Recent waits an estimate is made of: at least and at most so many, and none older.
ENOUGH_WAITS = 3
RECENT_WAITS = 15
RECENT = timedelta(days=7)


class TurnMarker(StrEnum):
    """Whose move it is in a live chat."""

    WAITING_YOUTH = "WAITING_YOUTH"
    WAITING_COUNSELLOR = "WAITING_COUNSELLOR"


def rank(handover: Handover, risk: str) -> tuple[bool, datetime, str]:
    """Return the sort key in the queue: before opening last, then by time waited, weighted."""
    bonus = DANGER * (risk != "none") + RETURNED * (handover.claimed_at is not None)
    return (handover.state == HandoverState.OFF_HOURS_QUEUED, handover.requested_at - bonus, handover.id)


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


def has_expired(handover: Handover, now: datetime) -> bool:
    """Whether a request has waited so long that nobody can be promised any more."""
    return handover.state in CLAIMABLE and handover.requested_at + EXPIRES < now


def transfer_lapsed(handover: Handover, now: datetime) -> bool:
    """Whether a colleague who was asked to take a chat over has not answered in time."""
    return handover.transfer_until is not None and handover.transfer_until < now


def estimate(waits: Sequence[tuple[timedelta, int]], position: int) -> timedelta | None:
    """Estimate the wait of somebody at a place in the line, from recent pick-up times.

    Args:
        waits: of those who were taken lately: how long it took, and their place when they asked.

    Returns:
        None while fewer than three are known: then only the place is said.
    """
    if len(waits) < ENOUGH_WAITS:
        return None
    return timedelta(seconds=median(wait.total_seconds() / max(place, 1) for wait, place in waits) * position)


def spoken_minutes(wait: timedelta) -> int:
    """Return a wait as it is said: whole minutes, from five on in steps of five."""
    minutes = max(1, round(wait.total_seconds() / 60))
    return minutes if minutes < 5 else 5 * round(minutes / 5)
