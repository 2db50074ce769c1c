"""What time does to a request: opening, closing, long waits; nothing ends in silence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import update

from bot.booking.hours import Period, parse_time
from bot.booking.rota import set_hours
from bot.clock import FakeClock
from bot.conversations.models import Alert
from bot.db.session import Database
from bot.handover.models import HandoverState
from bot.handover.service import Handover
from tests.conversations.conftest import Youth
from tests.handover.steps import ask, calls_to_staff, events_of, request_of, stockholm

Settle = Callable[[], Awaitable[None]]


async def test_a_wait_that_takes_long_is_admitted_and_the_bot_helps_again(
    youth: Youth, settle: Settle, handover: Handover, database: Database, clock: FakeClock, maria: str
) -> None:
    youth.send("hej")
    await settle()
    ask(handover, youth)
    clock.advance(minutes=31)
    handover.sweep()
    handover.sweep()

    assert youth.conversation.state == "TIMED_OUT"
    assert youth.said()[-1] == "utter_human_timed_out"
    assert youth.said().count("utter_human_timed_out") == 1
    youth.send("ok, vad är komvux?")
    await settle()
    assert youth.heard()[-1] == "Svar: ok, vad är komvux?"

    assert ask(handover, youth).state == HandoverState.REQUESTED, "asking again puts the request into the line"
    assert type(handover.claim(request_of(database, youth).id, maria)).__name__ == "Claimed"


def test_a_request_nobody_takes_is_brought_up_with_staff_every_day(
    youth: Youth, handover: Handover, database: Database, clock: FakeClock
) -> None:
    youth.send("hej")
    ask(handover, youth)
    clock.advance(minutes=31)
    handover.sweep()
    assert calls_to_staff(database) == ["timed_out"]
    with database.transaction() as session:
        session.execute(update(Alert).values(acknowledged_at=clock()))

    clock.now = clock.now + timedelta(days=1)
    handover.sweep()

    assert calls_to_staff(database) == ["still_waiting"]


def test_at_opening_time_the_request_joins_the_queue_and_the_youth_hears_it(
    youth: Youth, handover: Handover, database: Database, clock: FakeClock
) -> None:
    clock.now = stockholm("2026-11-25T20:00")
    youth.send("hej")
    ask(handover, youth)
    clock.now = stockholm("2026-11-26T08:59")
    assert handover.sweep() == 0

    clock.now = stockholm("2026-11-26T09:00")
    assert handover.sweep() == 1
    assert handover.sweep() == 0

    assert youth.conversation.state == "REQUESTED"
    assert youth.said() == ["utter_human_requested"]
    assert events_of(database, youth) == [("requested", "OFF_HOURS_QUEUED"), ("opened", "REQUESTED")]


def test_as_we_close_who_still_waits_hears_when_somebody_is_there(
    youth: Youth, handover: Handover, clock: FakeClock
) -> None:
    clock.now = stockholm("2026-11-25T15:50")
    youth.send("hej")
    ask(handover, youth)

    clock.now = stockholm("2026-11-25T16:00")
    handover.sweep()

    assert youth.conversation.state == "OFF_HOURS_QUEUED"
    assert "torsdag 26 november kl. 09.00" in youth.heard()[-1]


def test_hours_that_change_after_a_promise_are_told(
    youth: Youth, handover: Handover, database: Database, clock: FakeClock, maria: str
) -> None:
    clock.now = stockholm("2026-11-25T20:00")
    youth.send("hej")
    assert ask(handover, youth).opens_at == stockholm("2026-11-26T09:00")
    with database.transaction() as session:
        set_hours(session, maria, [Period(4, parse_time("10:00"), parse_time("12:00"))])

    clock.now = stockholm("2026-11-26T09:00")
    handover.sweep()
    handover.sweep()

    assert "fredag 27 november kl. 10.00" in youth.heard()[-1]
    assert len(youth.heard()) == 1
