"""Översikt: who waits, my chats, calls to staff, my next meetings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot import bell as bells
from bot.console.access import may_open
from bot.console.desk import Visit, not_found
from bot.console.events import live_address
from bot.console.permissions import Permission
from bot.console.sign_in import Visitor
from bot.conversations.models import Alert, AlertKind, Conversation
from bot.handover.models import Reason
from bot.people.models import Erasure

_SHOWN_MEETINGS = 5
# How long a counsellor sees that a chat of theirs was erased by the youth (product.md 2.3, F13).
_ERASED_SHOWN = timedelta(days=1)
# A first request stands in the queue already; as a call to staff it would only say the same twice.
_IN_QUEUE = (Reason.ASKED, Reason.TWO_MISSES, "opened", "asked_again")
# Where others than counsellors begin.
_FIRST_PAGES = (
    (Permission.READ_LOGS, "/console/logs"),
    (Permission.MANAGE_STAFF, "/console/staff"),
    (Permission.EDIT_CATALOGUE, "/console/catalogue"),
)


@dataclass(frozen=True)
class Call:
    """A call to staff that stands."""

    alert_id: str
    kind: str
    detail: str | None
    conversation_id: str | None
    created_at: datetime

    @property
    def crisis(self) -> bool:
        """Whether somebody may be in danger."""
        return self.kind == AlertKind.CRISIS


def show(visit: Visit) -> Response:
    """The first page of a counsellor; others go to theirs."""
    visitor = visit.visitor
    if not visitor.may(Permission.ANSWER_CHATS):
        return visit.go(next((page for needs, page in _FIRST_PAGES if visitor.may(needs)), "/console/account"))
    desk = visit.desk
    live = live_address(desk.services.db)
    with desk.services.db.reading() as session:
        calls = calls_for(session, visitor)
        erased = session.scalars(
            select(Erasure.requested_at)
            .where(Erasure.staff_id == visitor.staff_id, Erasure.requested_at > visit.now - _ERASED_SHOWN)
            .order_by(Erasure.requested_at.desc())
        ).all()
    return visit.page(
        "overview.html",
        live=live,
        queue=desk.handover.queue(visitor.municipalities),
        mine=desk.handover.mine(visitor.staff_id),
        calls=calls,
        erased=erased,
        meetings=desk.booking.upcoming(staff_id=visitor.staff_id, limit=_SHOWN_MEETINGS),
    )


def calls_for(session: Session, visitor: Visitor) -> list[Call]:
    """Return the calls that concern somebody: danger first, then the oldest."""
    rows = session.scalars(select(Alert).where(Alert.acknowledged_at.is_(None)).order_by(Alert.created_at))
    calls = [
        Call(row.id, row.kind, row.detail, row.conversation_id, row.created_at)
        for row in rows
        if not (row.kind == AlertKind.HANDOVER and row.detail in _IN_QUEUE) and _concerns(session, visitor, row)
    ]
    return sorted(calls, key=lambda call: not call.crisis)


def _concerns(session: Session, visitor: Visitor, alert: Alert) -> bool:
    conversation = session.get(Conversation, alert.conversation_id) if alert.conversation_id else None
    return conversation is None or may_open(session, visitor, conversation)


def acknowledge(visit: Visit) -> Response:
    """Take a call down: somebody looks after it."""
    with visit.desk.services.db.transaction() as session:
        alert = session.get(Alert, visit.path("alert"), with_for_update=True)
        if alert is None or not _concerns(session, visit.visitor, alert):
            raise not_found()
        if alert.acknowledged_at is None:
            alert.acknowledged_at = visit.now
            alert.acknowledged_by = visit.visitor.staff_id
    visit.desk.ring(bells.STAFF)
    return visit.go("/console/")
