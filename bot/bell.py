"""Wake-ups between the parts of one process. The tables stay the truth: a lost ring costs one poll.

Rings may come from any thread; waiters are asyncio tasks. On PostgreSQL, `bot.db.notify` carries
rings between processes.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable

WORK = "work"
"""Something for a worker."""
SEND = "send"
"""Something in the outbox."""
STAFF = "staff"
"""Something the console shows has changed."""


class Bell:
    """Rings topics; a topic is one of the above or ``chat:<conversation>``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiters: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = defaultdict(set)
        self._carriers: list[Callable[[str], None]] = []

    def ring(self, *topics: str) -> None:
        """Wake all who wait for these topics, here and in other processes."""
        for topic in topics:
            self.ring_here(topic)
            for carry in self._carriers:
                carry(topic)

    def ring_here(self, topic: str) -> None:
        """Wake the waiters of this process only."""
        with self._lock:
            waiters = list(self._waiters.get(topic, ()))
        for loop, event in waiters:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    def carry_by(self, carrier: Callable[[str], None]) -> None:
        """Add a way to other processes."""
        self._carriers.append(carrier)

    async def wait(self, topic: str, seconds: float) -> bool:
        """Wait for a ring, at most so long; True when it rang."""
        event = asyncio.Event()
        entry = (asyncio.get_running_loop(), event)
        with self._lock:
            self._waiters[topic].add(entry)
        try:
            await asyncio.wait_for(event.wait(), seconds)
            return True
        except TimeoutError:
            return False
        finally:
            with self._lock:
                self._waiters[topic].discard(entry)
                if not self._waiters[topic]:
                    del self._waiters[topic]
