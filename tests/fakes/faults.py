"""What can go wrong between the bot and Telegram, for `tests.fakes.telegram`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class FaultKind(StrEnum):
    """What can go wrong with a sendMessage."""

    TOO_FAST = "too_fast"
    """429 with retry_after (`seconds`); not delivered."""
    BLOCKED = "blocked"
    """403; not delivered."""
    BAD_REQUEST = "bad_request"
    """400 with `words` as its description; not delivered."""
    BROKEN = "broken"
    """502; not delivered."""
    CUT = "cut"
    """The connection is closed before anything is delivered, without an answer."""
    CUT_AFTER = "cut_after"
    """Delivered, then the connection is closed without an answer."""
    SLOW = "slow"
    """Delivered and answered after `seconds`."""
    DELIVERED_SLOWLY = "delivered_slowly"
    """Delivered at once; the answer comes after `seconds`."""


@dataclass(frozen=True)
class Fault:
    """A fault for one sendMessage."""

    kind: FaultKind
    seconds: float = 0.0
    words: str = "Bad Request: can't parse entities"


def too_fast(seconds: int) -> Fault:
    """Answer 429 and ask to wait so many seconds."""
    return Fault(FaultKind.TOO_FAST, seconds=seconds)


def bad_request(words: str = "Bad Request: can't parse entities") -> Fault:
    """Answer 400."""
    return Fault(FaultKind.BAD_REQUEST, words=words)


@dataclass
class Faults:
    """Faults that wait for the next sendMessage, of any chat or of one."""

    queued: list[tuple[str | None, Fault]] = field(default_factory=list)

    def take(self, chat: str) -> Fault | None:
        """Return the fault that a message to this chat meets."""
        for number, (whose, fault) in enumerate(self.queued):
            if whose is None or whose == chat:
                del self.queued[number]
                return fault
        return None
