"""What a counsellor needs before the first line: why, since when, in short, what came before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console.access import owns, place_of
from bot.console.models import Staff
from bot.console.sign_in import Visitor
from bot.conversations.models import Conversation
from bot.handover.labels import SLOTS
from bot.handover.models import Handover, HandoverState
from bot.handover.queue import Entry, entry_of
from bot.handover.queue import packet_of as handed_over
from bot.handover.rules import CLAIMABLE
from bot.handover.summary import last_slots, summary_of
from bot.livechat.models import Side
from bot.livechat.typing import is_typing
from bot.people.models import Person

_EARLIER = 10


@dataclass(frozen=True)
class Earlier:
    """A request that has ended: with whom, how long, how."""

    requested_at: datetime
    closed_at: datetime | None
    staff_name: str | None
    reason: str
    end_reason: str | None


@dataclass(frozen=True)
class Packet:
    """What a counsellor needs before the first line. No name and no number of the youth but for its counsellor."""

    conversation_id: str
    state: str
    channel: str
    language: str
    municipality: str | None
    risk: str
    risk_at: datetime | None
    created_at: datetime
    last_inbound_at: datetime | None
    inbound_seq: int
    unreachable_since: datetime | None
    summary: str
    slots: tuple[tuple[str, object], ...]
    entry: Entry | None
    owner_name: str | None
    mine: bool
    claimable: bool
    typing: bool
    """Whether the youth is typing now; only a channel that can tell says so."""
    earlier: tuple[Earlier, ...]
    asked_name: str | None
    """The colleague who has been asked to take it over."""
    asked_me: bool


def packet_of(session: Session, visitor: Visitor, conversation: Conversation, now: datetime) -> Packet:
    """Return what is known of a conversation, from stored codes only."""
    rows = session.execute(
        select(Handover, Staff.display_name)
        .join(Staff, Staff.id == Handover.owner, isouter=True)
        .where(Handover.conversation_id == conversation.id)
        .order_by(Handover.requested_at.desc())
        .limit(_EARLIER + 1)
    ).all()
    row, owner_name = rows[0] if rows else (None, None)
    entry = entry_of(session, row, now) if row is not None else None
    asked = session.get(Staff, row.transfer_to) if row is not None and row.transfer_to else None
    mine = owns(session, visitor, conversation.id)
    handed = handed_over(session, row, real=mine) if row is not None else ""
    slots = last_slots(session, conversation.id)
    return Packet(
        conversation_id=conversation.id,
        state=conversation.state,
        channel=conversation.channel,
        language=conversation.language,
        municipality=place_of(session, conversation.id),
        risk=conversation.risk,
        risk_at=conversation.risk_at,
        created_at=conversation.created_at,
        last_inbound_at=conversation.last_inbound_at,
        inbound_seq=conversation.inbound_seq,
        unreachable_since=session.get_one(Person, conversation.person_id).unreachable_since,
        summary=handed or summary_of(session, conversation),
        slots=tuple((SLOTS[name], slots[name]) for name in SLOTS if name != "municipality" and slots.get(name)),
        entry=entry,
        owner_name=owner_name,
        mine=mine,
        claimable=row is not None and row.state in CLAIMABLE,
        typing=is_typing(session, conversation, Side.YOUTH, now),
        earlier=tuple(
            Earlier(one.requested_at, one.closed_at, name, one.reason, one.end_reason)
            for one, name in rows
            if one.state == HandoverState.CLOSED
        ),
        asked_name=asked.display_name if asked is not None else None,
        asked_me=asked is not None and asked.id == visitor.staff_id,
    )
