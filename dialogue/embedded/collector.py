"""The output channel that Rasa speaks into: it only collects, and never raises.

An exception here would lose the whole turn; replies go out after the tracker is saved.
"""

import logging
from typing import Any, Dict, List

from rasa.core.channels.channel import OutputChannel

logger = logging.getLogger(__name__)
_RICH = ("image", "attachment", "elements", "quick_replies")


class Collector(OutputChannel):
    """Takes each bot message whole, in order."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self.replies: List[Dict[str, Any]] = []

    def name(self) -> str:  # type: ignore[override]
        """The channel's name; responses written for one channel are chosen by it."""
        return self._channel

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Keep one bot message."""
        try:
            reply = as_reply(message)
        except Exception:  # a message of an odd shape must not cost the turn
            logger.exception("reply.unreadable")
            return
        if reply:
            self.replies.append(reply)


def as_reply(message: Dict[str, Any]) -> Dict[str, Any]:
    """A bot message in the form of the turn contract; empty when it says nothing."""
    reply: Dict[str, Any] = {}
    if message.get("text"):
        reply["text"] = str(message["text"])
    buttons = [
        {"title": str(button["title"]), "payload": str(button.get("payload") or button["title"])}
        for button in message.get("buttons") or []
        if button.get("title")
    ]
    if buttons:
        reply["buttons"] = buttons
    custom = dict(message.get("custom") or {})
    custom.update({name: message[name] for name in _RICH if message.get(name)})
    if custom:
        reply["custom"] = custom
    if reply and message.get("utter_action"):
        reply["response"] = message["utter_action"]
    return reply
