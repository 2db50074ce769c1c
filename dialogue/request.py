"""The turn request: read, checked and cleaned at the edge, before anything else sees it.

Used by server.py. Source of the rules: section "The turn contract" of docs (README, decision 0002).
"""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Dict, List, Optional

from dialogue.errors import Malformed, TooLong
from dialogue.store.conversations import checked_id

LONGEST_TEXT = 2000
MOST_TEXTS = 256
LANGUAGES = ("sv", "en")
_CHANNEL = re.compile(r"^[a-z][a-z0-9_]{0,31}$")
_ENTITY = re.compile(r"^[a-z][a-z0-9_]{0,31}$")
_PAYLOAD = re.compile(r"^/([A-Za-z0-9_]{1,64})(\{.*\})?$", re.DOTALL)
# Control characters except tab and line ends, invisible direction marks, and halves of surrogate pairs.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_COMMAND = re.compile(r"^[\s/\u2044\u2215\uff0f]*")


@dataclass(frozen=True)
class Button:
    """A payload of ours: an intent and its entities."""

    payload: str
    intent: str
    entities: List[Dict[str, Any]]


@dataclass(frozen=True)
class TurnRequest:
    """One turn as asked for."""

    conversation: str
    message_id: str
    channel: str
    language: Optional[str]
    session: int
    text: Optional[str] = None
    button: Optional[Button] = None
    entities: List[Dict[str, Any]] = field(default_factory=list)


def turn_request(body: Any) -> TurnRequest:
    """Read a request body. Raises Malformed or TooLong, never with text of the message."""
    if not isinstance(body, dict):
        raise Malformed("The body must be a JSON object.")
    text, button = body.get("text"), body.get("button")
    if (text is None) == (button is None):
        raise Malformed("Give either text or button.")
    channel = body.get("channel")
    if not isinstance(channel, str) or not _CHANNEL.match(channel):
        raise Malformed("channel must be a short lower-case name such as telegram.")
    session = body.get("session") or 0
    if not isinstance(session, int) or isinstance(session, bool) or not 0 <= session < 2**31:
        raise Malformed("session must be a number from 0 up.")
    return TurnRequest(
        conversation=checked_id(body.get("conversation"), "conversation"),
        message_id=checked_id(body.get("message_id"), "message_id"),
        channel=channel,
        language=_language(body.get("language")),
        session=session,
        text=typed(text) if text is not None else None,
        button=_button(button) if button is not None else None,
        entities=_entities(body.get("entities")),
    )


def texts_request(body: Any) -> "tuple[List[str], Optional[str], Optional[str]]":
    """Read the body of POST /parse: its texts, the language expected of them, and when they were written."""
    texts = body.get("texts") if isinstance(body, dict) else None
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Malformed("texts must be a list of texts.")
    if len(texts) > MOST_TEXTS:
        raise TooLong
    return [typed(text, may_be_empty=True) for text in texts], _language(body.get("language")), _moment(body.get("now"))


def _moment(value: Any) -> Optional[str]:
    """A moment with its offset, as ISO 8601; None is now."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Malformed("now must be a moment such as 2026-10-21T14:30:00+02:00.")
    return moment.isoformat()


def typed(text: Any, may_be_empty: bool = False) -> str:
    """Clean what a person typed: no control characters, and never a command of Rasa's."""
    if not isinstance(text, str):
        raise Malformed("text must be a text.")
    if len(text) > LONGEST_TEXT:
        raise TooLong
    # Rasa reads `/intent{...}` as an order, and would let anybody set any slot (M4).
    clean = _COMMAND.sub("", _UNWANTED.sub("", text)).strip()
    if not clean and not may_be_empty:
        raise Malformed("text is empty. Answer such a message without asking the dialogue.")
    return clean


def _language(value: Any) -> Optional[str]:
    if value is None or value in LANGUAGES:
        return value
    raise Malformed("language must be sv, en or null.")


def _button(payload: Any) -> Button:
    found = _PAYLOAD.match(payload) if isinstance(payload, str) and len(payload) <= LONGEST_TEXT else None
    if not found or _UNWANTED.search(payload):
        raise Malformed('button must be a payload such as /affirm or /inform{"age":"17"}.')
    try:
        values = json.loads(found.group(2) or "{}")
    except ValueError:
        raise Malformed("button has entities that are no JSON object.") from None
    entities = []
    for name, value in values.items():
        for single in value if isinstance(value, list) else [value]:
            entities.append(_entity(name, single))
    return Button(payload, found.group(1), entities)


def _entities(given: Any) -> List[Dict[str, Any]]:
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > 50 or not all(isinstance(entity, dict) for entity in given):
        raise Malformed('entities must be a list such as [{"entity": "age", "value": "17"}].')
    return [_entity(entity.get("entity"), entity.get("value")) for entity in given]


def _entity(name: Any, value: Any) -> Dict[str, Any]:
    if not isinstance(name, str) or not _ENTITY.match(name):
        raise Malformed("An entity must have a short lower-case name.")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > 500 or _UNWANTED.search(value):
        raise Malformed(f"The value of entity {name} must be a short text.")
    return {"entity": name, "value": value, "extractor": "given"}
