"""The queue as counsellors see it, and a youth's place in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, not_, or_, select
from sqlalchemy.orm import Session

from bot.booking.rota import covers, is_covered
from bot.conversations.models import Conversation, InboundKind, InboundMessage
from bot.handover.deadlines import deadlines_of
from bot.handover.models import Handover, HandoverState
from bot.handover.rules import CLAIMABLE, RECENT, RECENT_WAITS, estimate, rank, spoken_minutes
from bot.people.masking import Masking

# Before what the youth wrote for the counsellor, in the lines of a packet.
_OWN_WORDS = "Egna ord: "


@dataclass(frozen=True)
class Entry:
    """One request, as much as a counsellor needs to choose. Holds no words of the youth."""

    handover_id: str
    conversation_id: str
    channel: str
    state: HandoverState
    reason: str
    municipality: str | None
    language: str
    risk: str
    summary: str
    """From stored codes alone: a list is read without a row in the access log. `packet_of` holds the words."""
    requested_at: datetime
    waiting_since: datetime
    opens_at: datetime | None
    turn_marker: str | None
    lease_until: datetime | None
    new_messages: int
    """Messages of the youth since the chat was taken; before that, since it was asked for."""
    owner: str | None = None
    transfer_to: str | None = None
    """The colleague who has been asked to take it over."""
    due_at: datetime | None = None
    """By when somebody who waits should have an answer."""


def queue_of(session: Session, municipalities: Sequence[str], now: datetime) -> tuple[Entry, ...]:
    """Return who waits, in the order to take them, for somebody who covers these municipalities.

    A request without a municipality, or from one that nobody covers, is everybody's: no request is
    without an owner-to-be.
    """
    uncovered: dict[str, bool] = {}

    def is_mine(row: Handover) -> bool:
        if covers(municipalities, row.municipality):
            return True
        place = row.municipality or ""
        if place not in uncovered:
            uncovered[place] = not is_covered(session, place)
        return uncovered[place]

    rows = [(row, conversation) for row, conversation in _with_conversation(session) if is_mine(row)]
    return _entries(session, rows, deadlines_of(session, rows, now))


def mine_of(session: Session, staff_id: str) -> tuple[Entry, ...]:
    """Return the live chats of one counsellor; those in which the youth waits come first."""
    rows = session.execute(
        select(Handover, Conversation)
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(Handover.state == HandoverState.LIVE, Handover.owner == staff_id)
    ).all()
    entries = _entries(session, [(row, conversation) for row, conversation in rows])
    return tuple(sorted(entries, key=lambda entry: (entry.turn_marker or "", entry.requested_at)))


def offered_to(session: Session, staff_id: str) -> tuple[Entry, ...]:
    """Return the chats that colleagues ask somebody to take over."""
    rows = session.execute(
        select(Handover, Conversation)
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(Handover.state == HandoverState.LIVE, Handover.transfer_to == staff_id)
        .order_by(Handover.transfer_until)
    ).all()
    return _entries(session, [(row, conversation) for row, conversation in rows])


def entry_of(session: Session, row: Handover, now: datetime) -> Entry:
    """Return one request as counsellors see it."""
    pairs = [(row, session.get_one(Conversation, row.conversation_id))]
    return _entries(session, pairs, deadlines_of(session, pairs, now))[0]


def position_of(session: Session, row: Handover) -> int:
    """Return the place of a waiting request among all who wait in the county, from 1."""
    ahead = [other.id for other, _ in _with_conversation(session, HandoverState.REQUESTED)]
    return ahead.index(row.id) + 1 if row.id in ahead else len(ahead) + 1


def estimate_for(session: Session, position: int, now: datetime) -> int | None:
    """Return in how many minutes somebody at this place tends to be taken, from recent pick-up times.

    Those who were asked for within opening hours and taken; None while there are too few.
    """
    rows = session.execute(
        select(Handover.requested_at, Handover.claimed_at, Handover.asked_position)
        .where(Handover.claimed_at > now - RECENT, Handover.asked_position.is_not(None))
        .order_by(Handover.claimed_at.desc())
        .limit(RECENT_WAITS)
    ).all()
    wait = estimate([(row.claimed_at - row.requested_at, row.asked_position) for row in rows], position)
    return None if wait is None else spoken_minutes(wait)


def _with_conversation(session: Session, *states: HandoverState) -> list[tuple[Handover, Conversation]]:
    rows = session.execute(
        select(Handover, Conversation)
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(Handover.state.in_(states or CLAIMABLE))
    ).all()
    pairs = [(row, conversation) for row, conversation in rows]
    return sorted(pairs, key=lambda pair: rank(pair[0], pair[1].risk))


def _entries(
    session: Session, pairs: Sequence[tuple[Handover, Conversation]], deadlines: Mapping[str, datetime] | None = None
) -> tuple[Entry, ...]:
    """Return requests as counsellors see them; as many queries for a long queue as for a short one."""
    rows = [row for row, _ in pairs]
    fresh = _new_messages(session, rows)
    return tuple(
        Entry(
            handover_id=row.id,
            conversation_id=row.conversation_id,
            channel=conversation.channel,
            state=HandoverState(row.state),
            reason=row.reason,
            municipality=row.municipality,
            language=conversation.language,
            risk=conversation.risk,
            summary="\n".join(_packet(row, "står i chatten")),
            requested_at=row.requested_at,
            waiting_since=row.waiting_since or row.requested_at,
            opens_at=row.opens_at,
            turn_marker=row.turn_marker,
            lease_until=row.lease_until,
            new_messages=fresh.get(row.id, 0),
            owner=row.owner,
            transfer_to=row.transfer_to,
            due_at=(deadlines or {}).get(row.id),
        )
        for row, conversation in pairs
    )


def packet_of(session: Session, row: Handover, *, real: bool = False) -> str:
    """Return what the counsellor reads first, to be shown with a row in the access log.

    The youth's own words come before ours, and last what was agreed the last time.

    Args:
        real: names and numbers as the counsellor of the last time wrote them, for the chat's counsellor alone.
    """
    lines = _packet(row, " ".join((row.youth_words or "").split()))
    earlier = session.scalar(
        select(Handover)
        .where(
            Handover.conversation_id == row.conversation_id,
            Handover.agreed.is_not(None),
            Handover.closed_at <= row.requested_at,
        )
        .order_by(Handover.closed_at.desc())
        .limit(1)
    )
    if earlier is not None and earlier.agreed and earlier.closed_at:
        masking = Masking(session, row.conversation_id)
        agreed = earlier.agreed if real else masking.hide(earlier.agreed, earlier.closed_at.date())
        lines.append(f"Förra gången: {agreed}")
    return "\n".join(lines)


def _packet(row: Handover, own_words: str) -> list[str]:
    lines = [] if row.summary_hidden else (row.summary or "").split("\n")
    if row.summary_hidden:
        lines.append("Senast: den unga vill berätta själv")
    if row.youth_words:
        lines = [f"{_OWN_WORDS}{own_words}", *lines]
    return [line for line in lines if line]


def _new_messages(session: Session, rows: Sequence[Handover]) -> dict[str, int]:
    live = and_(Handover.claimed_seq.is_not(None), Handover.state == HandoverState.LIVE)
    counted = session.execute(
        select(Handover.id, func.count())
        .join(InboundMessage, InboundMessage.conversation_id == Handover.conversation_id)
        .where(
            Handover.id.in_([row.id for row in rows]),
            InboundMessage.kind.in_([InboundKind.TEXT, InboundKind.EDIT, InboundKind.OTHER, InboundKind.STICKER]),
            or_(
                and_(live, InboundMessage.seq > Handover.claimed_seq),
                and_(not_(live), InboundMessage.received_at > Handover.requested_at),
            ),
        )
        .group_by(Handover.id)
    )
    return {row[0]: row[1] for row in counted}
