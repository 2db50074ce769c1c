"""What calendars see of our meetings: the same UID through moves, a rising SEQUENCE, and nothing that tells who."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import icalendar
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.applications import Starlette

from bot.booking.models import BookingRow, CalendarLink, ContactHow
from bot.booking.service import Booked, Booking
from bot.calendars import export
from bot.channels.calendar import create_routes
from bot.clock import FakeClock
from bot.console.accounts import change_staff, reset_password
from bot.console.dpo_pages import REAL
from bot.console.models import AccessLog, Staff
from bot.console.words import ACCESS
from bot.db.session import Database
from tests.booking.steps import book, wall

Add = Callable[..., str]


def events(content: bytes | None) -> list[dict[str, object]]:
    assert content is not None
    found = []
    for event in icalendar.Calendar.from_ical(content).walk("VEVENT"):
        found.append({
            "uid": str(event["UID"]), "sequence": int(event["SEQUENCE"]), "status": str(event["STATUS"]),
            "starts": event["DTSTART"].dt, "summary": str(event["SUMMARY"]), "class": str(event["CLASS"]),
        })  # fmt: skip
    return found


@pytest.fixture
def seen(database: Database, clock: FakeClock) -> Callable[[str], list[dict[str, object]]]:
    """Return what a feed shows."""

    def look(token: str) -> list[dict[str, object]]:
        return events(export.feed(database, token, clock()))

    return look


@pytest.fixture
def feed_of(database: Database) -> Callable[..., str]:
    """Open a counsellor's feed; returns its token."""

    def make(staff_id: str, *, discreet: bool = True) -> str:
        with database.transaction() as session:
            export.link_of(session, staff_id).discreet = discreet
            return export.rotate(session, staff_id)

    return make


def test_a_moved_meeting_keeps_its_name_and_a_cancelled_one_is_taken_away(
    booking: Booking, add_counsellor: Add, add_conversation: Add, feed_of: Add, seen: Callable, clock: FakeClock
) -> None:
    token = feed_of(add_counsellor("Maria"))
    youth = add_conversation()
    book(booking, youth, wall("2026-11-24T10:00"), "k")
    [first] = seen(token)
    assert (first["sequence"], first["status"], first["starts"]) == (0, "CONFIRMED", wall("2026-11-24T10:00"))

    booking.move(youth, wall("2026-11-25T11:00"), "m")
    [moved] = seen(token)
    assert moved["uid"] == first["uid"]
    assert (moved["sequence"], moved["status"], moved["starts"]) == (1, "CONFIRMED", wall("2026-11-25T11:00"))

    booking.cancel(youth, "c")
    [gone] = seen(token)
    assert (gone["uid"], gone["sequence"], gone["status"]) == (first["uid"], 2, "CANCELLED")


def test_a_meeting_that_moves_on_to_a_colleague_leaves_the_first_calendar(
    booking: Booking, add_counsellor: Add, add_conversation: Add, feed_of: Add, seen: Callable
) -> None:
    anna = feed_of(add_counsellor("Anna", "1 09:00-12:00"))
    bo = feed_of(add_counsellor("Bo", "2 09:00-12:00"))
    youth = add_conversation()
    book(booking, youth, wall("2026-11-24T10:00"), "k")
    moved = booking.move(youth, wall("2026-11-25T10:00"), "m")
    assert isinstance(moved, Booked)

    [old], [new] = seen(anna), seen(bo)
    assert old["uid"] == new["uid"]
    assert (old["status"], new["status"]) == ("CANCELLED", "CONFIRMED")
    assert old["sequence"] == new["sequence"] == 1


def test_a_discreet_feed_names_nobody_and_another_one_the_nickname(
    booking: Booking, add_counsellor: Add, add_conversation: Add, feed_of: Add, seen: Callable
) -> None:
    maria = add_counsellor("Maria")
    book(booking, add_conversation(), wall("2026-11-24T10:00"), "k", call_me="Räven", topic="CANARY")
    [event] = seen(feed_of(maria))
    assert (event["summary"], event["class"]) == ("Möte", "PRIVATE")
    [event] = seen(feed_of(maria, discreet=False))
    assert event["summary"] == "Möte: Räven"


