"""What a booking asks, and what its answers mean."""

from __future__ import annotations

from datetime import datetime

import pytest

from actions.booking_form import AskMeetingTime, ValidateBooking
from actions.ways import AskContactHow
from bot.booking.models import ContactHow
from bot.names import Entity, Form, Intent, Response, Slot
from tests.actions.catalogue import FakeCatalogue, card
from tests.actions.fakes import FakeBooking, booked_with
from tests.actions.turns import FRIDAY_10, THURSDAY_14, THURSDAY_15, Outcome, World

FORM = Form.BOOKING_FORM
COMPLETE = {
    Slot.MUNICIPALITY: "Motala", Slot.CONTACT_HOW: "chat",
    Slot.MEETING_TIME: THURSDAY_14.isoformat(), Slot.CALL_ME: "Räven",
}  # fmt: skip


def check(filled: dict[str, str], **more: object) -> Outcome:
    return World().run(ValidateBooking, form=FORM, filled=filled, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", COMPLETE)
def test_what_is_missing_is_asked_for(missing: Slot) -> None:
    slots = {slot: value for slot, value in COMPLETE.items() if slot != missing}
    assert check({}, slots=slots, asked=Slot.CALL_ME).next_question == missing


def test_a_number_is_asked_for_only_when_we_are_to_call() -> None:
    assert check({}, slots=COMPLETE, asked=Slot.CALL_ME).next_question is None
    by_phone = {**COMPLETE, Slot.CONTACT_HOW: "phone"}
    assert check({}, slots=by_phone, asked=Slot.CALL_ME).next_question == Slot.CONTACT_VALUE


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("ni kan ringa mig", "phone"), ("telefon", "phone"), ("by phone", "phone"), ("video", "video"),
        ("på teams", "video"), ("vi kan ses", "meet"), ("träffas", "meet"), ("in person", "meet"),
        ("chatten", "chat"), ("video call", "video"), ("ta en promenad", "walk"),
        ("a walk", "walk"), ("telefonmöte", "phone"),
        ("write here", "chat"), ("phone", "phone"),
    ],
)  # fmt: skip
def test_how_to_talk_is_understood_in_words_and_from_buttons(text: str, how: str) -> None:
    assert check({Slot.CONTACT_HOW: text}, asked=Slot.CONTACT_HOW, text=text).slots[Slot.CONTACT_HOW] == how


def test_how_to_talk_is_asked_again_when_it_is_not_understood() -> None:
    outcome = check({Slot.CONTACT_HOW: "röksignaler"}, asked=Slot.CONTACT_HOW, text="röksignaler")
    assert outcome.slots[Slot.CONTACT_HOW] is None
    assert outcome.said == [Response.UTTER_RETRY_CONTACT_HOW]


def test_a_free_time_is_taken() -> None:
    outcome = check({Slot.MEETING_TIME: "2026-11-26T14:00"}, asked=Slot.MEETING_TIME)
    assert outcome.slots[Slot.MEETING_TIME] == THURSDAY_14.isoformat()


def test_a_time_that_is_not_free_leads_to_the_nearest_three() -> None:
    world = World()
    outcome = world.run(ValidateBooking, form=FORM, filled={Slot.MEETING_TIME: "2026-11-26T16:00"}, asked=Slot.CALL_ME)
    assert outcome.said == [Response.UTTER_TIME_NOT_FREE]
    assert outcome.slots[Slot.MEETING_TIME] is None
    asked = world.run(AskMeetingTime, form=FORM, slots={Slot.TIMES_AFTER: outcome.slots[Slot.TIMES_AFTER]})
    offered = asked.values(Response.UTTER_ASK_MEETING_TIME_THREE)
    nearest = [THURSDAY_14, THURSDAY_15, FRIDAY_10]
    assert [offered[f"iso_{number}"] for number in (1, 2, 3)] == [time.isoformat() for time in nearest]
    assert asked.said == [Response.UTTER_ASK_MEETING_TIME_THREE], "the regret was said already"


