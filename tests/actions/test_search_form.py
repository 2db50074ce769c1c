"""Which questions a search asks, in which order, and what its answers mean."""

from __future__ import annotations

import pytest

from actions.search_form import ValidateSearch
from bot.names import Entity, Form, Intent, Response, Slot
from tests.actions.turns import Outcome, World

FORM = Form.FIND_EDUCATION_FORM


def check(filled: dict[str, str], *, slots: dict[str, object] | None = None, **more: object) -> Outcome:
    return World().run(ValidateSearch, form=FORM, filled=filled, slots=slots, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("filled", "question"),
    [
        ({}, Slot.EDUCATION_TYPE),
        ({Slot.MUNICIPALITY: "Motala"}, Slot.EDUCATION_TYPE),
        ({Slot.EDUCATION_TYPE: "komvux"}, Slot.MUNICIPALITY),
        ({Slot.PROGRAMME: "EE"}, Slot.MUNICIPALITY),
        ({Slot.PROGRAMME: "EE", Slot.MUNICIPALITY: "Motala"}, None),
        ({Slot.EDUCATION_TYPE: "upper_secondary", Slot.MUNICIPALITY: "Motala"}, Slot.PROGRAMME),
        ({Slot.EDUCATION_TYPE: "komvux", Slot.MUNICIPALITY: "Motala"}, None),
        ({Slot.EDUCATION_TYPE: "university"}, None),
    ],
)
def test_only_what_is_missing_and_matters_is_asked_for(filled: dict[str, str], question: Slot | None) -> None:
    assert check(filled).next_question == question


def test_it_does_not_matter_counts_as_an_answer() -> None:
    slots = {Slot.EDUCATION_TYPE: "upper_secondary", Slot.ANY_PLACE: True}
    assert check({}, slots=slots).next_question == Slot.PROGRAMME
    assert check({}, slots={**slots, Slot.ANY_PROGRAMME: True}).next_question is None


def test_an_introductory_programme_is_a_kind_of_school() -> None:
    outcome = check({Slot.PROGRAMME: "IM"})
    assert outcome.slots[Slot.EDUCATION_TYPE] == "introductory"
    assert outcome.slots[Slot.PROGRAMME] is None


def test_an_occupation_that_the_entities_missed_answers_which_programme() -> None:
    slots = {Slot.EDUCATION_TYPE: "upper_secondary", Slot.MUNICIPALITY: "Motala"}
    typed = "typ elektriker eller nåt"
    outcome = check({Slot.PROGRAMME: typed}, slots=slots, asked=Slot.PROGRAMME, text=typed)
    assert outcome.slots[Slot.PROGRAMME] == "EE"
    assert outcome.next_question is None


@pytest.mark.parametrize(
    ("slot", "value", "response"),
    [
        (Slot.MUNICIPALITY, "Stockholm", Response.UTTER_RETRY_MUNICIPALITY),
        (Slot.PROGRAMME, "QQ", Response.UTTER_RETRY_PROGRAMME),
        (Slot.EDUCATION_TYPE, "dagis", Response.UTTER_RETRY_EDUCATION_TYPE),
    ],
)
def test_an_answer_we_do_not_know_is_said_and_asked_again(slot: Slot, value: str, response: Response) -> None:
    outcome = check({slot: value}, asked=slot, text="/inform")
    assert outcome.said == [response]
    assert outcome.slots[slot] is None


def test_another_place_asks_where_and_keeps_the_rest_of_the_search() -> None:
    slots = {Slot.SEARCHED_KIND: "upper_secondary", Slot.SEARCHED_PROGRAMME: "EE", Slot.SEARCHED_PLACE: "Motala"}
    outcome = check({Slot.MUNICIPALITY: "other"}, slots=slots, intent=Intent.FIND_EDUCATION)
    assert outcome.next_question == Slot.MUNICIPALITY
    assert (outcome.slots[Slot.EDUCATION_TYPE], outcome.slots[Slot.PROGRAMME]) == ("upper_secondary", "EE")


