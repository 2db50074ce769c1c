"""Shows in Telegram that a counsellor is typing. Best effort: a sign that is lost is missed by nobody."""

from __future__ import annotations

import asyncio
from functools import partial

import anyio.to_thread
from telegram.constants import ChatAction

from bot.channels.telegram.api import TelegramClient
from bot.livechat import typing
from bot.settings import TelegramSettings
from bot.wiring import Services

CHANNEL = "telegram"
# Telegram shows a sign for five seconds; the console says every three that somebody types on.
LISTEN_SECONDS = 30.0


class TypingSigns:
    """Passes signs of typing on to the chats they are about."""

    def __init__(self, services: Services, settings: TelegramSettings) -> None:
        self._services = services
        self._settings = settings

    async def run(self, stop: asyncio.Event) -> None:
        """Pass signs on until `stop`."""
        client = TelegramClient(self._settings)
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                ring = asyncio.create_task(self._services.bell.wait(typing.TOPIC, LISTEN_SECONDS))
                await asyncio.wait({ring, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if ring.done() and ring.result():
                    await self._pass_on(client)
                ring.cancel()
        finally:
            stopping.cancel()
            await client.close_connections()

    async def _pass_on(self, client: TelegramClient) -> None:
        for chat in await anyio.to_thread.run_sync(self._chats):
            await client.best_effort("sendChatAction", partial(client.send_chat_action, chat, ChatAction.TYPING))

    def _chats(self) -> list[str]:
        """Return the addresses of the chats in which a counsellor types now."""
        services = self._services
        with services.db.reading() as session:
            people = typing.staff_typing_on(session, CHANNEL, services.clock())
            found = [services.vault.address_of(session, person) for person in people]
        return [address for address in found if address is not None]