@pytest.mark.parametrize("named", ["2026-11-27", "2026-11-27T09:00/2026-11-27T12:00"])
def test_a_day_shows_the_times_of_that_day_without_regrets(named: str) -> None:
    outcome = check({Slot.MEETING_TIME: named}, asked=Slot.MEETING_TIME)
    assert outcome.said == []
    assert outcome.slots[Slot.TIMES_AFTER].startswith("2026-11-27")


def test_words_that_are_no_time_are_asked_again() -> None:
    outcome = check({Slot.MEETING_TIME: "snart"}, asked=Slot.MEETING_TIME, text="/inform")
    assert outcome.said == [Response.UTTER_RETRY_MEETING_TIME]


def test_a_time_named_in_the_first_message_is_kept() -> None:
    outcome = check({Slot.MEETING_TIME: "2026-11-26T14:00:00+01:00"}, intent=Intent.BOOK_COUNSELLOR)
    assert outcome.slots[Slot.MEETING_TIME] == THURSDAY_14.isoformat()
    assert outcome.next_question == Slot.MUNICIPALITY


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hej jag heter Sam", "Sam"), ("Hejdå-Lisa", "Hejdå-Lisa"),
        ("Räven", "Räven"), ("kalla mig Räven", "Räven"), ("my name is Kim.", "Kim"),
        ("jag heter <person_name_1>", "<person_name_1>"), ("<person_name_2>", "<person_name_2>"),
    ],
)  # fmt: skip
def test_the_name_to_use_is_taken_out_of_the_sentence(text: str, name: str) -> None:
    assert check({Slot.CALL_ME: text}, asked=Slot.CALL_ME, text=text).slots[Slot.CALL_ME] == name


@pytest.mark.parametrize(
    ("asked", "text", "slot", "value"),
    [
        (Slot.MUNICIPALITY, "vill inte säga", Slot.ANY_PLACE, True),
        (Slot.CALL_ME, "rather not say", Slot.CALL_ME, "anonym"),
        (Slot.CONTACT_VALUE, "hellre chatt", Slot.CONTACT_HOW, "chat"),
    ],
)
def test_rather_not_say_is_understood_whatever_the_model_takes_it_for(
    asked: Slot, text: str, slot: Slot, value: object
) -> None:
    outcome = check({asked: text}, text=text, intent=Intent.ASK_REPHRASE, asked=asked)
    assert outcome.slots[slot] == value
    assert not outcome.left_to_the_rules


@pytest.mark.parametrize(
    ("text", "place"),
    [("den första", 0), ("the second one", 1), ("1:an", 0), ("sista", 2), ("spelar ingen roll", 0), ("2", 1)],
)
def test_a_time_can_be_chosen_by_its_place_in_the_list(text: str, place: int) -> None:
    times = [THURSDAY_14, THURSDAY_15, FRIDAY_10]
    outcome = check(
        {Slot.MEETING_TIME: text}, text=text, asked=Slot.MEETING_TIME, said=[Response.UTTER_ASK_MEETING_TIME_THREE],
        payloads=[f'/inform{{"time":"{time.isoformat()}"}}' for time in times],
    )  # fmt: skip
    assert outcome.slots[Slot.MEETING_TIME] == times[place].isoformat()


@pytest.mark.parametrize("asked", [Slot.MUNICIPALITY, Slot.MEETING_TIME, Slot.CONTACT_VALUE])
def test_words_that_are_no_answer_are_left_to_the_rules(asked: Slot) -> None:
    outcome = check({asked: "öh"}, text="öh", asked=asked)
    assert outcome.left_to_the_rules
    assert outcome.slots[asked] is None


@pytest.mark.parametrize("intent", [Intent.AFFIRM, Intent.DENY, Intent.SHOW_BOOKING, Intent.CANCEL_BOOKING])
def test_a_wish_of_another_kind_is_no_name(intent: Intent) -> None:
    assert check({Slot.CALL_ME: "x"}, text="x", intent=intent, asked=Slot.CALL_ME).left_to_the_rules


