"""Messages to staff on their way: Telegram with its journal, and mail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from bot.alerts import contacts
from bot.alerts.email import EmailSender, Smtp
from bot.alerts.models import MessageState, Path, StaffMessage
from bot.alerts.outbox import tell
from bot.bell import Bell
from bot.channels.telegram.journal import Mark, SendJournal
from bot.channels.telegram.staff_send import StaffSender
from bot.clock import FakeClock
from bot.db.session import Database
from bot.wiring import Services
from tests.channels.conftest import make_services, sqlite_services, telegram
from tests.channels.running import running
from tests.channels.telegram.sender import until
from tests.fakes.smtp import SmtpServer
from tests.fakes.telegram import TelegramServer
from tests.handover.conftest import add_counsellor_to

__all__ = ["make_services", "sqlite_services", "telegram"]


@pytest.fixture
def maria(sqlite_database: Database, clock: FakeClock) -> str:
    """A counsellor."""
    return add_counsellor_to(sqlite_database, clock, "Maria")


@pytest.fixture
def mail() -> Iterator[SmtpServer]:
    """A mail server."""
    with SmtpServer() as server:
        yield server


def link(services: Services, staff_id: str, address: str) -> None:
    with services.db.transaction() as session:
        code = contacts.new_code(session, services.vault, staff_id, services.clock())
        assert contacts.link(session, services.vault, code, address, services.clock()) is not None


def queue(services: Services, staff_id: str, text: str, *, path: Path = Path.TELEGRAM) -> None:
    with services.db.transaction() as session:
        tell(session, staff_id, text, key=text, now=services.clock(), path=path, buttons=[("Ta över", "s:claim:x")])


def states(services: Services) -> dict[str, str]:
    with services.db.reading() as session:
        return {row.text: row.state for row in session.scalars(select(StaffMessage))}


def test_a_message_reaches_the_phone_with_its_buttons_and_once(
    sqlite_services: Services, telegram: TelegramServer, maria: str
) -> None:
    link(sqlite_services, maria, "900")
    queue(sqlite_services, maria, "ett")
    settings = sqlite_services.settings.telegram
    assert settings is not None
    with running(StaffSender(sqlite_services, settings).run):
        telegram.wait_for(chat=900, count=1)
        until(lambda: states(sqlite_services)["ett"] == "sent")

    assert telegram.texts(chat=900) == ["ett"]
    assert telegram.sent(chat=900)[0].titles == ["Ta över"]


@pytest.mark.parametrize(("mark", "goes_again"), [(Mark.LEFT, False), (None, True)])
def test_what_a_killed_sender_left_is_decided_by_its_journal(
    sqlite_services: Services, telegram: TelegramServer, maria: str, mark: Mark | None, goes_again: bool
) -> None:
    link(sqlite_services, maria, "900")
    queue(sqlite_services, maria, "ett")
    with sqlite_services.db.transaction() as session:
        session.execute(update(StaffMessage).values(state=MessageState.SENDING, attempts=1))
        message_id = session.scalars(select(StaffMessage.id)).one()
    if mark is not None:
        journal = SendJournal(sqlite_services.settings.var_dir / "staff-sender.journal")
        journal.note(f"{message_id}:1", mark)
        journal.close()
    settings = sqlite_services.settings.telegram
    assert settings is not None
    with running(StaffSender(sqlite_services, settings).run):
        until(lambda: states(sqlite_services)["ett"] == "sent")

    assert telegram.texts(chat=900) == (["ett"] if goes_again else [])


def test_a_phone_that_blocks_the_bot_is_no_way_any_more(
    sqlite_services: Services, telegram: TelegramServer, maria: str
) -> None:
    link(sqlite_services, maria, "900")
    telegram.state.blocked.add("900")
    queue(sqlite_services, maria, "ett")
    settings = sqlite_services.settings.telegram
    assert settings is not None
    with running(StaffSender(sqlite_services, settings).run):
        until(lambda: states(sqlite_services)["ett"] == "failed")

    with sqlite_services.db.reading() as session:
        assert contacts.reach_of(session, maria).linked_at is None


@pytest.mark.parametrize("blocked", [False, True])
def test_an_account_that_is_linked_to_nobody_is_forgotten_as_soon_as_it_has_its_answer(
    sqlite_services: Services, telegram: TelegramServer, blocked: bool
) -> None:
    services = sqlite_services
    if blocked:
        telegram.state.blocked.add("900")
    with services.db.transaction() as session:
        tell(session, None, "ett", key="ett", now=services.clock(), address="900")
    settings = services.settings.telegram
    assert settings is not None
    with running(StaffSender(services, settings).run):
        until(lambda: states(services)["ett"] == ("failed" if blocked else "sent"))

    assert telegram.texts(chat=900) == ([] if blocked else ["ett"])
    with services.db.reading() as session:
        assert session.scalars(select(StaffMessage.address)).all() == [None]


def test_mail_goes_to_the_address_that_was_given(
    sqlite_services: Services, maria: str, mail: SmtpServer, clock: FakeClock
) -> None:
    services = sqlite_services
    with services.db.transaction() as session:
        contacts.set_reach(session, maria, show_text=False, email="maria@kommun.example", email_on=True)
    queue(services, maria, "Ung 1A2B, Motala vill prata med en människa.", path=Path.EMAIL)
    sender = EmailSender(services.db, clock, Bell(), Smtp.from_url(mail.url), "http://console.test")

    mail.refuse_with = "451 later"
    assert sender.send_due() == 1
    assert list(states(services).values()) == ["queued"]
    mail.refuse_with = None
    clock.advance(seconds=2)
    assert sender.send_due() == 1
    assert sender.send_due() == 0

    assert len(mail.mails) == 1
    assert "To: maria@kommun.example" in mail.mails[0]
    assert "From: tillbaka@kommun.example" in mail.mails[0]
    assert list(states(services).values()) == ["sent"]


@pytest.mark.parametrize("url", ["http://x", "smtp://", "kommun.se"])
def test_a_setting_that_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL"):
        Smtp.from_url(url)


def test_a_password_never_goes_over_a_line_that_is_open(
    sqlite_services: Services, maria: str, mail: SmtpServer, clock: FakeClock
) -> None:
    services = sqlite_services
    with services.db.transaction() as session:
        contacts.set_reach(session, maria, show_text=False, email="maria@kommun.example", email_on=True)
    queue(services, maria, "x", path=Path.EMAIL)
    url = mail.url.replace("smtp://", "smtp://user:secret@")

    EmailSender(services.db, clock, Bell(), Smtp.from_url(url), "http://console.test").send_due()

    assert mail.mails == []
    assert states(services) == {"x": "queued"}
