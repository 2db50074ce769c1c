"""Bokningar: the meetings to come, day by day, and what became of mine.

Only the counsellor of a meeting sees whom to call.
"""

from __future__ import annotations

from itertools import groupby

from starlette.responses import Response

from bot import bell as bells
from bot.booking.availability import rules_of
from bot.booking.models import Outcome
from bot.clock import STOCKHOLM
from bot.console.access import record_opening
from bot.console.desk import Refused, Visit, not_found
from bot.console.stamps import live_address
from bot.people.vault import resolve


def show(visit: Visit) -> Response:
    """List the meetings in somebody's municipalities, and all of their own."""
    desk, visitor = visit.desk, visit.visitor
    live = live_address(desk.services.db, visit.now)
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
    with desk.services.db.reading() as session:
        rules = rules_of(session, [visitor.staff_id])[visitor.staff_id]
    return visit.page(
        "bookings.html",
        live=live,
        refresh=True,
        days=days,
        contacts=contacts,
        lately=desk.booking.lately(visitor.staff_id),
        outcomes=list(Outcome),
        rules=rules,
        said=visit.query("said"),
    )


def note_outcome(visit: Visit) -> Response:
    """Note what became of a meeting: came, did not come, another time. Nothing follows for the youth but kind words."""
    chosen = visit.form.one("outcome")
    if chosen not in set(Outcome):
        raise Refused(422, "Välj vad som hände", "Gå tillbaka och välj ett av alternativen.")
    if not visit.desk.booking.note_outcome(visit.path("booking"), visit.visitor.staff_id, Outcome(chosen)):
        raise not_found()
    visit.desk.ring(bells.STAFF)
    return visit.go("/console/bookings?said=noted#lately")


def cancel(visit: Visit) -> Response:
    """Cancel a meeting of mine; the youth is told at once and offered a new time."""
    if not visit.desk.staff_actions.cancel_meeting(visit.path("booking"), visit.visitor.staff_id):
        raise Refused(409, "Mötet går inte att avboka", "Det är redan avbokat, flyttat eller har börjat.")
    visit.desk.ring(bells.STAFF, bells.SEND)
    return visit.go("/console/bookings?said=cancelled")
