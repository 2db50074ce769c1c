"""Polling: an update is confirmed to Telegram only when it is committed, and stored once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.channels.telegram.polling import Poller
from bot.clock import FakeClock
from bot.conversations.inbox import Received
from bot.conversations.incoming import Incoming
from bot.conversations.models import Conversation, InboundKind, InboundMessage
from bot.handover.models import HandoverState
from bot.people.models import Person
from bot.wiring import Services
from tests.channels.chats import new_chat, say
from tests.channels.running import running
from tests.channels.telegram.sender import sending, until
from tests.fakes.telegram import TelegramServer


def polling(services: Services) -> AbstractContextManager[None]:
    """Run the poller."""
    settings = services.settings.telegram
    assert settings is not None
    return running(Poller(services, settings).run)


def inbox(services: Services) -> Sequence[InboundMessage]:
    """Return what the inbox holds, in order."""
    with services.db.reading() as session:
        rows = select(InboundMessage).order_by(InboundMessage.received_at, InboundMessage.seq)
        return session.scalars(rows).all()


def test_what_a_youth_writes_is_stored_and_then_confirmed(services: Services, telegram: TelegramServer) -> None:
    update_ids = []
    with polling(services):
        telegram.text(chat=7, text="hej", language="en")
        telegram.sticker(chat=7)
        telegram.voice(chat=7)
        update_ids.append(telegram.blocked(chat=7))
        telegram.wait_until(lambda: telegram.confirmed() == update_ids[0] + 1, what="the offset moving")
    assert [row.kind for row in inbox(services)] == [
        InboundKind.TEXT,
        InboundKind.STICKER,
        InboundKind.OTHER,
        InboundKind.LEFT,
    ]
    with services.db.reading() as session:
        assert session.scalars(select(Conversation.language)).all() == ["en"]
        assert session.scalars(select(Person.unreachable_since)).one() is not None


def test_updates_that_come_again_are_stored_once(services: Services, telegram: TelegramServer) -> None:
    with polling(services):
        for number in range(3):
            telegram.text(chat=7, text=f"hej {number}")
        until(lambda: len(inbox(services)) == 3)
        assert telegram.redeliver() == 3
        telegram.text(chat=7, text="och så ett nytt")
        until(lambda: len(inbox(services)) == 4)
    assert len(inbox(services)) == 4


def test_while_the_database_is_down_nothing_is_confirmed_and_nothing_lost(
    sqlite_services: Services, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive, down = sqlite_services.inbox.receive, [True]

    def receive_unless_down(incoming: Incoming) -> Received:
        if down[0]:
            raise OperationalError("select", {}, Exception("down"))
        return receive(incoming)

    monkeypatch.setattr(sqlite_services.inbox, "receive", receive_unless_down)
    with polling(sqlite_services):
        telegram.text(chat=7, text="hej")
        telegram.wait_until(lambda: len(telegram.calls("getUpdates")) >= 3, what="the same updates asked for again")
        assert telegram.confirmed() == 0
        down[0] = False
        until(lambda: len(inbox(sqlite_services)) == 1)


def test_a_restarted_poller_goes_on_where_it_was(sqlite_services: Services, telegram: TelegramServer) -> None:
    with polling(sqlite_services):
        telegram.text(chat=7, text="före")
        telegram.wait_until(lambda: telegram.confirmed() == 1_001, what="the offset moving")
    before = len(telegram.calls("getUpdates"))
    telegram.text(chat=7, text="under tiden")
    with polling(sqlite_services):
        until(lambda: len(inbox(sqlite_services)) == 2)
    assert telegram.calls("getUpdates")[before]["offset"] == "1001"


def test_an_old_offset_is_not_believed(sqlite_services: Services, telegram: TelegramServer, clock: FakeClock) -> None:
    with polling(sqlite_services):
        telegram.push(update={"update_id": 900_000, "message": _text(7, "före sommaren")})
        until(lambda: len(inbox(sqlite_services)) == 1)
        telegram.wait_until(lambda: telegram.confirmed() == 900_001)
    telegram.state.confirmed = 0
    clock.advance(days=8)
    # Telegram starts anew at a random number after a week of silence.
    telegram.push(update={"update_id": 400, "message": _text(7, "efter sommaren")})
    with polling(sqlite_services):
        until(lambda: len(inbox(sqlite_services)) == 2)


def test_a_malformed_update_holds_up_no_other(sqlite_services: Services, telegram: TelegramServer) -> None:
    with polling(sqlite_services):
        telegram.push(update={"message": {"text": "utan chat"}})
        telegram.push(update={"hologram": {}})
        telegram.text(chat=7, text="hej")
        until(lambda: len(inbox(sqlite_services)) == 1)


def test_an_update_that_fails_three_times_is_let_go(
    sqlite_services: Services, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = sqlite_services.inbox.receive

    def receive_all_but_one(incoming: Incoming) -> Received:
        if incoming.text == "gift":
            raise ZeroDivisionError("gift")
        return receive(incoming)

    monkeypatch.setattr(sqlite_services.inbox, "receive", receive_all_but_one)
    with capture_logs() as logs, polling(sqlite_services):
        telegram.text(chat=7, text="gift")
        telegram.text(chat=8, text="hej")
        until(lambda: len(inbox(sqlite_services)) == 1)
    events = [entry["event"] for entry in logs]
    assert events.count("telegram.update_failed") == 2
    assert events.count("telegram.update_let_go") == 1
    assert "gift" not in str([entry for entry in logs if "exc_info" not in entry])


def test_a_press_is_answered_at_once_and_its_keyboard_taken_away(services: Services, telegram: TelegramServer) -> None:
    conversation = new_chat(services, "telegram", "7")
    say(services, conversation, "Vill du <b>veta</b> mer?", buttons=[("Ja", "/affirm"), ("Nej", "/deny")])
    with sending(services), polling(services):
        telegram.wait_for(chat=7, count=1)
        query = telegram.press(chat=7, title="Ja")
        telegram.wait_until(lambda: query in telegram.state.answered, what="the press being answered")
        telegram.wait_until(lambda: telegram.sent(chat=7)[0].edited, what="the keyboard being taken away")
        until(lambda: len(inbox(services)) == 1)
    sent = telegram.sent(chat=7)[0]
    assert (sent.text, sent.titles) == ("Vill du <b>veta</b> mer?", [])
    assert [(row.kind, row.payload) for row in inbox(services)] == [(InboundKind.BUTTON, "/affirm")]


def test_a_button_of_another_chat_has_no_meaning(sqlite_services: Services, telegram: TelegramServer) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    say(sqlite_services, conversation, "Radera?", buttons=[("Ja", "bot:delete_yes")])
    with sending(sqlite_services), polling(sqlite_services):
        telegram.wait_for(chat=7, count=1)
        _, data = telegram.state.find_button("7", "Ja")
        telegram.press_data(chat=8, data=data)
        until(lambda: len(inbox(sqlite_services)) == 1)
    assert inbox(sqlite_services)[0].payload is None


def test_typing_is_shown_only_while_the_bot_answers(sqlite_services: Services, telegram: TelegramServer) -> None:
    live = new_chat(sqlite_services, "telegram", "8")
    with sqlite_services.db.transaction() as session:
        session.get_one(Conversation, live).state = HandoverState.LIVE
    with polling(sqlite_services):
        telegram.text(chat=8, text="hej, är du kvar?")
        until(lambda: len(inbox(sqlite_services)) == 1)
        telegram.text(chat=7, text="hej")
        telegram.wait_until(lambda: bool(telegram.calls("sendChatAction")), what="typing")
    assert [call["chat_id"] for call in telegram.calls("sendChatAction")] == ["7"]


def test_one_of_two_processes_polls(sqlite_services: Services, telegram: TelegramServer) -> None:
    with polling(sqlite_services), polling(sqlite_services):
        telegram.text(chat=7, text="hej")
        until(lambda: len(inbox(sqlite_services)) == 1)
        offsets = [call.get("offset") for call in telegram.calls("getUpdates")]
    assert len(offsets) == len(set(offsets)), "two pollers asked for the same"


def test_a_webhook_of_an_earlier_mode_is_taken_away(sqlite_services: Services, telegram: TelegramServer) -> None:
    telegram.state.webhook = {"url": "https://elsewhere.example/hook"}
    with polling(sqlite_services):
        telegram.text(chat=7, text="hej")
        until(lambda: len(inbox(sqlite_services)) == 1)
    assert telegram.state.webhook is None


def test_a_conflict_is_waited_out(sqlite_services: Services, telegram: TelegramServer) -> None:
    with polling(sqlite_services):
        telegram.wait_until(lambda: len(telegram.calls("getUpdates")) == 1)
        # Somebody else polls with our token: Telegram ends our request with a 409.
        with telegram.state.changed:
            telegram.state._poll += 1
            telegram.state.changed.notify_all()
        telegram.text(chat=7, text="hej")
        until(lambda: len(inbox(sqlite_services)) == 1)


def test_telegram_going_away_and_coming_back_loses_nothing(sqlite_services: Services, telegram: TelegramServer) -> None:
    with polling(sqlite_services):
        telegram.wait_until(lambda: len(telegram.calls("getUpdates")) == 1)
        telegram.offline()
        telegram.text(chat=7, text="hej")
        telegram.online()
        until(lambda: len(inbox(sqlite_services)) == 1)


def test_neither_token_nor_words_are_logged(sqlite_services: Services, telegram: TelegramServer) -> None:
    with capture_logs() as logs, polling(sqlite_services):
        telegram.text(chat=7, text="jag heter Elin")
        until(lambda: len(inbox(sqlite_services)) == 1)
        telegram.offline()
        time.sleep(0.1)
    seen = str(logs)
    assert logs
    assert telegram.token not in seen
    assert "Elin" not in seen
    assert "ingen_ska_se" not in seen


def _text(chat: int, text: str) -> dict[str, object]:
    return {
        "message_id": 5, "date": 1, "text": text, "chat": {"id": chat, "type": "private"},
        "from": {"id": chat, "is_bot": False, "first_name": "x"},
    }  # fmt: skip
