"""Skicka senare: a message of a counsellor's that is sent at a time, unless the youth writes first."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from bot import bell as bells
from bot.clock import STOCKHOLM
from bot.console.access import may_open
from bot.console.desk import Refused, Visit, not_found
from bot.conversations.outbox import lock_conversation
from bot.given import read_moment
from bot.livechat.canned import unfilled
from bot.livechat.models import ScheduledMessage
from bot.livechat.scheduled import CannotSchedule, cancel, plan


def add(visit: Visit) -> Response:
    """Set a message for later."""
    conversation_id = visit.path("conversation")
    send_at, text = _instant(visit.form.one("at")), visit.form.one("text")
    if gaps := unfilled(text):
        raise Refused(422, "Något saknas i svaret", f"Fyll i {gaps[0]} eller ta bort det innan du skickar.")
    with visit.desk.services.db.transaction() as session:
        conversation = lock_conversation(session, conversation_id)
        if conversation is None or not may_open(session, visit.visitor, conversation):
            raise not_found()
        try:
            plan(session, conversation, visit.visitor.staff_id, text, send_at, visit.now)
        except CannotSchedule as refused:
            raise Refused(422, "Det går inte att skicka då", str(refused)) from None
    visit.desk.ring(bells.STAFF)
    return visit.go(f"/console/chats/{conversation_id}")


def take_back(visit: Visit) -> Response:
    """Take a message back before it is sent."""
    with visit.desk.services.db.transaction() as session:
        row = session.get(ScheduledMessage, visit.path("message"))
        if row is None or row.staff_id != visit.visitor.staff_id:
            raise not_found()
        if not cancel(session, row.id, visit.now):
            raise Refused(409, "För sent", "Meddelandet är redan skickat eller stoppat.")
        conversation_id = row.conversation_id
    visit.desk.ring(bells.STAFF)
    return visit.go(f"/console/chats/{conversation_id}")


def _instant(text: str) -> datetime:
    """Read `2026-11-24T10:00` as Swedish wall time.

    Raises:
        Refused: it is no such time, or one that the clock skips when summer begins.
    """
    try:
        return read_moment(text).replace(tzinfo=STOCKHOLM)
    except ValueError:
        raise Refused(422, "Tiden går inte att läsa", "Skriv dag och tid, till exempel 2026-11-24 10:00.") from None
