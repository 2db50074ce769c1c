"""Reminders that were asked for, and check-ins: opt-in, at most one a week, stopped with one tap."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.clock import FakeClock
from bot.conversations.models import Conversation
from bot.db.session import Database
from bot.errors import ConversationErased
from bot.people import retention, retention_plan
from bot.reminders import service
from bot.reminders.models import CheckIns, ReminderKind
from bot.reminders.service import Reminded, Reminders, TimePast
from bot.reminders.sweeper import Sweeper
from tests.booking.steps import wall
from tests.conftest import ROOT
from tests.conversations.conftest import Youth
from tests.reminders.conftest import reminded
from tests.reminders.test_meetings import pass_by

Settle = Callable[[], Awaitable[None]]
PLAN = retention_plan.load(ROOT / "data")


async def test_a_reminder_comes_when_it_was_asked_for_and_says_what_it_was_only_when_asked(
    youth: Youth, reminders: Reminders, sweeper: Sweeper, clock: FakeClock, settle: Settle
) -> None:
    youth.send("hej")
    await settle()
    conversation = youth.conversation.id
    at = wall("2026-11-27T16:30")
    for _ in range(2):
        result = reminders.remind(
            conversation, at, kind=ReminderKind.ASKED, subject="turn-1", note="påminn mig på fredag att ringa komvux"
        )
        assert result == Reminded(at)
    pass_by(clock, sweeper, "2026-11-30T16:30")

    assert reminded(youth) == ["utter_reminder_asked"]
    assert "komvux" not in youth.heard()[-1]
    youth.press("Vad gällde det?")
    await settle()
    assert youth.heard()[-1] == "Du skrev så här: påminn mig på fredag att ringa komvux"


async def test_what_it_was_waits_in_the_outbox_with_names_and_numbers_hidden(
    youth: Youth, reminders: Reminders, sweeper: Sweeper, clock: FakeClock, settle: Settle
) -> None:
    youth.send("ring 070-123 45 67")
    await settle()
    note = "ringa <phone_number_1>"
    reminders.remind(
        youth.conversation.id, wall("2026-11-27T16:30"), kind=ReminderKind.ASKED, subject="turn-1", note=note
    )
    pass_by(clock, sweeper, "2026-11-27T16:30")
    youth.press("Vad gällde det?")
    await settle()

    assert youth.outbox()[-1].text.endswith(note)
    assert youth.heard()[-1].endswith("ringa +46701234567")


@pytest.mark.parametrize("at", ["2026-11-20T10:00", "2029-01-01T10:00"])
def test_a_time_that_is_past_or_years_away_is_refused(youth: Youth, reminders: Reminders, at: str) -> None:
    youth.send("hej")
    result = reminders.remind(youth.conversation.id, wall(at), kind=ReminderKind.ASKED, subject="t")
    assert isinstance(result, TimePast)


def test_two_youths_may_wait_for_the_same_date(
    make_youth: Callable[[str], Youth], reminders: Reminders, sweeper: Sweeper, clock: FakeClock
) -> None:
    youths = [make_youth(name) for name in ("anna", "bo")]
    for youth in youths:
        youth.send("hej")
        reminders.remind(
            youth.conversation.id, wall("2027-01-15T16:30"), kind=ReminderKind.SEASON, subject="application_opens:2027"
        )
    clock.now = wall("2027-01-15T16:31")
    assert sweeper.sweep() == 2
    assert sweeper.sweep() == 0
    assert [reminded(youth) for youth in youths] == [["utter_reminder_asked"]] * 2


def test_an_erased_conversation_cannot_be_reminded(reminders: Reminders) -> None:
    with pytest.raises(ConversationErased):
        reminders.remind("gone", wall("2026-11-27T16:30"), kind=ReminderKind.ASKED, subject="t")
    with pytest.raises(ConversationErased):
        reminders.stop("gone")


async def subscribe(youth: Youth, settle: Settle, title: str, database: Database) -> None:
    """Say yes to check-ins, as the buttons under "remind me" do."""
    youth.send("hej")
    await settle()
    with database.transaction() as session:
        conversation = session.get_one(Conversation, youth.conversation.id)
        mode = CheckIns.WEEKLY if title == "En gång i veckan" else CheckIns.SILENCE
        service.subscribe(session, conversation, mode, conversation.last_inbound_at or conversation.created_at)


async def test_without_a_yes_nothing_ever_comes(youth: Youth, sweeper: Sweeper, clock: FakeClock) -> None:
    youth.send("hej")
    pass_by(clock, sweeper, "2027-02-20T12:00", minutes=240)
    assert reminded(youth) == []


async def test_check_ins_after_silence_come_four_times_each_with_something_new(
    youth: Youth, settle: Settle, sweeper: Sweeper, clock: FakeClock, database: Database
) -> None:
    await subscribe(youth, settle, "När jag varit tyst", database)
    pass_by(clock, sweeper, "2027-02-20T12:00", minutes=120)
    assert reminded(youth) == [f"utter_check_in_{number}" for number in (1, 2, 3, 4)]
    days = [(row.created_at - wall("2026-11-23T10:00")).days for row in youth.outbox() if "check_in" in row.key]
    assert days == [2, 9, 21, 60]


async def test_who_writes_starts_a_new_silence(
    youth: Youth, settle: Settle, sweeper: Sweeper, clock: FakeClock, database: Database
) -> None:
    await subscribe(youth, settle, "När jag varit tyst", database)
    pass_by(clock, sweeper, "2026-11-25T12:00", minutes=60)
    youth.send("hej igen")
    await settle()
    pass_by(clock, sweeper, "2026-11-26T12:00", minutes=60)
    assert reminded(youth) == []
    pass_by(clock, sweeper, "2026-11-27T18:00", minutes=60)
    assert reminded(youth) == ["utter_check_in_1"]


async def test_one_tap_stops_the_check_ins_for_good(
    youth: Youth, settle: Settle, sweeper: Sweeper, clock: FakeClock, database: Database
) -> None:
    await subscribe(youth, settle, "En gång i veckan", database)
    pass_by(clock, sweeper, "2026-12-01T12:00", minutes=120)
    youth.press("Stopp")
    await settle()
    assert youth.outbox()[-1].response == "utter_reminders_off"
    pass_by(clock, sweeper, "2027-02-20T12:00", minutes=240)
    assert reminded(youth) == ["utter_check_in_week"]


async def test_after_a_sign_of_danger_no_cheerful_check_in_comes(
    youth: Youth, settle: Settle, sweeper: Sweeper, clock: FakeClock, database: Database
) -> None:
    await subscribe(youth, settle, "En gång i veckan", database)
    clock.now = wall("2026-11-30T16:00")
    with database.transaction() as session:
        session.execute(update(Conversation).values(risk="self_harm", risk_at=clock()))
    pass_by(clock, sweeper, "2026-12-02T15:00", minutes=60)
    assert reminded(youth) == []
    pass_by(clock, sweeper, "2026-12-02T18:00", minutes=60)
    assert reminded(youth) == ["utter_check_in_week"]


async def test_a_check_in_waits_while_somebody_is_writing(
    youth: Youth, settle: Settle, sweeper: Sweeper, clock: FakeClock, database: Database
) -> None:
    await subscribe(youth, settle, "En gång i veckan", database)
    clock.now = wall("2026-11-30T16:29")
    youth.send("en fråga")
    await settle()
    clock.advance(minutes=2)
    assert sweeper.sweep() == 0
    clock.advance(minutes=15)
    assert sweeper.sweep() == 1


async def test_retention_keeps_who_wants_to_hear_from_us_and_lets_others_go(
    make_youth: Callable[[str], Youth], settle: Settle, reminders: Reminders, clock: FakeClock, database: Database,
    sweeper: Sweeper,
) -> None:  # fmt: skip
    waiting, silent, gone = (make_youth(name) for name in ("anna", "bo", "cim"))
    for one in (waiting, gone):
        one.send("hej")
    await subscribe(silent, settle, "När jag varit tyst", database)
    reminders.remind(
        waiting.conversation.id, wall("2027-02-01T16:30"), kind=ReminderKind.SEASON, subject="application_closes:2027"
    )
    pass_by(clock, sweeper, "2027-01-10T12:00", minutes=240)
    assert retention.run(database, clock(), plan=PLAN).counts["chat"] == 1, "only the one who wants nothing"

    pass_by(clock, sweeper, "2027-03-01T12:00", minutes=240)
    assert (reminded(waiting), len(reminded(silent))) == (["utter_reminder_asked"], 4)
    assert retention.run(database, clock() + timedelta(days=8), plan=PLAN).counts["chat"] == 2
