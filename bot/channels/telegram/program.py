"""The background tasks of Telegram, for `bot.server` to run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from bot.channels.telegram.polling import Poller
from bot.channels.telegram.send import Sender
from bot.channels.telegram.staff_send import StaffSender
from bot.channels.telegram.typing import TypingSigns
from bot.channels.telegram.webhook import announce_webhook
from bot.wiring import Services

Task = Callable[[asyncio.Event], Awaitable[None]]


def telegram_tasks(services: Services) -> dict[str, Task]:
    """Return the tasks by name; none when there is no token."""
    settings = services.settings.telegram
    if settings is None:
        return {}
    tasks: dict[str, Task] = {
        "telegram-sender": Sender(services, settings).run,
        "telegram-staff-sender": StaffSender(services, settings).run,
        "telegram-typing": TypingSigns(services, settings).run,
    }
    if settings.mode == "webhook":
        tasks["telegram-webhook"] = partial(announce_webhook, settings)
    else:
        tasks["telegram-poller"] = Poller(services, settings).run
    return tasks
