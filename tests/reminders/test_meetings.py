"""Reminders of meetings: twice, discreetly, with three buttons; nothing after a cancel, a stop or a block."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.booking.models import BookingRow, Outcome
from bot.booking.service import Booked, Booking
from bot.clock import FakeClock
from bot.conversations.models import Conversation, ConversationState, InboundKind
from bot.db.session import Database
from bot.reminders.models import Feedback, ReminderKind
from bot.reminders.sweeper import Due, Sweeper, _found
from tests.booking.steps import wall
from tests.conversations.conftest import Youth
from tests.reminders.conftest import reminded

Meet = Callable[[datetime], Booked]
Settle = Callable[[], Awaitable[None]]
THURSDAY = "2026-11-26T14:00"


def pass_by(clock: FakeClock, sweeper: Sweeper, until: str, minutes: int = 20) -> None:
    """Let time go by, with a sweep now and then, as the program does."""
    while clock() < wall(until):
        clock.advance(minutes=minutes)
        sweeper.sweep()


def test_two_reminders_come_and_name_only_the_time(
    youth: Youth, meet: Meet, sweeper: Sweeper, clock: FakeClock
) -> None:
    meet(wall(THURSDAY))
    pass_by(clock, sweeper, "2026-11-25T13:40")
    assert reminded(youth) == []

    pass_by(clock, sweeper, "2026-11-26T14:10")
    assert reminded(youth) == ["utter_reminder_meeting"] * 2
    first, second = [row for row in youth.outbox() if row.response == "utter_reminder_meeting"]
    assert (first.text, second.text) == (
        "Hej! Du har en tid i morgon kl. 14.00. Kommer du?",
        "Hej! Du har en tid i dag kl. 14.00. Kommer du?",
    )
    assert [button["title"] for button in first.buttons] == ["Kommer", "Flytta", "Avboka"]


def test_a_moved_meeting_is_reminded_of_at_its_new_time_and_a_cancelled_one_not_at_all(
    youth: Youth, meet: Meet, sweeper: Sweeper, clock: FakeClock, booking: Booking
) -> None:
    meet(wall(THURSDAY))
    pass_by(clock, sweeper, "2026-11-25T15:00")
    booking.move(youth.conversation.id, wall("2026-11-30T10:00"), "m")
    pass_by(clock, sweeper, "2026-11-29T09:40")
    assert len(reminded(youth)) == 1, "only the one before the move"

    pass_by(clock, sweeper, "2026-11-29T11:00")
    assert len(reminded(youth)) == 2
    booking.cancel(youth.conversation.id, "c")
    pass_by(clock, sweeper, "2026-12-01T12:00")
    assert len(reminded(youth)) == 2, "no reminder, and no question about a meeting that was not"


async def test_kommer_is_noted_and_thanked(
    youth: Youth, meet: Meet, sweeper: Sweeper, clock: FakeClock, settle: Settle, booking: Booking
) -> None:
    meet(wall(THURSDAY))
    await settle()
    pass_by(clock, sweeper, "2026-11-25T14:20")
    youth.press("Kommer")
    await settle()

    assert youth.heard()[-1] == "Fint! Då ses eller hörs ni i morgon kl. 14.00."
    assert booking.upcoming()[0].coming


async def test_stop_holds_at_once_also_for_what_stands_unsent_in_the_outbox(
    youth: Youth, meet: Meet, sweeper: Sweeper, clock: FakeClock, settle: Settle
) -> None:
    meet(wall(THURSDAY))
    await settle()
    pass_by(clock, sweeper, "2026-11-25T14:20")
    youth.send("/stopp")
    await settle()

    assert [row.state for row in youth.outbox() if row.key.startswith("reminder:")] == ["not_sent"]
    pass_by(clock, sweeper, "2026-11-28T14:20")
    assert len(reminded(youth)) == 1


def test_who_has_blocked_us_is_told_nothing_and_after_coming_back_what_still_makes_sense(
    youth: Youth, meet: Meet, sweeper: Sweeper, clock: FakeClock
) -> None:
    meet(wall(THURSDAY))
    youth.send(kind=InboundKind.LEFT)
    pass_by(clock, sweeper, "2026-11-26T12:20")
    assert reminded(youth) == []

    youth.send(kind=InboundKind.RETURNED)
    pass_by(clock, sweeper, "2026-11-26T12:40")
    assert len(reminded(youth)) == 1


def test_during_a_live_chat_a_reminder_waits(
    youth: Youth, meet: Meet, sweeper: Sweeper, clock: FakeClock, database: Database
) -> None:
    meet(wall(THURSDAY))
    with database.transaction() as session:
        session.execute(update(Conversation).values(state=ConversationState.LIVE))
    pass_by(clock, sweeper, "2026-11-25T18:00")
    assert reminded(youth) == []
    with database.transaction() as session:
        session.execute(update(Conversation).values(state=ConversationState.BOT))
    assert sweeper.sweep() == 1


async def test_after_the_meeting_one_question_is_asked_and_the_answer_kept(
    youth: Youth, meet: Meet, sweeper: Sweeper, clock: FakeClock, settle: Settle, database: Database
) -> None:
    meet(wall(THURSDAY))
    await settle()
    pass_by(clock, sweeper, "2026-11-28T12:00")
    assert reminded(youth) == ["utter_reminder_meeting"] * 2 + ["utter_after_meeting"]

    youth.press("Lite")
    await settle()
    assert youth.outbox()[-1].response == "utter_helped_some"
    with database.reading() as session:
        assert session.scalars(select(Feedback.answer)).all() == ["some"]


def test_a_late_meeting_is_asked_about_in_the_morning(
    youth: Youth, meet: Meet, sweeper: Sweeper, clock: FakeClock
) -> None:
    meet(wall("2026-11-26T20:30"))
    pass_by(clock, sweeper, "2026-11-27T07:40")
    assert "utter_after_meeting" not in reminded(youth)
    pass_by(clock, sweeper, "2026-11-27T08:20")
    assert "utter_after_meeting" in reminded(youth)


@pytest.mark.parametrize(
    ("outcome", "said"), [(Outcome.NOT_COME, ["utter_meeting_missed"]), (Outcome.MOVED, []), (Outcome.CAME, None)]
)
def test_a_meeting_that_did_not_happen_gets_a_kind_word_and_no_question(
    youth: Youth, meet: Meet, sweeper: Sweeper, clock: FakeClock, booking: Booking, database: Database,
    outcome: Outcome, said: list[str] | None,
) -> None:  # fmt: skip
    booked = meet(wall(THURSDAY))
    with database.reading() as session:
        maria = session.scalars(select(BookingRow.staff_id)).one()
    clock.now = wall(THURSDAY) + timedelta(minutes=20)
    assert not booking.note_outcome(booked.booking_id, maria, outcome), "it is not over"
    clock.now = wall(THURSDAY) + timedelta(minutes=40)
    assert not booking.note_outcome(booked.booking_id, "somebody else", outcome)
    assert booking.note_outcome(booked.booking_id, maria, outcome)

    pass_by(clock, sweeper, "2026-11-28T12:00")
    assert reminded(youth) == (["utter_after_meeting"] if said is None else said)


def test_whom_retention_has_emptied_is_not_asked_how_it_went(
    youth: Youth, meet: Meet, sweeper: Sweeper, clock: FakeClock, database: Database
) -> None:
    booked = meet(wall(THURSDAY))
    clock.now = wall("2026-11-27T12:00")
    due = Due(youth.conversation.id, ReminderKind.AFTER_MEETING, booked.booking_id)
    with database.transaction() as session:
        session.execute(update(Conversation).values(blanked_at=clock()))

    with database.reading() as session:
        assert list(_found(session, clock())) == []
    # Emptied after the sweeper had looked.
    assert not sweeper._say(due, clock())
    assert reminded(youth) == []
    with database.reading() as session:
        assert session.scalars(select(Feedback)).all() == []
