"""Being reminded: at a time, of a date of the year, of a meeting; and no more."""

from __future__ import annotations

from datetime import datetime

import pytest

from actions.forms import Answer
from actions.reminders import SetReminder, StopReminders
from bot.clock import STOCKHOLM
from bot.names import Entity, Form, Intent, Response, Slot
from bot.reminders.models import ReminderKind
from tests.actions.fakes import FakeReminders, booked_with
from tests.actions.turns import NOW, THURSDAY_14, World


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


@pytest.mark.parametrize(
    ("named", "at"),
    [
        ("2026-11-27T10:15", "2026-11-27T10:15"),
        ("2026-11-27", "2026-11-27T16:30"),
        ("2026-11-27T12:00/2026-11-27T17:00", "2026-11-27T12:00"),
        ("2026-11-30/2026-12-06", "2026-11-30T16:30"),
        ("14:00", "2026-11-23T14:00"),
        ("09:00", "2026-11-24T09:00"),
    ],
)
def test_a_named_time_is_reminded_of_with_the_words_of_the_youth(named: str, at: str) -> None:
    world = World()
    text = "påminn mig då att ringa komvux"
    outcome = world.run(SetReminder, text, intent=Intent.SET_REMINDER, entities={Entity.TIME: named})
    assert outcome.said == [Response.UTTER_REMINDER_SET]
    assert world.reminders.set == {"turn-1": (wall(at), ReminderKind.ASKED, text)}


def test_a_day_that_has_been_is_not_promised() -> None:
    world = World(reminders=FakeReminders(NOW))
    outcome = world.run(SetReminder, "påminn mig", entities={Entity.TIME: "2026-11-02"})
    assert outcome.said == [Response.UTTER_REMINDER_PAST]


@pytest.mark.parametrize(
    ("text", "subject", "at"),
    [
        ("påminn mig när ansökan öppnar", "application_opens:2027", "2027-01-15T16:30"),
        ("remind me when applications open", "application_opens:2027", "2027-01-15T16:30"),
        ("påminn mig innan sista dagen att söka", "application_closes:2027", "2027-02-08T16:30"),
    ],
)
def test_a_date_of_the_year_comes_from_the_table(text: str, subject: str, at: str) -> None:
    world = World()
    outcome = world.run(SetReminder, text, intent=Intent.SET_REMINDER)
    assert outcome.said == [Response.UTTER_REMINDER_SET_SEASON]
    [(found, (when, kind, note))] = world.reminders.set.items()
    assert (found, when, kind) == (subject, wall(at), ReminderKind.SEASON)
    assert note
    assert note in outcome.values(Response.UTTER_REMINDER_SET_SEASON)["what"]


def test_in_the_last_week_the_deadline_is_reminded_of_tomorrow() -> None:
    world = World(now=wall("2027-02-12T10:00"))
    world.run(SetReminder, "påminn mig innan sista dagen att söka")
    assert world.reminders.set["application_closes:2027"][0] == wall("2027-02-13T10:00")


def test_a_button_names_its_date() -> None:
    world = World()
    world.run(SetReminder, "/set_reminder", entities={Entity.TOPIC: "application_opens"})
    assert list(world.reminders.set) == ["application_opens:2027"]


@pytest.mark.parametrize("text", ["påminn mig", "remind me", "påminn mig om matten"])
def test_what_is_meant_is_asked_when_nothing_says_it(text: str) -> None:
    assert World().run(SetReminder, text).said == [Response.UTTER_SET_REMINDER]


def test_a_meeting_is_reminded_of_anyway() -> None:
    assert World(booking=booked_with(THURSDAY_14)).run(SetReminder, "påminn mig om mötet").said == [
        Response.UTTER_REMINDER_OF_MEETING
    ]


def test_no_more_reminders_stops_at_once() -> None:
    world = World()
    assert world.run(StopReminders, intent=Intent.STOP_REMINDERS).said == [Response.UTTER_STOP_REMINDERS]
    assert world.reminders.stopped == ["conversation-1"]


def test_in_the_middle_of_a_booking_both_work_too() -> None:
    world = World()
    for intent, said in (
        (Intent.SET_REMINDER, Response.UTTER_SET_REMINDER), (Intent.STOP_REMINDERS, Response.UTTER_STOP_REMINDERS),
    ):  # fmt: skip
        outcome = world.run(
            Answer, "sluta med det där snälla", intent=intent, form=Form.BOOKING_FORM, asked=Slot.CALL_ME
        )
        assert outcome.said == [said]
    assert world.reminders.stopped
