"""The sender: in order, once, and with a defined end for everything that Telegram can say."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from sqlalchemy import select, text

from bot.bell import SEND
from bot.channels.telegram import outgoing
from bot.channels.telegram.program import telegram_tasks
from bot.channels.telegram.send import Sender
from bot.clock import FakeClock
from bot.conversations.models import Alert, AlertKind, Conversation, OutboundMessage, OutboundState
from bot.people.models import Person
from bot.wiring import Services
from tests.channels.chats import new_chat, outbox_of, row, say
from tests.channels.conftest import MakeServices
from tests.channels.running import running
from tests.fakes.telegram import Fault, FaultKind, TelegramServer, bad_request, too_fast


def sending(services: Services) -> AbstractContextManager[None]:
    """Run the sender."""
    settings = services.settings.telegram
    assert settings is not None
    return running(Sender(services, settings).run)


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something that only the database shows."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def state(services: Services, message_id: str) -> tuple[str, str | None]:
    """Return where a message is, and why."""
    message = row(services, message_id)
    return message.state, message.failed_reason


def alerts(services: Services) -> list[tuple[str, str | None]]:
    """Return the calls to staff."""
    with services.db.reading() as session:
        return [(alert.kind, alert.detail) for alert in session.scalars(select(Alert).order_by(Alert.created_at))]


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


def test_a_part_that_went_before_the_failure_is_not_sent_again(
    sqlite_services: Services, telegram: TelegramServer, clock: FakeClock
) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    message = say(sqlite_services, conversation, f"{'a' * 4000}\n\n{'b' * 4000}")
    slow = Fault(FaultKind.SLOW, seconds=0.0)
    telegram.fault(slow, chat=7)
    telegram.fault(too_fast(5), chat=7)
    with sending(sqlite_services):
        until(lambda: state(sqlite_services, message)[0] == "retry")
        clock.advance(seconds=10)
        telegram.wait_for(chat=7, count=2)
        until(lambda: state(sqlite_services, message)[0] == "sent")
    assert [one[0] for one in telegram.texts(chat=7)] == ["a", "b"]


def test_placeholders_are_resolved_for_the_youth(sqlite_services: Services, telegram: TelegramServer) -> None:
    from bot.people.vault import ConversationNumbering

    conversation = new_chat(sqlite_services, "telegram", "7")
    with sqlite_services.db.transaction() as session:
        numbers = ConversationNumbering(session, sqlite_services.vault, conversation, sqlite_services.clock())
        numbers.number("phone_number", "070-123 45 67")
    say(sqlite_services, conversation, "Vi ringer <phone_number_1>.")
    with sending(sqlite_services):
        assert telegram.wait_for(chat=7, count=1)[0].text == "Vi ringer 070-123 45 67."


def test_too_fast_means_waiting_as_long_as_telegram_says(
    services: Services, telegram: TelegramServer, clock: FakeClock
) -> None:
    conversation = new_chat(services, "telegram", "7")
    first, second = say(services, conversation, "ett"), say(services, conversation, "två")
    other = new_chat(services, "telegram", "8")
    telegram.fault(too_fast(2), chat=7)
    with sending(services):
        until(lambda: state(services, first) == ("retry", "too_fast"))
        assert row(services, first).due_at == clock() + timedelta(seconds=2)
        say(services, other, "andra chattar väntar inte")
        telegram.wait_for(chat=8, count=1)
        assert state(services, second)[0] == "queued"
        assert telegram.texts(chat=7) == []
        clock.advance(seconds=2)
        sent = telegram.wait_for(chat=7, count=2)
    assert [one.text for one in sent] == ["ett", "två"]
    assert alerts(services) == []


def test_whoever_blocks_the_bot_gets_nothing_more_and_staff_are_told(
    services: Services, telegram: TelegramServer
) -> None:
    conversation = new_chat(services, "telegram", "7")
    messages = [say(services, conversation, f"svar {number}") for number in range(3)]
    telegram.state.blocked.add("7")
    with sending(services):
        until(lambda: state(services, messages[0])[0] == "failed")
    assert [state(services, one) for one in messages] == [(OutboundState.FAILED, "blocked")] * 3
    assert alerts(services) == [(AlertKind.UNREACHABLE, "blocked")]
    assert len(telegram.calls("sendMessage")) == 1
    with services.db.reading() as session:
        assert session.scalars(select(Person.unreachable_since)).one() == services.clock()


def test_whoever_has_come_back_is_reachable_again(sqlite_services: Services, telegram: TelegramServer) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    with sqlite_services.db.transaction() as session:
        session.scalars(select(Person)).one().unreachable_since = sqlite_services.clock()
    message = say(sqlite_services, conversation, "hej igen")
    with sending(sqlite_services):
        until(lambda: state(sqlite_services, message)[0] == "sent")
    with sqlite_services.db.reading() as session:
        assert session.scalars(select(Person.unreachable_since)).one() is None


def test_a_refused_message_goes_once_more_as_plain_text(services: Services, telegram: TelegramServer) -> None:
    conversation = new_chat(services, "telegram", "7")
    message = say(services, conversation, "5 < 6", buttons=[("Ja", "/affirm")])
    telegram.fault(bad_request(), chat=7)
    with sending(services):
        sent = telegram.wait_for(chat=7, count=1)[0]
        until(lambda: state(services, message)[0] == "sent")
    assert (sent.text, sent.parse_mode, sent.titles) == ("5 < 6", None, ["Ja"])
    assert alerts(services) == [(AlertKind.DELIVERY, "refused")]


def test_buttons_that_telegram_refuses_are_left_out(sqlite_services: Services, telegram: TelegramServer) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    say(sqlite_services, conversation, "Vill du?", buttons=[("Ja", "/affirm")])
    telegram.fault(bad_request("Bad Request: BUTTON_DATA_INVALID"), chat=7)
    with sending(sqlite_services):
        assert telegram.wait_for(chat=7, count=1)[0].titles == []


def test_a_message_refused_twice_fails_and_the_next_one_goes(services: Services, telegram: TelegramServer) -> None:
    conversation = new_chat(services, "telegram", "7")
    first = say(services, conversation, "omöjlig")
    say(services, conversation, "möjlig")
    telegram.fault(bad_request(), chat=7, times=2)
    with sending(services):
        assert telegram.wait_for(chat=7, count=1)[0].text == "möjlig"
    assert state(services, first) == (OutboundState.FAILED, "refused")
    assert alerts(services) == [(AlertKind.DELIVERY, "refused")]


def test_without_a_connection_messages_wait_and_go_in_order_when_it_is_back(
    services: Services, telegram: TelegramServer, clock: FakeClock
) -> None:
    conversation = new_chat(services, "telegram", "7")
    telegram.offline()
    first = say(services, conversation, "ett")
    say(services, conversation, "två")
    with sending(services):
        until(lambda: state(services, first) == ("retry", "no_connection"))
        clock.advance(seconds=1)
        until(lambda: row(services, first).attempts == 2)
        telegram.online()
        clock.advance(seconds=2)
        sent = telegram.wait_for(chat=7, count=2)
    assert [one.text for one in sent] == ["ett", "två"]


def test_pauses_grow_to_a_minute() -> None:
    pauses = [outgoing.pause_after(attempts).total_seconds() for attempts in (1, 2, 3, 7, 8, 500)]
    assert pauses == [1, 2, 4, 60, 60, 60]


def test_after_a_day_without_a_connection_a_message_is_given_up(
    sqlite_services: Services, telegram: TelegramServer
) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    message = say(sqlite_services, conversation, "för gammalt")
    with sqlite_services.db.transaction() as session:
        session.get_one(OutboundMessage, message).attempts = outgoing.GIVE_UP_ATTEMPTS
    telegram.offline()
    with sending(sqlite_services):
        until(lambda: state(sqlite_services, message)[0] == "failed")
    assert state(sqlite_services, message)[1] == "no_connection_for_a_day"


def test_when_telegram_is_broken_the_message_waits(
    sqlite_services: Services, telegram: TelegramServer, clock: FakeClock
) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    message = say(sqlite_services, conversation, "hej")
    telegram.fault(Fault(FaultKind.BROKEN), chat=7, times=3)
    with sending(sqlite_services):
        for attempts in (1, 2, 3):
            until(lambda attempts=attempts: row(sqlite_services, message).attempts >= attempts)
            until(lambda: state(sqlite_services, message)[0] == "retry")
            clock.advance(seconds=60)
            sqlite_services.bell.ring(SEND)
        telegram.wait_for(chat=7, count=1)
    assert len(telegram.calls("sendMessage")) == 4


def test_an_answer_that_never_came_is_tried_once_more_and_no_oftener(
    services: Services, telegram: TelegramServer, clock: FakeClock
) -> None:
    conversation = new_chat(services, "telegram", "7")
    message = say(services, conversation, "hej")
    telegram.fault(Fault(FaultKind.CUT_AFTER), chat=7, times=5)
    with sending(services):
        until(lambda: state(services, message) == ("retry", "unconfirmed"))
        clock.advance(seconds=5)
        until(lambda: state(services, message)[0] == "failed")
    assert telegram.texts(chat=7) == ["hej", "hej"]
    assert state(services, message) == (OutboundState.FAILED, "unconfirmed")
    assert alerts(services) == [(AlertKind.DELIVERY, "unconfirmed")]


def test_a_server_with_only_the_seven_methods_is_enough(
    sqlite_services: Services, telegram: TelegramServer
) -> None:
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


def test_a_message_that_no_key_opens_does_not_stop_its_chat(
    sqlite_services: Services, telegram: TelegramServer
) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    broken = say(sqlite_services, conversation, "oläslig")
    say(sqlite_services, conversation, "läslig")
    with sqlite_services.db.transaction() as session:
        session.execute(text("UPDATE outbound_message SET text = 'no key' WHERE id = :id").bindparams(id=broken))
    with sending(sqlite_services):
        assert telegram.wait_for(chat=7, count=1)[0].text == "läslig"


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
    assert set(telegram_tasks(sqlite_services)) == {"telegram-sender", "telegram-poller"}