def test_a_long_story_is_no_name() -> None:
    text = "det vet jag faktiskt inte riktigt just nu"
    outcome = check({Slot.CALL_ME: text}, asked=Slot.CALL_ME, text=text)
    assert outcome.said == [Response.UTTER_RETRY_CALL_ME]
    assert outcome.slots[Slot.CALL_ME] is None


def test_a_number_stays_the_placeholder_of_the_vault() -> None:
    outcome = check({Slot.CONTACT_VALUE: "<phone_number_1>"}, asked=Slot.CONTACT_VALUE)
    assert outcome.slots[Slot.CONTACT_VALUE] == "<phone_number_1>"


@pytest.mark.parametrize(
    ("asked", "said", "first"),
    [
        ("2026-11-27", [], FRIDAY_10),
        ("2026-11-26T14:30/2026-11-26T17:00", [], THURSDAY_15),
        ("15:00", [], THURSDAY_15),
        ("2026-11-23/2026-11-29", [], THURSDAY_14),
        ("2026-11-28", [Response.UTTER_TIME_NOT_FREE], THURSDAY_15),
        ("2026-11-26T18:00/2026-11-26T20:00", [Response.UTTER_TIME_NOT_FREE], THURSDAY_14),
    ],
)
def test_days_and_parts_of_days_show_what_is_free_then(asked: str, said: list[Response], first: datetime) -> None:
    outcome = World().run(AskMeetingTime, form=FORM, slots={Slot.TIMES_AFTER: asked})
    assert outcome.said[:-1] == said
    assert outcome.messages[-1]["iso_1"] == first.isoformat()


def test_only_the_ways_that_somebody_offers_are_buttons() -> None:
    world = World()
    world.booking.offered = (ContactHow.PHONE, ContactHow.WALK)
    outcome = world.run(AskContactHow, form=FORM, slots={Slot.LANGUAGE: "en"})
    assert outcome.messages[0]["buttons"] == [
        {"title": "By phone", "payload": '/inform{"contact_how": "phone"}'},
        {"title": "We go for a walk", "payload": '/inform{"contact_how": "walk"}'},
    ]
    home = {Slot.MUNICIPALITY: "Motala"}
    video = {Slot.CONTACT_HOW: "video"}
    refused = world.run(ValidateBooking, form=FORM, filled=video, slots=home, asked=Slot.CONTACT_HOW)
    assert refused.said == [Response.UTTER_WAY_NOT_OFFERED]
    assert refused.next_question == Slot.CONTACT_HOW


def test_where_nobody_can_be_met_the_form_ends() -> None:
    world = World()
    world.booking.offered = ()
    outcome = world.run(AskContactHow, form=FORM)
    assert (outcome.said, outcome.next_question) == ([], None)


@pytest.mark.parametrize(
    ("free", "response"),
    [
        ((THURSDAY_14, THURSDAY_15, FRIDAY_10), Response.UTTER_ASK_MEETING_TIME_THREE),
        ((THURSDAY_14, THURSDAY_15), Response.UTTER_ASK_MEETING_TIME_TWO),
        ((THURSDAY_14,), Response.UTTER_ASK_MEETING_TIME_ONE),
    ],
)
def test_the_free_times_are_offered_in_the_youth_s_words(free: tuple[object, ...], response: Response) -> None:
    world = World(booking=FakeBooking(*free))  # type: ignore[arg-type]
    assert world.run(AskMeetingTime, form=FORM).values(response)["time_1"] == "torsdag 26 nov kl. 14.00"
    english = world.run(AskMeetingTime, form=FORM, slots={Slot.LANGUAGE: "en"})
    assert english.values(response)["time_1"] == "Thursday 26 Nov at 14:00"


