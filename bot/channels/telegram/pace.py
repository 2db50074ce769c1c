"""How fast we may send: Telegram's limits of about 30 messages a second, and one a second a chat.

Used by the sender. Buckets that refill, in seconds of a clock that never goes back.
"""

from __future__ import annotations

from collections.abc import Callable

# A little under Telegram's 30 (python-telegram-bot, constants.FloodLimit).
OVERALL_RATE = 28.0
CHAT_RATE = 1.0
# An answer of a few bubbles may go out at once; Telegram bears short bursts.
CHAT_BURST = 4.0
# Chats that were quiet so long have a full bucket again and need no memory.
_FORGET_AFTER = 60.0


class _Bucket:
    def __init__(self, rate: float, size: float, now: float) -> None:
        self._rate, self._size = rate, size
        self._level, self.seen = size, now

    def delay(self, now: float) -> float:
        """Return how long to wait for one token, in seconds."""
        return max(0.0, (1.0 - self._level_at(now)) / self._rate)

    def take(self, now: float) -> None:
        self._level, self.seen = self._level_at(now) - 1.0, now

    def _level_at(self, now: float) -> float:
        return min(self._size, self._level + (now - self.seen) * self._rate)


class Pace:
    """Says how long a chat has to wait."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._overall = _Bucket(OVERALL_RATE, OVERALL_RATE, monotonic())
        self._chats: dict[str, _Bucket] = {}
        self._floods: dict[str, float] = {}

    def delay(self, chat: str) -> float:
        """Return the seconds until this chat may be sent to; 0 means now."""
        now = self._monotonic()
        own = self._chats[chat].delay(now) if chat in self._chats else 0.0
        return max(own, self._overall.delay(now), self._flood(chat, now))

    def take(self, chat: str) -> None:
        """Count one request to a chat."""
        now = self._monotonic()
        if len(self._chats) > 1_000:
            self._chats = {key: own for key, own in self._chats.items() if now - own.seen < _FORGET_AFTER}
        self._chats.setdefault(chat, _Bucket(CHAT_RATE, CHAT_BURST, now)).take(now)
        self._overall.take(now)

    def flooded(self, chat: str, seconds: float) -> None:
        """Telegram has asked us to wait before the next message to a chat."""
        self._floods[chat] = self._monotonic() + seconds

    def _flood(self, chat: str, now: float) -> float:
        self._floods = {key: until for key, until in self._floods.items() if until > now}
        if len(self._floods) > 1:
            # Several chats at once: the limit is the bot's own, and asking on makes it longer.
            return max(self._floods.values()) - now
        return self._floods.get(chat, now) - now
