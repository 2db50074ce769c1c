"""The youth's own copy on its way through Telegram: it reaches them, and nothing of it stays in the outbox."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.channels.telegram import outgoing
from bot.channels.telegram.journal import Mark, SendJournal
from bot.channels.telegram.settle import settle
from bot.conversations import outbox
from bot.conversations.models import OutboundMessage
from bot.languages import Language
from bot.people import own_copy
from bot.texts import Bubble
from bot.wiring import Services
from tests.channels.chats import new_chat
from tests.channels.telegram.sender import sending, until
from tests.fakes.telegram import TelegramServer
from tests.people.canary import WORD, tables_with


def hand_over(services: Services, conversation_id: str, public_url: str = "") -> list[OutboundMessage]:
    """Queue the answer to `/minadata`; return its messages."""
    with services.db.transaction() as session:
        held = outbox.lock_conversation(session, conversation_id)
        assert held is not None
        outbox.queue(session, held, key="before", bubble=Bubble(f"hej {WORD}"), now=services.clock())
        bubbles = own_copy.as_bubbles(
            session, held, services.texts, Language.SV, now=services.clock(), public_url=public_url
        )
        outbox.queue_all(session, held, key="own:1", bubbles=bubbles, now=services.clock())
    return messages(services)


def messages(services: Services) -> list[OutboundMessage]:
    with services.db.reading() as session:
        return list(
            session.scalars(
                select(OutboundMessage).where(OutboundMessage.key.startswith("own:")).order_by(OutboundMessage.seq)
            )
        )


def texts_of_the_copy(services: Services) -> set[str]:
    return {row.text for row in messages(services) if row.response == "utter_my_data_here"}


def test_a_copy_that_has_arrived_is_in_the_outbox_no_more(services: Services, telegram: TelegramServer) -> None:
    queued = hand_over(services, new_chat(services, "telegram", "7"))
    with sending(services):
        telegram.wait_for(chat=7, count=len(queued) + 1)
        until(lambda: all(row.state == "sent" for row in messages(services)))

    assert telegram.texts(chat=7)[1:] == [row.text for row in queued]
    assert any("hej " + WORD in text for text in telegram.texts(chat=7)[2:])
    assert texts_of_the_copy(services) == {""}


def test_a_copy_that_cannot_arrive_is_in_the_outbox_no_more(
    sqlite_services: Services, telegram: TelegramServer
) -> None:
    telegram.state.blocked.add("7")
    hand_over(sqlite_services, new_chat(sqlite_services, "telegram", "7"))
    with sending(sqlite_services):
        until(lambda: all(row.state == "failed" for row in messages(sqlite_services)))

    assert texts_of_the_copy(sqlite_services) == {""}


@pytest.mark.parametrize("give_up", [outgoing.perhaps_sent, outgoing.not_sent])
def test_a_copy_that_is_given_up_is_in_the_outbox_no_more(sqlite_services: Services, give_up: object) -> None:
    services = sqlite_services
    message = hand_over(services, new_chat(services, "telegram", "7"))[-1]
    with services.db.transaction() as session:
        row = session.get_one(OutboundMessage, message.id)
        row.attempts, row.timeouts = outgoing.GIVE_UP_ATTEMPTS, outgoing.MAX_TIMEOUTS
    begun = outgoing.begin(services.db, services.vault, message.id, "here")
    assert begun is not None
    give_up(services.db, begun, services.clock())  # type: ignore[operator]

    assert (messages(services)[-1].state, messages(services)[-1].text) == ("failed", "")


def test_a_killed_sender_neither_loses_nor_leaves_a_part_of_a_copy(sqlite_services: Services) -> None:
    services = sqlite_services
    message = hand_over(services, new_chat(services, "telegram", "7"))[-1]
    journal = SendJournal(services.settings.var_dir / "sender.journal")
    for mark, state in ((None, "queued"), (Mark.ANSWERED, "sent")):
        begun = outgoing.begin(services.db, services.vault, message.id, "here")
        assert begun is not None
        assert begun.parts == (message.text,)
        if mark is not None:
            journal.note(begun.key(0), mark)
        assert settle(services.db, journal, "here", services.clock()) == 1
        assert messages(services)[-1].state == state
    journal.close()

    assert messages(services)[-1].text == ""


def test_the_secret_of_a_link_stands_nowhere_and_reaches_the_youth(
    services: Services, telegram: TelegramServer
) -> None:
    link = hand_over(services, new_chat(services, "telegram", "7"), "https://chatt.example.se")[-1]
    with sending(services):
        text = telegram.wait_for(chat=7, count=3)[-1].text
        until(lambda: all(row.state == "sent" for row in messages(services)))
    secret = text.split("https://chatt.example.se/my-data/")[1].split("?")[0]

    assert "/my-data/" in link.text
    assert tables_with(services.db, secret) == set()
    with services.db.transaction() as session:
        assert WORD in (own_copy.use_link(session, secret, services.clock()) or "")
