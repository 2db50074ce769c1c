"""The answers to "did it help?" as numbers: each youth once, whole months, and nothing that points at one person."""

from __future__ import annotations

from datetime import datetime

from bot.clock import STOCKHOLM, FakeClock
from bot.db.session import Database
from bot.reminders.feedback import Summary, summary_of
from bot.reminders.models import ReminderKind
from tests.reminders.answers import answered, youths


def summary(database: Database, clock: FakeClock) -> Summary:
    with database.reading() as session:
        return summary_of(session, clock())


def test_answers_are_counted_by_youth_and_by_what_they_are_about(database: Database, clock: FakeClock) -> None:
    answered(database, youths(database, clock, 9), "yes")
    answered(database, youths(database, clock, 6), "no")
    answered(database, youths(database, clock, 7), None)
    changed = youths(database, clock, 5)
    answered(database, changed, "yes", at="2026-10-01T12:00")
    answered(database, changed, "some", at="2026-10-02T12:00")
    answered(database, youths(database, clock, 5), "none", about=ReminderKind.AFTER_MEETING)

    meetings, chats = summary(database, clock).parts

    assert chats.answers == {"yes": 9, "some": 5, "no": 6, "silent": 7}
    assert chats.asked == 27
    assert meetings.answers == {"yes": 0, "some": 0, "no": 0, "none": 5, "silent": 0}


def test_a_small_number_is_hidden_also_in_the_sum_and_cannot_be_worked_out(
    database: Database, clock: FakeClock
) -> None:
    answered(database, youths(database, clock, 9), "yes")
    answered(database, youths(database, clock, 6), "some")
    answered(database, youths(database, clock, 1), "no")
    answered(database, youths(database, clock, 4), "yes", about=ReminderKind.AFTER_MEETING)

    meetings, chats = summary(database, clock).parts

    assert chats.answers == {"yes": 9, "some": None, "no": None, "silent": 0}
    assert chats.asked == 16
    assert (meetings.answers["yes"], meetings.asked) == (None, None)


def test_only_whole_months_that_have_passed_are_counted(database: Database, clock: FakeClock) -> None:
    six = youths(database, clock, 6)
    answered(database, six[:5], "yes", at="2026-08-01T00:00")
    answered(database, youths(database, clock, 5), "some", at="2026-10-31T23:59")
    answered(database, youths(database, clock, 5), "no", at="2026-11-01T00:00")
    answered(database, youths(database, clock, 5), "no", at="2026-07-31T23:59")

    found = summary(database, clock)

    assert found.parts[1].answers == {"yes": 5, "some": 5, "no": 0, "silent": 0}
    assert (found.first.date().isoformat(), found.end.date().isoformat()) == ("2026-08-01", "2026-11-01")
    clock.now = datetime(2027, 2, 3, tzinfo=STOCKHOLM)
    assert summary(database, clock).first.date().isoformat() == "2026-11-01"
