"""Bokningar: the meetings to come, day by day. Only the counsellor of a meeting sees whom to call."""

from __future__ import annotations

from itertools import groupby

from starlette.responses import Response

from bot.clock import STOCKHOLM
from bot.console.access import record_opening
from bot.console.desk import Visit
from bot.console.events import live_address
from bot.people.vault import resolve


def show(visit: Visit) -> Response:
    """List the meetings in somebody's municipalities, and all of their own."""
    desk, visitor = visit.desk, visit.visitor
    live = live_address(desk.services.db)
    meetings = {
        meeting.booking_id: meeting
        for meeting in (
            *desk.booking.upcoming(visitor.municipalities),
            *desk.booking.upcoming(staff_id=visitor.staff_id),
        )
    }
    mine = [meeting for meeting in meetings.values() if meeting.staff_id == visitor.staff_id]
    for meeting in mine:
        record_opening(desk.services.db, visitor, meeting.conversation_id, "booking", visit.now, live=True)
    with desk.services.db.reading() as session:
        contacts = {
            meeting.booking_id: (
                resolve(session, meeting.conversation_id, meeting.call_me),
                resolve(session, meeting.conversation_id, meeting.contact or ""),
            )
            for meeting in mine
        }
    ordered = sorted(meetings.values(), key=lambda meeting: (meeting.starts_at, meeting.counsellor_name))
    days = [
        (day, list(rows))
        for day, rows in groupby(ordered, key=lambda meeting: meeting.starts_at.astimezone(STOCKHOLM).date())
    ]
    return visit.page("bookings.html", live=live, days=days, contacts=contacts)
