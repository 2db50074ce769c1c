"""Who is on duty: opening hours, rota, holidays, absence, signing on and off, the night; timers that pause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.booking.hours import Period, Span
from bot.booking.rota import set_hours
from bot.clock import FakeClock
from bot.console.models import Staff
from bot.db.session import Database
from bot.duty.models import COUNTY
from bot.duty.plan import DutyPlan
from bot.duty.rules import due_after, open_time, within, without
from bot.duty.service import (
    DutyError,
    add_absence,
    follow_rota,
    night_duty,
    remove_absence,
    set_night_duty,
    set_opening_hours,
    sign_off,
    sign_on,
    somebody_answers_now,
)
from tests.handover.conftest import add_counsellor, maria, omar
from tests.handover.steps import stockholm

__all__ = ["add_counsellor", "maria", "omar"]

AddCounsellor = Callable[..., str]
WEEKDAYS = [Period(day, time(9), time(16)) for day in range(5)]


def plan(database: Database, at: str) -> DutyPlan:
    with database.reading() as session:
        return DutyPlan(session, stockholm(at))


def names(people: list[Staff]) -> list[str]:
    return [person.display_name for person in people]


@pytest.mark.parametrize(
    ("at", "here", "opens"),
    [
        ("2026-11-23T08:59", False, "2026-11-23T09:00"),
        ("2026-11-23T09:00", True, "2026-11-24T09:00"),
        ("2026-11-23T16:00", False, "2026-11-24T09:00"),
        ("2026-12-24T10:00", False, "2026-12-28T09:00"),  # Christmas Eve is no holiday by law, and everybody is off
        ("2026-06-19T10:00", False, "2026-06-22T09:00"),  # Midsummer Eve
        ("2027-01-06T10:00", False, "2027-01-07T09:00"),  # Epiphany
        ("2026-10-25T02:30", False, "2026-10-26T09:00"),  # the hour that comes twice
        ("2026-03-29T02:30", False, "2026-03-30T09:00"),  # the hour that never comes
    ],
)
def test_by_default_somebody_is_there_in_office_hours_but_not_on_holidays(
    database: Database, maria: str, at: str, here: bool, opens: str
) -> None:
    assert plan(database, at).is_open("Motala") is here
    assert plan(database, at).next_opening("Motala") == stockholm(opens)
    assert names(plan(database, at).on_duty("Motala")) == (["Maria"] if here else [])


def test_opening_hours_of_a_municipality_frame_the_rota(
    database: Database, add_counsellor: AddCounsellor, maria: str
) -> None:
    add_counsellor("Linda", municipalities=("Motala",))
    with database.transaction() as session:
        set_opening_hours(session, "Motala", [Period(1, time(12), time(14))])
        set_opening_hours(session, COUNTY, [Period(day, time(10), time(15)) for day in range(5)])

    assert plan(database, "2026-11-23T10:00").next_opening("Motala") == stockholm("2026-11-24T12:00")
    assert plan(database, "2026-11-23T09:30").next_opening("Ydre") == stockholm("2026-11-23T10:00")
    with database.transaction() as session:
        set_opening_hours(session, "Motala", [])
    assert plan(database, "2026-11-23T10:00").is_open("Motala"), "without hours of its own the county's hold"


def test_hours_without_anybody_at_work_are_no_promise(database: Database, maria: str, clock: FakeClock) -> None:
    with database.transaction() as session:
        set_opening_hours(session, "Motala", WEEKDAYS)
        absence = add_absence(session, maria, starts_at=clock(), ends_at=stockholm("2026-11-25T12:00"), now=clock())

    assert not plan(database, "2026-11-23T11:00").is_open("Motala")
    assert plan(database, "2026-11-23T11:00").next_opening("Motala") == stockholm("2026-11-25T12:00")
    with database.transaction() as session:
        assert not remove_absence(session, "somebody else", absence)
        assert remove_absence(session, maria, absence)
    assert plan(database, "2026-11-23T11:00").is_open("Motala")


def test_a_hand_on_the_door_beats_the_rota(database: Database, maria: str, omar: str) -> None:
    night = stockholm("2026-11-23T20:00")
    with database.transaction() as session:
        sign_on(session, maria, until=stockholm("2026-11-23T22:00"), now=night)
        sign_off(session, omar, now=stockholm("2026-11-23T10:00"))

    assert names(plan(database, "2026-11-23T21:00").on_duty(None)) == ["Maria"]
    assert names(plan(database, "2026-11-23T11:00").on_duty(None)) == ["Maria"]
    assert names(plan(database, "2026-11-24T11:00").on_duty(None)) == ["Maria", "Omar"], "off is for the day"
    with database.transaction() as session:
        follow_rota(session, maria)
    assert not plan(database, "2026-11-23T21:00").works_now(maria)


def test_who_has_hours_is_there_in_them_alone(database: Database, maria: str, omar: str) -> None:
    with database.transaction() as session:
        set_hours(session, maria, [Period(2, time(13), time(15))])

    assert names(plan(database, "2026-11-23T10:00").on_duty(None)) == ["Omar"]
    assert names(plan(database, "2026-11-25T13:30").on_duty(None)) == ["Maria", "Omar"]


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("2026-11-24T10:00", "2026-11-24T09:00"),
        ("2026-11-20T10:00", "2026-11-21T10:00"),
        ("2026-11-24T10:00", "2029-11-24T10:00"),
    ],
)
def test_an_absence_that_cannot_be_is_refused(
    database: Database, maria: str, clock: FakeClock, starts: str, ends: str
) -> None:
    with pytest.raises(DutyError), database.transaction() as session:
        add_absence(session, maria, starts_at=stockholm(starts), ends_at=stockholm(ends), now=clock())


@pytest.mark.parametrize("until", ["2026-11-23T09:00", "2026-11-24T09:00"])
def test_a_shift_by_hand_has_a_sensible_end(database: Database, maria: str, clock: FakeClock, until: str) -> None:
    with pytest.raises(DutyError), database.transaction() as session:
        sign_on(session, maria, until=stockholm(until), now=clock())


def test_who_answers_at_night_must_be_decided_and_is_then_known(
    database: Database, maria: str, omar: str, clock: FakeClock
) -> None:
    night = stockholm("2026-11-23T23:40")
    with database.transaction() as session:
        assert not night_duty(session, "Motala").decided
        assert not somebody_answers_now(session, "Motala", night)
        with pytest.raises(DutyError):
            set_night_duty(
                session, COUNTY, crisis_owner=None, crisis_nobody=False, responsible=None, by=maria, now=night
            )
        with pytest.raises(DutyError):
            set_night_duty(
                session, COUNTY, crisis_owner="x", crisis_nobody=False, responsible=None, by=maria, now=night
            )
        set_night_duty(session, COUNTY, crisis_owner=omar, crisis_nobody=False, responsible=maria, by=maria, now=night)
        set_night_duty(session, "Ydre", crisis_owner=None, crisis_nobody=True, responsible=None, by=maria, now=night)

        assert night_duty(session, "Motala").crisis_owner == omar
        assert night_duty(session, "Motala").inherited
        assert somebody_answers_now(session, "Motala", night)
        assert night_duty(session, "Ydre").decided
        assert not somebody_answers_now(session, "Ydre", night)
        session.get_one(Staff, omar).active = False
        session.flush()
        assert not night_duty(session, "Motala").decided, "who has left answers for nothing"


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-25T15:50", "2026-11-26T09:20", 30),  # over a night
        ("2026-11-27T15:00", "2026-11-30T10:00", 120),  # over a weekend
        ("2026-12-23T15:30", "2026-12-28T09:15", 45),  # over Christmas
        ("2026-10-23T15:00", "2026-10-26T10:00", 120),  # over the night that is an hour longer
        ("2026-03-27T15:00", "2026-03-30T10:00", 120),  # over the night that is an hour shorter
        ("2026-11-25T10:00", "2026-11-25T10:25", 25),
        ("2026-11-25T20:00", "2026-11-26T08:00", 0),
    ],
)
def test_a_timer_is_paused_off_hours(database: Database, maria: str, start: str, end: str, minutes: int) -> None:
    spans = list(plan(database, start).spans(None, stockholm(start), days=14))

    assert open_time(spans, stockholm(start), stockholm(end)) == timedelta(minutes=minutes)
    if minutes:
        assert due_after(spans, stockholm(start), timedelta(minutes=minutes)) == stockholm(end)


_TIMES = st.integers(0, 500).map(lambda minute: datetime(2026, 11, 23, 8, tzinfo=stockholm("2026-11-23T00:00").tzinfo)
                                 + timedelta(minutes=minute))  # fmt: skip
_SPANS = st.lists(st.tuples(_TIMES, _TIMES).map(lambda pair: Span(min(pair), max(pair))), max_size=5)


@given(spans=_SPANS, cuts=_SPANS, at=_TIMES)
def test_an_instant_is_open_when_it_lies_in_a_span_and_in_no_cut(
    spans: list[Span], cuts: list[Span], at: datetime
) -> None:
    def lies_in(those: list[Span]) -> bool:
        return any(one.starts_at <= at < one.ends_at for one in those)

    assert lies_in(without(spans, cuts)) == (lies_in(spans) and not lies_in(cuts))
    assert lies_in(within(spans, cuts)) == (lies_in(spans) and lies_in(cuts))
