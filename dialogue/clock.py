"""What time it is. Called wherever a session's age or "today" matters.

`BOT_CLOCK` is for tests: an ISO instant at which a running clock starts, or `@/path` to a file that
holds an ISO instant and is read each time.
"""

import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable, Optional
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")

Clock = Callable[[], datetime]
"""Returns the present instant, with a time zone."""


def clock_from(text: Optional[str]) -> Clock:
    """Return the clock that `BOT_CLOCK` describes; without one, the machine's.

    Raises:
        ValueError: the text is neither an ISO instant nor `@` and a path.
    """
    if not text:
        return lambda: datetime.now(timezone.utc)
    if text.startswith("@"):
        path = Path(text[1:])
        return lambda: parse_instant(path.read_text(encoding="utf-8").strip())
    start, began = parse_instant(text).timestamp(), time.monotonic()
    return lambda: datetime.fromtimestamp(start + time.monotonic() - began, timezone.utc)


def parse_instant(text: str) -> datetime:
    """Read an ISO instant; one without a zone is meant in Stockholm. Raises ValueError."""
    instant = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return instant if instant.tzinfo else instant.replace(tzinfo=STOCKHOLM)
