"""What a counsellor's own Telegram may do is asked at each press, and what is read there stands in the access log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.alerts import contacts, sending, wording
from bot.alerts.models import Path, StaffMessage
from bot.alerts.outbox import tell
from bot.clock import FakeClock
from bot.console.accounts import change_staff, reset_password
from bot.console.models import AccessLog, Staff
from bot.conversations.models import Alert, AlertKind, InboundKind
from bot.db.session import Database
from bot.handover.service import Handover
from bot.people.vault import Vault
from tests.alerts.conftest import Desk
from tests.conversations.conftest import Youth
from tests.handover.steps import ask, request_of

Settle = Callable[[], Awaitable[None]]
AddCounsellor = Callable[..., str]


def set_roles(database: Database, staff_id: str, *roles: str) -> None:
    with database.transaction() as session:
        session.get_one(Staff, staff_id).roles = list(roles)


def test_without_the_role_a_phone_that_is_still_linked_does_and_hears_nothing(
    youth: Youth, desk: Desk, maria: str, waiting: str, database: Database, clock: FakeClock
) -> None:
    desk.link(maria, "7")
    set_roles(database, maria, "reviewer")
    clock.advance(seconds=1)
    desk.plan()
    assert desk.alerts(maria) == []

    for verb in ("claim", "yes", "show", "take", "ack", "back", "done", "no"):
        desk.write("7", None, kind=InboundKind.BUTTON, payload=f"s:{verb}:{waiting}")
    for text in ("/ko", "/klar", "/av", "hej"):
        desk.write("7", text)
    assert set(desk.said(maria)[1:]) == {wording.NO_LONGER}
    assert request_of(database, youth).owner is None
    with database.reading() as session:
        assert session.scalars(select(AccessLog)).all() == []

    clock.advance(seconds=1)
    desk.write("7", "/koppla av")
    assert desk.said(maria)[-1] == wording.UNLINKED


async def test_a_chat_of_somebody_who_lost_the_role_sends_no_more_words(
    youth: Youth, handover: Handover, desk: Desk, maria: str, settle: Settle, database: Database
) -> None:
    desk.link(maria, "7", show_text=True)
    youth.send("hej")
    ask(handover, youth)
    desk.plan()
    desk.press("7", "Ta över")
    set_roles(database, maria, "reviewer")

    youth.send("hemligt")
    await settle()
    assert not any("hemligt" in text for text in desk.said(maria))


def lose_the_role(session: Session, staff: Staff) -> None:
    change_staff(session, staff, display_name="Maria", roles=["reviewer"], municipalities=[], active=True)


def close(session: Session, staff: Staff) -> None:
    change_staff(session, staff, display_name="Maria", roles=["counsellor"], municipalities=[], active=False)


def reset(session: Session, staff: Staff) -> None:
    reset_password(session, staff, "-")


@pytest.mark.parametrize("end", [lose_the_role, close, reset])
def test_the_phone_goes_with_the_role_the_account_or_the_password(
    desk: Desk, maria: str, omar: str, database: Database, vault: Vault, clock: FakeClock,
    end: Callable[[Session, Staff], object],
) -> None:  # fmt: skip
    set_roles(database, omar, "admin")
    desk.link(maria, "7")
    with database.transaction() as session:
        code = contacts.new_code(session, vault, maria, clock())
        tell(session, maria, "Ung ABCD: hemligt", key="k", now=clock(), address="7")
        end(session, session.get_one(Staff, maria))

    with database.reading() as session:
        assert contacts.reach_of(session, maria).linked_at is None
        assert contacts.staff_at(session, vault, "7") is None
        waits = session.scalars(select(StaffMessage.id).where(StaffMessage.key == "k")).one()
    assert waits not in sending.next_due(database, Path.TELEGRAM, clock())
    desk.write("8", f"/koppla {code}")
    with database.reading() as session:
        assert contacts.staff_at(session, vault, "8") is None


def test_a_change_that_takes_nothing_away_leaves_the_phone_linked(desk: Desk, maria: str, database: Database) -> None:
    desk.link(maria, "7")
    with database.transaction() as session:
        staff = session.get_one(Staff, maria)
        change_staff(session, staff, display_name="M", roles=["counsellor", "admin"], municipalities=[], active=True)
    with database.reading() as session:
        assert contacts.reach_of(session, maria).linked_at is not None


async def test_words_sent_to_a_phone_stand_in_the_access_log_with_their_place(
    youth: Youth, handover: Handover, desk: Desk, maria: str, settle: Settle, database: Database, clock: FakeClock
) -> None:
    desk.link(maria, "7", show_text=True)
    youth.send("hej")
    ask(handover, youth, municipality="Motala")
    handover.claim(request_of(database, youth).id, maria)
    desk.write("7", "Hej!")

    def rows() -> list[tuple[str, str | None]]:
        with database.reading() as session:
            found = session.execute(select(AccessLog.what, AccessLog.municipality).where(AccessLog.staff_id == maria))
            return list(found.tuples())

    assert rows() == []
    for text in ("första", "andra"):
        youth.send(text)
        await settle()
    assert desk.said(maria)[-1].endswith("andra")
    assert rows() == [("chat_phone", "Motala")], "what follows within ten minutes is one reading"
    clock.advance(minutes=11)
    youth.send("tredje")
    await settle()
    assert rows() == [("chat_phone", "Motala")] * 2
    desk.write("7", None, kind=InboundKind.BUTTON, payload=f"s:show:{request_of(database, youth).id}")
    assert rows() == [("chat_phone", "Motala")] * 3


async def test_what_is_fetched_by_a_button_is_no_reading_before_it_is_fetched(
    youth: Youth, handover: Handover, desk: Desk, maria: str, settle: Settle, database: Database
) -> None:
    desk.link(maria, "7")
    youth.send("hej")
    ask(handover, youth)
    handover.claim(request_of(database, youth).id, maria)
    desk.write("7", "Hej!")
    youth.send("hemligt")
    await settle()
    assert desk.said(maria)[-1].startswith("Nytt från")
    with database.reading() as session:
        assert session.scalars(select(AccessLog)).all() == []


def test_a_call_from_another_municipality_cannot_be_taken_down(
    youth: Youth, handover: Handover, desk: Desk, add_counsellor: AddCounsellor, database: Database, clock: FakeClock
) -> None:
    linda = add_counsellor("Linda", municipalities=("Motala",))
    karin = add_counsellor("Karin", municipalities=("Kinda",))
    desk.link(karin, "7")
    desk.link(linda, "8")
    youth.send("hej")
    ask(handover, youth, municipality="Motala")
    with database.transaction() as session:
        alert = Alert(kind=AlertKind.APPROVAL, conversation_id=youth.conversation.id, created_at=clock())
        session.add(alert)
        session.flush()
        alert_id = alert.id

    def taken_by(address: str) -> str | None:
        desk.write(address, None, kind=InboundKind.BUTTON, payload=f"s:ack:{alert_id}")
        with database.reading() as session:
            return session.get_one(Alert, alert_id).acknowledged_by

    assert taken_by("7") is None
    assert desk.said(karin)[-1] == wording.BUTTON_OLD
    assert taken_by("8") == linda


def test_the_phone_opens_what_the_console_opens(
    youth: Youth, handover: Handover, desk: Desk, add_counsellor: AddCounsellor, database: Database
) -> None:
    add_counsellor("Linda", municipalities=("Motala",))
    karin = add_counsellor("Karin", municipalities=("Motala", "Kinda"))
    desk.link(karin, "7")
    youth.send("hej")
    ask(handover, youth, municipality="Motala")
    show = f"s:show:{request_of(database, youth).id}"
    desk.write("7", None, kind=InboundKind.BUTTON, payload=show)
    assert "hej" in desk.said(karin)[-1]

    with database.transaction() as session:
        session.get_one(Staff, karin).municipalities = ["Kinda"]
    desk.write("7", None, kind=InboundKind.BUTTON, payload=show)
    assert desk.said(karin)[-1] == wording.BUTTON_OLD
