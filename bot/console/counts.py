"""What calls for somebody right now, as numbers: beside the menu on every page, and for the sound."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.booking.rota import active_counsellors, covers
from bot.console.calls import calls_for
from bot.console.permissions import Permission
from bot.console.sign_in import Visitor
from bot.handover.models import Handover, HandoverState
from bot.livechat.reading import unread


@dataclass(frozen=True)
class Counts:
    """Numbers of one person at one moment."""

    waiting: int = 0
    """Requests that wait for a person now and that this one may take."""
    parked: int = 0
    """Requests that wait until we open, or whom the bot helps meanwhile; they may be taken too."""
    mine: int = 0
    offered: int = 0
    """Chats that colleagues ask this person to take over."""
    unread: int = 0
    """Messages in their chats that they have not had on their screen."""
    calls: int = 0
    danger: int = 0
    """Of the calls, those about somebody who may be in danger."""

    @property
    def inbox(self) -> int:
        """What stands beside the inbox in the menu."""
        return self.waiting + self.unread + self.offered


def counts_for(session: Session, visitor: Visitor) -> Counts:
    """Count what calls for somebody; all zero for who answers no chats."""
    if not visitor.may(Permission.ANSWER_CHATS):
        return Counts()
    rows = session.execute(
        select(
            Handover.state, Handover.owner, Handover.municipality, Handover.conversation_id, Handover.transfer_to
        ).where(Handover.state != HandoverState.CLOSED)
    ).all()
    scopes = [person.municipalities for person in active_counsellors(session)]

    def concerns(municipality: str | None) -> bool:
        return covers(visitor.municipalities, municipality) or not any(covers(scope, municipality) for scope in scopes)

    mine = [row.conversation_id for row in rows if row.state == HandoverState.LIVE and row.owner == visitor.staff_id]
    calls = calls_for(session, visitor)
    return Counts(
        waiting=sum(row.state == HandoverState.REQUESTED and concerns(row.municipality) for row in rows),
        parked=sum(
            row.state in (HandoverState.OFF_HOURS_QUEUED, HandoverState.TIMED_OUT) and concerns(row.municipality)
            for row in rows
        ),
        mine=len(mine),
        offered=sum(row.transfer_to == visitor.staff_id for row in rows),
        unread=sum(unread(session, visitor.staff_id, mine).values()),
        calls=len(calls),
        danger=sum(call.crisis for call in calls),
    )
