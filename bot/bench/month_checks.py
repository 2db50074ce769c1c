"""What must hold in every step of `bot bench month`, and at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.alerts.models import StaffMessage
from bot.conversations.models import (
    Author,
    Conversation,
    ConversationState,
    InboundMessage,
    InboundStatus,
    OutboundMessage,
    OutboundState,
)
from bot.db.session import Database
from bot.handover.models import EndReason, Handover, HandoverEvent, HandoverState
from bot.handover.rules import CLAIMABLE
from bot.people.models import Erasure

if TYPE_CHECKING:
    from bot.bench.month_people import CounsellorLife

_UNDER_WAY = (InboundStatus.PENDING, InboundStatus.IN_TURN)


class Checks:
    """Looks at the database as an outsider."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._faults: list[str] = []
        self.open = 0
        """Requests that are open now."""
        self.replies = self.alerts = 0
        self._seen: dict[str, str] = {}

    def look(self, now: datetime) -> None:
        """Look for a chat that nobody owns, and for one that two believe to own."""
        with self._db.reading() as session:
            rows = session.execute(
                select(Handover.id, Handover.conversation_id, Handover.state, Handover.owner).where(
                    Handover.state != HandoverState.CLOSED
                )
            ).all()
            states = dict(
                session.execute(
                    select(Conversation.id, Conversation.state).where(Conversation.state != ConversationState.BOT)
                )
                .tuples()
                .all()
            )
        self.open = len(rows)
        self._seen |= {row.id: row.conversation_id for row in rows}
        by_chat = Counter(row.conversation_id for row in rows)
        for row in rows:
            if states.get(row.conversation_id) != row.state:
                self._fault(now, f"request {row.state}, conversation {states.get(row.conversation_id)}")
            if (row.owner is not None) != (row.state == HandoverState.LIVE):
                self._fault(now, f"{row.state} with owner {row.owner}")
            if row.state != HandoverState.LIVE and row.state not in CLAIMABLE:
                self._fault(now, f"{row.state} can be taken by nobody")
            if by_chat[row.conversation_id] > 1:
                self._fault(now, "two open requests of one youth")
        for conversation_id in states.keys() - by_chat.keys():
            self._fault(now, f"conversation {states[conversation_id]} without a request")

    def _fault(self, now: datetime, what: str) -> None:
        self._faults.append(f"{now.isoformat()}: {what}")

    def faults_at_the_end(self, conversations: Sequence[str | None], staff: Sequence[CounsellorLife]) -> list[str]:
        """Return everything that did not hold."""
        faults = list(self._faults)
        with self._db.reading() as session:
            known = set(session.scalars(select(Conversation.id)))
            erased = set(session.scalars(select(Erasure.conversation_id)))
            faults += [
                f"conversation {one} is lost" for one in conversations
                if one is not None and one not in known and one not in erased
            ]  # fmt: skip
            waiting = session.scalar(
                select(func.count()).select_from(InboundMessage).where(InboundMessage.status.in_(_UNDER_WAY))
            )
            if waiting:
                faults.append(f"{waiting} messages of youths were never looked at")
            closed = session.scalars(select(Handover).where(Handover.state == HandoverState.CLOSED)).all()
            faults += [f"ended as {row.end_reason}" for row in closed if row.end_reason not in set(EndReason)]
            faults += self._spoken_over(session.scalars(select(HandoverEvent).order_by(HandoverEvent.at)).all())
            said = Counter(
                row.text for row in session.scalars(
                    select(OutboundMessage).where(OutboundMessage.author == Author.COUNSELLOR)
                )
            )  # fmt: skip
            self.replies = sum(said.values())
            self.alerts = (
                session.scalar(select(func.count()).select_from(StaffMessage).where(StaffMessage.alert_id.is_not(None)))
                or 0
            )
        faults += [f"said {count} times: {text}" for text, count in said.items() if count != 1]
        if not erased:
            faults += [
                f"reply {key} is lost" for one in staff for key, text in one.sent.items() if said[text] != 1
            ]  # fmt: skip
        return faults

    def _spoken_over(self, events: Sequence[HandoverEvent]) -> list[str]:
        """Return every reply of the bot's that was queued while a person had the chat."""
        faults = []
        with self._db.reading() as session:
            chats = dict(session.execute(select(Handover.id, Handover.conversation_id)).tuples().all())
            turns = session.execute(
                select(OutboundMessage.conversation_id, OutboundMessage.created_at).where(
                    OutboundMessage.turn_id.is_not(None), OutboundMessage.state != OutboundState.NOT_SENT
                )
            ).all()
        said: dict[str, list[datetime]] = {}
        for turn in turns:
            said.setdefault(turn.conversation_id, []).append(turn.created_at)
        since: dict[str, datetime] = {}
        for event in events:
            if event.to_state == HandoverState.LIVE:
                since.setdefault(event.handover_id, event.at)
                continue
            began = since.pop(event.handover_id, None)
            if began is not None and any(began < at < event.at for at in said.get(chats[event.handover_id], ())):
                faults.append(f"the bot spoke over a person in {event.handover_id}")
        return faults

    @property
    def requests(self) -> int:
        """How many requests there were in all."""
        return len(self._seen)

    def ends(self) -> Counter[str]:
        """Return how the requests ended; of those of erased youths no row is left, but the erasure is."""
        with self._db.reading() as session:
            rows = session.execute(select(Handover.id, Handover.conversation_id, Handover.state, Handover.end_reason))
            left = {row.id: row for row in rows}
            erased = set(session.scalars(select(Erasure.conversation_id)))
        self._seen |= {row.id: row.conversation_id for row in left.values()}
        ends = Counter(str(row.end_reason) for row in left.values() if row.state == HandoverState.CLOSED)
        gone = [chat for request, chat in self._seen.items() if request not in left and chat in erased]
        ends[EndReason.YOUTH_DELETED_DATA] += len(gone)
        return +ends

    def events(self) -> Counter[str]:
        """Return how often each transition happened."""
        with self._db.reading() as session:
            return Counter(session.scalars(select(HandoverEvent.event)))
