"""The live stream of the console: says when something a page shows has changed, never what.

The page then asks for itself again. The bell wakes us at once; a lost ring costs one poll. The page
names the stamp it was made at, so that nothing is missed between the page and its stream.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot import bell as bells
from bot.console import security
from bot.console.desk import Desk, Refused
from bot.console.sign_in import find_visitor
from bot.console.stamps import stamp
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
            request.query_params.get("chat", "").replace("\x00", "")[:64],
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
                return stamp(session, services.clock(), conversation_id)
        except SQLAlchemyError as error:
            log.warning("console.events_database_down", error=type(error).__name__)
            return ""
