"""The bot program around the web chat, with a dialogue server of the tests: real routes, worker, sender."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.applications import Starlette

from bot.bell import WORK
from bot.channels.webchat.routes import create_routes
from bot.channels.webchat.send import WebSender
from bot.conversations.worker import Worker
from bot.people.erasure import Eraser
from bot.wiring import Services
from tests.channels.serving import serving
from tests.fakes.dialogue import FakeDialogue


@dataclass
class Site:
    """A running site."""

    address: str
    services: Services
    dialogue: FakeDialogue


@contextmanager
def site(services: Services, *, working: bool = True) -> Iterator[Site]:
    """Serve the web chat; with `working`, the worker, the sender and the eraser run too."""
    dialogue = FakeDialogue()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        stop = asyncio.Event()
        tasks = [asyncio.create_task(task) for task in (_tasks(services, dialogue, stop) if working else [])]
        yield
        stop.set()
        services.bell.ring_here(WORK)
        await asyncio.gather(*tasks)

    with serving(Starlette(routes=create_routes(services), lifespan=lifespan)) as address:
        yield Site(address, services, dialogue)


def _tasks(services: Services, dialogue: FakeDialogue, stop: asyncio.Event) -> list:  # type: ignore[type-arg]
    worker = Worker(services.db, dialogue, services.texts, services.clock, services.bell, name="test")
    eraser = Eraser(services.db, dialogue, services.clock)

    async def erase() -> None:
        while not stop.is_set():
            if not await eraser.work_once():
                await asyncio.sleep(0.1)

    return [worker.run(stop), WebSender(services.db, services.clock, services.bell).run(stop), erase()]
