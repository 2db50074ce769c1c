"""The one source of the current time, so that tests can move it.

All three programs read BOT_CLOCK in the same way: an ISO instant at which a running clock
starts, or ``@/path`` to a file that holds an ISO instant and is read at each call.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the present as an aware UTC time."""
    return datetime.now(UTC)


def parse_instant(text: str) -> datetime:
    """Read an ISO instant; a time without a zone is taken as UTC.

    Raises:
        ValueError: the text is no ISO 8601 instant.
    """
    instant = datetime.fromisoformat(text.strip())
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)


def clock_from(value: str | None) -> Clock:
    """Make the clock that BOT_CLOCK asks for; without a value, the system's.

    Raises:
        ValueError: the value is neither an instant nor ``@`` and a path.
    """
    if not value:
        return system_clock
    if value.startswith("@"):
        path = Path(value[1:])
        return lambda: parse_instant(path.read_text(encoding="utf-8"))
    start = parse_instant(value)
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


class FakeClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        """Move on by a timedelta given in its own keywords (seconds=, minutes=, ...)."""
        self.now += timedelta(**delta)
