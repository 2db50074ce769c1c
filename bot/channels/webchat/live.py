"""The live stream of a chat: server-sent events, read by our script with `fetch`.

Events: `message` (a bubble), `state` (who the youth writes with, and whether the bot is writing),
`erased` (the receipt; the chat is over).
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import StreamingResponse

from bot.channels.webchat.chats import Chats, Gone, NotStarted, View
from bot.channels.webchat.timeline import Item
from bot.log import get_logger
from bot.wiring import Services

log = get_logger(__name__)

# How late the page may be when a bell was lost, in seconds.
POLL_SECONDS = 2.0
# A line now and then, so that proxies keep the connection and we notice that it is gone.
PING_SECONDS = 15.0
# The page connects again by itself; no connection is kept for ever.
LONGEST_SECONDS = 3600.0
STREAMS_OF_A_CHAT = 4
STREAMS = 2_000


class Live:
    """Opens streams, a bounded number of them."""

    def __init__(self, services: Services, chats: Chats) -> None:
        self._services = services
        self._chats = chats
        self._open: Counter[str] = Counter()

    def has_room(self, address: str) -> bool:
        """Whether one more stream of this chat may be opened."""
        return self._open[address] < STREAMS_OF_A_CHAT and self._open.total() < STREAMS

    def stream(self, address: str, after: int) -> StreamingResponse:
        """Return the stream of a chat, from what was said after number `after`."""
        return StreamingResponse(
            self._counted(address, after), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
        )

    async def _counted(self, address: str, after: int) -> AsyncIterator[str]:
        self._open[address] += 1
        try:
            async for event in self._events(address, after):
                yield event
        finally:
            self._open[address] -= 1
            if self._open[address] <= 0:
                del self._open[address]

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
