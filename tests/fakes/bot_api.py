"""The inside of `tests.fakes.telegram`: the methods of the Bot API that we rely on, as Telegram behaves."""

from __future__ import annotations

import contextlib
import dataclasses
import html
import http.client
import itertools
import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

_TAG = re.compile(r"</?(?:b|i|u|s|a|code|pre|blockquote|tg-spoiler)(?:\s[^<>]*)?>")


@dataclasses.dataclass
class Sent:
    """A message that was delivered. `text` is what the youth reads, `raw` what the bot sent."""

    chat: str
    message_id: int
    text: str
    raw: str
    parse_mode: str | None
    buttons: list[list[dict[str, str]]]
    at: float
    """Seconds of `time.monotonic`."""
    edited: bool = False

    @property
    def titles(self) -> list[str]:
        """The titles of its buttons, in order."""
        return [button["text"] for row in self.buttons for button in row]


def json_object(sent: Sent) -> dict[str, Any]:
    """Return a message for /control/sent."""
    return dataclasses.asdict(sent) | {"titles": sent.titles}


class ApiError(Exception):
    """An answer that is not ok."""

    def __init__(self, code: int, words: str, **parameters: Any) -> None:
        super().__init__(words)
        self.body = {"ok": False, "error_code": code, "description": words}
        if parameters:
            self.body["parameters"] = parameters
        self.code = code


class Cut(Exception):
    """Close the connection without an answer."""


