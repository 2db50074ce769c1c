"""By when somebody who waits should have an answer: from the request, paused off hours, sooner in danger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.clock import FakeClock
from bot.db.session import Database
from bot.duty.service import add_absence
from bot.handover.rules import ANSWER_DANGER, ANSWER_WITHIN
from bot.handover.service import Handover
from tests.conversations.conftest import Youth
from tests.handover.steps import ask, request_of, stockholm


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-11-25T10:00", "2026-11-25T10:30"),
        ("2026-11-25T15:50", "2026-11-26T09:20"),  # over a night
        ("2026-11-27T20:00", "2026-11-30T09:30"),  # over a weekend
        ("2026-12-23T15:45", "2026-12-28T09:15"),  # over Christmas
        ("2026-10-24T12:00", "2026-10-26T09:30"),  # over the night that is an hour longer
        ("2026-03-28T12:00", "2026-03-30T09:30"),  # over the night that is an hour shorter
    ],
)
def test_the_time_to_answer_is_paused_off_hours(
    database: Database, handover: Handover, youth: Youth, maria: str, clock: FakeClock, asked: str, due: str
) -> None:
    assert timedelta(minutes=30) == ANSWER_WITHIN
    clock.now = stockholm(asked)
    youth.send("hej")
    ask(handover, youth)

    assert handover.queue([])[0].due_at == stockholm(due)

    clock.now = stockholm(due) + timedelta(days=1)
    assert handover.queue([])[0].due_at == stockholm(due), "what is late stays as late as it is"


def test_danger_does_not_wait_for_the_morning_and_has_its_own_time(
    handover: Handover, make_youth: Callable[[str], Youth], maria: str, clock: FakeClock
) -> None:
    calm, afraid = make_youth("calm"), make_youth("afraid")
    clock.now = stockholm("2026-11-25T23:00")
    for one in (calm, afraid):
        one.send("hej")
        ask(handover, one)
    clock.advance(minutes=20)
    afraid.send("jag vill inte leva längre")

    first, second = handover.queue([])

    assert first.conversation_id == afraid.conversation.id, "the order is that of the risk, as before"
    assert first.due_at == clock() + ANSWER_DANGER
    assert second.due_at == stockholm("2026-11-26T09:30")


def test_an_absence_that_is_over_still_counts_as_time_nobody_was_there(
    database: Database, handover: Handover, youth: Youth, maria: str, clock: FakeClock
) -> None:
    clock.now = stockholm("2026-11-24T17:00")
    with database.transaction() as session:
        away = stockholm("2026-11-25T00:00"), stockholm("2026-11-25T12:00")
        add_absence(session, maria, starts_at=away[0], ends_at=away[1], now=clock())
    youth.send("hej")
    ask(handover, youth)
    clock.now = stockholm("2026-11-25T12:10")

    assert handover.queue([])[0].due_at == stockholm("2026-11-25T12:30")


def test_who_was_answered_and_left_waits_anew_and_who_never_was_does_not(
    database: Database, handover: Handover, make_youth: Callable[[str], Youth], maria: str, clock: FakeClock
) -> None:
    answered, forgotten = make_youth("answered"), make_youth("forgotten")
    for one in (answered, forgotten):
        one.send("hej")
        ask(handover, one)
    asked = clock()
    for one in (answered, forgotten):
        handover.claim(request_of(database, one).id, maria)
    assert [entry.due_at for entry in handover.mine(maria)] == [None, None], "the lease says it there"
    handover.reply(request_of(database, answered).id, maria, "Hej!", "1")
    clock.advance(minutes=4)
    for one in (answered, forgotten):
        handover.put_back(request_of(database, one).id, maria)

    due = {entry.conversation_id: entry.due_at for entry in handover.queue([])}

    assert due[answered.conversation.id] == clock() + ANSWER_WITHIN
    assert due[forgotten.conversation.id] == asked + ANSWER_WITHIN
