"""Översikt: who waits, my chats, calls to staff, my next meetings, and whether it helped."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from starlette.responses import Response

from bot import bell as bells
from bot.console.calls import calls_for, concerns
from bot.console.desk import Visit, not_found
from bot.console.duty_page import undecided_for
from bot.console.permissions import Permission
from bot.console.stamps import live_address
from bot.conversations.models import Alert
from bot.people.models import Erasure
from bot.reminders.feedback import summary_of

_SHOWN_MEETINGS = 5
# How long a counsellor sees that a chat of theirs was erased by the youth (product.md 2.3, F13).
_ERASED_SHOWN = timedelta(days=1)
# Where others than counsellors begin.
_FIRST_PAGES = (
    (Permission.READ_LOGS, "/console/logs"),
    (Permission.MANAGE_STAFF, "/console/staff"),
    (Permission.EDIT_CATALOGUE, "/console/catalogue"),
    (Permission.READ_ACCESS_LOG, "/console/openings"),
)


def show(visit: Visit) -> Response:
    """The first page of a counsellor; others go to theirs."""
    visitor = visit.visitor
    if not visitor.may(Permission.ANSWER_CHATS):
        return visit.go(next((page for needs, page in _FIRST_PAGES if visitor.may(needs)), "/console/account"))
    desk = visit.desk
    live = live_address(desk.services.db, visit.now)
    with desk.services.db.reading() as session:
        calls = calls_for(session, visitor)
        erased = session.scalars(
            select(Erasure.requested_at)
            .where(Erasure.staff_id == visitor.staff_id, Erasure.requested_at > visit.now - _ERASED_SHOWN)
            .order_by(Erasure.requested_at.desc())
        ).all()
        undecided = undecided_for(visit, session)
        helped = summary_of(session, visit.now)
    return visit.page(
        "overview.html",
        live=live,
        refresh=True,
        queue=desk.handover.queue(visitor.municipalities),
        mine=desk.handover.mine(visitor.staff_id),
        offered=desk.handover.offered(visitor.staff_id),
        calls=calls,
        erased=erased,
        undecided=undecided,
        helped=helped,
        meetings=desk.booking.upcoming(staff_id=visitor.staff_id, limit=_SHOWN_MEETINGS),
    )


def pulse(visit: Visit) -> Response:
    """The menu alone, for a page whose own content stands still."""
    return visit.page("pulse.html")


def acknowledge(visit: Visit) -> Response:
    """Take a call down: somebody looks after it."""
    with visit.desk.services.db.transaction() as session:
        alert = session.get(Alert, visit.path("alert"), with_for_update=True)
        if alert is None or not concerns(session, visit.visitor, alert):
            raise not_found()
        if alert.acknowledged_at is None:
            alert.acknowledged_at = visit.now
            alert.acknowledged_by = visit.visitor.staff_id
    visit.desk.ring(bells.STAFF)
    return visit.go("/console/")
