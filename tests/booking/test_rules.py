"""What a counsellor has set decides when they can be met: length, pause, notice, ways, days off, own calendar."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from bot.booking.availability import set_rules
from bot.booking.hours import Span
from bot.booking.models import AvailabilityException, BookingCell, BookingRow, BusySpan, ContactHow
from bot.booking.rules import Rules, TimeWindow, cells_of, without
from bot.booking.service import Booked, Booking, NobodyAvailable, Taken
from bot.clock import FakeClock
from bot.db.session import Database
from tests.booking.steps import book, shown, standing, wall

Add = Callable[..., str]
TUESDAY = date(2026, 11, 24)


@pytest.fixture
def set_up(database: Database, add_counsellor: Add) -> Callable[..., str]:
    """Add a counsellor who is there on Tuesdays 9 to 12, with these rules."""

    def add(name: str = "Maria", hours: str = "1 09:00-12:00", **rules: object) -> str:
        staff_id = add_counsellor(name, hours)
        with database.transaction() as session:
            set_rules(session, staff_id, replace(Rules(), **rules))  # type: ignore[arg-type]
        return staff_id

    return add


def add(database: Database, row: BookingCell) -> None:
    with database.transaction() as session:
        session.add(row)


def except_on(database: Database, staff_id: str, first: date, *, last: date | None = None, at: str = "", away: bool):
    starts, _, ends = at.partition("-")
    with database.transaction() as session:
        session.add(
            AvailabilityException(
                staff_id=staff_id, first_day=first, last_day=last or first, starts=starts or None, ends=ends or None,
                away=away,
            )
        )  # fmt: skip


def test_a_long_meeting_with_a_pause_keeps_the_next_one_away(
    booking: Booking, set_up: Add, add_conversation: Add
) -> None:
    set_up(minutes=45, buffer_minutes=15)
    booked = book(booking, add_conversation(), wall("2026-11-24T09:30"), "k")

    assert isinstance(booked, Booked)
    assert booked.minutes == 45
    # Not 9.00 (it would run into it), not 10.00 (the meeting), but from 10.30.
    assert shown(booking.free_times(None, limit=2)) == ["Tue 10:30 Maria", "Tue 11:00 Maria"]
    assert isinstance(book(booking, add_conversation(), wall("2026-11-24T10:00"), "k2"), Taken)


def test_a_meeting_fits_into_the_hours_and_the_pause_need_not(booking: Booking, set_up: Add) -> None:
    set_up(minutes=60, buffer_minutes=30)
    starts = {time.starts_at for time in booking.free_times(None, limit=99)}
    assert wall("2026-11-24T11:00") in starts
    assert wall("2026-11-24T11:30") not in starts


def test_notice_and_horizon_are_the_counsellors_own(booking: Booking, set_up: Add) -> None:
    set_up(notice_minutes=48 * 60, horizon_days=10)
    assert booking.free_times(None, limit=99)[0].starts_at == wall("2026-12-01T09:00")
    assert {time.starts_at.date() for time in booking.free_times(None, limit=99)} == {date(2026, 12, 1)}


def test_only_who_meets_so_is_offered(booking: Booking, set_up: Add, add_conversation: Add) -> None:
    set_up("Anna", ways=(ContactHow.PHONE,))
    set_up("Bo", "1 13:00-14:00", ways=(ContactHow.WALK,), place="Vid Motala ström")
    assert booking.ways("Motala") == (ContactHow.PHONE, ContactHow.WALK)
    assert shown(booking.free_times(None, limit=1, how=ContactHow.WALK)) == ["Tue 13:00 Bo"]
    walk = book(booking, add_conversation(), wall("2026-11-24T13:00"), "k", how=ContactHow.WALK)
    assert isinstance(walk, Booked)
    assert (walk.counsellor_name, walk.where) == ("Bo", "Vid Motala ström")
    assert isinstance(
        book(booking, add_conversation(), wall("2026-11-24T10:00"), "v", how=ContactHow.VIDEO), NobodyAvailable
    )


def test_days_off_and_extra_hours_change_the_week(booking: Booking, set_up: Add, database: Database) -> None:
    maria = set_up()
    except_on(database, maria, TUESDAY, at="09:00-11:00", away=True)
    except_on(database, maria, date(2026, 11, 28), at="10:00-10:30", away=False)
    except_on(database, maria, date(2026, 11, 30), last=date(2026, 12, 4), away=True)

    assert shown(booking.free_times(None, limit=4)) == [
        "Tue 11:00 Maria", "Tue 11:30 Maria", "Sat 10:00 Maria", "Tue 09:00 Maria",
    ]  # fmt: skip
    assert booking.free_times(None, limit=4)[-1].starts_at == wall("2026-12-08T09:00")


def test_what_stands_in_their_own_calendar_is_not_offered(
    booking: Booking, set_up: Add, database: Database, add_conversation: Add
) -> None:
    maria = set_up()
    with database.transaction() as session:
        session.add(BusySpan(staff_id=maria, starts_at=wall("2026-11-24T09:10"), ends_at=wall("2026-11-24T11:05")))

    assert shown(booking.free_times(None, limit=1)) == ["Tue 11:30 Maria"]
    assert isinstance(book(booking, add_conversation(), wall("2026-11-24T09:00"), "k"), Taken)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (TimeWindow(TUESDAY, TUESDAY), "Tue 09:00 Maria"),
        (TimeWindow(TUESDAY, TUESDAY, time(10), time(12)), "Tue 10:00 Maria"),
        (TimeWindow(starts=time(11)), "Tue 11:00 Maria"),
        (TimeWindow(date(2026, 11, 25), date(2026, 11, 30)), None),
    ],
)
def test_a_part_of_a_day_is_searched_in_swedish_time(
    booking: Booking, set_up: Add, window: TimeWindow, expected: str | None
) -> None:
    set_up()
    assert shown(booking.free_times(None, limit=1, window=window)) == ([expected] if expected else [])


def test_the_database_itself_refuses_meetings_that_overlap(
    booking: Booking, set_up: Add, add_conversation: Add, database: Database
) -> None:
    maria = set_up(minutes=60)
    book(booking, add_conversation(), wall("2026-11-24T09:00"), "k")

    with database.reading() as session:
        other = session.scalars(select(BookingRow.id)).one()
    cell = BookingCell(staff_id=maria, cell=cells_of(wall("2026-11-24T09:45"), 15).start, booking_id=other)
    with pytest.raises(IntegrityError):
        add(database, cell)


def test_of_many_who_want_overlapping_times_no_two_meetings_overlap(
    booking: Booking, set_up: Add, add_conversation: Add, database: Database
) -> None:
    set_up(minutes=60, buffer_minutes=15)
    wanted = [wall("2026-11-24T09:00") + timedelta(minutes=30 * (number % 5)) for number in range(30)]
    youths = [add_conversation() for _ in wanted]

    with ThreadPoolExecutor(15) as pool:
        list(pool.map(lambda pair: book(booking, pair[0], pair[1], pair[0]), zip(youths, wanted, strict=True)))

    with database.reading() as session:
        starts = sorted(session.scalars(select(BookingRow.starts_at).where(BookingRow.state == "booked")))
    assert all(later - earlier >= timedelta(minutes=75) for earlier, later in pairwise(starts))
    assert len(starts) >= 1


def test_a_meeting_can_be_moved_by_half_of_its_length_and_frees_the_rest(
    booking: Booking, set_up: Add, add_conversation: Add, database: Database
) -> None:
    set_up(minutes=60)
    youth = add_conversation()
    book(booking, youth, wall("2026-11-24T09:00"), "k")

    assert isinstance(booking.move(youth, wall("2026-11-24T09:30"), "m"), Booked)
    assert shown(booking.free_times(None, limit=1)) == ["Tue 10:30 Maria"]
    with database.reading() as session:
        rows = session.scalars(select(BookingRow).order_by(BookingRow.created_at, BookingRow.sequence)).all()
        assert len({(row.uid, row.token) for row in rows}) == 1, "calendars know it as the same meeting"
        assert sorted(row.sequence for row in rows) == [0, 1]
        assert session.scalar(select(func.count()).select_from(BookingCell)) == 4


def test_when_a_move_is_refused_the_old_time_stays_taken(
    booking: Booking, set_up: Add, add_conversation: Add, database: Database
) -> None:
    set_up()
    youth = add_conversation()
    book(booking, youth, wall("2026-11-24T09:00"), "k")

    assert isinstance(booking.move(youth, wall("2026-11-24T15:00"), "m"), Taken)
    assert isinstance(book(booking, add_conversation(), wall("2026-11-24T09:00"), "other"), Taken)
    assert standing(database) == 1


def test_rules_that_change_leave_meetings_that_stand(
    booking: Booking, set_up: Add, add_conversation: Add, database: Database, clock: FakeClock
) -> None:
    maria = set_up(minutes=60)
    youth = add_conversation()
    book(booking, youth, wall("2026-11-24T09:00"), "k")
    with database.transaction() as session:
        set_rules(session, maria, Rules(minutes=20))

    standing_meeting = booking.current(youth)
    assert standing_meeting is not None
    assert standing_meeting.minutes == 60
    clock.now = wall("2026-11-24T09:59")
    assert booking.current(youth) is not None


@pytest.mark.parametrize(
    ("starts", "minutes", "count"), [("09:00", 30, 2), ("09:00", 20, 2), ("09:00", 45, 3), ("09:05", 30, 3)]
)
def test_a_meeting_takes_every_quarter_that_it_touches(starts: str, minutes: int, count: int) -> None:
    cells = cells_of(wall(f"2026-11-24T{starts}"), minutes)
    assert len(cells) == count
    assert cells.start == cells_of(wall("2026-11-24T09:00"), 15).start


_instants = st.integers(0, 2000).map(lambda minutes: datetime(2026, 11, 24, tzinfo=UTC) + timedelta(minutes=minutes))
_spans = st.tuples(_instants, st.integers(1, 300)).map(lambda pair: Span(pair[0], pair[0] + timedelta(minutes=pair[1])))


@given(_spans, st.lists(_spans, max_size=6))
def test_what_is_left_of_a_time_holds_no_minute_that_was_taken_out(span: Span, holes: list[Span]) -> None:
    left = without([span], holes)
    minute = span.starts_at
    while minute < span.ends_at:
        taken = any(hole.starts_at <= minute < hole.ends_at for hole in holes)
        assert any(one.starts_at <= minute < one.ends_at for one in left) is not taken
        minute += timedelta(minutes=7)
