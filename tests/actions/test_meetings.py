"""Booking, showing, cancelling and moving: only what the service confirms is said to be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from actions.meetings import BookMeeting, CancelBooking, ShowBooking
from actions.moving import ChangeBooking
from actions.steering import NoteAnswer
from bot.booking.models import ContactHow
from bot.names import Entity, Form, Intent, Response, Slot
from tests.actions.catalogue import FakeCatalogue, card
from tests.actions.fakes import FakeBooking, ServiceDown, booked_with
from tests.actions.turns import FRIDAY_10, FRIDAY_11, THURSDAY_14, THURSDAY_15, World

ANSWERS = {
    Slot.MUNICIPALITY: "Motala", Slot.CONTACT_HOW: "phone",
    Slot.MEETING_TIME: THURSDAY_14.isoformat(), Slot.CALL_ME: "<person_name_1>",
    Slot.CONTACT_VALUE: "<phone_number_1>",
}  # fmt: skip


def test_a_booking_says_who_and_when_and_how() -> None:
    world = World()
    outcome = world.run(BookMeeting, slots=ANSWERS)
    said = outcome.values(Response.UTTER_BOOKING_DONE_PHONE)
    assert (said["counsellor"], said["when"]) == ("Sara", "torsdag 26 november kl. 14.00")
    assert world.booking.calls == [{
        "municipality": "Motala", "topic": "", "how": ContactHow.PHONE, "starts_at": THURSDAY_14,
        "call_me": "<person_name_1>", "contact": "<phone_number_1>", "request_key": "turn-1",
    }]  # fmt: skip
    assert outcome.slots[Slot.MEETING_TIME] is None, "the next booking starts empty"


def test_a_repeated_turn_books_once_and_says_the_same() -> None:
    world = World()
    first = world.run(BookMeeting, slots=ANSWERS)
    again = world.run(BookMeeting, slots=ANSWERS)
    assert first.said == again.said
    assert len(world.booking.done) == 1


@pytest.mark.parametrize("how", list(ContactHow))
def test_each_way_of_meeting_has_its_own_words_and_only_the_phone_a_number(how: ContactHow) -> None:
    world = World()
    outcome = world.run(BookMeeting, slots={**ANSWERS, Slot.CONTACT_HOW: how.value})
    assert outcome.said[0] == f"utter_booking_done_{how}"
    assert (Response.UTTER_MEETING_WHERE_LATER in outcome.said) is (how not in (ContactHow.PHONE, ContactHow.CHAT))
    assert outcome.said[-1] == Response.UTTER_ASK_TOPIC, "asked when the time is safe, and not before"
    assert world.booking.calls[0]["contact"] == ("<phone_number_1>" if how is ContactHow.PHONE else None)


def test_somebody_who_would_rather_not_say_where_is_booked_without_a_place() -> None:
    world = World()
    world.run(BookMeeting, slots={**ANSWERS, Slot.ANY_PLACE: True})
    assert world.booking.calls[0]["municipality"] is None


def test_a_time_that_was_taken_meanwhile_leads_back_to_the_question() -> None:
    world = World()
    world.booking.gone.add(THURSDAY_14)
    outcome = world.run(BookMeeting, slots=ANSWERS)
    assert outcome.said == [Response.UTTER_BOOKING_TAKEN]
    assert outcome.follow_up == Form.BOOKING_FORM
    assert outcome.slots[Slot.MEETING_TIME] is None
    assert Slot.CALL_ME not in outcome.slots, "the other answers stay"
    assert outcome.slots[Slot.TIMES_AFTER] == f"near {THURSDAY_14.isoformat()}", "then the nearest are shown"


def test_when_nobody_can_be_booked_a_person_is_offered() -> None:
    outcome = World(booking=FakeBooking()).run(BookMeeting, slots=ANSWERS)
    assert outcome.said == [Response.UTTER_BOOKING_NOBODY]


def test_a_form_that_ended_early_says_why() -> None:
    assert World().run(BookMeeting, slots={Slot.MUNICIPALITY: "Motala"}).said == [Response.UTTER_BOOKING_NOBODY]
    world = World(booking=booked_with(THURSDAY_14))
    assert world.run(BookMeeting).said == [Response.UTTER_BOOKING_CURRENT_PHONE]


def test_a_failing_service_fails_the_turn_and_nothing_is_said_to_be_done() -> None:
    world = World()
    world.booking.down = True
    with pytest.raises(ServiceDown):
        world.run(BookMeeting, slots=ANSWERS)


def test_a_meeting_is_shown_in_the_youth_s_language() -> None:
    world = World(booking=booked_with(THURSDAY_14))
    outcome = world.run(ShowBooking, slots={Slot.LANGUAGE: "en"})
    assert outcome.values(Response.UTTER_BOOKING_CURRENT_PHONE)["when"] == "Thursday 26 November at 14:00"


@pytest.mark.parametrize("action", [ShowBooking, CancelBooking, ChangeBooking])
def test_without_a_meeting_one_is_offered(action: type) -> None:
    assert World().run(action).said == [Response.UTTER_NO_BOOKING]


def test_cancelling_asks_first() -> None:
    world = World(booking=booked_with(THURSDAY_14))
    assert world.run(CancelBooking, intent=Intent.CANCEL_BOOKING).said == [Response.UTTER_ASK_CANCEL_BOOKING]
    assert world.booking.current("conversation-1") is not None


def test_moving_offers_times_and_moves_to_the_one_that_is_pressed() -> None:
    world = World(booking=booked_with(THURSDAY_14, THURSDAY_15, FRIDAY_10, FRIDAY_11))
    offered = world.run(ChangeBooking, intent=Intent.CHANGE_BOOKING).values(Response.UTTER_ASK_NEW_TIME_THREE)
    assert offered["when"] == "torsdag 26 november kl. 14.00"
    moved = world.run(ChangeBooking, intent=Intent.CHANGE_BOOKING, entities={Entity.TIME: offered["iso_2"]})
    assert moved.values(Response.UTTER_BOOKING_MOVED)["when"] == "fredag 27 november kl. 10.00"


def test_a_new_time_that_is_not_free_is_said_and_others_are_offered() -> None:
    world = World(booking=booked_with(THURSDAY_14, FRIDAY_10))
    outcome = world.run(ChangeBooking, entities={Entity.TIME: "2026-11-26T18:00"})
    assert outcome.said == [Response.UTTER_TIME_NOT_FREE, Response.UTTER_ASK_NEW_TIME_ONE]
    assert world.booking.booked["conversation-1"].starts_at == THURSDAY_14


def test_a_new_time_that_was_taken_meanwhile_leaves_the_old_one() -> None:
    world = World(booking=booked_with(THURSDAY_14, FRIDAY_10, FRIDAY_11))
    world.booking.gone.add(FRIDAY_10)
    outcome = world.run(ChangeBooking, entities={Entity.TIME: FRIDAY_10.isoformat()})
    assert outcome.said == [Response.UTTER_BOOKING_TAKEN, Response.UTTER_ASK_NEW_TIME_ONE]
    assert world.booking.booked["conversation-1"].starts_at == THURSDAY_14


def test_no_other_free_time_says_that_the_old_one_stands() -> None:
    world = World(booking=booked_with(THURSDAY_14))
    assert world.run(ChangeBooking).said == [Response.UTTER_NO_NEW_TIMES]


@pytest.mark.parametrize(
    ("how", "said"),
    [(ContactHow.MEET, Response.UTTER_MEETING_PLACE), (ContactHow.VIDEO, Response.UTTER_MEETING_LINK)],
)
def test_where_it_is_is_said_with_the_meeting(how: ContactHow, said: Response) -> None:
    world = World(booking=booked_with(THURSDAY_14))
    world.booking.booked["conversation-1"] = replace(
        world.booking.booked["conversation-1"], how=how, where="Storgatan 1"
    )
    assert world.run(ShowBooking).values(said)["where"] == "Storgatan 1"


@pytest.mark.parametrize(("asked", "first"), [("2026-11-27", FRIDAY_10), ("15:00", THURSDAY_15)])
def test_moving_to_a_day_or_a_time_of_day_offers_what_is_free_then(asked: str, first: datetime) -> None:
    world = World(booking=booked_with(THURSDAY_14, THURSDAY_15, FRIDAY_10))
    outcome = world.run(ChangeBooking, entities={Entity.TIME: asked})
    assert outcome.said == [Response.UTTER_ASK_NEW_TIME_ONE]
    assert outcome.messages[0]["iso_1"] == first.isoformat()


def test_what_it_is_about_is_noted_afterwards() -> None:
    world = World(booking=booked_with(THURSDAY_14))
    assert world.run(NoteAnswer, entities={Entity.TOPIC: "money"}).said == [Response.UTTER_TOPIC_NOTED]
    assert world.booking.topics == ["money"]
    assert World().run(NoteAnswer, entities={Entity.TOPIC: "money"}).said == [Response.UTTER_NO_BOOKING]


def test_a_meeting_about_a_school_has_it_as_its_topic_and_asks_for_none() -> None:
    world = World(catalogue=FakeCatalogue(card("Bona folkhögskola")))
    outcome = world.run(BookMeeting, slots={**ANSWERS, Slot.PROVIDER: "bona-folkhögskola"})
    assert world.booking.calls[0]["topic"] == "Bona folkhögskola"
    assert outcome.values(Response.UTTER_TOPIC_IS_SCHOOL)["name"] == "Bona folkhögskola"
    assert Response.UTTER_ASK_TOPIC not in outcome.said
    assert outcome.slots[Slot.PROVIDER] is None, "the next meeting is about something of its own"
