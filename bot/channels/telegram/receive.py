"""Turns one update of the Bot API into an `Incoming`, or None when it is nothing for us.

Called by polling and webhook through `intake`. Pure: a dict in, a value out, and never an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from bot.conversations.incoming import Incoming
from bot.conversations.models import InboundKind
from bot.log import get_logger

log = get_logger(__name__)

CHANNEL = "telegram"
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]

Update = Mapping[str, Any]


class Content(StrEnum):
    """What a message without readable words is to us."""

    STICKER = "sticker"
    CANNOT_READ = "cannot read"
    """Something the youth sent: the bot says that it cannot read it and asks for words."""
    SERVICE = "service"
    """Something Telegram says about the chat; nobody expects an answer."""


# Every content type of a Bot API `Message` (core.telegram.org/bots/api#message). The first that is
# present decides, so `animation` stands before `document` and `venue` before `location`: Telegram
# sends both of each pair. A type that is not listed is of the future: we say that we cannot read it.
CONTENTS: Mapping[str, Content] = {
    "sticker": Content.STICKER,
    "animation": Content.CANNOT_READ,
    "audio": Content.CANNOT_READ,
    "document": Content.CANNOT_READ,
    "live_photo": Content.CANNOT_READ,
    "paid_media": Content.CANNOT_READ,
    "photo": Content.CANNOT_READ,
    "story": Content.CANNOT_READ,
    "video": Content.CANNOT_READ,
    "video_note": Content.CANNOT_READ,
    "voice": Content.CANNOT_READ,
    "checklist": Content.CANNOT_READ,
    "contact": Content.CANNOT_READ,
    "dice": Content.CANNOT_READ,
    "game": Content.CANNOT_READ,
    "poll": Content.CANNOT_READ,
    "venue": Content.CANNOT_READ,
    "location": Content.CANNOT_READ,
    "invoice": Content.CANNOT_READ,
    "gift": Content.CANNOT_READ,
    "unique_gift": Content.CANNOT_READ,
    "users_shared": Content.CANNOT_READ,
    "chat_shared": Content.CANNOT_READ,
    "passport_data": Content.CANNOT_READ,
    "web_app_data": Content.CANNOT_READ,
    "suggested_post_info": Content.CANNOT_READ,
    "successful_payment": Content.SERVICE,
    "refunded_payment": Content.SERVICE,
    "gift_upgrade_sent": Content.SERVICE,
    "new_chat_members": Content.SERVICE,
    "left_chat_member": Content.SERVICE,
    "chat_owner_left": Content.SERVICE,
    "chat_owner_changed": Content.SERVICE,
    "new_chat_title": Content.SERVICE,
    "new_chat_photo": Content.SERVICE,
    "delete_chat_photo": Content.SERVICE,
    "group_chat_created": Content.SERVICE,
    "supergroup_chat_created": Content.SERVICE,
    "channel_chat_created": Content.SERVICE,
    "message_auto_delete_timer_changed": Content.SERVICE,
    "migrate_to_chat_id": Content.SERVICE,
    "migrate_from_chat_id": Content.SERVICE,
    "pinned_message": Content.SERVICE,
    "connected_website": Content.SERVICE,
    "write_access_allowed": Content.SERVICE,
    "proximity_alert_triggered": Content.SERVICE,
    "boost_added": Content.SERVICE,
    "chat_background_set": Content.SERVICE,
    "checklist_tasks_done": Content.SERVICE,
    "checklist_tasks_added": Content.SERVICE,
    "direct_message_price_changed": Content.SERVICE,
    "managed_bot_created": Content.SERVICE,
    "poll_option_added": Content.SERVICE,
    "poll_option_deleted": Content.SERVICE,
    "forum_topic_created": Content.SERVICE,
    "forum_topic_edited": Content.SERVICE,
    "forum_topic_closed": Content.SERVICE,
    "forum_topic_reopened": Content.SERVICE,
    "general_forum_topic_hidden": Content.SERVICE,
    "general_forum_topic_unhidden": Content.SERVICE,
    "giveaway_created": Content.SERVICE,
    "giveaway": Content.SERVICE,
    "giveaway_winners": Content.SERVICE,
    "giveaway_completed": Content.SERVICE,
    "paid_message_price_changed": Content.SERVICE,
    "suggested_post_approved": Content.SERVICE,
    "suggested_post_approval_failed": Content.SERVICE,
    "suggested_post_declined": Content.SERVICE,
    "suggested_post_paid": Content.SERVICE,
    "suggested_post_refunded": Content.SERVICE,
    "video_chat_scheduled": Content.SERVICE,
    "video_chat_started": Content.SERVICE,
    "video_chat_ended": Content.SERVICE,
    "video_chat_participants_invited": Content.SERVICE,
}

_UNKNOWN = "unknown"
_BLOCKED = frozenset({"kicked", "left"})


class _Malformed(Exception):
    """An update that is not shaped as the Bot API says."""


def to_incoming(update: object) -> Incoming | None:
    """Return what an update means to the inbox; None for groups, service messages and nonsense.

    A malformed update is logged by its id alone: what it holds may be somebody's words.
    """
    try:
        if not isinstance(update, Mapping):
            raise _Malformed("no object")
        update_id = str(_number(update, "update_id"))
        for name, read in _READERS.items():
            if name in update:
                incoming = read(update_id, _object(update, name))
                return replace(incoming, number=update_id_of(update)) if incoming is not None else None
    except _Malformed as error:
        log.warning("telegram.malformed", update_id=update_id_of(update), reason=str(error))
        return None
    log.info("telegram.ignored", update_id=update_id_of(update), reason="kind of update")
    return None


def update_id_of(update: object) -> int | None:
    """Return the number of an update, if it has one."""
    value = update.get("update_id") if isinstance(update, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def replied_to(update: object) -> str | None:
    """Return the id of the message that a message replies to."""
    message = update.get("message") if isinstance(update, Mapping) else None
    original = message.get("reply_to_message") if isinstance(message, Mapping) else None
    number = original.get("message_id") if isinstance(original, Mapping) else None
    return str(number) if isinstance(number, int) and not isinstance(number, bool) else None


def _message(update_id: str, message: Update) -> Incoming | None:
    chat_id = _private_chat(message)
    if chat_id is None:
        return None
    text = _words(message)
    content = _content(message)
    kind: InboundKind
    if text is not None:
        # A caption is read like a text: what somebody writes under a picture may be the cry for help.
        kind = InboundKind.TEXT
        detail = "forwarded" if "forward_origin" in message else content
    else:
        meaning = CONTENTS.get(content or _UNKNOWN, Content.CANNOT_READ)
        if meaning is Content.SERVICE:
            log.info("telegram.ignored", update_id=update_id, reason=content)
            return None
        kind = InboundKind.STICKER if meaning is Content.STICKER else InboundKind.OTHER
        detail = content or _UNKNOWN
    return Incoming(
        channel=CHANNEL,
        update_id=update_id,
        address=chat_id,
        kind=kind,
        text=text,
        channel_message_id=str(_number(message, "message_id")),
        language_hint=_language(message),
        detail=detail[:32] if detail else None,
    )


def _edited_message(update_id: str, message: Update) -> Incoming | None:
    chat_id, text = _private_chat(message), _words(message)
    if chat_id is None or text is None:
        return None  # A live location that moved, a changed poll: nothing was said anew.
    return Incoming(
        channel=CHANNEL,
        update_id=update_id,
        address=chat_id,
        kind=InboundKind.EDIT,
        text=text,
        channel_message_id=str(_number(message, "message_id")),
        language_hint=_language(message),
    )


def _callback_query(update_id: str, query: Update) -> Incoming | None:
    sender = _object(query, "from")
    address = str(_number(sender, "id"))  # In a private chat the chat and the person have one id.
    message = query.get("message")
    message_id: str | None = None
    if isinstance(message, Mapping):
        chat_id = _private_chat(message)
        if chat_id is None:
            return None
        address, message_id = chat_id, str(_number(message, "message_id"))
    elif "inline_message_id" in query:
        return None
    data = query.get("data")
    if not isinstance(data, str):
        return None  # A game's button; we have none.
    return Incoming(
        channel=CHANNEL,
        update_id=update_id,
        address=address,
        kind=InboundKind.BUTTON,
        payload=data,
        channel_message_id=message_id,
        language_hint=_language(query),
    )


def _my_chat_member(update_id: str, change: Update) -> Incoming | None:
    chat_id = _private_chat(change)
    if chat_id is None:
        return None
    status = _object(change, "new_chat_member").get("status")
    kind = InboundKind.LEFT if status in _BLOCKED else InboundKind.RETURNED
    return Incoming(
        channel=CHANNEL,
        update_id=update_id,
        address=chat_id,
        kind=kind,
        language_hint=_language(change),
        known_only=True,
    )


_READERS: Mapping[str, Callable[[str, Update], Incoming | None]] = {
    "message": _message,
    "edited_message": _edited_message,
    "callback_query": _callback_query,
    "my_chat_member": _my_chat_member,
}


def _words(message: Update) -> str | None:
    """Return the text or caption of a message."""
    for key in ("text", "caption"):
        value = message.get(key)
        if isinstance(value, str):
            return value
        if value is not None:
            raise _Malformed(f"{key} is no text")
    return None


def _content(message: Update) -> str | None:
    return next((name for name in CONTENTS if name in message), None)


def _private_chat(holder: Update) -> str | None:
    """Return the chat's id, or None for groups and channels: we speak to one person only."""
    chat = _object(holder, "chat")
    return str(_number(chat, "id")) if chat.get("type") == "private" else None


def _language(holder: Update) -> str | None:
    sender = holder.get("from")
    code = sender.get("language_code") if isinstance(sender, Mapping) else None
    return code if isinstance(code, str) else None


def _object(holder: Update, key: str) -> Update:
    value = holder.get(key)
    if not isinstance(value, Mapping):
        raise _Malformed(f"{key} is no object")
    return value


def _number(holder: Update, key: str) -> int:
    value = holder.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _Malformed(f"{key} is no number")
    return value