class BotApiState:
    """What the server knows; every method of the API is a method here."""

    def __init__(self, token: str, take_fault: Callable[[str], Any]) -> None:
        self.token = token
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.sent: list[Sent] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.blocked: set[str] = set()
        self.confirmed = 0
        self.webhook: dict[str, Any] | None = None
        self.answered: list[str] = []
        self._take_fault = take_fault
        self._given: list[dict[str, Any]] = []
        self._waiting: list[dict[str, Any]] = []
        self._again: list[dict[str, Any]] = []
        self._update_ids = itertools.count(1_000)
        self._message_ids = itertools.count(1)
        self._poll = 0
        self._closed = False

    def close(self) -> None:
        with self.changed:
            self._closed = True
            self.changed.notify_all()

    def next_message_id(self) -> int:
        with self.lock:
            return next(self._message_ids)

    def push(self, update: dict[str, Any]) -> int:
        with self.changed:
            update.setdefault("update_id", next(self._update_ids))
            self._waiting.append(update)
            self.changed.notify_all()
            number: int = update["update_id"]
            return number

    def redeliver(self) -> int:
        with self.changed:
            self._again = list(self._given)
            self.changed.notify_all()
            return len(self._again)

    def find_button(self, chat: str, title: str) -> tuple[Sent, str]:
        with self.lock:
            for sent in reversed(self.sent):
                for row in sent.buttons if sent.chat == chat else []:
                    for button in row:
                        if button["text"] == title:
                            return sent, button["callback_data"]
        raise AssertionError(f"no button {title!r} in chat {chat}")

    def call(self, method: str, arguments: dict[str, Any]) -> Any:
        """Call a method as Telegram would: names are case-insensitive, unknown ones are 404."""
        known = {
            "getme": self._get_me, "getupdates": self._get_updates, "sendmessage": self._send_message,
            "editmessagetext": self._edit_message_text, "answercallbackquery": self._answer_callback_query,
            "setwebhook": self._set_webhook, "deletewebhook": self._delete_webhook,
            "sendchataction": self._send_chat_action, "deletemessage": self._delete_message,
        }  # fmt: skip
        with self.changed:
            self.calls.append((method, arguments))
            self.changed.notify_all()
        if method.lower() not in known:
            raise ApiError(404, "Not Found")
        return known[method.lower()](arguments)

    def _get_me(self, _: dict[str, Any]) -> Any:
        number = int(self.token.split(":")[0])
        return {"id": number, "is_bot": True, "first_name": "Bot", "username": "test_bot"}

    def _get_updates(self, arguments: dict[str, Any]) -> Any:
        offset, limit = int(arguments.get("offset") or 0), int(arguments.get("limit") or 100)
        with self.changed:
            if self.webhook:
                raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
            self._poll += 1
            mine = self._poll
            self.changed.notify_all()
            self._confirm(offset)
            self.changed.wait_for(
                lambda: self._waiting or self._again or self._closed or self._poll != mine,
                float(arguments.get("timeout") or 0),
            )
            if self._poll != mine:
                raise ApiError(409, "Conflict: terminated by other getUpdates request")
            given = [*self._again, *self._waiting][:limit]
            self._again = []
            self._given += [update for update in given if update not in self._given]
            return given

    def _confirm(self, offset: int) -> None:
        self.confirmed = max(self.confirmed, offset)
        self._waiting = [update for update in self._waiting if update["update_id"] >= offset]

    def _send_message(self, arguments: dict[str, Any]) -> Any:
        chat = str(arguments.get("chat_id", ""))
        with self.lock:
            fault = self._take_fault(chat)
        if fault is not None:
            match fault.kind:
                case "too_fast":
                    seconds = int(fault.seconds)
                    raise ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
                case "bad_request":
                    raise ApiError(400, fault.words)
                case "blocked":
                    raise ApiError(403, "Forbidden: bot was blocked by the user")
                case "broken":
                    raise ApiError(502, "Bad Gateway")
                case "cut":
                    raise Cut
                case "slow":
                    time.sleep(fault.seconds)
        if chat in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        sent = self._deliver(chat, arguments)
        if fault is not None and fault.kind == "delivered_slowly":
            time.sleep(fault.seconds)
        if fault is not None and fault.kind == "cut_after":
            raise Cut
        return _as_message(sent)

    def _deliver(self, chat: str, arguments: dict[str, Any]) -> Sent:
        raw, mode = str(arguments.get("text", "")), arguments.get("parse_mode")
        text, buttons = _parsed(raw, mode), _buttons(arguments)
        with self.changed:
            sent = Sent(chat, next(self._message_ids), text, raw, mode, buttons, time.monotonic())
            self.sent.append(sent)
            self.changed.notify_all()
            return sent

    def _send_chat_action(self, arguments: dict[str, Any]) -> Any:
        if str(arguments.get("chat_id", "")) in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return True

    def _edit_message_text(self, arguments: dict[str, Any]) -> Any:
        with self.changed:
            wanted = str(arguments.get("chat_id")), int(arguments.get("message_id") or 0)
            sent = next((one for one in self.sent if (one.chat, one.message_id) == wanted), None)
            if sent is None:
                raise ApiError(400, "Bad Request: message to edit not found")
            text = _parsed(str(arguments.get("text", "")), arguments.get("parse_mode"))
            buttons = _buttons(arguments)
            if (text, buttons) == (sent.text, sent.buttons):
                raise ApiError(400, "Bad Request: message is not modified")
            sent.text, sent.buttons, sent.edited = text, buttons, True
            self.changed.notify_all()
            return _as_message(sent)

    def _delete_message(self, arguments: dict[str, Any]) -> Any:
        with self.changed:
            wanted = str(arguments.get("chat_id")), int(arguments.get("message_id") or 0)
            left = [one for one in self.sent if (one.chat, one.message_id) != wanted]
            if len(left) == len(self.sent):
                raise ApiError(400, "Bad Request: message to delete not found")
            self.sent[:] = left
            self.changed.notify_all()
        return True

    def _answer_callback_query(self, arguments: dict[str, Any]) -> Any:
        with self.changed:
            self.answered.append(str(arguments.get("callback_query_id")))
            self.changed.notify_all()
        return True

    def _set_webhook(self, arguments: dict[str, Any]) -> Any:
        with self.lock:
            self.webhook = arguments if arguments.get("url") else None
        if self.webhook:
            threading.Thread(target=self._deliver_by_webhook, args=(self.webhook,), daemon=True).start()
        return True

    def _delete_webhook(self, _: dict[str, Any]) -> Any:
        with self.changed:
            self.webhook = None
            self.changed.notify_all()
        return True

    def _deliver_by_webhook(self, webhook: dict[str, Any]) -> None:
        """Call the webhook with each update, in order, again and again until it says 200."""
        target = urlsplit(str(webhook["url"]))
        headers = {
            "Content-Type": "application/json",
            "X-Telegram-Bot-Api-Secret-Token": str(webhook.get("secret_token", "")),
        }
        while True:
            with self.changed:
                self.changed.wait_for(
                    lambda: self._waiting or self._again or self._closed or self.webhook is not webhook
                )
                if self._closed or self.webhook is not webhook:
                    return
                update = (self._again or self._waiting)[0]
            status = 0
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection(target.hostname or "", target.port or 80, timeout=30)
                with contextlib.closing(connection):
                    connection.request("POST", target.path, json.dumps(update), headers)
                    status = connection.getresponse().status
            with self.changed:
                if status != 200:
                    self.changed.wait(0.2)
                    continue
                if self._again:
                    self._again.pop(0)
                else:
                    self._given.append(self._waiting.pop(0))
                self.changed.notify_all()


def _as_message(sent: Sent) -> dict[str, Any]:
    chat = {"id": int(sent.chat), "type": "private"}
    return {"message_id": sent.message_id, "date": int(time.time()), "chat": chat, "text": sent.text}


def _parsed(raw: str, mode: Any) -> str:
    text = raw
    if mode == "HTML":
        text = _TAG.sub("", raw)
        if "<" in text or re.search(r"&(?!lt;|gt;|amp;|quot;|#)", text):
            raise ApiError(400, "Bad Request: can't parse entities: unsupported start tag")
        text = html.unescape(text)
    if not text.strip():
        raise ApiError(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > 4096:
        raise ApiError(400, "Bad Request: message is too long")
    return text


def _buttons(arguments: dict[str, Any]) -> list[list[dict[str, str]]]:
    markup = arguments.get("reply_markup")
    if isinstance(markup, str):
        markup = json.loads(markup)
    rows: list[list[dict[str, str]]] = (markup or {}).get("inline_keyboard", [])
    for button in itertools.chain.from_iterable(rows):
        if button.get("url", "").startswith(("https://", "http://")) and "callback_data" not in button:
            continue
        if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
            raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    return rows
