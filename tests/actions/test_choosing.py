"""The two guides by taps: which grades are enough, and what might fit."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from actions.choosing import CHOICES
from actions.misses import HandleMiss
from actions.steering import Affirm, Deny, NoteAnswer
from actions.telling import HelpMeChoose, Tell
from bot.names import Entity, Intent, Response, Slot
from tests.actions.turns import Outcome, World, knowledge
from tests.data.project_files import variations

INTERESTS = knowledge().interests


def tap(choice: str, **more: Any) -> Outcome:
    """Press a button of the interest guide."""
    action, intent = HelpMeChoose, Intent.HELP_ME_CHOOSE
    return World().run(action, f"/{intent}", intent=intent, entities={Entity.CHOICE: choice}, **more)


def grades(choice: str, **more: Any) -> list[str]:
    """Press a button of the check of grades."""
    intent = Intent.ASK_ELIGIBILITY
    return World().run(Tell, f"/{intent}", intent=intent, entities={Entity.CHOICE: choice}, **more).said


@pytest.mark.parametrize(("choice", "said"), [
    ("check", Response.UTTER_CHECK_CORE),
    ("core_not_all", Response.UTTER_CHECK_TWO),
    ("core_all", Response.UTTER_CHECK_MORE_ALL),
    ("core_two", Response.UTTER_CHECK_MORE_TWO),
    ("core_few", Response.UTTER_CHECK_INTRODUCTORY),
    ("core_unknown", Response.UTTER_CHECK_UNKNOWN),
    ("all_0", Response.UTTER_CHECK_INTRODUCTORY),
    ("all_3", Response.UTTER_CHECK_NEARLY),
    ("all_5", Response.UTTER_CHECK_VOCATIONAL),
    ("all_9", Response.UTTER_CHECK_PREPARATORY),
    ("two_0", Response.UTTER_CHECK_INTRODUCTORY),
    ("two_4", Response.UTTER_CHECK_NEARLY),
])  # fmt: skip
def test_the_check_of_grades_follows_the_rules_of_eligibility(choice: str, said: Response) -> None:
    assert grades(choice) == [said]


def test_grades_are_not_checked_for_whom_upper_secondary_is_closed() -> None:
    assert grades("check", slots={Slot.AGE: "22"}) == [Response.UTTER_MY_ELIGIBILITY_AFTER]


@pytest.mark.parametrize(("question", "text", "said"), [
    (Response.UTTER_CHECK_MORE_ALL, "6", Response.UTTER_CHECK_VOCATIONAL),
    (Response.UTTER_CHECK_MORE_ALL, "jag har 12 till", Response.UTTER_CHECK_PREPARATORY),
    (Response.UTTER_CHECK_MORE_TWO, "3", Response.UTTER_CHECK_INTRODUCTORY),
    (Response.UTTER_CHECK_MORE_TWO, "5", Response.UTTER_CHECK_NEARLY),
])  # fmt: skip
def test_a_number_may_be_written(question: Response, text: str, said: Response) -> None:
    assert World().run(NoteAnswer, text, said=[question]).said == [said]


CORE, TWO = Response.UTTER_CHECK_CORE, Response.UTTER_CHECK_TWO


@pytest.mark.parametrize(("question", "text", "said"), [
    (CORE, "ja", Response.UTTER_CHECK_MORE_ALL), (CORE, "yes i do", Response.UTTER_CHECK_MORE_ALL),
    (CORE, "nej", TWO), (CORE, "no", TWO), (CORE, "nä inte alla", TWO),
    (CORE, "alla tre", Response.UTTER_CHECK_MORE_ALL), (CORE, "all but maths", Response.UTTER_CHECK_MORE_TWO),
    (CORE, "bara svenska och matte", Response.UTTER_CHECK_MORE_TWO),
    (CORE, "ja i svenska", Response.UTTER_CHECK_INTRODUCTORY),
    (CORE, "nej, jag saknar engelska", Response.UTTER_CHECK_MORE_TWO),
    (CORE, "not swedish", Response.UTTER_CHECK_INTRODUCTORY),
    (CORE, "vet inte", Response.UTTER_CHECK_UNKNOWN),
    (TWO, "japp", Response.UTTER_CHECK_MORE_TWO), (TWO, "nope", Response.UTTER_CHECK_INTRODUCTORY),
    (Response.UTTER_CHECK_MORE_ALL, "inga fler", Response.UTTER_CHECK_INTRODUCTORY),
])  # fmt: skip
def test_a_typed_answer_to_the_check_is_read_whatever_the_model_takes_it_for(
    question: Response, text: str, said: Response
) -> None:
    for action, intent in ((NoteAnswer, Intent.INFORM), (HandleMiss, Intent.NLU_FALLBACK)):
        assert World().run(action, text, intent=intent, said=[question]).said == [said]


@pytest.mark.parametrize(("question", "yes", "no"), [
    (CORE, Response.UTTER_CHECK_MORE_ALL, TWO), (TWO, Response.UTTER_CHECK_MORE_TWO, Response.UTTER_CHECK_INTRODUCTORY),
])  # fmt: skip
def test_a_yes_and_a_no_answer_the_check(question: Response, yes: Response, no: Response) -> None:
    assert World().run(Affirm, "mm", intent=Intent.AFFIRM, said=[question]).said == [yes]
    assert World().run(Deny, "nix", intent=Intent.DENY, said=[question]).said == [no]


def test_an_answer_to_the_check_that_the_model_reads_as_the_question_for_it_is_an_answer() -> None:
    text = "nej bara svenska och matte"
    said = World().run(Tell, text, intent=Intent.ASK_ELIGIBILITY, said=[CORE]).said
    assert said == [Response.UTTER_CHECK_MORE_TWO]
    asked = World().run(Tell, "vad är svenska som andraspråk?", intent=Intent.ASK_PROGRAMMES, said=[CORE])
    assert asked.said == [Response.UTTER_ASK_PROGRAMMES]


def test_the_check_can_be_left_by_saying_something_else() -> None:
    assert World().run(NoteAnswer, "Motala", said=[CORE], entities={Entity.MUNICIPALITY: "Motala"}).said == [
        Response.UTTER_NOTED_PLACE
    ]


@pytest.mark.parametrize(
    ("area", "interest", "way"), list(product(INTERESTS.areas, INTERESTS.interests, INTERESTS.ways))
)
def test_three_taps_lead_to_two_or_three_programmes_and_a_counsellor(area: str, interest: str, way: str) -> None:
    assert tap(area).said == [INTERESTS.areas[area].response]
    chosen = tap(interest)
    assert chosen.said == [Response.UTTER_CHOOSE_HOW]
    done = tap(way, slots={Slot.INTEREST: chosen.slots[Slot.INTEREST]})
    (message,) = done.messages
    assert 2 <= len(message["names"].split(", ")) <= 3
    assert message["code_1"] != message["code_2"]
    assert done.slots[Slot.INTEREST] is None
    payloads = [payload for one in variations() if one.name == message["response"] for _, payload in one.buttons]
    assert "/book_counsellor" in payloads


def test_every_choice_stands_on_a_button_and_every_button_leads_on() -> None:
    tapped = {
        payload.split('"choice":"')[1].split('"')[0]
        for one in variations() for _, payload in one.buttons
        if payload.startswith("/help_me_choose{{")
    }  # fmt: skip
    assert tapped == {*INTERESTS.areas, *INTERESTS.interests, *INTERESTS.ways}


def test_whom_upper_secondary_is_closed_for_is_led_to_komvux() -> None:
    done = tap("both", slots={Slot.INTEREST: "build", Slot.AGE: "22"})
    assert done.said == [Response.UTTER_CHOOSE_RESULT_ADULT]


@pytest.mark.parametrize(("text", "said"), [
    ("jag gillar djur", Response.UTTER_CHOOSE_HOW),
    ("I like cars", Response.UTTER_CHOOSE_HOW),
    ("hjälpa folk", Response.UTTER_CHOOSE_PEOPLE),
    ("något praktiskt", Response.UTTER_CHOOSE_HANDS),
])  # fmt: skip
def test_own_words_choose_too(text: str, said: Response) -> None:
    asked = [Response.UTTER_HELP_ME_CHOOSE]
    assert World().run(HandleMiss, text, intent=Intent.NLU_FALLBACK, said=asked).said == [said]
    assert World().run(HelpMeChoose, text, intent=Intent.HELP_ME_CHOOSE).said == [said]


@pytest.mark.parametrize(("text", "likeliest", "said"), [
    ("jag gillar att hjälpa folk", Intent.PRAISE, Response.UTTER_CHOOSE_PEOPLE),
    ("jag älskar djur", Intent.CHITCHAT, Response.UTTER_CHOOSE_HOW),
    ("i love animals, thanks", Intent.THANK, Response.UTTER_CHOOSE_HOW),
    ("du är bäst", Intent.PRAISE, Response.UTTER_PRAISE),
    ("tack", Intent.THANK, Response.UTTER_THANK),
])  # fmt: skip
def test_small_talk_after_a_question_of_the_guide_is_first_tried_as_its_answer(
    text: str, likeliest: Intent, said: Response
) -> None:
    # The engine hands it over as a bare answer, and the model's ranking with it.
    asked = [Response.UTTER_HELP_ME_CHOOSE]
    assert World().run(NoteAnswer, text, said=asked, ranking={likeliest: 0.8}).said == [said]


@pytest.mark.parametrize(("action", "intent"), [(Tell, Intent.ASK_PROGRAMMES), (Affirm, Intent.AFFIRM)])
def test_an_answer_is_taken_also_where_the_model_reads_a_question_or_a_yes(
    action: type[Tell] | type[Affirm], intent: Intent
) -> None:
    asked = [Response.UTTER_HELP_ME_CHOOSE]
    assert World().run(action, "ja jag gillar djur", intent=intent, said=asked).said == [Response.UTTER_CHOOSE_HOW]


@pytest.mark.parametrize(("text", "intent", "said"), [
    ("vilka program har djur?", Intent.ASK_PROGRAMMES, Response.UTTER_ASK_PROGRAMMES),
    ("jag orkar inte skolan", Intent.TELL_LOW_MOOD, Response.UTTER_TELL_LOW_MOOD),
])  # fmt: skip
def test_a_question_or_something_hard_is_no_answer_to_the_guide(text: str, intent: Intent, said: Response) -> None:
    asked = [Response.UTTER_CHOOSE_HOW]
    assert World().run(Tell, text, intent=intent, said=asked, slots={Slot.INTEREST: "food"}).said == [said]


def test_every_question_of_the_guide_tells_the_engine_that_it_is_answered_in_own_words() -> None:
    marked = {one.name for one in variations() if one.asks == "own_words"}
    assert marked == {str(question) for question in CHOICES}


def test_the_guide_can_be_left_by_saying_something_else() -> None:
    outcome = World().run(
        HandleMiss, "asdf", intent=Intent.NLU_FALLBACK, said=[Response.UTTER_CHOOSE_HOW], slots={Slot.INTEREST: "food"}
    )  # fmt: skip
    assert outcome.said == [Response.UTTER_MISS_FIRST]


def test_without_a_choice_it_begins_at_the_beginning() -> None:
    assert tap("nonsense").said == [Response.UTTER_HELP_ME_CHOOSE]
    assert tap("at_work").said == [Response.UTTER_HELP_ME_CHOOSE]
