"""A defined end for everything that Telegram can say to a message, and for its silence."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, text

from bot.bell import SEND
from bot.channels.telegram import outgoing
from bot.clock import FakeClock
from bot.conversations.models import AlertKind, Conversation, OutboundMessage, OutboundState
from bot.people.models import ChannelIdentity, Person
from bot.wiring import Services
from tests.channels.chats import new_chat, row, say
from tests.channels.telegram.sender import alerts, sending, state, until
from tests.fakes.telegram import Fault, FaultKind, TelegramServer, bad_request, too_fast


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


def test_a_message_to_nobody_we_can_reach_is_put_aside(services: Services, clock: FakeClock) -> None:
    conversation = new_chat(services, "telegram", "7")
    message = say(services, conversation, "hur gick det?")
    other = say(services, new_chat(services, "telegram", "8"), "hej")
    with services.db.transaction() as session:
        session.execute(
            delete(ChannelIdentity).where(
                ChannelIdentity.person_id
                == select(Conversation.person_id).where(Conversation.id == conversation).scalar_subquery()
            )
        )

    assert outgoing.begin(services.db, services.vault, message, "here") is None
    assert state(services, message) == ("not_sent", "no_address")
    assert [due.id for due in outgoing.next_due(services.db, clock())] == [other]
    assert alerts(services) == []
