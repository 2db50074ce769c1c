"""The live stream of the console: says when something a page shows has changed, never what.

The page then asks for itself again. The bell wakes us at once; a lost ring costs one poll. The page
names the stamp it was made at, so that nothing is missed between the page and its stream.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator
from datetime import datetime
from urllib.parse import urlencode

import anyio.to_thread
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot import bell as bells
from bot.booking.models import BookingRow, BookingState
from bot.console import security
from bot.console.desk import Desk, Refused
from bot.console.models import Note
from bot.console.sign_in import find_visitor
from bot.conversations.models import Alert, Conversation, OutboundMessage, OutboundState
from bot.db.session import Database
from bot.handover.models import Handover, HandoverState
from bot.log import get_logger

log = get_logger(__name__)

POLL_SECONDS = 0.5
# Waiting times on the page grow although nothing happens.
REFRESH_SECONDS = 30.0
# The browser connects again by itself; a stream that never ends would outlive a restart's patience.
LONGEST_SECONDS = 600.0


class Events:
    """Server-sent events for one open page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, request: Request) -> Response:
        """Start a stream; 401 for who is not signed in."""
        now = self._desk.services.clock()
        visitor = await anyio.to_thread.run_sync(self._desk.visitor_of, request, now)
        if visitor is None:
            return self._desk.refuse(Refused(401, "Du är utloggad", "Logga in igen."))
        stream = self._stream(
            request.cookies.get(security.SESSION_COOKIE, ""),
            request.query_params.get("chat", "").replace("\x00", "")[:36],
            request.query_params.get("seen", ""),
        )
        return StreamingResponse(stream, media_type="text/event-stream", headers={"x-accel-buffering": "no"})

    async def _stream(self, token: str, conversation_id: str, seen: str) -> AsyncIterator[str]:
        yield "retry: 1000\n\n"
        began = said_at = time.monotonic()
        while time.monotonic() - began < LONGEST_SECONDS:
            stamp = await anyio.to_thread.run_sync(self._look, token, conversation_id)
            if stamp is None:
                yield "event: signed-out\ndata: 1\n\n"
                return
            if stamp != seen or time.monotonic() - said_at > REFRESH_SECONDS:
                seen, said_at = stamp, time.monotonic()
                yield "event: changed\ndata: 1\n\n"
            await self._desk.services.bell.wait(bells.STAFF, POLL_SECONDS)

    def _look(self, token: str, conversation_id: str) -> str | None:
        """Return a stamp of what the page shows; None when the person is no longer signed in."""
        services = self._desk.services
        try:
            if find_visitor(services.db, token, services.clock(), touch=False) is None:
                return None
            with services.db.reading() as session:
                return stamp(session, conversation_id)
        except SQLAlchemyError as error:
            log.warning("console.events_database_down", error=type(error).__name__)
            return ""


def live_address(db: Database, conversation_id: str = "") -> str:
    """Return where a page listens for changes. Ask before reading what the page shows."""
    with db.reading() as session:
        seen = stamp(session, conversation_id)
    return f"/console/events?{urlencode({'chat': conversation_id, 'seen': seen})}"


def stamp(session: Session, conversation_id: str) -> str:
    """Return a text that changes when the queue, a call, a booking or the open chat changes."""
    queue = session.execute(
        select(
            func.count(),
            func.sum(Handover.version),
            func.sum(Conversation.inbound_seq),
            func.max(Conversation.risk_at),
        )
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(Handover.state != HandoverState.CLOSED)
    ).one()
    calls = session.execute(
        select(func.count(), func.max(Alert.created_at)).where(Alert.acknowledged_at.is_(None))
    ).one()
    meetings = session.execute(
        select(func.count(), func.max(BookingRow.created_at)).where(BookingRow.state == BookingState.BOOKED)
    ).one()
    parts: list[object] = [*queue, *calls, *meetings]
    if conversation_id:
        parts += _chat_stamp(session, conversation_id)
    text = "|".join(part.isoformat() if isinstance(part, datetime) else str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _chat_stamp(session: Session, conversation_id: str) -> list[object]:
    chat = session.execute(
        select(Conversation.inbound_seq, Conversation.outbound_seq, Conversation.state, Conversation.risk_at).where(
            Conversation.id == conversation_id
        )
    ).first()
    unsettled = session.scalar(
        select(func.count())
        .select_from(OutboundMessage)
        .where(
            OutboundMessage.conversation_id == conversation_id,
            OutboundMessage.state.in_([OutboundState.QUEUED, OutboundState.SENDING, OutboundState.RETRY]),
        )
    )
    notes = session.scalar(select(func.count()).select_from(Note).where(Note.conversation_id == conversation_id))
    return [*(chat or ("erased",)), unsettled, notes]
