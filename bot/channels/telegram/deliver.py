"""One request to Telegram and what its end means: did the youth get the message, and what now?

Used by the sender. The one place that knows python-telegram-bot's errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)  # fmt: skip

from bot.channels.telegram.api import TelegramClient, TooFast, journalled
from bot.channels.telegram.journal import Mark, SendJournal
from bot.channels.telegram.layout import Keyboard, escape
from bot.log import get_logger

log = get_logger(__name__)


class End(StrEnum):
    """How a request ended."""

    SENT = "sent"
    WAIT = "wait"
    """Too fast: wait as long as Telegram says. Not a failure."""
    BLOCKED = "blocked"
    """The person has blocked the bot, or has no account any more."""
    REFUSED = "refused"
    """Telegram cannot take this message as it is: ours to mend."""
    NOT_SENT = "not sent"
    """No connection, or Telegram is out of order: nobody has read it."""
    PERHAPS = "perhaps"
    """The request had left, the answer never came."""


@dataclass(frozen=True)
class Outcome:
    """The end of a request, with what belongs to it."""

    end: End
    message_id: str | None = None
    seconds: float = 0.0
    buttons_refused: bool = False


async def deliver(
    client: TelegramClient,
    journal: SendJournal,
    *,
    key: str,
    chat: str,
    text: str,
    keyboard: Keyboard | None,
    plain: bool,
) -> Outcome:
    """Send one message and say how it ended; the journal knows the same before this returns."""
    body = text if plain else escape(text)
    try:
        message_id = await journalled(key, lambda: client.say(chat, body, keyboard, html=not plain))
    except TelegramError as error:
        outcome = _outcome_of(error, left=journal.mark_of(key) is not None)
        if outcome.end is not End.PERHAPS and journal.mark_of(key) is not None:
            journal.note(key, Mark.REFUSED)
        # The error's own words may quote the message or the token.
        log.info("send.ended", end=outcome.end, error=type(error).__name__, send=key)
        return outcome
    journal.note(key, Mark.ANSWERED)
    return Outcome(End.SENT, message_id=message_id)


async def take_away(client: TelegramClient, chat: str, message_id: str) -> Outcome:
    """Delete one message of ours and say how it ended; REFUSED when it is gone or too old."""
    try:
        await client.take_away(chat, message_id)
    except TelegramError as error:
        return _outcome_of(error, left=False)
    return Outcome(End.SENT)


def _outcome_of(error: TelegramError, *, left: bool) -> Outcome:
    match error:
        case TooFast():
            return Outcome(End.WAIT, seconds=error.seconds)
        case Forbidden():
            return Outcome(End.BLOCKED)
        case BadRequest():
            return Outcome(End.REFUSED, buttons_refused=_about_buttons(error))
        case ChatMigrated():
            return Outcome(End.REFUSED)
        case InvalidToken() | Conflict():
            return Outcome(End.NOT_SENT)  # A wrong token is mended by people; the message waits for them.
        case NetworkError() if not isinstance(error.__cause__, httpx.HTTPError):
            return Outcome(End.NOT_SENT)  # Telegram answered with a fault of its own (5xx).
        case _:
            return Outcome(End.PERHAPS if left else End.NOT_SENT)


def _about_buttons(error: BadRequest) -> bool:
    words = error.message.lower()
    return any(word in words for word in ("button", "reply markup", "keyboard", "reply_markup"))
