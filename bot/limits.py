"""How often somebody may do a thing. In memory, bounded, and without anybody's address."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

# So many buckets at most are remembered; the ones not used longest go first.
REMEMBERED = 20_000


@dataclass(frozen=True)
class Limit:
    """At most `burst` at once, and one more every `seconds`."""

    name: str
    burst: int
    seconds: float


class Limits:
    """Counts; thread-safe."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        # Keys are hashed with a secret of this process: not even memory holds an IP address.
        self._secret = secrets.token_bytes(16)
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, *wanted: tuple[Limit, str]) -> float:
        """Count one use of each limit by each key; return 0, or the seconds until it may be done.

        When one of them says no, none is counted.
        """
        now = self._monotonic()
        with self._lock:
            levels = [(limit, self._key(limit, key)) for limit, key in wanted]
            waits = [(1.0 - self._level(limit, key, now)) * limit.seconds for limit, key in levels]
            if max(waits) > 0:
                return max(waits)
            for limit, key in levels:
                self._buckets[key] = (self._level(limit, key, now) - 1.0, now)
                self._buckets.move_to_end(key)
            while len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
            return 0.0

    def _level(self, limit: Limit, key: bytes, now: float) -> float:
        level, at = self._buckets.get(key, (float(limit.burst), now))
        return min(float(limit.burst), level + (now - at) / limit.seconds)

    def _key(self, limit: Limit, key: str) -> bytes:
        return hmac.new(self._secret, f"{limit.name}\x00{key}".encode(), hashlib.sha256).digest()[:16]
