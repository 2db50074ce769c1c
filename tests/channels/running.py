"""Runs background tasks of the bot program beside a test, and stops them again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

Task = Callable[[asyncio.Event], Awaitable[None]]


@contextmanager
def running(*tasks: Task) -> Iterator[None]:
    """Run tasks in a thread with a loop of its own; what one of them raises comes out at the end."""
    started = threading.Event()
    handle: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def main() -> None:
        stop = asyncio.Event()
        handle.append((asyncio.get_running_loop(), stop))
        started.set()
        await asyncio.gather(*(task(stop) for task in tasks))

    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    started.wait()
    try:
        yield
    finally:
        loop, stop = handle[0]
        if thread.is_alive():
            loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=30)
        assert not thread.is_alive(), "a task does not stop"
    if failures:
        raise failures[0]
