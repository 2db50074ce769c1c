"""Booking, moving and cancelling a meeting, alone and in a crowd."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.booking.models import ContactHow
from bot.booking.service import Booked, Booking, NobodyAvailable, Taken
from bot.clock import FakeClock
from bot.db.session import Database
from bot.errors import ConversationErased
from tests.booking.steps import book, shown, standing, wall

Add = Callable[..., str]


def test_a_booking_says_what_was_agreed_and_keeps_it_encrypted(
    booking: Booking, add_counsellor: Add, add_conversation: Add, database: Database
) -> None:
    add_counsellor("Maria")
    youth = add_conversation()

    booked = book(booking, youth, wall("2026-11-24T10:00"), "k", topic="CANARY topic")

    assert isinstance(booked, Booked)
    assert (booked.counsellor_name, booked.how, booked.municipality) == ("Maria", ContactHow.PHONE, "Motala")
    assert booking.current(youth) == booked
    meeting = booking.upcoming()[0]
    assert (meeting.topic, meeting.call_me, meeting.contact) == ("CANARY topic", "<person_name_1>", "<phone_number_1>")
    with database.engine.connect() as connection:
        raw = connection.exec_driver_sql("SELECT topic, call_me, contact FROM booking").one()
    assert b"CANARY" not in bytes(raw[0])


def test_a_repeated_turn_books_once(
    booking: Booking, add_counsellor: Add, add_conversation: Add, database: Database
) -> None:
    add_counsellor("Maria")
    youth = add_conversation()

    results = {book(booking, youth, wall("2026-11-24T10:00"), "turn") for _ in range(3)}

    assert len(results) == 1
    assert standing(database) == 1


def test_a_double_tap_on_the_same_time_books_once(
    booking: Booking, add_counsellor: Add, add_conversation: Add, database: Database
) -> None:
    add_counsellor("Anna")
    add_counsellor("Bo")
    youth = add_conversation()

    assert book(booking, youth, wall("2026-11-24T10:00"), "a") == book(booking, youth, wall("2026-11-24T10:00"), "b")
    assert standing(database) == 1


def test_a_taken_time_gets_the_closest_free_ones_as_answer(
    booking: Booking, add_counsellor: Add, add_conversation: Add
) -> None:
    add_counsellor("Maria", "1 09:00-12:00")
    book(booking, add_conversation(), wall("2026-11-24T10:00"), "a")

    result = book(booking, add_conversation(), wall("2026-11-24T10:00"), "b")

    assert isinstance(result, Taken)
    assert shown(result.next_free) == ["Tue 09:00 Maria", "Tue 09:30 Maria", "Tue 10:30 Maria"]


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-23T10:30",
        "2026-11-20T10:00",
        "2026-11-24T20:00",
        "2026-11-24T10:10",
        "2026-12-24T10:00",
        "2027-11-24T10:00",
    ],
)
def test_a_time_outside_the_hours_cannot_be_booked(
    booking: Booking, add_counsellor: Add, add_conversation: Add, database: Database, at: str
) -> None:
    add_counsellor("Maria")

    assert isinstance(book(booking, add_conversation(), wall(at), "k"), Taken)
    assert standing(database) == 0


def test_where_nobody_covers_the_municipality_that_is_the_answer(
    booking: Booking, add_counsellor: Add, add_conversation: Add
) -> None:
    add_counsellor("Karin", municipalities=("Kinda",))
    assert book(booking, add_conversation(), wall("2026-11-24T10:00"), "k") == NobodyAvailable()


def test_an_erased_conversation_cannot_book(booking: Booking, add_counsellor: Add) -> None:
    add_counsellor("Maria")
    with pytest.raises(ConversationErased):
        book(booking, "gone", wall("2026-11-24T10:00"), "k")


def test_of_fifty_who_want_one_time_exactly_one_gets_it(
    booking: Booking, add_counsellor: Add, add_conversation: Add, database: Database
) -> None:
    add_counsellor("Maria")
    youths = [add_conversation() for _ in range(50)]

    with ThreadPoolExecutor(25) as pool:
        results = list(pool.map(lambda youth: book(booking, youth, wall("2026-11-24T10:00"), youth), youths))

    assert sum(isinstance(result, Booked) for result in results) == 1
    assert sum(isinstance(result, Taken) for result in results) == 49
    assert standing(database) == 1


def test_two_counsellors_give_the_same_time_twice_and_no_more(
    booking: Booking, add_counsellor: Add, add_conversation: Add, database: Database
) -> None:
    add_counsellor("Anna")
    add_counsellor("Bo")
    youths = [add_conversation() for _ in range(12)]

    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(lambda youth: book(booking, youth, wall("2026-11-24T10:00"), youth), youths))

    names = sorted(result.counsellor_name for result in results if isinstance(result, Booked))
    assert names == ["Anna", "Bo"]
    assert standing(database) == 2


def test_a_cancelled_time_is_free_again_at_once(
    booking: Booking, add_counsellor: Add, add_conversation: Add, database: Database
) -> None:
    add_counsellor("Maria")
    youth = add_conversation()
    booked = book(booking, youth, wall("2026-11-24T10:00"), "k")

    assert booking.cancel(youth, "c") == booked
    assert booking.cancel(youth, "c") == booked, "a repeated turn says the same again"
    assert booking.cancel(youth, "c2") is None
    assert booking.current(youth) is None
    assert isinstance(book(booking, add_conversation(), wall("2026-11-24T10:00"), "other"), Booked)


def test_cancelling_nothing_is_told_so(booking: Booking, add_conversation: Add) -> None:
    assert booking.cancel(add_conversation(), "c") is None
    assert booking.move(add_conversation(), wall("2026-11-24T10:00"), "m") is None


def test_a_moved_meeting_stays_with_its_counsellor_and_frees_the_old_time(
    booking: Booking, add_counsellor: Add, add_conversation: Add, database: Database
) -> None:
    add_counsellor("Anna")
    add_counsellor("Bo")
    youth = add_conversation()
    first = book(booking, youth, wall("2026-11-24T10:00"), "k")
    assert isinstance(first, Booked)

    moved = booking.move(youth, wall("2026-11-25T11:00"), "m")

    assert isinstance(moved, Booked)
    assert moved.counsellor_name == first.counsellor_name
    assert booking.move(youth, wall("2026-11-25T11:00"), "m") == moved
    assert booking.current(youth) == moved
    assert standing(database) == 1


def test_when_the_new_time_is_taken_the_old_one_stands(
    booking: Booking, add_counsellor: Add, add_conversation: Add, database: Database
) -> None:
    add_counsellor("Maria")
    youth = add_conversation()
    first = book(booking, youth, wall("2026-11-24T10:00"), "k")
    book(booking, add_conversation(), wall("2026-11-24T11:00"), "other")

    assert isinstance(booking.move(youth, wall("2026-11-24T11:00"), "m"), Taken)
    assert booking.current(youth) == first
    assert standing(database) == 2


def test_a_meeting_counts_until_it_is_over(
    booking: Booking, add_counsellor: Add, add_conversation: Add, clock: FakeClock
) -> None:
    add_counsellor("Maria")
    youth = add_conversation()
    book(booking, youth, wall("2026-11-24T10:00"), "k")

    clock.now = wall("2026-11-24T10:29")
    assert booking.current(youth) is not None
    clock.now = wall("2026-11-24T10:30")
    assert booking.current(youth) is None
    assert booking.upcoming() == ()


def test_the_list_of_meetings_keeps_to_the_municipalities_of_the_reader(
    booking: Booking, add_counsellor: Add, add_conversation: Add
) -> None:
    maria = add_counsellor("Maria")
    book(booking, add_conversation(), wall("2026-11-24T10:00"), "a")
    book(booking, add_conversation(), wall("2026-11-24T11:00"), "b", municipality="Kinda")

    assert [meeting.municipality for meeting in booking.upcoming(["Kinda"])] == ["Kinda"]
    assert len(booking.upcoming(staff_id=maria)) == 2
