"""The receipt of an erasure: the last words to somebody, sent once, and then nothing leads to them."""

from __future__ import annotations

from bot.channels.telegram.journal import Mark, SendJournal
from bot.clock import FakeClock
from bot.db.base import new_id
from bot.people.models import Erasure
from bot.wiring import Services
from tests.channels.telegram.sender import sending, until
from tests.fakes.telegram import Fault, FaultKind, TelegramServer, too_fast


def _erased(services: Services, *, engine_done: bool = True) -> str:
    now = services.clock()
    with services.db.transaction() as session:
        erasure = Erasure(
            id=new_id(), conversation_id=new_id(), channel="telegram", fingerprint="x", address="7", language="sv",
            counts={"messages": 4}, requested_at=now, engine_done_at=now if engine_done else None,
        )  # fmt: skip
        session.add(erasure)
        return erasure.id


def _address(services: Services, erasure: str) -> str | None:
    with services.db.reading() as session:
        return session.get_one(Erasure, erasure).address


def test_the_receipt_is_sent_once_and_the_address_blanked(services: Services, telegram: TelegramServer) -> None:
    erasure = _erased(services)
    with sending(services):
        receipt = telegram.wait_for(chat=7, count=1)[0]
        until(lambda: _address(services, erasure) is None)
    assert "Meddelanden: 4" in receipt.text
    assert receipt.titles == []
    assert len(telegram.sent(chat=7)) == 1


def test_the_receipt_waits_until_every_store_is_empty(sqlite_services: Services, telegram: TelegramServer) -> None:
    _erased(sqlite_services, engine_done=False)
    with sending(sqlite_services):
        telegram.wait_until(lambda: bool(telegram.calls("setMyCommands")), what="the sender being at work")
    assert telegram.sent(chat=7) == []


def test_a_receipt_that_is_too_fast_is_sent_later(sqlite_services: Services, telegram: TelegramServer) -> None:
    erasure = _erased(sqlite_services)
    telegram.fault(too_fast(1), chat=7)
    with sending(sqlite_services):
        telegram.wait_for(chat=7, count=1)
        until(lambda: _address(sqlite_services, erasure) is None)


def test_whoever_has_blocked_the_bot_gets_no_receipt(sqlite_services: Services, telegram: TelegramServer) -> None:
    erasure = _erased(sqlite_services)
    telegram.state.blocked.add("7")
    with sending(sqlite_services):
        until(lambda: _address(sqlite_services, erasure) is None)


def test_a_receipt_that_may_have_arrived_is_not_sent_again(
    sqlite_services: Services, telegram: TelegramServer, clock: FakeClock
) -> None:
    erasure = _erased(sqlite_services)
    telegram.fault(Fault(FaultKind.CUT_AFTER), chat=7)
    with sending(sqlite_services):
        until(lambda: _address(sqlite_services, erasure) is None)
    assert len(telegram.sent(chat=7)) == 1


def test_a_receipt_that_had_left_when_the_sender_was_killed_is_not_sent_again(
    sqlite_services: Services, telegram: TelegramServer
) -> None:
    erasure = _erased(sqlite_services)
    journal = SendJournal(sqlite_services.settings.var_dir / "sender.journal")
    journal.note(f"receipt:{erasure}", Mark.LEFT)
    journal.close()
    with sending(sqlite_services):
        until(lambda: _address(sqlite_services, erasure) is None)
    assert telegram.sent(chat=7) == []
