"""Studying at a distance, read in the words of a message; and kilometres from the town or village that was named."""

from __future__ import annotations

import pytest

from actions.distance import wants_distance
from actions.forms import Answer
from actions.misses import HandleMiss
from actions.search import SearchEducation, ShowMore
from actions.search_form import ValidateSearch
from actions.steering import Deny, NoteAnswer
from actions.telling import Tell
from bot.catalogue.kinds import EducationType
from bot.catalogue.rules import Point
from bot.names import Entity, Form, Intent, Response, Slot
from tests.actions.catalogue import FakeCatalogue, card
from tests.actions.turns import World, began, heard
from tests.data.project_files import variations

FORM = Form.FIND_EDUCATION_FORM
KOMVUX = {Slot.EDUCATION_TYPE: "komvux", Slot.MUNICIPALITY: "Motala"}


def komvux_at_a_distance(place: str = "Motala") -> FakeCatalogue:
    return FakeCatalogue(card("Komvux på plats"), card("Komvux hemma", place, distance=True))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("kan jag läsa nåt på distans", True),
        ("vuxenutbildning hemifrån", True),
        ("online courses in Motala", True),
        ("finns det inte komvux på distans?", True),
        ("distansutbildning i ydre", True),
        ("jag vill inte sitta i klassrum, kan man plugga hemma", True),
        ("can i study remotely in motala", True),
        ("komvux, but from home", True),
        ('/find_education{"choice":"distance"}', True),
        ("komvux men inte på distans", False),
        ("jag orkar inte läsa online", False),
        ("not online please", False),
        ("hellre på plats", False),
        ("hur funkar distans", None),
        ("vad kostar en distanskurs", None),
        ("is distance hard to manage", None),
        ("komvux i Motala", None),
        ("det är bråk hemma", None),
    ],
)
def test_a_wish_for_a_distance_is_read_in_the_text(text: str, wanted: bool | None) -> None:
    assert wants_distance(text) is wanted


def test_a_search_that_says_distance_finds_only_what_can_be_studied_so() -> None:
    world = World(catalogue=komvux_at_a_distance())
    outcome = world.run(
        SearchEducation, "i Motala", slots=KOMVUX,
        before=[heard("vuxenutbildning hemifrån"), began(FORM)],
    )  # fmt: skip
    assert outcome.said[:2] == [Response.UTTER_SEARCH_DISTANCE, Response.UTTER_PROVIDER]
    assert [outcome.values(Response.UTTER_PROVIDER)["name"]] == ["Komvux hemma"]
    assert world.catalogue.asked_at_a_distance == [True]


def test_a_distance_of_an_earlier_search_counts_no_more() -> None:
    world = World(catalogue=komvux_at_a_distance())
    before = [heard("komvux på distans"), began(FORM), heard("komvux"), began(FORM)]
    world.run(SearchEducation, "i Motala", slots=KOMVUX, before=before)
    assert world.catalogue.asked_at_a_distance == [False]


def test_the_last_word_in_a_search_counts() -> None:
    world = World(catalogue=komvux_at_a_distance())
    before = [heard("komvux på distans"), began(FORM), heard("nej, på plats")]
    world.run(SearchEducation, "i Motala", slots=KOMVUX, before=before)
    assert world.catalogue.asked_at_a_distance == [False]


def test_nothing_at_a_distance_in_the_place_names_the_nearest_that_has_it() -> None:
    world = World(catalogue=komvux_at_a_distance("Linköping"))
    outcome = world.run(SearchEducation, "komvux på distans i Motala", slots=KOMVUX)
    assert outcome.said[0] == Response.UTTER_SEARCH_DISTANCE_NEAREST
    assert outcome.values(Response.UTTER_PROVIDER)["name"] == "Komvux hemma"


def test_nothing_at_a_distance_anywhere_is_said_and_what_there_is_on_site_is_shown() -> None:
    world = World(catalogue=FakeCatalogue(card("Komvux på plats")))
    outcome = world.run(SearchEducation, "komvux på distans i Motala", slots=KOMVUX)
    assert outcome.said[:3] == [
        Response.UTTER_SEARCH_DISTANCE_NONE, Response.UTTER_SEARCH_IN_PLACE, Response.UTTER_PROVIDER
    ]  # fmt: skip
    assert world.catalogue.asked_at_a_distance == [True, False]


def test_the_next_page_and_another_place_stay_at_a_distance() -> None:
    world = World(catalogue=FakeCatalogue(*(card(f"Skola {number}", distance=True) for number in range(5))))
    first = world.run(SearchEducation, "komvux på distans i Motala", slots=KOMVUX)
    world.run(ShowMore, intent=Intent.SHOW_MORE, slots=first.slots)
    other = [heard('/find_education{"municipality":"other"}', "other"), began(FORM)]
    world.run(SearchEducation, "Ydre", slots={**first.slots, **KOMVUX, Slot.MUNICIPALITY: "Ydre"}, before=other)
    assert world.catalogue.asked == [
        (EducationType.KOMVUX, "Motala", None, 0), (EducationType.KOMVUX, "Motala", None, 3),
        (EducationType.KOMVUX, "Ydre", None, 0),
    ]  # fmt: skip
    assert world.catalogue.asked_at_a_distance == [True, True, True]


@pytest.mark.parametrize("action", [Deny, NoteAnswer])
def test_after_a_list_distance_is_a_correction_like_any_other(action: type[Deny] | type[NoteAnswer]) -> None:
    world = World(catalogue=komvux_at_a_distance())
    last = {Slot.SEARCHED_KIND: "komvux", Slot.SEARCHED_PLACE: "Motala"}
    world.run(action, "nej, på distans", slots=last, said=[Response.UTTER_SEARCH_END])
    assert world.catalogue.asked == [(EducationType.KOMVUX, "Motala", None, 0)]
    assert world.catalogue.asked_at_a_distance == [True]


