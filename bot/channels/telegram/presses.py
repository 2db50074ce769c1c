"""What a youth sees at once after writing or pressing: the button answers, its keyboard goes, "typing".

Called by polling and webhook after the commit. All of it is best effort: the answer itself comes
from the worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from telegram.constants import ChatAction

from bot.channels.telegram.api import TelegramClient


async def acknowledge(client: TelegramClient, update: Mapping[str, Any], *, bot_answers: bool) -> None:
    """Show that an update was taken; never raises for what Telegram says."""
    query = update.get("callback_query")
    if isinstance(query, Mapping):
        await _answer(client, query)
    if bot_answers:
        chat = _chat(update)
        if chat is not None:
            await client.best_effort("sendChatAction", lambda: client.send_chat_action(chat, ChatAction.TYPING))
    if isinstance(query, Mapping):
        await _take_keyboard_away(client, query)


async def _answer(client: TelegramClient, query: Mapping[str, Any]) -> None:
    query_id = query.get("id")
    if isinstance(query_id, str):
        await client.best_effort("answerCallbackQuery", lambda: client.answer_callback_query(query_id))


async def _take_keyboard_away(client: TelegramClient, query: Mapping[str, Any]) -> None:
    """A pressed keyboard is done with. A message that Telegram no longer shows us stays as it is."""
    message = query.get("message")
    if not isinstance(message, Mapping) or not isinstance(message.get("text"), str):
        return
    chat, message_id, text = message.get("chat"), message.get("message_id"), message["text"]
    if isinstance(chat, Mapping) and chat.get("type") == "private" and isinstance(message_id, int):
        await client.best_effort(
            "editMessageText",
            lambda: client.take_keyboard_away(str(chat.get("id")), str(message_id), text),
        )


def _chat(update: Mapping[str, Any]) -> str | None:
    message = update.get("message") or update.get("edited_message")
    query = update.get("callback_query")
    if isinstance(query, Mapping):
        message = query.get("message")
    chat = message.get("chat") if isinstance(message, Mapping) else None
    return str(chat.get("id")) if isinstance(chat, Mapping) and chat.get("type") == "private" else None
