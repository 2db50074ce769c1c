"""What is said in the middle of a form and is no answer to it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from actions.answers import ANSWERS, stands_alone
from actions.forms import Answer, LeaveTask, SkipQuestion
from actions.handover import RequestHuman
from bot.handover.models import HandoverState
from bot.handover.service import HandoverStatus
from bot.names import Entity, Form, Intent, Response, Slot
from tests.actions.catalogue import FakeCatalogue, card
from tests.actions.fakes import FakeHandover
from tests.actions.turns import FRIDAY_10, THURSDAY_14, World


@pytest.mark.parametrize("intent", list(ANSWERS))
def test_every_question_is_answered_in_a_form_as_outside(intent: Intent) -> None:
    assert World().run(Answer, "x", intent=intent, form=Form.BOOKING_FORM).said == [ANSWERS[intent]]


def test_an_answer_that_fits_nothing_gets_help_then_a_way_out_then_help_again() -> None:
    said: list[str] = []
    for _ in range(4):
        outcome = World().run(
            Answer, "stockholm", form=Form.FIND_EDUCATION_FORM, asked=Slot.MUNICIPALITY,
            said=[Response(said[-1])] if said else [],
        )  # fmt: skip
        said += outcome.said
    assert said == [Response.UTTER_RETRY_MUNICIPALITY, Response.UTTER_FORM_STUCK] * 2


def test_later_times_begin_after_the_last_that_was_offered() -> None:
    payloads = [f'/inform{{"time":"{time.isoformat()}"}}' for time in (THURSDAY_14, FRIDAY_10)]
    outcome = World().run(
        Answer, "/show_more", intent=Intent.SHOW_MORE, form=Form.BOOKING_FORM, asked=Slot.MEETING_TIME,
        said=[Response.UTTER_ASK_MEETING_TIME_TWO], payloads=[*payloads, "/show_more"],
    )  # fmt: skip
    assert outcome.slots[Slot.TIMES_AFTER] == FRIDAY_10.isoformat()


def test_a_yes_to_the_only_free_time_takes_it() -> None:
    outcome = World().run(
        Answer, "ja", intent=Intent.AFFIRM, form=Form.BOOKING_FORM, asked=Slot.MEETING_TIME,
        said=[Response.UTTER_ASK_MEETING_TIME_ONE], payloads=[f'/inform{{"time":"{THURSDAY_14.isoformat()}"}}'],
    )  # fmt: skip
    assert outcome.slots[Slot.MEETING_TIME] == THURSDAY_14.isoformat()


def test_a_search_in_the_middle_of_a_booking_is_answered_at_once() -> None:
    world = World(catalogue=FakeCatalogue(card("Bona")))
    outcome = world.run(
        Answer, "vilka folkhögskolor finns", intent=Intent.FIND_EDUCATION, form=Form.BOOKING_FORM,
        entities={Entity.EDUCATION_TYPE: "folk_high_school"}, slots={Slot.MUNICIPALITY: "Motala"},
    )  # fmt: skip
    assert outcome.said[:2] == [Response.UTTER_SEARCH_IN_PLACE, Response.UTTER_PROVIDER]


@pytest.mark.parametrize(
    ("asked", "slot", "value"),
    [
        (Slot.MUNICIPALITY, Slot.ANY_PLACE, True),
        (Slot.PROGRAMME, Slot.ANY_PROGRAMME, True),
        (Slot.CALL_ME, Slot.CALL_ME, "anonym"),
        (Slot.CONTACT_VALUE, Slot.CONTACT_HOW, "chat"),
    ],
)
def test_nobody_has_to_say_what_they_would_rather_not(asked: Slot, slot: Slot, value: object) -> None:
    assert World().run(SkipQuestion, "vill inte", intent=Intent.DENY, asked=asked).slots[slot] == value


def test_a_question_that_needs_an_answer_is_helped_along() -> None:
    outcome = World().run(SkipQuestion, "nej", intent=Intent.DENY, asked=Slot.CONTACT_HOW)
    assert outcome.said == [Response.UTTER_RETRY_CONTACT_HOW]


@pytest.mark.parametrize(
    ("form", "response", "slot"),
    [
        (Form.BOOKING_FORM, Response.UTTER_LEFT_BOOKING, Slot.CALL_ME),
        (Form.FIND_EDUCATION_FORM, Response.UTTER_LEFT_SEARCH, Slot.EDUCATION_TYPE),
    ],
)
def test_stop_leaves_the_form_and_forgets_its_answers(form: Form, response: Response, slot: Slot) -> None:
    outcome = World().run(LeaveTask, "stopp", intent=Intent.STOP, form=form)
    assert outcome.said == [response]
    assert outcome.slots[slot] is None
    assert {"event": "active_loop", "name": None, "timestamp": None} in outcome.events


@pytest.mark.parametrize(
    ("status", "response", "filled"),
    [
        (HandoverStatus(HandoverState.REQUESTED, position=2), Response.UTTER_HUMAN_REQUESTED, ("position", "2")),
        (
            HandoverStatus(HandoverState.OFF_HOURS_QUEUED, opens_at=datetime(2026, 11, 26, 8, tzinfo=UTC)),
            Response.UTTER_HUMAN_OFF_HOURS, ("opens", "torsdag 26 november kl. 09.00"),
        ),
        (HandoverStatus(HandoverState.OFF_HOURS_QUEUED), Response.UTTER_HUMAN_OFF_HOURS_OPEN, None),
        (HandoverStatus(HandoverState.LIVE), Response.UTTER_HUMAN_WAITING, None),
    ],
)  # fmt: skip
def test_asking_for_a_person_says_how_it_stands(
    status: HandoverStatus, response: Response, filled: tuple[str, str] | None
) -> None:
    world = World(handover=FakeHandover(status))
    outcome = world.run(RequestHuman, intent=Intent.TALK_TO_HUMAN, slots={Slot.MUNICIPALITY: "Motala"})
    assert outcome.said == [response]
    if filled:
        assert outcome.values(response)[filled[0]] == filled[1]
    assert world.handover.requests == [
        {"conversation_id": "conversation-1", "reason": "asked", "request_key": "turn-1", "municipality": "Motala"}
    ]


@pytest.mark.parametrize(
    ("intent", "text", "alone"),
    [
        (Intent.ASK_KOMVUX, "vad är komvux?", True),
        (Intent.ASK_KOMVUX, "what is komvux", True),
        (Intent.ASK_KOMVUX, "komvux", False),
        (Intent.ASK_KOMVUX, "i want to know about komvux", True),
        (Intent.GREET, "hej jag bor i Motala nu faktiskt", False),
        (Intent.INFORM, "vad som helst går bra?", False),
        (Intent.FIND_EDUCATION, "var finns det?", False),
    ],
)
def test_a_question_is_told_from_an_answer(intent: Intent, text: str, alone: bool) -> None:
    assert stands_alone(intent, text) is alone
