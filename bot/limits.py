"""How often somebody may do a thing, and how many at the same time. In memory, bounded, without anybody's address."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
        return _hashed(self._secret, limit.name, key)


@dataclass(frozen=True)
class Room:
    """At most `most` at the same time."""

    name: str
    most: int


class Rooms:
    """Keeps places in rooms; thread-safe."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(16)
        self._taken: Counter[bytes] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def place(self, *wanted: tuple[Room, str]) -> Iterator[bool]:
        """Keep a place in each room by each key until the end of the block; False when one of them is full.

        Asking and taking are one step. When one is full, none is taken.
        """
        keys = {_hashed(self._secret, room.name, key): room.most for room, key in wanted}
        with self._lock:
            free = all(self._taken[key] < most for key, most in keys.items())
            if free:
                self._taken.update(keys.keys())
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._taken.subtract(keys.keys())
                    # Only what is taken is remembered.
                    self._taken = +self._taken


def network_of(host: str) -> str:
    """Return whose limits count: an address, or the whole network that one household or office has with IPv6."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return host


def _hashed(secret: bytes, name: str, key: str) -> bytes:
    return hmac.new(secret, f"{name}\x00{key}".encode(), hashlib.sha256).digest()[:16]