def test_at_a_distance_only_the_place_is_asked_for() -> None:
    asked = World().run(ValidateSearch, '/find_education{"choice":"distance"}', intent=Intent.FIND_EDUCATION, form=FORM)
    assert asked.next_question == Slot.MUNICIPALITY
    outcome = World().run(
        ValidateSearch, "på distans", intent=Intent.ASK_DISTANCE_STUDIES, form=FORM, asked=Slot.PROGRAMME,
        filled={Slot.PROGRAMME: "på distans"}, slots={Slot.EDUCATION_TYPE: "upper_secondary", Slot.ANY_PLACE: True},
    )  # fmt: skip
    assert not outcome.left_to_the_rules
    assert outcome.next_question is None
    assert outcome.slots[Slot.PROGRAMME] is None


def test_how_it_works_is_still_a_question_in_the_middle_of_a_search() -> None:
    text = "hur funkar det på distans?"
    outcome = World().run(
        ValidateSearch, text, intent=Intent.ASK_DISTANCE_STUDIES, form=FORM, asked=Slot.EDUCATION_TYPE,
        filled={Slot.EDUCATION_TYPE: text},
    )  # fmt: skip
    assert outcome.left_to_the_rules


@pytest.mark.parametrize(("text", "intent", "entities"), [
    ("vuxenutbildning hemifrån", Intent.ASK_KOMVUX, {Entity.EDUCATION_TYPE: "komvux"}),
    ("online courses in Motala", Intent.ASK_DISTANCE_STUDIES, {Entity.MUNICIPALITY: "Motala"}),
    ("finns el på distans", Intent.ASK_PROGRAMMES, {Entity.PROGRAMME: "EE"}),
])  # fmt: skip
def test_a_question_that_names_something_is_a_search(text: str, intent: Intent, entities: dict[str, str]) -> None:
    assert World().run(Tell, text, intent=intent, entities=entities).follow_up == FORM
    assert World().run(HandleMiss, text, intent=Intent.NLU_FALLBACK, entities=entities).follow_up == FORM


@pytest.mark.parametrize(("text", "entities"), [
    ("kan jag läsa nåt på distans", {}),
    ("hur funkar komvux på distans", {Entity.EDUCATION_TYPE: "komvux"}),
])  # fmt: skip
def test_the_general_question_keeps_its_answer(text: str, entities: dict[str, str]) -> None:
    outcome = World().run(Tell, text, intent=Intent.ASK_DISTANCE_STUDIES, entities=entities)
    assert outcome.said == [Response.UTTER_ASK_DISTANCE_STUDIES]
    assert outcome.follow_up is None


def test_the_general_answer_leads_to_the_search() -> None:
    for one in variations():
        if one.name == Response.UTTER_ASK_DISTANCE_STUDIES:
            assert one.buttons[0][1] == '/find_education{{"choice":"distance"}}'


def test_the_general_question_after_a_list_looks_for_the_same_at_a_distance() -> None:
    last = {Slot.SEARCHED_KIND: "komvux", Slot.SEARCHED_PLACE: "Motala"}
    said = [Response.UTTER_SEARCH_END]
    text, intent = "finns nån på distans?", Intent.ASK_DISTANCE_STUDIES
    assert World().run(Tell, text, intent=intent, slots=last, said=said).follow_up == FORM
    outcome = World().run(ValidateSearch, text, intent=intent, slots=last, said=said, form=FORM)
    assert (outcome.slots[Slot.EDUCATION_TYPE], outcome.slots[Slot.MUNICIPALITY]) == ("komvux", "Motala")
    assert outcome.next_question is None


def test_a_search_in_the_middle_of_a_booking_can_be_at_a_distance_too() -> None:
    world = World(catalogue=komvux_at_a_distance())
    world.run(
        Answer, "finns komvux på distans i Motala", intent=Intent.FIND_EDUCATION, form=Form.BOOKING_FORM,
        entities={Entity.EDUCATION_TYPE: "komvux", Entity.MUNICIPALITY: "Motala"},
    )  # fmt: skip
    assert world.catalogue.asked_at_a_distance == [True]


@pytest.mark.parametrize(
    ("before", "origin"),
    [
        ([heard("jag bor i Borensberg", "Motala", "Borensberg")], Point(58.56, 15.28)),
        ([heard("borensberg")], Point(58.56, 15.28)),
        ([heard("jag bor i Godegård", "Motala", "Godegård")], None),
        ([heard("jag bor i Borensberg", "Motala", "Borensberg"), heard("komvux i Motala", "Motala")], None),
        ([heard("jag bor i Borensberg", "Motala", "Borensberg"), heard("i Ydre", "Ydre")], None),
        ([], None),
    ],
)
def test_kilometres_count_from_the_town_or_village_that_was_named(
    before: list[dict[str, object]], origin: Point | None
) -> None:
    world = World(catalogue=FakeCatalogue(card("Skolan", "Linköping")))
    first = world.run(SearchEducation, "sök", slots=KOMVUX, before=before)
    assert world.catalogue.measured_from == [origin]
    assert first.values(Response.UTTER_SEARCH_NEAREST)["place"] == "Motala"
    world.run(ShowMore, intent=Intent.SHOW_MORE, slots=first.slots)
    assert world.catalogue.asked[1] == (EducationType.KOMVUX, "Motala", None, 1)
    assert world.catalogue.measured_from[1] == origin
