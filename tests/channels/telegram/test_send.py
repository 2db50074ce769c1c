"""The sender: in order within a chat, each message once, at Telegram's pace."""

from __future__ import annotations

from datetime import timedelta

from bot.channels.telegram.program import telegram_tasks
from bot.clock import FakeClock
from bot.conversations.models import Conversation
from bot.people.vault import ConversationNumbering
from bot.wiring import Services
from tests.channels.chats import new_chat, outbox_of, say
from tests.channels.conftest import MakeServices
from tests.channels.telegram.sender import sending, state, until
from tests.fakes.telegram import Fault, FaultKind, TelegramServer


def test_a_chat_gets_its_messages_in_order_and_each_once(services: Services, telegram: TelegramServer) -> None:
    chats = {chat: new_chat(services, "telegram", str(chat)) for chat in (7, 8, 9)}
    for number in range(3):
        for conversation in chats.values():
            say(services, conversation, f"svar {number}")
    with sending(services):
        for chat in chats:
            telegram.wait_for(chat=chat, count=3)
        until(lambda: all(one.state == "sent" for c in chats.values() for one in outbox_of(services, c)))
    for chat in chats:
        assert telegram.texts(chat=chat) == ["svar 0", "svar 1", "svar 2"]


def test_a_message_shows_its_buttons_and_reads_as_written(services: Services, telegram: TelegramServer) -> None:
    conversation = new_chat(services, "telegram", "7")
    say(services, conversation, "5 < 6 & sant", buttons=[("Ja", "/affirm"), ("Prata med en människa", "bot:human")])
    with sending(services):
        sent = telegram.wait_for(chat=7, count=1)[0]
    assert (sent.text, sent.parse_mode) == ("5 < 6 & sant", "HTML")
    assert sent.titles == ["Ja", "Prata med en människa"]
    assert [len(line) for line in sent.buttons] == [1, 1]
    assert "affirm" not in str(sent.buttons)


def test_a_long_message_goes_in_parts_with_the_buttons_under_the_last(
    sqlite_services: Services, telegram: TelegramServer
) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    message = say(sqlite_services, conversation, f"{'a' * 4000}\n\n{'b' * 4000}", buttons=[("Ja", "/affirm")])
    with sending(sqlite_services):
        sent = telegram.wait_for(chat=7, count=2)
        until(lambda: state(sqlite_services, message)[0] == "sent")
    assert [one.text[0] for one in sent] == ["a", "b"]
    assert [one.titles for one in sent] == [[], ["Ja"]]


def test_placeholders_are_resolved_for_the_youth(sqlite_services: Services, telegram: TelegramServer) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    with sqlite_services.db.transaction() as session:
        numbers = ConversationNumbering(session, sqlite_services.vault, conversation, sqlite_services.clock())
        numbers.number("phone_number", "070-123 45 67")
    say(sqlite_services, conversation, "Vi ringer <phone_number_1>.")
    with sending(sqlite_services):
        assert telegram.wait_for(chat=7, count=1)[0].text == "Vi ringer 070-123 45 67."


def test_a_server_with_only_the_seven_methods_is_enough(sqlite_services: Services, telegram: TelegramServer) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    say(sqlite_services, conversation, "hej")
    with sending(sqlite_services):
        telegram.wait_for(chat=7, count=1)
        telegram.wait_until(lambda: bool(telegram.calls("setMyCommands")), what="the commands being offered")


def test_a_reminder_for_later_does_not_hold_up_what_is_said_now(
    sqlite_services: Services, telegram: TelegramServer, clock: FakeClock
) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    say(sqlite_services, conversation, "påminnelse", due_at=clock() + timedelta(days=1))
    say(sqlite_services, conversation, "svar")
    with sending(sqlite_services):
        assert telegram.wait_for(chat=7, count=1)[0].text == "svar"
        clock.advance(days=1)
        assert telegram.wait_for(chat=7, count=2)[1].text == "påminnelse"


def test_other_channels_are_left_alone(sqlite_services: Services, telegram: TelegramServer) -> None:
    web = say(sqlite_services, new_chat(sqlite_services, "web", "w"), "webben")
    say(sqlite_services, new_chat(sqlite_services, "telegram", "7"), "telegram")
    with sending(sqlite_services):
        telegram.wait_for(chat=7, count=1)
    assert state(sqlite_services, web)[0] == "queued"


def test_two_senders_send_each_message_once(services: Services, telegram: TelegramServer) -> None:
    chats = {chat: new_chat(services, "telegram", str(chat)) for chat in range(20, 26)}
    for conversation in chats.values():
        say(services, conversation, "en gång")
    with sending(services), sending(services):
        for chat in chats:
            telegram.wait_for(chat=chat, count=1)
        until(lambda: all(one.state == "sent" for c in chats.values() for one in outbox_of(services, c)))
    assert len(telegram.sent()) == len(chats)


def test_a_burst_to_one_chat_is_slowed_to_about_one_a_second(
    sqlite_services: Services, telegram: TelegramServer
) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    for number in range(6):
        say(sqlite_services, conversation, f"svar {number}")
    with sending(sqlite_services):
        times = [one.at for one in telegram.wait_for(chat=7, count=6)]
    assert times[3] - times[0] < 1.0
    assert times[5] - times[3] > 1.5


def test_the_person_is_erased_while_a_message_is_on_its_way(
    sqlite_services: Services, telegram: TelegramServer
) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    say(sqlite_services, conversation, "sista")
    telegram.fault(Fault(FaultKind.DELIVERED_SLOWLY, seconds=0.5), chat=7)
    with sending(sqlite_services):
        telegram.wait_for(chat=7, count=1)
        with sqlite_services.db.transaction() as session:
            session.delete(session.get_one(Conversation, conversation))
        other = new_chat(sqlite_services, "telegram", "8")
        say(sqlite_services, other, "går vidare")
        telegram.wait_for(chat=8, count=1)


def test_without_a_token_there_is_nothing_to_run(sqlite_services: Services, make_services: MakeServices) -> None:
    off = make_services(sqlite_services.db, sqlite_services.clock, telegram=False)
    assert telegram_tasks(off) == {}
    on = set(telegram_tasks(sqlite_services))
    assert on == {"telegram-sender", "telegram-staff-sender", "telegram-typing", "telegram-poller"}
