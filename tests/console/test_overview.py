"""Översikt and Bokningar: calls to staff, whose they are, and meetings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from bot.booking.models import ContactHow
from bot.booking.service import Booked, Booking
from bot.clock import FakeClock
from bot.console.access import may_open
from bot.console.calls import calls_for
from bot.console.models import AccessLog
from bot.console.sign_in import Visitor
from bot.conversations.models import Alert, AlertKind, Conversation
from bot.db.session import Database
from bot.handover.models import Handover as Request
from bot.handover.service import Handover
from bot.reminders.models import ReminderKind
from tests.console.conftest import Browser
from tests.conversations.conftest import Youth
from tests.handover.steps import ask, request_of
from tests.reminders.answers import answered, youths

Open = Callable[[], Browser]
Add = Callable[..., str]


def visitor_named(staff_id: str, municipalities: tuple[str, ...]) -> Visitor:
    """Somebody who is signed in."""
    return Visitor(
        staff_id=staff_id, username="linda", display_name="Linda", roles=("counsellor",),
        municipalities=municipalities, must_change_password=False, csrf="", session_hash="",
    )  # fmt: skip


def alert_of(database: Database, kind: str) -> Alert:
    with database.reading() as session:
        return session.scalars(select(Alert).where(Alert.kind == kind)).one()


async def test_a_call_stands_until_somebody_acknowledges_it(maria: Browser, youth: Youth, database: Database) -> None:
    youth.send("jag vill inte leva längre")
    alert = alert_of(database, AlertKind.CRISIS)

    answer = await maria.post(f"/alerts/{alert.id}/acknowledge")

    assert answer.status_code == 303
    row = alert_of(database, AlertKind.CRISIS)
    assert row.acknowledged_at is not None
    assert row.acknowledged_by is not None
    assert "Inga larm." in await maria.text("/")
    assert (await maria.post("/alerts/none/acknowledge")).status_code == 404


async def test_acknowledging_twice_keeps_who_was_first(
    maria: Browser, open_browser: Open, add_account: Add, youth: Youth, database: Database
) -> None:
    youth.send("jag vill inte leva längre")
    alert = alert_of(database, AlertKind.CRISIS)
    await maria.post(f"/alerts/{alert.id}/acknowledge")
    first = alert_of(database, AlertKind.CRISIS).acknowledged_by
    add_account("omar")
    omar = open_browser()
    await omar.sign_in("omar")
    await omar.post(f"/alerts/{alert.id}/acknowledge")

    assert alert_of(database, AlertKind.CRISIS).acknowledged_by == first


async def test_danger_is_everybodys_and_other_calls_keep_to_their_municipality(
    open_browser: Open,
    add_account: Add,
    make_youth: Callable[[str], Youth],
    handover: Handover,
    database: Database,
    clock: FakeClock,
) -> None:
    add_account("linda", municipalities=("Motala",))
    add_account("karin", municipalities=("Kinda",))
    afraid, slow = make_youth("afraid"), make_youth("slow")
    slow.send("hej")
    ask(handover, slow, municipality="Motala")
    afraid.send("jag vill inte leva längre")
    ask(handover, afraid, municipality="Motala")
    clock.advance(minutes=31)
    handover.sweep()

    karin, linda = open_browser(), open_browser()
    await karin.sign_in("karin")
    await linda.sign_in("linda")

    seen, all_of_it = await karin.text("/"), await linda.text("/")
    assert "Tecken på fara" in seen
    assert seen.count("har väntat länge") == 1
    assert all_of_it.count("har väntat länge") == 2
    assert "Ingen väntar just nu." in seen


def counted(database: Database, visitor: Visitor) -> tuple[list[str | None], int]:
    """Return the conversations of the calls that concern somebody, and how often the database was asked."""
    asked = 0

    def note(*_: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(database.engine, "before_cursor_execute", note)
    with database.reading() as session:
        calls = calls_for(session, visitor)
    event.remove(database.engine, "before_cursor_execute", note)
    return [call.conversation_id for call in calls], asked


@pytest.mark.parametrize("scope", [(), ("Motala",)])
def test_calls_ask_the_database_as_often_for_many_as_for_few_and_keep_to_who_may_open(
    add_account: Add,
    make_youth: Callable[[str], Youth],
    handover: Handover,
    database: Database,
    clock: FakeClock,
    scope: tuple[str, ...],
) -> None:
    add_account("karin", municipalities=("Kinda",))
    staff_id = add_account("linda", municipalities=scope)
    visitor = visitor_named(staff_id, scope)
    places: tuple[str | None, ...] = ("Motala", "Kinda", "Ydre", None)

    def call_about(place: str | None, risk: str = "none") -> str:
        one = make_youth(f"y{clock().isoformat()}")
        one.send("hej")
        ask(handover, one, municipality=place)
        clock.advance(seconds=1)
        with database.transaction() as session:
            conversation = session.get_one(Conversation, one.conversation.id)
            conversation.risk = risk
            session.add(Alert(kind=AlertKind.DELIVERY, conversation_id=conversation.id, created_at=clock()))
        return one.conversation.id

    call_about("Motala")
    _, few = counted(database, visitor)
    for place in places * 2:
        call_about(place)
    call_about("Kinda", risk="violence")
    offered = call_about("Kinda")
    with database.transaction() as session:
        row = session.scalars(select(Request).where(Request.conversation_id == offered)).one()
        row.state, row.owner, row.transfer_to = "LIVE", "somebody", staff_id
    seen, many = counted(database, visitor)

    assert many == few
    with database.reading() as session:
        wanted = [one.id for one in session.scalars(select(Conversation)) if may_open(session, visitor, one)]
    assert sorted(one for one in seen if one) == sorted(wanted)
    assert len(wanted) == (11 if not scope else 9)


async def test_my_chats_say_whose_move_it_is(
    maria: Browser, youth: Youth, handover: Handover, database: Database
) -> None:
    youth.send("hej")
    ask(handover, youth)
    await maria.post(f"/handovers/{request_of(database, youth).id}/claim")
    assert "Väntar på dig" in await maria.text("/")
    assert "Svara inom 5 min" in await maria.text("/")
    assert "svara inom 5 min" in await maria.text("/chats")

    await maria.post(f"/handovers/{request_of(database, youth).id}/reply", {"text": "hej", "key": "k"})
    assert "Väntar på den unga" in await maria.text("/")


async def test_only_the_counsellor_of_a_meeting_sees_whom_to_call(
    maria: Browser, open_browser: Open, add_account: Add, youth: Youth, database: Database, clock: FakeClock
) -> None:
    youth.send("ring 070-123 45 67")
    booking = Booking(database, clock)
    time = booking.free_times(None)[0]
    booked = booking.book(
        conversation_id=youth.conversation.id,
        municipality="Motala",
        topic="money",
        how=ContactHow.PHONE,
        starts_at=time.starts_at + timedelta(days=1),
        call_me="Alex",
        contact="<phone_number_1>",
        request_key="k",
    )
    assert isinstance(booked, Booked)
    add_account("omar")
    omar = open_browser()
    await omar.sign_in("omar")

    mine, theirs = await maria.text("/bookings"), await omar.text("/bookings")

    assert "Tisdag 24 november" in mine
    assert "12.00 30 min, telefon" in mine
    assert "Alex" in mine
    assert "070" in mine or "+4670" in mine
    assert "med Maria" in theirs
    assert "Alex" not in theirs
    assert "070" not in theirs
    assert "pengar" in theirs
    with database.reading() as session:
        assert list(session.scalars(select(AccessLog.what))) == ["booking"]


async def test_whether_it_helped_is_told_in_numbers_that_point_at_nobody(
    maria: Browser, database: Database, clock: FakeClock
) -> None:
    assert "Efter chattar: ingen har fått frågan." in await maria.text("/")
    answered(database, youths(database, clock, 12), "yes")
    answered(database, youths(database, clock, 2), "no")
    answered(database, youths(database, clock, 3), "yes", about=ReminderKind.AFTER_MEETING)

    page = await maria.text("/")

    assert "lör 1 aug 2026 – lör 31 okt 2026" in page
    assert "Efter chattar Svar Unga Ja visas inte Lite 0 Nej visas inte Svarade inte 0 Fick frågan 14" in page
    assert "Det blev inte av 0 Svarade inte 0 Fick frågan visas inte" in page
