"""The sender of Telegram: takes what is due from the outbox and sends it, in order within each chat.

Started by `program`; one is active (`seat`), others stand by. How a message ends is decided in
`deliver`, what follows is stored by `outgoing`; this module only keeps things moving.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError

from bot import bell as bells
from bot.channels.telegram import outgoing
from bot.channels.telegram.api import TelegramClient
from bot.channels.telegram.commands import offer_commands
from bot.channels.telegram.deliver import End, Outcome, deliver
from bot.channels.telegram.journal import SendJournal
from bot.channels.telegram.outgoing import Due, Sending
from bot.channels.telegram.pace import Pace
from bot.channels.telegram.receipts import Receipts, is_receipt
from bot.channels.telegram.seat import Seat
from bot.channels.telegram.settle import settle
from bot.log import get_logger
from bot.settings import TelegramSettings
from bot.wiring import Services

log = get_logger(__name__)

AT_ONCE = 8
# How late a look at the outbox may be when a bell was lost.
POLL_SECONDS = 0.5
DATABASE_PAUSE = 1.0
# Less than the program waits for its tasks when it stops.
FINISH_SECONDS = 8.0


class Sender:
    """Sends until it is stopped."""

    def __init__(self, services: Services, settings: TelegramSettings) -> None:
        self._services = services
        self._settings = settings
        self._db = services.db
        self._clock = services.clock

    async def run(self, stop: asyncio.Event) -> None:
        """Take the seat and send until `stop`; requests under way are finished first."""
        folder = self._services.settings.var_dir
        seat = Seat(self._db, self._clock, folder, "telegram-sender")
        async with seat.taken(stop) as ours:
            if not ours:
                return
            journal = SendJournal(folder / "sender.journal")
            client = TelegramClient(self._settings, journal=journal)
            try:
                await _Round(self._services, seat, journal, client).run(stop)
            finally:
                await client.close_connections()
                journal.close()


class _Round:
    """The work between taking the seat and leaving it."""

    def __init__(self, services: Services, seat: Seat, journal: SendJournal, client: TelegramClient) -> None:
        self._db, self._clock, self._bell = services.db, services.clock, services.bell
        self._vault = services.vault
        self._seat, self._journal, self._client = seat, journal, client
        self._pace = Pace(asyncio.get_running_loop().time)
        self._receipts = Receipts(services.db, services.texts, journal)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._in_hand: set[str] = set()
        self._settled = False
        self._connected = True

    async def run(self, stop: asyncio.Event) -> None:
        stopping = asyncio.create_task(stop.wait())
        offering = asyncio.create_task(offer_commands(self._client))
        try:
            while not stop.is_set():
                # The bell is listened to before the look, so that no ring falls between the two.
                ring = asyncio.create_task(self._bell.wait(bells.SEND, POLL_SECONDS))
                pause = await self._look()
                waiting = {ring, stopping, *self._running.values()}
                await asyncio.wait(waiting, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                ring.cancel()
        finally:
            stopping.cancel()
            offering.cancel()
            await asyncio.gather(stopping, offering, return_exceptions=True)
            await self._finish()

    async def _finish(self) -> None:
        """Let requests under way end; one that is cut off is settled by the journal at the next start."""
        tasks = list(self._running.values())
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=FINISH_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self) -> float:
        """Start what is due; return the seconds until the next look (a bell may come earlier)."""
        self._running = {chat: task for chat, task in self._running.items() if not task.done()}
        if not self._seat.held:
            self._settled = False
            return POLL_SECONDS
        try:
            if not self._settled:
                await self._settle()
            await self._start_receipts()
            return await self._start_due()
        except SQLAlchemyError as error:
            log.warning("send.database_down", error=type(error).__name__)
            return DATABASE_PAUSE

    async def _settle(self) -> None:
        work = partial(settle, self._db, self._journal, self._seat.machine, self._clock())
        count = await anyio.to_thread.run_sync(partial(work, in_hand=frozenset(self._in_hand)))
        if not self._running:
            self._journal.keep_only(is_receipt)
        self._settled = True
        log.info("send.settled", left_over=count)

    async def _start_due(self) -> float:
        pause = POLL_SECONDS
        for due in await anyio.to_thread.run_sync(outgoing.next_due, self._db, self._clock()):
            if len(self._running) >= AT_ONCE:
                break
            if due.conversation_id in self._running:
                continue
            delay = self._pace.delay(due.conversation_id)
            if delay > 0:
                pause = min(pause, delay)
                continue
            self._pace.take(due.conversation_id)
            self._running[due.conversation_id] = asyncio.create_task(self._send(due))
        return pause

    async def _start_receipts(self) -> None:
        now = asyncio.get_running_loop().time()
        for erasure, address, text in await anyio.to_thread.run_sync(self._receipts.waiting, now):
            if erasure in self._running or len(self._running) >= AT_ONCE or self._pace.delay(erasure) > 0:
                continue
            self._pace.take(erasure)
            self._running[erasure] = asyncio.create_task(self._send_receipt(erasure, address, text))

    async def _send_receipt(self, erasure: str, address: str, text: str) -> None:
        now = asyncio.get_running_loop().time()
        if await self._receipts.send(self._client, erasure, address, text, now):
            await self._store(partial(self._receipts.blank, erasure, self._clock()))
            log.info("erasure.receipt_done", erasure=erasure)

    async def _send(self, due: Due) -> None:
        """Send one message; whatever happens, the chat's later ones are not held up for ever."""
        self._in_hand.add(due.id)
        try:
            begun = partial(outgoing.begin, self._db, self._vault, due.id, self._seat.machine)
            sending = await anyio.to_thread.run_sync(begun)
            if sending is not None:
                await self._send_parts(sending)
        except SQLAlchemyError as error:
            log.warning("send.database_down", error=type(error).__name__)
        except Exception as error:
            # A fault of ours in this one message, such as a text that no key decrypts.
            log.exception("send.fault", message_id=due.id, error=type(error).__name__)
            await self._store(partial(outgoing.failed, self._db, due.id, "our_fault", self._clock()))
        finally:
            self._in_hand.discard(due.id)
            self._bell.ring(f"chat:{due.conversation_id}", bells.STAFF)

    async def _send_parts(self, sending: Sending) -> None:
        for number in range(sending.done, len(sending.parts)):
            if number > sending.done:
                await asyncio.sleep(self._pace.delay(sending.conversation_id))
                self._pace.take(sending.conversation_id)
            last = number + 1 == len(sending.parts)
            outcome = await deliver(
                self._client,
                self._journal,
                key=sending.key(number),
                chat=sending.address,
                text=sending.parts[number],
                keyboard=sending.keyboard if last else None,
                plain=sending.plain,
            )
            await self._follow(sending, number, outcome)
            if outcome.end is not End.SENT:
                break
        # All of this attempt stands in the database now.
        for number in range(sending.done, len(sending.parts)):
            self._journal.finish(sending.key(number))

    async def _follow(self, sending: Sending, part: int, outcome: Outcome) -> None:
        """Store what an outcome means."""
        now = self._clock()
        match outcome.end:
            case End.SENT:
                await self._store(partial(outgoing.part_sent, self._db, sending, part, outcome.message_id, now))
                await self._note_connection()
            case End.WAIT:
                self._pace.flooded(sending.conversation_id, outcome.seconds)
                await self._store(partial(outgoing.wait, self._db, sending, outcome.seconds, now))
            case End.BLOCKED:
                await self._store(partial(outgoing.blocked, self._db, sending.conversation_id, now))
            case End.REFUSED:
                work = partial(outgoing.refused, buttons_refused=outcome.buttons_refused)
                await self._store(partial(work, self._db, sending, now))
            case End.NOT_SENT:
                self._connected = False
                await self._store(partial(outgoing.not_sent, self._db, sending, now))
            case End.PERHAPS:
                await self._store(partial(outgoing.perhaps_sent, self._db, sending, now))

    async def _note_connection(self) -> None:
        if not self._connected:
            self._connected = True
            await self._store(partial(outgoing.connection_is_back, self._db, self._clock()))

    async def _store(self, work: Callable[[], None]) -> None:
        """Store an outcome, however long the database is away: until then the chat stays in hand."""
        while True:
            try:
                await anyio.to_thread.run_sync(work)
                return
            except SQLAlchemyError as error:
                log.warning("send.outcome_waits", error=type(error).__name__)
                await asyncio.sleep(DATABASE_PAUSE)
