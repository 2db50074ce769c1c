"""Running the sender in a test, and asking the database what became of a message."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import select

from bot.channels.telegram.send import Sender
from bot.conversations.models import Alert
from bot.wiring import Services
from tests.channels.chats import row
from tests.channels.running import running


def sending(services: Services) -> AbstractContextManager[None]:
    """Run the sender."""
    settings = services.settings.telegram
    assert settings is not None
    return running(Sender(services, settings).run)


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something that only the database shows."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def state(services: Services, message_id: str) -> tuple[str, str | None]:
    """Return where a message is, and why."""
    message = row(services, message_id)
    return message.state, message.failed_reason


def alerts(services: Services) -> list[tuple[str, str | None]]:
    """Return the calls to staff."""
    with services.db.reading() as session:
        return [(alert.kind, alert.detail) for alert in session.scalars(select(Alert).order_by(Alert.created_at))]
