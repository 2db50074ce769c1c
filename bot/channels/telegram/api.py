"""Our client of the Bot API: python-telegram-bot's `Bot`, with what we need to know of each request.

Made by the sender, the poller and the webhook's presses. Only methods that every Bot API server has
are relied upon; the others may fail.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
from telegram import Bot
from telegram.error import InvalidToken, TelegramError
from telegram.request import HTTPXRequest

from bot.channels.telegram.journal import Mark, SendJournal
from bot.channels.telegram.layout import Keyboard, Link
from bot.channels.telegram.receive import ALLOWED_UPDATES
from bot.log import get_logger
from bot.settings import TelegramSettings

log = get_logger(__name__)

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
LONG_POLL_SECONDS = 25
UPDATES_AT_ONCE = 100

# The send that the current task is about; requests made meanwhile are noted under it.
_current: ContextVar[str | None] = ContextVar("telegram_send", default=None)


class TooFast(TelegramError):
    """429: wait so many seconds. Ours, because the library's own warns of its future at each use."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds} seconds")
        self.seconds = seconds


class _Requests(HTTPXRequest):
    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        code, payload = await super().do_request(*args, **kwargs)
        if code == HTTPStatus.TOO_MANY_REQUESTS:
            raise TooFast(_seconds_to_wait(payload))
        return code, payload


class TelegramClient(Bot):
    """A `Bot` that also gives updates as they came, so that a malformed one harms no other."""

    def __init__(self, settings: TelegramSettings, *, journal: SendJournal | None = None) -> None:
        hooks = {"request": [_noting(journal)]} if journal is not None else {}
        super().__init__(
            token=settings.token,
            base_url=f"{settings.api_base_url}/bot",
            request=_request(settings, 16, event_hooks=hooks),
            get_updates_request=_request(settings, 1),
        )
        self._missing: set[str] = set()

    async def raw_updates(self, offset: int | None) -> list[Any]:
        """Ask for updates from an offset on, waiting for the first; the answer is not parsed.

        Raises:
            TelegramError: no answer, or an answer that is none.
        """
        updates = await self._post(
            "getUpdates",
            {
                "offset": offset, "timeout": LONG_POLL_SECONDS, "limit": UPDATES_AT_ONCE,
                "allowed_updates": ALLOWED_UPDATES,
            },
            read_timeout=LONG_POLL_SECONDS + READ_SECONDS,
        )  # fmt: skip
        if not isinstance(updates, list):
            raise TelegramError("the answer to getUpdates is no list")
        return updates

    async def say(
        self, chat: str, text: str, keyboard: Keyboard | None, *, html: bool, silent_links: bool = True
    ) -> str | None:
        """Send one message; return its id, if the answer holds one.

        The answer is not parsed further: once Telegram has the message, nothing in its answer may
        make us send it again.

        Raises:
            TelegramError: see `deliver`, which knows what each kind means.
        """
        answer = await self._post(
            "sendMessage",
            {
                "chat_id": chat, "text": text, "parse_mode": "HTML" if html else None,
                "reply_markup": _markup(keyboard) if keyboard else None,
                "link_preview_options": {"is_disabled": True} if silent_links else None,
            },
        )  # fmt: skip
        return str(answer["message_id"]) if isinstance(answer, dict) and "message_id" in answer else None

    async def take_keyboard_away(self, chat: str, message_id: str, text: str) -> None:
        """Show a message of ours as it was, without its buttons."""
        await self._post("editMessageText", {"chat_id": chat, "message_id": int(message_id), "text": text})

    async def take_away(self, chat: str, message_id: str) -> None:
        """Delete a message of ours; Telegram allows it for 48 hours.

        Raises:
            TelegramError: see `deliver`, which knows what each kind means.
        """
        await self._post("deleteMessage", {"chat_id": chat, "message_id": int(message_id)})

    async def best_effort(self, method: str, call: Callable[[], Awaitable[object]]) -> bool:
        """Make a call that nobody depends on; log a failure and go on. False when it failed.

        A method that the server does not have is asked for once only.
        """
        if method in self._missing:
            return False
        try:
            await call()
        except InvalidToken:  # how the library tells of a 404: this server lacks the method
            self._missing.add(method)
            log.info("telegram.method_missing", method=method)
        except TelegramError as error:
            log.info("telegram.best_effort_failed", method=method, error=type(error).__name__)
        else:
            return True
        return False

    async def close_connections(self) -> None:
        """Close the connections; unlike `shutdown`, also when getMe was never called."""
        for request in self._request:
            await request.shutdown()


async def journalled[T](key: str, call: Callable[[], Awaitable[T]]) -> T:
    """Make a call whose request is noted in the journal under `key` once it has left."""
    token = _current.set(key)
    try:
        return await call()
    finally:
        _current.reset(token)


def _seconds_to_wait(payload: bytes) -> float:
    try:
        return max(1.0, float(json.loads(payload)["parameters"]["retry_after"]))
    except (ValueError, KeyError, TypeError):
        return 5.0  # A proxy's 429 says nothing of how long.


def _markup(keyboard: Keyboard) -> dict[str, Any]:
    rows = [
        [{"text": title, "url" if isinstance(data, Link) else "callback_data": str(data)} for title, data in row]
        for row in keyboard
    ]
    return {"inline_keyboard": rows}


def _request(settings: TelegramSettings, connections: int, **kwargs: Any) -> _Requests:
    # A proxy of the environment is for the internet, not for a server on this machine.
    here = urlsplit(settings.api_base_url).hostname in ("localhost", "127.0.0.1", "::1")
    return _Requests(
        connection_pool_size=connections,
        connect_timeout=CONNECT_SECONDS,
        write_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        pool_timeout=CONNECT_SECONDS,
        httpx_kwargs={"trust_env": not here, **kwargs},
    )


def _noting(journal: SendJournal) -> Callable[[httpx.Request], Awaitable[None]]:
    """Return a hook that follows a request down to the socket."""

    async def hook(request: httpx.Request) -> None:
        key = _current.get()
        if key is None:
            return
        ours = False

        async def trace(event: str, info: dict[str, Any]) -> None:
            nonlocal ours
            if event == "http11.send_request_headers.started":
                # A proxy is first asked to CONNECT: that is not our message.
                ours = info["request"].method == b"POST"
            elif event == "http11.send_request_body.complete" and ours:
                # uvloop hands queued bytes to the kernel at the end of its round: wait for that.
                await asyncio.sleep(0)
                journal.note(key, Mark.LEFT)

        request.extensions = {**request.extensions, "trace": trace}

    return hook
