"""Every kind of update and of content gets a defined outcome, and nothing that comes in breaks us."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from telegram.constants import MessageType

from bot.channels.telegram.receive import CONTENTS, Content, to_incoming
from bot.conversations.models import InboundKind as Kind

UPDATES = Path(__file__).parent / "updates"

# File -> kind, text or payload, detail. None: nothing to answer.
EXPECTED: dict[str, tuple[Kind, str | None, str | None] | None] = {
    "text": (Kind.TEXT, "Jag vill börja plugga igen", None),
    "text_english": (Kind.TEXT, "I want to study again", None),
    "command": (Kind.TEXT, "/start hej", None),
    "forwarded_text": (Kind.TEXT, "Skriv till din skola", "forwarded"),
    "reply": (Kind.TEXT, "Den här menar jag", None),
    "reply_to_story": (Kind.TEXT, "Fin", None),
    "photo_with_caption": (Kind.TEXT, "Är det här rätt blankett?", "photo"),
    "something_new": (Kind.OTHER, None, "unknown"),
    "edited_text": (Kind.EDIT, "Jag menade Motala", None),
    "edited_caption": (Kind.EDIT, "Den här blanketten", None),
    "edited_live_location": None,
    "button": (Kind.BUTTON, "Zk3p_9QwA1xY", None),
    "button_of_inaccessible_message": (Kind.BUTTON, "Zk3p_9QwA1xY", None),
    "button_without_message": (Kind.BUTTON, "Zk3p_9QwA1xY", None),
    "button_inline": None,
    "button_of_game": None,
    "button_in_group": None,
    "blocked": (Kind.LEFT, None, None),
    "unblocked": (Kind.RETURNED, None, None),
    "added_to_group": None,
    "text_in_group": None,
    "channel_post": None,
    "inline_query": None,
}  # fmt: skip
for _name, _content in CONTENTS.items():
    match _content:
        case Content.STICKER:
            EXPECTED[_name] = (Kind.STICKER, None, _name)
        case Content.CANNOT_READ:
            EXPECTED[_name] = (Kind.OTHER, None, _name)
        case Content.SERVICE:
            EXPECTED[_name] = None

# Of a message's fields, those that say how it was written and not what it holds.
ATTRIBUTES = {
    "business_connection_id", "effect_id", "sender_boost_count", "sender_business_bot", "reply_to_story", "text",
}  # fmt: skip


def _update(name: str) -> dict[str, Any]:
    update: dict[str, Any] = json.loads((UPDATES / f"{name}.json").read_text(encoding="utf-8"))
    return update


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_update_gets_its_defined_outcome(name: str) -> None:
    incoming = to_incoming(_update(name))
    expected = EXPECTED[name]
    if expected is None:
        assert incoming is None
        return
    assert incoming is not None
    said = incoming.payload if incoming.kind is Kind.BUTTON else incoming.text
    assert (incoming.kind, said, incoming.detail) == expected
    assert (incoming.channel, incoming.address) == ("telegram", "700123")
    assert incoming.update_id == str(_update(name)["update_id"])
    assert incoming.language_hint == ("en-GB" if name == "text_english" else "sv")


def test_there_is_an_update_for_every_outcome_and_an_outcome_for_every_update() -> None:
    assert {path.stem for path in UPDATES.glob("*.json")} == EXPECTED.keys()


def test_every_content_type_that_the_library_knows_is_in_the_table() -> None:
    assert {str(kind) for kind in MessageType} - ATTRIBUTES <= CONTENTS.keys()


def test_an_edit_names_the_message_that_was_edited() -> None:
    incoming = to_incoming(_update("edited_text"))
    assert incoming is not None
    assert incoming.channel_message_id == "41"


MALFORMED: list[object] = [
    None, [], "update", 7, {}, {"update_id": "5"}, {"update_id": True, "message": {}},
    {"update_id": 1, "message": None},
    {"update_id": 1, "message": {"chat": {"type": "private"}}},
    {"update_id": 1, "message": {"chat": {"type": "private", "id": "7"}, "message_id": 1, "text": "x"}},
    {"update_id": 1, "message": {"chat": {"type": "private", "id": 7}, "message_id": 1, "text": {"a": "x"}}},
    {"update_id": 1, "message": {"chat": {"type": "private", "id": 7}, "text": "x"}},
    {"update_id": 1, "callback_query": {"data": "x"}},
    {"update_id": 1, "my_chat_member": {"chat": {"type": "private", "id": 7}}},
    {"update_id": 1, "edited_message": []},
]  # fmt: skip


@pytest.mark.parametrize("update", MALFORMED, ids=repr)
def test_a_malformed_update_is_survived(update: object) -> None:
    assert to_incoming(update) is None


def test_a_malformed_update_is_logged_without_its_content() -> None:
    update = _update("text")
    update["message"]["message_id"] = "Jag heter Elin"
    with capture_logs() as logs:
        assert to_incoming(update) is None
    assert [entry["event"] for entry in logs] == ["telegram.malformed"]
    assert "Elin" not in str(logs)
    assert "plugga" not in str(logs)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["message", "chat", "id", "type", "text", "from", "data", "update_id", "photo", "message_id"]),
        inner, max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@given(_json)
def test_nothing_that_comes_in_raises(update: object) -> None:
    to_incoming(update)
