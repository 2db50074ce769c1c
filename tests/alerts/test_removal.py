"""What was said on counsellors' phones about an erased chat is taken away there, as far as Telegram lets a bot."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.alerts import contacts, planner, removal, sending
from bot.alerts.models import Path, PhoneRemoval, StaffMessage
from bot.alerts.outbox import tell
from bot.channels.telegram.staff_send import StaffSender
from bot.clock import FakeClock
from bot.conversations import outbox
from bot.db.session import Database
from bot.people import erasure
from bot.wiring import Services
from tests.channels.chats import new_chat
from tests.channels.conftest import make_services, sqlite_services, telegram
from tests.channels.running import running
from tests.channels.telegram.sender import until
from tests.fakes.telegram import TelegramServer
from tests.handover.conftest import add_counsellor_to

__all__ = ["make_services", "sqlite_services", "telegram"]


@pytest.fixture
def maria(sqlite_database: Database, clock: FakeClock, sqlite_services: Services) -> str:
    """A counsellor whose phone is linked."""
    staff_id = add_counsellor_to(sqlite_database, clock, "Maria")
    _link(sqlite_services, staff_id, "900")
    return staff_id


def _link(services: Services, staff_id: str, address: str) -> None:
    with services.db.transaction() as session:
        code = contacts.new_code(session, services.vault, staff_id, services.clock())
        assert contacts.link(session, services.vault, code, address, services.clock()) is not None


def _tell(services: Services, staff_id: str, conversation: str | None, text: str) -> None:
    with services.db.transaction() as session:
        tell(session, staff_id, text, key=text, now=services.clock(), conversation_id=conversation)


def _send(services: Services) -> None:
    """Let a sender, new each time, send what is queued."""
    settings = services.settings.telegram
    assert settings is not None
    with running(StaffSender(services, settings).run):
        until(lambda: not sending.next_due(services.db, Path.TELEGRAM, services.clock()))
        until(lambda: not removal.next_due(services.db, services.clock()))


def _erase(services: Services, conversation_id: str) -> None:
    with services.db.transaction() as session:
        conversation = outbox.lock_conversation(session, conversation_id)
        assert conversation is not None
        erasure.begin(session, conversation, services.clock())


def _left(services: Services) -> int:
    with services.db.reading() as session:
        return len(session.scalars(select(PhoneRemoval)).all())


def test_an_erasure_takes_the_chats_messages_from_the_phone_and_no_others(
    sqlite_services: Services, telegram: TelegramServer, maria: str
) -> None:
    theirs, other = new_chat(sqlite_services, "telegram", "7"), new_chat(sqlite_services, "telegram", "8")
    for conversation, text in ((theirs, "Ung A: hej"), (other, "Ung B: hej"), (theirs, "Ung A: igen"), (None, "Hej!")):
        _tell(sqlite_services, maria, conversation, text)
    _send(sqlite_services)
    assert len(telegram.texts(chat=900)) == 4

    _erase(sqlite_services, theirs)
    # The sender of then is gone; what is to be taken away stands in the database.
    _send(sqlite_services)
    assert sorted(telegram.texts(chat=900)) == ["Hej!", "Ung B: hej"]
    assert _left(sqlite_services) == 0


def test_what_is_older_than_telegram_allows_is_not_tried(
    sqlite_services: Services, telegram: TelegramServer, maria: str, clock: FakeClock
) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    _tell(sqlite_services, maria, conversation, "Ung A: hej")
    _send(sqlite_services)
    clock.advance(hours=49)
    _erase(sqlite_services, conversation)
    _send(sqlite_services)

    assert (_left(sqlite_services), telegram.calls("deleteMessage")) == (0, [])


def test_a_message_that_is_gone_already_holds_up_nothing(
    sqlite_services: Services, telegram: TelegramServer, maria: str
) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    _tell(sqlite_services, maria, conversation, "Ung A: hej")
    _send(sqlite_services)
    telegram.state.sent.clear()
    _erase(sqlite_services, conversation)
    _tell(sqlite_services, maria, None, "Hej!")
    _send(sqlite_services)

    assert telegram.texts(chat=900) == ["Hej!"]
    assert (_left(sqlite_services), len(telegram.calls("deleteMessage"))) == (0, 1)


def test_without_a_connection_it_is_tried_again_until_it_cannot_be_done(
    sqlite_services: Services, telegram: TelegramServer, maria: str, clock: FakeClock
) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    _tell(sqlite_services, maria, conversation, "Ung A: hej")
    _send(sqlite_services)
    _erase(sqlite_services, conversation)
    telegram.offline()
    _send(sqlite_services)
    assert _left(sqlite_services) == 1
    telegram.online()
    clock.advance(minutes=2)
    _send(sqlite_services)
    assert (_left(sqlite_services), telegram.texts(chat=900)) == (0, [])


def test_what_cannot_be_taken_away_any_more_is_forgotten(
    sqlite_services: Services, maria: str, clock: FakeClock
) -> None:
    with sqlite_services.db.transaction() as session:
        removal.add(session, maria, "5", clock(), clock())
    clock.advance(hours=49)
    assert removal.next_due(sqlite_services.db, clock()) == []
    planner.tidy(sqlite_services.db, clock())
    assert _left(sqlite_services) == 0


def test_a_message_that_was_on_its_way_when_the_chat_was_erased_goes_again(
    sqlite_services: Services, maria: str, clock: FakeClock
) -> None:
    db = sqlite_services.db
    conversation = new_chat(sqlite_services, "telegram", "7")
    _tell(sqlite_services, maria, conversation, "Ung A: hej")
    (message_id,) = sending.next_due(db, Path.TELEGRAM, clock())
    outgoing = sending.begin(db, message_id)
    assert outgoing is not None
    _erase(sqlite_services, conversation)
    sending.sent(db, outgoing, "5", clock())

    assert [(due.address, due.message_id) for due in removal.next_due(db, clock())] == [("900", "5")]


def test_it_is_never_tried_at_another_account(
    sqlite_services: Services, maria: str, telegram: TelegramServer, clock: FakeClock
) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    _tell(sqlite_services, maria, conversation, "Ung A: hej")
    _send(sqlite_services)
    clock.advance(minutes=1)
    _link(sqlite_services, maria, "901")
    _erase(sqlite_services, conversation)
    _send(sqlite_services)

    assert telegram.calls("deleteMessage") == []


def test_nothing_that_waits_to_be_sent_about_an_erased_chat_is_sent(
    sqlite_services: Services, telegram: TelegramServer, maria: str
) -> None:
    conversation = new_chat(sqlite_services, "telegram", "7")
    _tell(sqlite_services, maria, conversation, "Ung A: hej")
    _erase(sqlite_services, conversation)
    _send(sqlite_services)

    assert telegram.texts(chat=900) == []
    with sqlite_services.db.reading() as session:
        assert session.scalars(select(StaffMessage)).all() == []
