"""The live stream of a chat: server-sent events, read by our script with `fetch`.

Events: `message` (a bubble), `state` (who the youth writes with, and whether the bot is writing),
`erased` (the receipt; the chat is over).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.channels.webchat.chats import Chats, Gone, NotStarted, Refused, View
from bot.channels.webchat.limits import STREAMS, STREAMS_OF_A_CHAT, STREAMS_OF_A_NETWORK, Rooms
from bot.channels.webchat.timeline import Item
from bot.given import LARGEST
from bot.log import get_logger
from bot.wiring import Services

log = get_logger(__name__)

# How late the page may be when a bell was lost, in seconds.
POLL_SECONDS = 2.0
# A line now and then, so that proxies keep the connection and we notice that it is gone.
PING_SECONDS = 15.0
# The page connects again by itself; no connection is kept for ever.
LONGEST_SECONDS = 3600.0


class Live:
    """Opens streams, a bounded number of them."""

    def __init__(self, services: Services, chats: Chats) -> None:
        self._services = services
        self._chats = chats
        self._rooms = Rooms()

    async def open(self, address: str, network: str, after: int) -> StreamingResponse:
        """Return the stream of a chat, from what was said after number `after`.

        Raises:
            Refused: the chat, the network or all of them have as many streams as they may.
            NotStarted: there is no such chat (yet).
        """
        with ExitStack() as held:
            rooms = ((STREAMS_OF_A_CHAT, address), (STREAMS_OF_A_NETWORK, network), (STREAMS, ""))
            if not held.enter_context(self._rooms.place(*rooms)):
                raise Refused("crowded")
            await anyio.to_thread.run_sync(self._chats.look, address, LARGEST)
            return _Stream(self._events(address, after), held.pop_all())

    async def _events(self, address: str, after: int) -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        began = spoke = loop.time()
        state: dict[str, Any] | None = None
        topic: str | None = None
        yield ": here\n\n"
        while loop.time() - began < LONGEST_SECONDS:
            # The bell is listened to before the look, so that no ring falls between the two.
            ring = asyncio.create_task(self._wait(topic))
            try:
                view = await anyio.to_thread.run_sync(self._look, address, after)
                if isinstance(view, Gone) and view.text is not None:
                    yield _event("erased", {"text": view.text})
                    await anyio.to_thread.run_sync(self._chats.receipt_was_shown, view)
                    return
                if isinstance(view, View):
                    if topic is None:
                        topic = f"chat:{view.conversation_id}"
                    for item in view.items:
                        yield _event("message", as_json(item), item.seq)
                        after, spoke = max(after, item.seq), loop.time()
                    if (now := _state(view)) != state:
                        state, spoke = now, loop.time()
                        yield _event("state", now)
                if loop.time() - spoke > PING_SECONDS:
                    spoke = loop.time()
                    yield ": still here\n\n"
                await ring
            finally:
                ring.cancel()

    def _look(self, address: str, after: int) -> View | Gone | None:
        try:
            return self._chats.look(address, after)
        except NotStarted:
            return None
        except SQLAlchemyError as error:
            log.warning("web_live.database_down", error=type(error).__name__)
            return None

    async def _wait(self, topic: str | None) -> None:
        if topic is None:
            await asyncio.sleep(0.2)
        else:
            await self._services.bell.wait(topic, POLL_SECONDS)


class _Stream(StreamingResponse):
    """A stream that holds its place until it has been sent, or until nobody wants it any more."""

    def __init__(self, events: AsyncIterator[str], place: ExitStack) -> None:
        super().__init__(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Here and not in the generator: one that was never begun is never ended either.
        with self._place:
            await super().__call__(scope, receive, send)


def as_json(item: Item) -> dict[str, Any]:
    """Return a bubble for our script."""
    return {
        "seq": item.seq, "author": item.author, "name": item.name, "text": item.text,
        "at": item.at.isoformat(),
        "buttons": [
            {"title": one.title, "url": one.url} if one.url else {"title": one.title, "token": one.token}
            for one in item.choices
        ],
    }  # fmt: skip


def _state(view: View) -> dict[str, Any]:
    return {"with": view.with_whom, "person": view.person_name, "typing": view.typing}


def _event(name: str, data: dict[str, Any], number: int | None = None) -> str:
    head = f"id: {number}\n" if number else ""
    # JSON has no raw line breaks, so one data line is enough.
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
