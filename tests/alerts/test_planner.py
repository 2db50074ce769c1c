"""Whom an alert is told to, and when again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.alerts.rules import CRISIS_REPEAT, step_due, told_at
from bot.clock import FakeClock
from bot.conversations.models import Alert, AlertKind
from bot.db.session import Database
from bot.duty.models import COUNTY
from bot.duty.service import set_night_duty, sign_off
from bot.handover.service import Handover
from tests.alerts.conftest import Desk
from tests.conversations.conftest import Youth
from tests.handover.steps import ask, request_of, stockholm

Settle = Callable[[], Awaitable[None]]
AddCounsellor = Callable[..., str]


def test_a_request_is_told_at_once_and_once_to_who_is_on_duty_for_the_place(
    youth: Youth, handover: Handover, desk: Desk, add_counsellor: AddCounsellor
) -> None:
    linda, karin = (
        add_counsellor(name, municipalities=(place,)) for name, place in (("Linda", "Motala"), ("Karin", "Kinda"))
    )
    desk.link(linda, "1")
    desk.link(karin, "2")
    youth.send("hej")
    ask(handover, youth, municipality="Motala")

    assert desk.plan() == 1
    assert desk.plan() == 0
    name = f"Ung {youth.conversation.id[:4].upper()}"
    assert desk.alerts() == [f"{name}, Motala vill prata med en människa."]
    assert desk.alerts(linda)
    assert "hej" not in "".join(desk.alerts())


def test_a_request_that_nobody_takes_goes_to_more_and_more(
    youth: Youth,
    handover: Handover,
    desk: Desk,
    add_counsellor: AddCounsellor,
    database: Database,
    clock: FakeClock,
) -> None:
    near, far, boss = (
        add_counsellor("Linda", municipalities=("Motala",)), add_counsellor("Karin", municipalities=("Kinda",)),
        add_counsellor("Chefen", municipalities=("Ydre",)),
    )  # fmt: skip
    for number, staff_id in enumerate((near, far, boss)):
        desk.link(staff_id, str(number))
    with database.transaction() as session:
        sign_off(session, boss, now=clock())
        set_night_duty(session, COUNTY, crisis_owner=None, crisis_nobody=True, responsible=boss, by=boss, now=clock())
    youth.send("hej")
    ask(handover, youth, municipality="Motala")
    told = []
    for minutes in (0, 5, 15):
        clock.now = request_of(database, youth).requested_at + timedelta(minutes=minutes)
        desk.plan()
        told.append([len(desk.alerts(staff_id)) for staff_id in (near, far, boss)])

    assert told == [[1, 0, 0], [2, 1, 0], [3, 2, 1]]


def test_danger_is_told_again_every_two_minutes_until_somebody_has_it(
    youth: Youth, desk: Desk, maria: str, clock: FakeClock, database: Database
) -> None:
    desk.link(maria, "1")
    youth.send("jag vill inte leva")
    for minutes in range(7):
        clock.now = clock.now + timedelta(minutes=1 if minutes else 0)
        desk.plan()
    assert len(desk.alerts(maria)) == 4, "at once, and after two, four and six minutes"
    assert "leva" not in "".join(desk.said(maria))

    desk.press("1", "Jag tar hand om det")
    clock.advance(minutes=30)
    desk.plan()

    assert len(desk.alerts(maria)) == 4
    assert desk.said(maria)[-1].startswith("Noterat")
    with database.reading() as session:
        assert session.scalars(select(Alert.acknowledged_by).where(Alert.kind == AlertKind.CRISIS)).one() == maria


def test_at_night_danger_reaches_the_one_who_answers_and_a_request_wakes_nobody(
    youth: Youth,
    make_youth: Callable[[str], Youth],
    handover: Handover,
    desk: Desk,
    maria: str,
    omar: str,
    database: Database,
    clock: FakeClock,
) -> None:
    clock.now = stockholm("2026-11-23T23:40")
    desk.link(maria, "1")
    desk.link(omar, "2")
    with database.transaction() as session:
        set_night_duty(session, COUNTY, crisis_owner=omar, crisis_nobody=False, responsible=None, by=omar, now=clock())
    calm = make_youth("calm")
    calm.send("hej")
    ask(handover, calm)
    youth.send("jag vill inte leva")
    desk.plan()

    assert desk.alerts(maria) == []
    assert len(desk.alerts(omar)) == 1
    clock.now = stockholm("2026-11-24T09:00")
    handover.sweep()
    desk.plan()
    assert any("vill prata" in text for text in desk.alerts(maria)), "at opening the request is a call of its own"


def test_while_nobody_has_decided_about_the_night_everybody_hears_of_danger(
    youth: Youth, desk: Desk, maria: str, omar: str, database: Database, clock: FakeClock
) -> None:
    clock.now = stockholm("2026-11-23T23:40")
    desk.link(maria, "1")
    desk.link(omar, "2")
    youth.send("jag vill inte leva")
    desk.plan()
    assert [len(desk.alerts(one)) for one in (maria, omar)] == [1, 1]
    assert "Just nu är ingen människa här" in youth.heard()[-1], "and nobody is promised to the youth"


def test_where_it_is_decided_that_nobody_is_called_at_night_nobody_is(
    youth: Youth, desk: Desk, maria: str, database: Database, clock: FakeClock
) -> None:
    clock.now = stockholm("2026-11-23T23:40")
    desk.link(maria, "1")
    with database.transaction() as session:
        set_night_duty(session, COUNTY, crisis_owner=None, crisis_nobody=True, responsible=maria, by=maria, now=clock())
    youth.send("jag vill inte leva")
    desk.plan()
    assert desk.alerts() == []

    clock.now = stockholm("2026-11-24T09:00")
    desk.plan()
    assert len(desk.alerts(maria)) == 1, "the first on duty in the morning is told"


def test_an_alert_that_was_taken_before_it_left_is_not_sent(
    youth: Youth, handover: Handover, desk: Desk, maria: str, database: Database
) -> None:
    desk.link(maria, "1")
    youth.send("hej")
    ask(handover, youth)
    desk.plan()
    with database.transaction() as session:
        session.execute(update(Alert).values(acknowledged_at=stockholm("2026-11-23T10:00")))
    desk.plan()

    assert [row.state for row in desk.messages(maria) if row.alert_id] == ["not_needed"]


def test_mail_is_the_way_without_a_phone_and_the_second_way_with_one(
    youth: Youth, handover: Handover, desk: Desk, maria: str, omar: str, clock: FakeClock, database: Database
) -> None:
    desk.link(maria, "1", email="maria@kommun.example")
    desk.link(omar, "2", email="omar@kommun.example")
    assert desk.write("2", "/koppla av")
    youth.send("hej")
    ask(handover, youth)
    desk.plan()
    assert [row.staff_id for row in desk.messages(path="email")] == [omar]

    clock.advance(minutes=5)
    desk.plan()
    clock.advance(minutes=10)
    desk.plan()
    assert sorted(row.staff_id or "" for row in desk.messages(path="email")) == sorted([maria, omar]), "once each"


async def test_an_erased_youth_leaves_nothing_with_staff(
    youth: Youth, handover: Handover, desk: Desk, maria: str, settle: Settle
) -> None:
    desk.link(maria, "1")
    youth.send("hej")
    ask(handover, youth)
    desk.plan()
    youth.send("/radera")
    await settle()
    youth.press("Ja, ta bort det")
    await settle()

    assert [row for row in desk.messages() if row.conversation_id is not None] == []


@given(minutes=st.integers(0, 60 * 24))
def test_danger_is_never_silent_for_more_than_two_minutes(minutes: int) -> None:
    age = timedelta(minutes=minutes)
    step = step_due(AlertKind.CRISIS, age)
    assert step is not None
    assert age - step * CRISIS_REPEAT < CRISIS_REPEAT


@given(circles=st.lists(st.lists(st.sampled_from("abcdef"), max_size=3), max_size=4), step=st.integers(0, 6))
def test_a_later_step_reaches_more_and_the_first_reaches_somebody(circles: list[list[str]], step: int) -> None:
    now, later = told_at(step, circles), told_at(step + 1, circles)
    everybody = {one for circle in circles for one in circle}
    assert set(now) <= set(later) <= everybody
    assert bool(now) == bool(everybody)
    assert len(now) == len(set(now))
    assert set(told_at(len(circles), circles)) == everybody
