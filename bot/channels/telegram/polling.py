"""Receiving by long polling: the default on one machine.

python-telegram-bot's own Updater confirms updates from memory. Here the offset moves only when the
updates before it are committed, so Telegram keeps what we have not got.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import anyio.to_thread
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.channels.telegram.api import TelegramClient
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.presses import acknowledge
from bot.channels.telegram.receive import update_id_of
from bot.channels.telegram.seat import Seat
from bot.conversations.models import ChannelState
from bot.db.session import DATABASE_DOWN
from bot.log import get_logger
from bot.settings import TelegramSettings
from bot.wiring import Services

log = get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
# After a week without updates Telegram starts anew at a random number: an old offset means nothing.
OFFSET_KEPT = timedelta(days=5)


class Poller:
    """Asks Telegram for updates until it is stopped."""

    def __init__(self, services: Services, settings: TelegramSettings) -> None:
        self._services = services
        self._settings = settings
        self._intake = Intake(services)
        # The number before the colon is the bot's public id; another bot counts its own updates.
        self._key = f"telegram-offset:{settings.token.split(':')[0][:40]}"
        self._acknowledging: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Take the poller's seat (one process polls) and poll until `stop`."""
        services = self._services
        seat = Seat(services.db, services.clock, services.settings.var_dir, "telegram-poller")
        async with seat.taken(stop) as ours:
            if not ours:
                return
            client = TelegramClient(self._settings)
            polling = asyncio.create_task(self._poll(client, seat))
            stopping = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({polling, stopping}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                tasks = (polling, stopping, *self._acknowledging)
                for task in tasks:
                    task.cancel()
                results = await asyncio.gather(*tasks, return_exceptions=True)
                await client.close_connections()
            if isinstance(results[0], Exception):
                raise results[0]

    async def _poll(self, client: TelegramClient, seat: Seat) -> None:
        pause, webhook_gone = FIRST_PAUSE, False
        while True:
            try:
                if not seat.held:
                    await asyncio.sleep(FIRST_PAUSE)
                    continue
                if not webhook_gone:
                    # A webhook left from another mode would keep every update from us.
                    await client.delete_webhook(drop_pending_updates=False)
                    webhook_gone = True
                offset = await anyio.to_thread.run_sync(self._offset)
                moved = await self._take_all(client, await client.raw_updates(offset))
            except TelegramError as error:
                webhook_gone = webhook_gone and not isinstance(error, Conflict)
                self._complain(error, pause)
                moved = False
            except DATABASE_DOWN as error:
                log.warning("telegram.database_down", error=type(error).__name__)
                moved = False
            if moved:
                pause = FIRST_PAUSE
                continue
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _take_all(self, client: TelegramClient, updates: list[Any]) -> bool:
        """Store updates in order; False when one could not be: it comes again."""
        moved = False
        for update in updates:
            taken = await anyio.to_thread.run_sync(self._intake.take, update)
            if not taken.done:
                return False
            number = update_id_of(update)
            if number is not None:
                # After each: what comes again after a crash is as little as can be.
                await anyio.to_thread.run_sync(self._move_offset, number + 1)
                moved = True
            if isinstance(update, Mapping):
                self._acknowledge(client, update, bot_answers=taken.bot_answers)
        # Updates without a number cannot be confirmed: do not ask for them in a tight circle.
        return moved or not updates

    def _acknowledge(self, client: TelegramClient, update: Mapping[str, Any], *, bot_answers: bool) -> None:
        task = asyncio.create_task(acknowledge(client, update, bot_answers=bot_answers))
        self._acknowledging.add(task)
        task.add_done_callback(self._acknowledging.discard)

    def _offset(self) -> int | None:
        with self._services.db.reading() as session:
            kept = session.get(ChannelState, self._key)
            if kept is None:
                return None
            offset, _, at = kept.value.partition(" ")
            fresh = self._services.clock() - datetime.fromisoformat(at) < OFFSET_KEPT
            return int(offset) if fresh else None

    def _move_offset(self, offset: int) -> None:
        value = f"{offset} {self._services.clock().isoformat()}"
        with self._services.db.transaction() as session:
            session.merge(ChannelState(key=self._key, value=value))

    def _complain(self, error: TelegramError, pause: float) -> None:
        if isinstance(error, InvalidToken):
            log.error("telegram.token_refused", next="check TELEGRAM_BOT_TOKEN", again_in_s=pause)
        elif isinstance(error, Conflict):
            log.error("telegram.conflict", next="stop the other program with this token", again_in_s=pause)
        else:
            log.warning("telegram.no_connection", error=type(error).__name__, again_in_s=pause)
