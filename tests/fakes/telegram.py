"""A Bot API server of our own, for tests: real HTTP, the methods we rely on, and faults on demand.

In a test::

    with TelegramServer() as telegram:           # telegram.base_url -> TELEGRAM_API_BASE_URL
        telegram.text(chat=7, text="hej")        # a youth writes
        telegram.wait_for(chat=7, count=2)       # [Sent, Sent]: what the bot has said there so far
        telegram.press(chat=7, title="Ja")       # presses the newest button of that title
        telegram.fault(too_fast(3), chat=7)      # the next sendMessage to this chat gets 429

As a program: ``python -m tests.fakes.telegram --port 8081``; the same verbs as ``POST /control/<verb>``
with a JSON object of their arguments, and ``GET /control/sent?chat=7``.
"""

from __future__ import annotations

import argparse
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.bot_api import BotApiState, Sent, json_object
from tests.fakes.faults import Fault, FaultKind, Faults, bad_request, too_fast
from tests.fakes.http_server import HttpServer

__all__ = ["TOKEN", "Fault", "FaultKind", "Sent", "TelegramServer", "bad_request", "too_fast"]

TOKEN = "987654:a-token-of-the-tests"


class TelegramServer:
    """Telegram, as the bot sees it. Start it with `with` or `start()`; it is thread-safe."""

    def __init__(self, *, token: str = TOKEN, port: int = 0) -> None:
        self.token = token
        self._faults = Faults()
        self.state = BotApiState(token, self._take_fault)
        self._http = HttpServer(self.state, port, self._control)
        self._numbers = itertools.count(1)

    # -- life -------------------------------------------------------------------------------

    def start(self) -> TelegramServer:
        """Begin to listen; the port stays the same through `offline` and `online`."""
        self._http.start()
        return self

    def stop(self) -> None:
        """End; long polls are let go."""
        self.state.close()
        self._http.stop()

    def __enter__(self) -> TelegramServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """What TELEGRAM_API_BASE_URL is set to."""
        return f"http://127.0.0.1:{self._http.port}"

    def offline(self) -> None:
        """Refuse connections, and cut those that are open."""
        self._http.stop()

    def online(self) -> None:
        """Listen again, on the same port."""
        self._http.start()

    # -- what a youth does ------------------------------------------------------------------

    def text(self, *, chat: int, text: str, language: str | None = "sv") -> int:
        """A youth writes; returns the message's id."""
        return self._message(chat, {"text": text}, language)

    def sticker(self, *, chat: int) -> int:
        """A youth sends a sticker."""
        return self._message(chat, {"sticker": {
            "file_id": "s", "file_unique_id": "s", "type": "regular", "width": 512, "height": 512,
            "is_animated": False, "is_video": False, "emoji": "👍",
        }})  # fmt: skip

    def voice(self, *, chat: int) -> int:
        """A youth sends a voice message."""
        return self._message(chat, {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}})

    def photo(self, *, chat: int, caption: str | None = None) -> int:
        """A youth sends a picture, perhaps with words under it."""
        sizes = [{"file_id": "p", "file_unique_id": "p", "width": 90, "height": 90}]
        return self._message(chat, {"photo": sizes} | ({"caption": caption} if caption else {}))

    def edit(self, *, chat: int, message_id: int, text: str) -> int:
        """A youth edits a message of theirs; returns the update's id."""
        message = self._body(chat, message_id, "sv") | {"text": text, "edit_date": int(time.time())}
        return self.state.push({"edited_message": message})

    def press(self, *, chat: int, title: str, times: int = 1) -> str:
        """A youth presses the newest button of this title; returns the (last) callback's id."""
        sent, data = self.state.find_button(str(chat), title)
        for _ in range(times):
            query = f"q{next(self._numbers)}"
            self.state.push({"callback_query": {
                "id": query, "from": _person(chat, "sv"), "chat_instance": "1", "data": data,
                "message": {
                    "message_id": sent.message_id, "date": int(time.time()), "chat": _chat(chat),
                    "text": sent.text,
                },
            }})  # fmt: skip
        return query

    def press_data(self, *, chat: int, data: str) -> str:
        """A youth presses a button that carries these data (of another chat, or forged)."""
        query = f"q{next(self._numbers)}"
        self.state.push({"callback_query": {
            "id": query, "from": _person(chat, "sv"), "chat_instance": "1", "data": data,
        }})  # fmt: skip
        return query

    def blocked(self, *, chat: int) -> int:
        """A youth blocks the bot: an update comes, and sends to the chat are forbidden."""
        self.state.blocked.add(str(chat))
        return self._membership(chat, "member", "kicked")

    def unblocked(self, *, chat: int) -> int:
        """A youth takes the block away."""
        self.state.blocked.discard(str(chat))
        return self._membership(chat, "kicked", "member")

    def push(self, *, update: Mapping[str, Any]) -> int:
        """Give any update, also a malformed one; returns its number (made unless it has one)."""
        return self.state.push(dict(update))

    def redeliver(self) -> int:
        """Give every update that was ever given once more, whatever was confirmed; how many."""
        return self.state.redeliver()

    # -- what goes wrong --------------------------------------------------------------------

    def fault(self, fault: Fault, *, chat: int | None = None, times: int = 1) -> None:
        """Let the next sendMessage (of one chat, or of any) go wrong."""
        with self.state.lock:
            self._faults.queued += [(None if chat is None else str(chat), fault)] * times

    def _take_fault(self, chat: str) -> Fault | None:
        return self._faults.take(chat)

    # -- what the bot did -------------------------------------------------------------------

    def sent(self, *, chat: int | None = None) -> list[Sent]:
        """What was delivered so far, in order."""
        with self.state.lock:
            return [one for one in self.state.sent if chat is None or one.chat == str(chat)]

    def texts(self, *, chat: int) -> list[str]:
        """The texts delivered to a chat, as the youth reads them."""
        return [one.text for one in self.sent(chat=chat)]

    def calls(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call of a method, also of those that failed."""
        with self.state.lock:
            return [arguments for name, arguments in self.state.calls if name == method]

    def wait_for(self, *, chat: int, count: int, seconds: float = 20.0) -> list[Sent]:
        """Wait until a chat has been sent so many messages."""
        what = f"{count} messages to chat {chat}"
        self.wait_until(lambda: len(self.sent(chat=chat)) >= count, seconds, what)
        return self.sent(chat=chat)

    def wait_text(self, *, chat: int, part: str, after: int = 0, seconds: float = 20.0) -> Sent:
        """Wait for a message with these words in it, not among the first `after`; return it."""

        def found() -> list[Sent]:
            return [one for one in self.sent(chat=chat)[after:] if part in one.text]

        self.wait_until(lambda: bool(found()), seconds, f"{part!r} in chat {chat}")
        return found()[0]

    def wait_until(self, true: Callable[[], bool], seconds: float = 20.0, what: str = "it") -> None:
        """Wait until something is true of this server; looks again at every call of the bot."""
        with self.state.changed:
            if not self.state.changed.wait_for(true, seconds):
                sent = [one.text for one in self.state.sent]
                raise AssertionError(f"waited {seconds} s for {what}; sent: {sent}")

    def confirmed(self) -> int:
        """The highest offset that getUpdates has confirmed."""
        with self.state.lock:
            return self.state.confirmed

    # -- parts ------------------------------------------------------------------------------

    def _message(self, chat: int, content: Mapping[str, Any], language: str | None = "sv") -> int:
        message_id = self.state.next_message_id()
        self.state.push({"message": self._body(chat, message_id, language) | dict(content)})
        return message_id

    def _body(self, chat: int, message_id: int, language: str | None) -> dict[str, Any]:
        return {
            "message_id": message_id,
            "date": int(time.time()),
            "chat": _chat(chat),
            "from": _person(chat, language),
        }

    def _membership(self, chat: int, old: str, new: str) -> int:
        bot = {"id": int(self.token.split(":")[0]), "is_bot": True, "first_name": "Bot"}
        return self.state.push({"my_chat_member": {
            "chat": _chat(chat), "from": _person(chat, "sv"), "date": int(time.time()),
            "old_chat_member": {"user": bot, "status": old}, "new_chat_member": {"user": bot, "status": new},
        }})  # fmt: skip

    def _control(self, verb: str, arguments: dict[str, Any]) -> Any:
        """Serve /control/<verb>."""
        if verb == "sent":
            chat = arguments.get("chat")
            return [json_object(one) for one in self.sent(chat=None if chat is None else int(chat))]
        if verb == "fault":
            times, chat = int(arguments.pop("times", 1)), arguments.pop("chat", None)
            arguments["kind"] = FaultKind(arguments["kind"])
            return self.fault(Fault(**arguments), chat=chat, times=times)
        if verb == "calls":
            return self.calls(str(arguments["method"]))
        if verb in _VERBS:
            return getattr(self, verb)(**arguments)
        raise LookupError(verb)


_VERBS = frozenset({
    "text", "sticker", "voice", "photo", "edit", "press", "press_data", "blocked", "unblocked", "push",
    "redeliver",
})  # fmt: skip
_NAME = {"first_name": "Ett namn som ingen ska se", "username": "ingen_ska_se"}


def _chat(chat: int) -> dict[str, Any]:
    return {"id": chat, "type": "private"} | _NAME


def _person(chat: int, language: str | None) -> dict[str, Any]:
    person = {"id": chat, "is_bot": False} | _NAME
    return person | ({"language_code": language} if language else {})


def main() -> None:
    """Run until Ctrl-C."""
    parser = argparse.ArgumentParser(description="A Bot API server for tests")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--token", default=TOKEN)
    given = parser.parse_args()
    with TelegramServer(token=given.token, port=given.port) as server:
        print(f"TELEGRAM_API_BASE_URL={server.base_url} TELEGRAM_BOT_TOKEN={server.token}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
