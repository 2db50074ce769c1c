"""Sends messages to counsellors' own Telegram, in order, and takes them away again; one sender is active (`seat`).

A journal of its own decides what a killed sender had sent, as for youths: a step of an alert is told once.
"""

from __future__ import annotations

import asyncio
from functools import partial

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError

from bot import bell as bells
from bot.alerts import removal, sending
from bot.alerts.models import Path
from bot.channels.telegram import layout
from bot.channels.telegram.api import TelegramClient
from bot.channels.telegram.deliver import End, deliver, take_away
from bot.channels.telegram.journal import Mark, SendJournal
from bot.channels.telegram.seat import Seat
from bot.log import get_logger
from bot.settings import TelegramSettings
from bot.wiring import Services

log = get_logger(__name__)

POLL_SECONDS = 0.5
# Telegram takes about one message a second to one chat.
PACE_SECONDS = 0.4


class StaffSender:
    """Sends until it is stopped."""

    def __init__(self, services: Services, settings: TelegramSettings) -> None:
        self._services, self._settings = services, settings

    async def run(self, stop: asyncio.Event) -> None:
        """Take the seat and send until `stop`."""
        services = self._services
        folder = services.settings.var_dir
        async with Seat(services.db, services.clock, folder, "telegram-staff-sender").taken(stop) as ours:
            if not ours:
                return
            journal = SendJournal(folder / "staff-sender.journal")
            client = TelegramClient(self._settings, journal=journal)
            try:
                await self._settle(journal)
                while not stop.is_set():
                    if not await self._send_due(client, journal):
                        await services.bell.wait(bells.SEND, POLL_SECONDS)
            finally:
                await client.close_connections()
                journal.close()

    async def _settle(self, journal: SendJournal) -> None:
        db, now = self._services.db, self._services.clock()
        for message_id, key in await anyio.to_thread.run_sync(sending.left_over, db, Path.TELEGRAM):
            has_left = journal.mark_of(key) in (Mark.LEFT, Mark.ANSWERED)
            await anyio.to_thread.run_sync(partial(sending.settle, db, message_id, has_left=has_left, now=now))

    async def _send_due(self, client: TelegramClient, journal: SendJournal) -> bool:
        """Send what is due now, and take away what is to go; False when there was nothing."""
        db, clock = self._services.db, self._services.clock
        try:
            due = await anyio.to_thread.run_sync(sending.next_due, db, Path.TELEGRAM, clock())
            for message_id in due:
                await self._send(client, journal, message_id)
            gone = await anyio.to_thread.run_sync(removal.next_due, db, clock())
            for message in gone:
                await self._take_away(client, message)
        except SQLAlchemyError as error:
            log.warning("phone.database_down", error=type(error).__name__)
            return False
        return bool(due or gone)

    async def _take_away(self, client: TelegramClient, message: removal.Due) -> None:
        """Take a message about an erased chat away. To try twice does no harm, so no journal is kept."""
        db = self._services.db
        outcome = await take_away(client, message.address, message.message_id)
        if outcome.end in (End.WAIT, End.NOT_SENT):
            after = partial(removal.later, db, message.id, self._services.clock(), outcome.seconds)
        else:
            # Gone now or before, too old, or the phone has blocked the bot: there is nothing more that can be done.
            after = partial(removal.done, db, message.id)
        await anyio.to_thread.run_sync(after)
        log.info("phone.taken_away", end=outcome.end)
        await asyncio.sleep(PACE_SECONDS)

    async def _send(self, client: TelegramClient, journal: SendJournal, message_id: str) -> None:
        db, clock = self._services.db, self._services.clock
        outgoing = await anyio.to_thread.run_sync(sending.begin, db, message_id)
        if outgoing is None:
            return
        outcome = await deliver(
            client,
            journal,
            key=outgoing.send_key,
            chat=outgoing.address,
            # A packet with very long lines: its end, what is newest, must be there.
            text=layout.split(outgoing.text)[-1],
            keyboard=layout.keyboard(outgoing.buttons),
            plain=False,
        )
        match outcome.end:
            case End.SENT:
                after = partial(sending.sent, db, outgoing, outcome.message_id, clock())
            case End.PERHAPS:
                # The request had left: an alert told twice does less harm than one that may be lost, but
                # the next step of the alert follows anyway.
                after = partial(sending.sent, db, outgoing, None, clock())
            case End.WAIT:
                after = partial(sending.later, db, outgoing, clock(), outcome.seconds)
            case End.BLOCKED:
                after = partial(sending.failed, db, outgoing, gone=True)
            case End.REFUSED:
                after = partial(sending.failed, db, outgoing)
            case _:
                after = partial(sending.later, db, outgoing, clock())
        await anyio.to_thread.run_sync(after)
        journal.finish(outgoing.send_key)
        log.info("phone.sent", message=outgoing.id, end=outcome.end)
        await asyncio.sleep(PACE_SECONDS)
