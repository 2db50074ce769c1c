"""Buttons that open a page: kept with their address, without a token; one without an address is left out."""

from __future__ import annotations

from bot.clock import FakeClock
from bot.conversations import outbox
from bot.conversations.models import Button, Conversation
from bot.db.session import Database
from bot.texts import Bubble, ButtonText
from tests.conversations.conftest import Youth

BUTTONS = (
    ButtonText("Mer", "/show_more"),
    ButtonText("Karta", "url:https://maps.example/?a=1#map=2"),
    ButtonText("Webbsida", "url:"),
    ButtonText("Fult", "url:javascript:alert(1)"),
    ButtonText("Inget", ""),
)


def test_a_link_has_an_address_and_no_token(database: Database, youth: Youth, clock: FakeClock) -> None:
    received = youth.send("hej")
    with database.transaction() as session:
        conversation = outbox.lock_conversation(session, received.conversation_id)
        assert isinstance(conversation, Conversation)
        message = outbox.queue(session, conversation, key="k", bubble=Bubble("En skola", BUTTONS), now=clock())
        more, link = message.buttons
        assert (more["title"], link) == ("Mer", {"title": "Karta", "url": "https://maps.example/?a=1#map=2"})
        assert session.get(Button, more["token"]) is not None