def test_after_the_last_time_the_first_ones_come_again() -> None:
    outcome = World().run(
        AskMeetingTime, form=FORM, intent=Intent.SHOW_MORE, slots={Slot.TIMES_AFTER: "2027-01-01T00:00:00+01:00"}
    )
    assert outcome.said == [Response.UTTER_NO_MORE_TIMES, Response.UTTER_ASK_MEETING_TIME_THREE]


def test_without_free_times_the_form_ends() -> None:
    outcome = World(booking=FakeBooking()).run(AskMeetingTime, form=FORM)
    assert outcome.said == []
    assert outcome.next_question is None


def test_somebody_with_a_meeting_is_not_asked_for_another() -> None:
    outcome = World(booking=booked_with(THURSDAY_14)).run(ValidateBooking, form=FORM, intent=Intent.BOOK_COUNSELLOR)
    assert outcome.next_question is None


@pytest.mark.parametrize("asked", [Slot.CONTACT_HOW, Slot.MEETING_TIME, Slot.CALL_ME, Slot.CONTACT_VALUE])
def test_a_place_put_right_in_the_middle_is_noted_and_the_open_question_stays_without_regrets(asked: Slot) -> None:
    text = "nej jag menade Motala"
    order = [Slot.CONTACT_HOW, Slot.MEETING_TIME, Slot.CALL_ME, Slot.CONTACT_VALUE]
    known = {**COMPLETE, Slot.CONTACT_HOW: "phone", Slot.MUNICIPALITY: "Ydre"}
    known = {slot: value for slot, value in known.items() if slot not in order[order.index(asked) :]}
    outcome = check(
        {Slot.MUNICIPALITY: "Motala", asked: text}, text=text, intent=Intent.DENY, asked=asked, slots=known,
        entities={Entity.MUNICIPALITY: "Motala"},
    )  # fmt: skip
    assert outcome.said == []
    assert outcome.slots[Slot.MUNICIPALITY] == "Motala"
    assert (outcome.slots[asked], outcome.next_question) == (None, asked)


def test_an_answer_that_names_a_place_beside_is_still_an_answer() -> None:
    named = {Entity.MUNICIPALITY: "Motala"}
    text = "vi kan ses i Motala"
    outcome = check(
        {Slot.MUNICIPALITY: "Motala", Slot.CONTACT_HOW: text}, text=text, asked=Slot.CONTACT_HOW, entities=named
    )
    assert outcome.slots[Slot.CONTACT_HOW] == "meet"


def bona() -> World:
    return World(catalogue=FakeCatalogue(card("Bona")))


@pytest.mark.parametrize(
    ("text", "entities", "school"),
    [
        ('/book_counsellor{"provider":"bona"}', {Entity.PROVIDER: "bona"}, "bona"),
        ("kan jag prata med en vägledare om Bona", {Entity.PROVIDER: "bona"}, "bona"),
        ("boka en vägledare om detta", {}, "bona"),
        ("book a counsellor about it", {}, "bona"),
        ("boka en tid", {}, None),
        ("boka om borta", {Entity.PROVIDER: "borta"}, None),
    ],
)
def test_a_booking_from_a_school_s_card_keeps_which_school(
    text: str, entities: dict[str, str], school: str | None
) -> None:
    outcome = bona().run(
        ValidateBooking, text, intent=Intent.BOOK_COUNSELLOR, form=FORM, entities=entities,
        slots={Slot.LAST_SHOWN: ["bona"], Slot.PROVIDER: "an-older-one"}, said=[Response.UTTER_PROVIDER_NEXT],
    )  # fmt: skip
    assert outcome.slots[Slot.PROVIDER] == school


def test_the_school_stays_when_the_time_was_taken_meanwhile() -> None:
    slots = {**COMPLETE, Slot.MEETING_TIME: None, Slot.PROVIDER: "bona"}
    assert Slot.PROVIDER not in bona().run(ValidateBooking, "Räven", form=FORM, slots=slots).slots