async def test_the_address_is_a_secret_that_can_be_changed_and_taken_away(
    booking: Booking, add_counsellor: Add, add_conversation: Add, feed_of: Add, database: Database, clock: FakeClock
) -> None:
    maria = add_counsellor("Maria")
    book(booking, add_conversation(), wall("2026-11-24T10:00"), "k", topic="CANARY", call_me="Räven")
    services = _Services(database, clock)
    app = Starlette(routes=create_routes(services))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://bot.test") as http:
        old = feed_of(maria)
        page = await http.get(f"/calendar/staff/{old}.ics")
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/calendar; charset=utf-8"
        assert page.headers["cache-control"] == "no-store"
        assert "set-cookie" not in page.headers
        assert "CANARY" not in page.text
        assert "Räven" not in page.text

        new = feed_of(maria)
        assert (await http.get(f"/calendar/staff/{old}.ics")).status_code == 404
        assert (await http.get(f"/calendar/staff/{new}.ics")).status_code == 200
        with database.transaction() as session:
            export.close(session, maria)
        assert (await http.get(f"/calendar/staff/{new}.ics")).status_code == 404
        for token in ("", "x", "%00", "a" * 5000):
            assert (await http.get(f"/calendar/staff/{token}.ics")).status_code == 404


@pytest.mark.parametrize("change", [{"active": False}, {"roles": ["reviewer"]}])
def test_the_feed_of_who_may_see_no_bookings_shows_nothing(
    booking: Booking, add_counsellor: Add, add_conversation: Add, feed_of: Add, database: Database, clock: FakeClock,
    change: dict[str, object],
) -> None:  # fmt: skip
    maria = add_counsellor("Maria")
    book(booking, add_conversation(), wall("2026-11-24T10:00"), "k", call_me="Räven")
    token = feed_of(maria, discreet=False)
    assert export.feed(database, token, clock()) is not None

    with database.transaction() as session:
        for name, value in change.items():
            setattr(session.get_one(Staff, maria), name, value)
    assert export.feed(database, token, clock()) is None


def lose_the_role(session: Session, staff: Staff) -> None:
    change_staff(session, staff, display_name="Maria", roles=["reviewer"], municipalities=[], active=True)


def close_the_account(session: Session, staff: Staff) -> None:
    change_staff(session, staff, display_name="Maria", roles=["counsellor"], municipalities=[], active=False)


def reset(session: Session, staff: Staff) -> None:
    reset_password(session, staff, "-")


@pytest.mark.parametrize("end", [lose_the_role, close_the_account, reset])
def test_the_feed_stays_closed_when_the_account_is_given_back(
    add_counsellor: Add, feed_of: Add, database: Database, clock: FakeClock, end: Callable[[Session, Staff], object]
) -> None:
    add_counsellor("Ada", role="admin")
    maria = add_counsellor("Maria")
    token = feed_of(maria)
    with database.transaction() as session:
        end(session, session.get_one(Staff, maria))
        staff = session.get_one(Staff, maria)
        change_staff(session, staff, display_name="Maria", roles=["counsellor"], municipalities=[], active=True)

    assert export.feed(database, token, clock()) is None
    with database.reading() as session:
        assert session.get_one(CalendarLink, maria).feed_token is None


def test_names_in_a_feed_stand_in_the_access_log_once_a_day(
    booking: Booking, add_counsellor: Add, add_conversation: Add, feed_of: Add, seen: Callable, database: Database,
    clock: FakeClock,
) -> None:  # fmt: skip
    maria, youth = add_counsellor("Maria"), add_conversation()
    book(booking, youth, wall("2026-11-24T10:00"), "k", call_me="Räven")

    def rows() -> list[tuple[str, str, str]]:
        with database.reading() as session:
            found = session.execute(select(AccessLog.staff_id, AccessLog.conversation_id, AccessLog.what))
            return list(found.tuples())

    seen(feed_of(maria))
    assert rows() == [], "a discreet feed shows nobody"
    named = feed_of(maria, discreet=False)
    for _ in range(3):
        seen(named)
        clock.advance(minutes=15)
    assert rows() == [(maria, youth, "calendar_real")]
    clock.advance(days=1)
    seen(named)
    assert rows() == [(maria, youth, "calendar_real")] * 2
    assert "calendar_real" in ACCESS
    assert "calendar_real" in REAL


async def test_a_youths_file_follows_the_meeting_and_says_only_when(
    booking: Booking, add_counsellor: Add, add_conversation: Add, database: Database, clock: FakeClock
) -> None:
    add_counsellor("Maria")
    youth = add_conversation()
    book(booking, youth, wall("2026-11-24T10:00"), "k", how=ContactHow.MEET)
    with database.reading() as session:
        token = session.query(BookingRow.token).scalar()
    booking.move(youth, wall("2026-11-25T11:00"), "m")
    app = Starlette(routes=create_routes(_Services(database, clock)))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://bot.test") as http:
        page = await http.get(f"/calendar/meeting/{token}.ics")
    [event] = events(page.content)
    assert (event["starts"], event["summary"]) == (wall("2026-11-25T11:00"), "Tid")
    for word in ("Maria", "komvux", "Motala", "person_name"):
        assert word not in page.text


class _Services:
    """What the routes need of the program's parts."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.db, self.clock = database, clock
        self.settings = type("Settings", (), {"public_url": "https://bot.test"})
