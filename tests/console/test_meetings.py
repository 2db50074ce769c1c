"""The pages of meetings: how I meet, days off, my calendar; what became of a meeting; the plan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest
from sqlalchemy import select

from bot.booking.models import BookingRow, CalendarLink, ContactHow
from bot.booking.service import Booked, Booking
from bot.clock import FakeClock
from bot.console.models import AccessLog, Staff
from bot.conversations.models import OutboundMessage
from bot.db.session import Database
from bot.handover.models import Reason
from bot.handover.service import Handover
from bot.plan import service as plans
from tests.booking.steps import shown, wall
from tests.console.conftest import Browser, words
from tests.conversations.conftest import Youth

SignIn = Callable[..., Awaitable[Browser]]
RULES = {
    "ways": ["phone", "walk"], "minutes": "45", "buffer_minutes": "15", "notice_minutes": "1440",
    "horizon_days": "14", "place": "Storgatan 1", "video_link": "",
}  # fmt: skip


@pytest.fixture
def booking(database: Database, clock: FakeClock) -> Booking:
    return Booking(database, clock)


@pytest.fixture
def sign_in(open_browser: Callable[[], Browser], add_account: Callable[..., str]) -> SignIn:
    """Sign somebody else in."""

    async def enter(name: str, *roles: str, municipalities: tuple[str, ...] = ()) -> Browser:
        add_account(name, *roles, municipalities=municipalities)
        browser = open_browser()
        await browser.sign_in(name)
        return browser

    return enter


def book(booking: Booking, conversation: str, at: str, how: ContactHow = ContactHow.PHONE) -> Booked:
    booked = booking.book(
        conversation_id=conversation, municipality="Motala", topic="", how=how, starts_at=wall(at), call_me="Räven",
        contact=None, request_key=at,
    )  # fmt: skip
    assert isinstance(booked, Booked)
    return booked


async def test_rules_are_set_and_decide_what_youths_are_offered(maria: Browser, booking: Booking) -> None:
    page = await maria.post("/availability", RULES, on="/availability")
    assert page.status_code == 303
    assert booking.ways("Motala") == (ContactHow.PHONE, ContactHow.WALK)
    [first] = booking.free_times("Motala", 1)
    assert (first.minutes, first.starts_at) == (45, wall("2026-11-24T10:00"))
    assert "Storgatan 1" in (await maria.get("/availability")).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ways": []}, "minst ett sätt"),
        ({"minutes": "7"}, "alternativen i listorna"),
        ({"minutes": "x"}, "alternativen i listorna"),
        ({"video_link": "javascript:alert(1)"}, "https://"),
        ({"place": "x" * 201}, "högst 200 tecken"),
    ],
)
async def test_rules_that_cannot_be_are_refused_with_a_reason(
    maria: Browser, booking: Booking, wrong: dict[str, object], said: str
) -> None:
    page = await maria.post("/availability", {**RULES, **wrong}, on="/availability")
    assert page.status_code == 422
    assert said in words(page)
    assert ContactHow.VIDEO in booking.ways("Motala"), "nothing was changed"


@pytest.mark.parametrize(
    ("form", "first"),
    [
        ({"kind": "away", "first_day": "2026-11-23", "last_day": "2026-11-24"}, "Wed 09:00 Maria"),
        ({"kind": "no_meetings", "first_day": "2026-11-23"}, "Tue 09:00 Maria"),
        ({"kind": "no_meetings", "first_day": "2026-11-23", "starts": "9.00", "ends": "13.00"}, "Mon 13:00 Maria"),
        (
            {"kind": "away", "first_day": "2026-11-23", "last_day": "2026-11-24", "starts": "12:00", "ends": "10:00"},
            "Tue 10:00 Maria",
        ),
    ],
)
async def test_days_off_are_not_offered_until_they_are_taken_away_again(
    maria: Browser, booking: Booking, form: dict[str, object], first: str
) -> None:
    await maria.post("/availability/exceptions", form, on="/availability")
    assert shown(booking.free_times(None, 1)) == [first]

    page = await maria.get("/availability")
    [address] = {part.split('"')[0] for part in page.text.split('action="/console') if "/remove" in part.split('"')[0]}
    await maria.post(address, on="/availability")
    assert shown(booking.free_times(None, 1)) == ["Mon 12:00 Maria"]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"first_day": ""}, "Välj en dag"),
        ({"first_day": "2026-11-24", "last_day": "2026-11-23"}, "Sista dagen"),
        ({"first_day": "2026-11-20"}, "inte ha varit"),
        ({"first_day": "2026-11-24", "starts": "09:00"}, "både från och till"),
        ({"first_day": "2026-11-24", "starts": "12:00", "ends": "09:00"}, "senare än starttiden"),
        ({"first_day": "2026-11-24", "starts": "nio", "ends": "tio"}, "tider som 09:00"),
        ({"first_day": "2026-11-24", "kind": "extra"}, "både från och till"),
        ({"first_day": "2026-11-24", "kind": "x"}, "ett av alternativen"),
    ],
)
async def test_an_exception_that_cannot_be_is_refused_with_a_reason(
    maria: Browser, form: dict[str, object], said: str
) -> None:
    page = await maria.post("/availability/exceptions", form, on="/availability")
    assert page.status_code == 422
    assert said in words(page)


async def test_weekly_hours_are_set_on_the_same_page_and_days_off_are_shown_as_days(
    maria: Browser, booking: Booking
) -> None:
    hours = {"starts_2_0": "13:00", "ends_2_0": "15:00"}
    page = await maria.post("/availability/hours", hours, on="/availability")
    assert page.headers["location"] == "/console/availability?said=hours"
    assert shown(booking.free_times(None, 1)) == ["Wed 13:00 Maria"]
    wrong = await maria.post("/availability/hours", {"starts_2_0": "13:00"}, on="/availability")
    assert wrong.status_code == 422

    await maria.post(
        "/availability/exceptions", {"kind": "away", "first_day": "2026-12-21", "last_day": "2027-01-06"},
        on="/availability",
    )  # fmt: skip
    assert "mån 21 dec 2026 – ons 6 jan 2027" in await maria.text("/availability")


async def test_somebody_elses_exception_cannot_be_taken_away(maria: Browser, sign_in: SignIn, booking: Booking) -> None:
    await maria.post("/availability/exceptions", {"kind": "away", "first_day": "2026-11-23"}, on="/availability")
    page = await maria.get("/availability")
    [address] = {part.split('"')[0] for part in page.text.split('action="/console') if "/remove" in part.split('"')[0]}
    omar = await sign_in("omar", "counsellor")
    assert (await omar.post(address, on="/availability")).status_code == 404


async def test_the_feeds_address_is_made_changed_and_taken_away(maria: Browser, database: Database) -> None:
    async def address() -> str:
        with database.reading() as session:
            return session.scalars(select(CalendarLink.feed_token)).one() or ""

    await maria.post("/availability/feed", {"what": "rotate"}, on="/availability")
    first = await address()
    assert f"http://console.test/calendar/staff/{first}.ics" in (await maria.get("/availability")).text
    await maria.post("/availability/feed", {"what": "rotate"}, on="/availability")
    assert await address() not in ("", first)
    await maria.post("/availability/feed", {"what": "close"}, on="/availability")
    assert await address() == ""


async def test_a_calendar_address_that_cannot_be_is_refused_and_a_fault_is_shown(
    maria: Browser, database: Database
) -> None:
    page = await maria.post("/availability/import", {"what": "set", "url": "http://x.test/a.ics"}, on="/availability")
    assert page.status_code == 422
    assert "https://" in words(page)

    await maria.post("/availability/import", {"what": "set", "url": "https://x.test/a.ics"}, on="/availability")
    assert "läses inom en minut" in await maria.text("/availability")
    with database.transaction() as session:
        session.scalars(select(CalendarLink)).one().import_fault = "refused"
    assert "inte delad" in await maria.text("/availability")


async def test_what_became_of_a_meeting_is_noted_by_its_counsellor_only(
    maria: Browser, sign_in: SignIn, booking: Booking, youth: Youth, clock: FakeClock, database: Database
) -> None:
    youth.send("hej")
    booked = book(booking, youth.conversation.id, "2026-11-24T10:00")
    path = f"/bookings/{booked.booking_id}/outcome"
    assert (await maria.post(path, {"outcome": "not_come"}, on="/availability")).status_code == 404, "not over yet"

    clock.now = wall("2026-11-24T10:45")
    await maria.sign_in("maria")
    assert "Blev inte av" in await maria.text("/bookings")
    omar = await sign_in("omar", "counsellor")
    assert (await omar.post(path, {"outcome": "came"}, on="/availability")).status_code == 404
    assert (await maria.post(path, {"outcome": "x"}, on="/availability")).status_code == 422
    assert (await maria.post(path, {"outcome": "not_come"}, on="/bookings")).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(BookingRow.outcome)).one() == "not_come"


async def test_a_meeting_that_a_counsellor_cancels_is_told_and_free_again(
    maria: Browser, booking: Booking, youth: Youth
) -> None:
    youth.send("hej")
    booked = book(booking, youth.conversation.id, "2026-11-24T10:00")
    page: httpx.Response = await maria.post(f"/bookings/{booked.booking_id}/cancel", on="/bookings")
    assert page.status_code == 303
    said = youth.outbox()[-1]
    assert said.text == "Din tid i morgon kl. 10.00 blir inte av. Det beror på oss, inte på dig. Vill du ta en ny tid?"
    assert booking.current(youth.conversation.id) is None
    assert (await maria.post(f"/bookings/{booked.booking_id}/cancel", on="/bookings")).status_code == 409


async def test_the_plan_is_shared_and_the_youth_hears_of_a_new_step_once_and_not_at_night(
    maria: Browser, youth: Youth, clock: FakeClock, database: Database
) -> None:
    youth.send("hej")
    path = f"/plans/{youth.conversation.id}"
    clock.now = wall("2026-11-23T22:30")
    await maria.sign_in("maria")
    await maria.post(f"{path}/goal", {"goal": "bli elektriker"}, on=path)
    for step in ("leta fram betygen", "skriv en fråga"):
        assert (await maria.post(f"{path}/steps", {"step": step}, on=path)).status_code == 303
    shown_page = await maria.text(path)
    assert "bli elektriker" in shown_page
    assert "leta fram betygen" in shown_page

    with database.reading() as session:
        told = session.scalars(select(OutboundMessage).where(OutboundMessage.key.startswith("plan:"))).all()
    assert [(row.text, row.due_at) for row in told] == [
        ("Maria har lagt till ett litet steg till dig. Du väljer själv om det passar.", wall("2026-11-24T08:00"))
    ]
    assert (await maria.post(f"{path}/steps/1", {"done": "1"}, on=path)).status_code == 303
    assert "Ångra" in await maria.text(path)
    assert (await maria.post(f"{path}/steps/9", {"done": "1"}, on=path)).status_code == 404
    assert (await maria.post(f"{path}/steps", {"step": " "}, on=path)).status_code == 422


async def test_a_plan_of_another_municipality_is_not_shown(sign_in: SignIn, youth: Youth, handover: Handover) -> None:
    youth.send("hej")
    conversation = youth.conversation.id
    handover.request(conversation_id=conversation, reason=Reason.ASKED, request_key="k", municipality="Motala")
    await sign_in("linda", "counsellor", municipalities=("Motala",))
    karin = await sign_in("karin", "counsellor", municipalities=("Kinda",))
    assert (await karin.get(f"/plans/{conversation}")).status_code == 404
    assert (await karin.post(f"/plans/{conversation}/goal", {"goal": "x"}, on="/availability")).status_code == 404
    linda = await sign_in("lena", "counsellor", municipalities=("Motala",))
    assert (await linda.get(f"/plans/{conversation}")).status_code == 200


async def test_only_the_chats_counsellor_reads_names_and_numbers_of_a_plan_and_that_is_noted(
    maria: Browser, sign_in: SignIn, youth: Youth, handover: Handover, database: Database, clock: FakeClock
) -> None:
    youth.send("ring 070-123 45 67")
    conversation = youth.conversation.id
    path = f"/plans/{conversation}"
    with database.transaction() as session:
        plans.add_step(session, conversation, "ringa <phone_number_1>", plans.YOUTH, clock())
    await maria.post(f"{path}/goal", {"goal": "träffa Gunilla Lindqvist"}, on=path)
    await maria.post(f"{path}/steps", {"step": "fråga 070-999 88 77"}, on=path)
    handover.request(conversation_id=conversation, reason=Reason.ASKED, request_key="k")
    await maria.post(f"/handovers/{handover.queue([])[0].handover_id}/claim")
    linda = await sign_in("linda")

    others, own = await linda.text(path), await maria.text(path)
    for part in ("träffa <person_name_1>", "ringa <phone_number_1>", "fråga <phone_number_2>"):
        assert part in others
    raw = (await linda.get(path)).text
    assert "070" not in raw
    assert "Gunilla" not in raw
    for part in ("träffa Gunilla Lindqvist", "ringa +46701234567", "fråga 070-999 88 77"):
        assert part in own
    with database.reading() as session:
        rows = session.execute(
            select(Staff.username, AccessLog.what).join(Staff, Staff.id == AccessLog.staff_id).order_by(AccessLog.at)
        )
        seen = set(rows.tuples())
    assert {("linda", "plan"), ("maria", "plan_real")} <= seen
    assert ("linda", "plan_real") not in seen
    dina = await sign_in("dina", "dpo")
    page = await dina.text("/openings?filter=real")
    assert "planen, med namn och nummer" in page
    assert "planen, utan namn och nummer" not in page