def test_a_question_that_names_a_school_form_is_not_taken_for_the_answer() -> None:
    outcome = check(
        {Slot.EDUCATION_TYPE: "komvux"}, text="vad är komvux?", intent=Intent.ASK_KOMVUX, asked=Slot.EDUCATION_TYPE
    )
    assert outcome.left_to_the_rules
    assert outcome.slots[Slot.EDUCATION_TYPE] is None


def test_the_bare_word_is_the_answer_whatever_the_model_takes_it_for() -> None:
    outcome = check(
        {Slot.EDUCATION_TYPE: "komvux"}, text="komvux", intent=Intent.ASK_KOMVUX, asked=Slot.EDUCATION_TYPE,
        entities={Entity.EDUCATION_TYPE: "komvux"},
    )  # fmt: skip
    assert not outcome.left_to_the_rules
    assert outcome.next_question == Slot.MUNICIPALITY


@pytest.mark.parametrize(
    ("asked", "text", "slot"),
    [
        (Slot.MUNICIPALITY, "hela länet", Slot.ANY_PLACE), (Slot.MUNICIPALITY, "anywhere", Slot.ANY_PLACE),
        (Slot.PROGRAMME, "spelar ingen roll", Slot.ANY_PROGRAMME), (Slot.PROGRAMME, "I don't know", Slot.ANY_PROGRAMME),
    ],
)  # fmt: skip
def test_it_does_not_matter_is_understood_whatever_the_model_takes_it_for(asked: Slot, text: str, slot: Slot) -> None:
    outcome = check({asked: text}, text=text, intent=Intent.TELL_LOW_MOTIVATION, asked=asked)
    assert outcome.slots[slot] is True
    assert outcome.slots[asked] is None
    assert not outcome.left_to_the_rules


def test_a_place_that_the_entities_missed_is_found_in_the_catalogue() -> None:
    outcome = check({Slot.MUNICIPALITY: "Ydre"}, text="Ydre", intent=Intent.NLU_FALLBACK, asked=Slot.MUNICIPALITY)
    assert outcome.slots[Slot.MUNICIPALITY] == "Ydre"


@pytest.mark.parametrize("asked", [Slot.MUNICIPALITY, Slot.EDUCATION_TYPE, Slot.PROGRAMME])
def test_words_that_are_no_answer_are_left_to_the_rules(asked: Slot) -> None:
    outcome = check({asked: "öh"}, text="öh", intent=Intent.NLU_FALLBACK, asked=asked)
    assert outcome.left_to_the_rules
    assert outcome.slots[asked] is None


def test_the_form_asks_again_after_a_question_was_answered() -> None:
    # Rasa calls the check once more without new slots when it comes back to the form.
    outcome = check({}, text="vad är komvux?", intent=Intent.ASK_KOMVUX, asked=Slot.MUNICIPALITY)
    assert not outcome.left_to_the_rules
    assert outcome.next_question == Slot.EDUCATION_TYPE


def test_a_place_asked_about_after_a_list_goes_on_with_the_same_search() -> None:
    last = {Slot.SEARCHED_KIND: "folk_high_school", Slot.SEARCHED_PLACE: "Kinda", Slot.MUNICIPALITY: "Motala"}
    outcome = World().run(
        ValidateSearch, "och i motala då?", intent=Intent.FIND_EDUCATION, form=Form.FIND_EDUCATION_FORM, slots=last,
        entities={Entity.MUNICIPALITY: "Motala"}, filled={Slot.MUNICIPALITY: "Motala"},
        said=[Response.UTTER_SEARCH_END],
    )  # fmt: skip
    assert outcome.slots[Slot.EDUCATION_TYPE] == "folk_high_school"
    assert outcome.next_question is None


def test_an_answer_to_another_question_is_noted_and_the_open_one_asked_again_without_blame() -> None:
    outcome = check(
        {Slot.MUNICIPALITY: "Motala", Slot.EDUCATION_TYPE: "i motala"}, text="i motala", asked=Slot.EDUCATION_TYPE,
        entities={Entity.MUNICIPALITY: "Motala"},
    )  # fmt: skip
    assert outcome.said == []
    assert outcome.slots[Slot.EDUCATION_TYPE] is None
    assert outcome.next_question == Slot.EDUCATION_TYPE
