"""Receiving by webhook: Telegram calls us, and keeps an update until we say 200.

`webhook_route` is mounted by `bot.server`; `announce_webhook` is a task of `program`.
"""

from __future__ import annotations

import asyncio
import hmac
import json

import anyio.to_thread
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telegram.error import TelegramError

from bot.channels.body import read_body
from bot.channels.telegram.api import TelegramClient
from bot.channels.telegram.intake import End, Intake, Taken
from bot.channels.telegram.presses import acknowledge
from bot.channels.telegram.receive import ALLOWED_UPDATES
from bot.log import get_logger
from bot.settings import TelegramSettings
from bot.wiring import Services

log = get_logger(__name__)

PATH = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
MAX_BODY = 1_000_000
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


def webhook_route(services: Services) -> list[Route]:
    """Return the route of the webhook; none unless Telegram is on and in webhook mode."""
    settings = services.settings.telegram
    if settings is None or settings.mode != "webhook":
        return []
    intake = Intake(services)

    async def receive(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), settings.webhook_secret.encode()):
            return _refuse(401, "wrong_secret", "Send the secret that setWebhook was given.")
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            return _refuse(400, "not_json", "Send application/json.")
        body = await read_body(request, MAX_BODY)
        if body is None:
            return _refuse(413, "too_large", f"Send at most {MAX_BODY} bytes.")
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return _refuse(400, "not_json", "Send one JSON object.")
        if not isinstance(update, dict):
            return _refuse(400, "not_json", "Send one JSON object.")
        taken = await anyio.to_thread.run_sync(intake.take, update)
        return _answer(settings, update, taken)

    return [Route(PATH, receive, methods=["POST"])]


def _answer(settings: TelegramSettings, update: dict[str, object], taken: Taken) -> Response:
    if taken.end is End.DATABASE_DOWN:
        return _refuse(503, "database_down", "Send it again later.")
    if not taken.done:
        return _refuse(500, "not_stored", "Send it again.")
    after = None
    if "callback_query" in update or taken.bot_answers:
        after = BackgroundTask(_acknowledge, settings, update, bot_answers=taken.bot_answers)
    return JSONResponse({"ok": True}, background=after)


async def _acknowledge(settings: TelegramSettings, update: dict[str, object], *, bot_answers: bool) -> None:
    # A client of its own: routes have no end of life at which a shared one could be closed.
    client = TelegramClient(settings)
    try:
        await acknowledge(client, update, bot_answers=bot_answers)
    finally:
        await client.close_connections()


def _refuse(status: int, error: str, next_step: str) -> JSONResponse:
    return JSONResponse({"error": error, "next": next_step}, status_code=status)


async def announce_webhook(settings: TelegramSettings, stop: asyncio.Event) -> None:
    """Tell Telegram where we are, as often as it takes."""
    client = TelegramClient(settings)
    pause = FIRST_PAUSE
    try:
        while not stop.is_set():
            try:
                await client.set_webhook(
                    settings.webhook_url, secret_token=settings.webhook_secret,
                    allowed_updates=ALLOWED_UPDATES, drop_pending_updates=False,
                )  # fmt: skip
                log.info("telegram.webhook_set")
                return
            except TelegramError as error:
                log.warning("telegram.webhook_not_set", error=type(error).__name__, again_in_s=pause)
            await _wait(stop, pause)
            pause = min(pause * 2, LONGEST_PAUSE)
    finally:
        await client.close_connections()


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
