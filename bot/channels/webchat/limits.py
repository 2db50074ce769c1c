"""How often one chat, and one network, may do a thing. In memory, bounded, and without anybody's address."""

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


MESSAGES_OF_A_CHAT = Limit("messages of a chat", 20, 2.0)
# A whole school may share one address.
MESSAGES_OF_A_NETWORK = Limit("messages of a network", 300, 0.2)
STARTS_OF_A_NETWORK = Limit("starts of a network", 120, 1.0)
# A page says every three seconds that somebody types.
SIGNS_OF_A_CHAT = Limit("signs of a chat", 4, 2.0)
CODES_OF_A_CHAT = Limit("codes of a chat", 5, 60.0)
# 58 bits and ten tries a minute from one network, two hundred from all: nobody guesses a code.
TRIES_OF_A_NETWORK = Limit("tries of a network", 10, 6.0)
TRIES_OF_ALL = Limit("tries of all", 200, 0.3)


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
