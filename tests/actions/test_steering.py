"""Yes and no, starting over, languages, words, not understood."""

from __future__ import annotations

from itertools import pairwise

import pytest

from actions.explaining import Explain
from actions.misses import HandleMiss
from actions.steering import Affirm, ChangeLanguage, Deny, NoteAnswer, Restart
from bot.names import Entity, Form, Intent, Response, Slot
from tests.actions.fakes import booked_with
from tests.actions.turns import FRIDAY_10, THURSDAY_14, World


def test_starting_over_drops_the_tasks_and_keeps_the_person() -> None:
    slots = {Slot.LANGUAGE: "en", Slot.MUNICIPALITY: "Motala", Slot.CALL_ME: "Sam", Slot.EDUCATION_TYPE: "komvux"}
    outcome = World().run(Restart, "start over", intent=Intent.RESTART, slots=slots)
    assert outcome.said == [Response.UTTER_RESTART]
    assert outcome.slots[Slot.CALL_ME] is None
    assert outcome.slots[Slot.EDUCATION_TYPE] is None
    assert outcome.next_question is None
    assert Slot.LANGUAGE not in outcome.slots
    assert Slot.MUNICIPALITY not in outcome.slots


def test_a_yes_cancels_only_when_cancelling_was_the_last_question() -> None:
    world = World(booking=booked_with(THURSDAY_14))
    late = world.run(Affirm, "ja", said=[Response.UTTER_ASK_KOMVUX], earlier=[Intent.CANCEL_BOOKING])
    assert late.said == [Response.UTTER_AFFIRM]
    assert world.booking.current("conversation-1") is not None
    at_once = world.run(Affirm, "ja", said=[Response.UTTER_ASK_CANCEL_BOOKING])
    assert at_once.said == [Response.UTTER_BOOKING_CANCELLED]
    assert world.booking.current("conversation-1") is None


def test_a_yes_to_talking_asks_for_a_person() -> None:
    world = World()
    outcome = world.run(Affirm, "ja", said=[Response.UTTER_TELL_BULLYING], payloads=["bot:human", "/find_education"])
    assert outcome.said == [Response.UTTER_HUMAN_REQUESTED]
    assert world.handover.requests[0]["reason"] == "asked"


def test_a_yes_after_two_misses_says_so_to_the_counsellors() -> None:
    world = World()
    world.run(Affirm, "ja", said=[Response.UTTER_MISS_SECOND], payloads=["bot:human"])
    assert world.handover.requests[0]["reason"] == "two_misses"


@pytest.mark.parametrize(
    ("question", "payload", "form"),
    [
        (Response.UTTER_NO_BOOKING, "/book_counsellor", Form.BOOKING_FORM),
        (Response.UTTER_NOTED_PLACE, "/find_education", Form.FIND_EDUCATION_FORM),
        (Response.UTTER_SHOW_MORE_END, '/find_education{"municipality":"other"}', Form.FIND_EDUCATION_FORM),
    ],
)
def test_a_yes_presses_the_first_button(question: Response, payload: str, form: Form) -> None:
    outcome = World().run(Affirm, "ja", said=[question], payloads=[payload])
    assert outcome.follow_up == form
    if "municipality" in payload:
        assert outcome.slots[Slot.MUNICIPALITY] == "other"


def test_a_yes_can_lead_to_an_answer() -> None:
    outcome = World().run(
        Affirm, "ja", said=[Response.UTTER_NOTED_AGE_20_OR_MORE], payloads=["/ask_komvux"], slots={Slot.AGE: "22"}
    )  # fmt: skip
    assert outcome.said == [Response.UTTER_MY_KOMVUX_AFTER]


def test_deleting_is_never_done_by_a_typed_yes() -> None:
    outcome = World().run(Affirm, "ja", said=[Response.UTTER_ASK_DELETE], payloads=["bot:delete_yes"])
    assert outcome.said == [Response.UTTER_PRESS_BUTTON, Response.UTTER_ASK_DELETE]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (Response.UTTER_ASK_CANCEL_BOOKING, Response.UTTER_BOOKING_KEPT),
        (Response.UTTER_ASK_NEW_TIME_TWO, Response.UTTER_BOOKING_KEPT),
        (Response.UTTER_ASK_DELETE, Response.UTTER_DELETE_KEPT),
        (Response.UTTER_GREET, Response.UTTER_DENY),
    ],
)
def test_a_no_leaves_things_as_they_are(question: Response, answer: Response) -> None:
    assert World().run(Deny, "nej", said=[question]).said == [answer]


@pytest.mark.parametrize(
    ("text", "before", "after", "said"),
    [
        ("can you speak english?", "sv", "en", Response.UTTER_NOW_IN_ENGLISH),
        ("prata svenska tack", "en", "sv", Response.UTTER_NOW_IN_SWEDISH),
        ("kan vi byta språk", "sv", "en", Response.UTTER_NOW_IN_ENGLISH),
        ("another language please", "en", "sv", Response.UTTER_NOW_IN_SWEDISH),
    ],
)
def test_the_language_changes_to_the_named_or_the_other_one(text: str, before: str, after: str, said: Response) -> None:
    outcome = World().run(ChangeLanguage, text, intent=Intent.CHANGE_LANGUAGE, slots={Slot.LANGUAGE: before})
    assert outcome.slots[Slot.LANGUAGE] == after
    assert outcome.said == [said]


@pytest.mark.parametrize("text", ["pratar du arabiska", "do you know somali?", "kan du dari"])
def test_a_language_we_lack_is_said_honestly(text: str) -> None:
    outcome = World().run(ChangeLanguage, text, intent=Intent.CHANGE_LANGUAGE)
    assert outcome.said == [Response.UTTER_UNSUPPORTED_LANGUAGE]
    assert Slot.LANGUAGE not in outcome.slots


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("vad betyder behörighet?", Response.UTTER_WORD_ELIGIBILITY),
        ("what is a study certificate", Response.UTTER_WORD_STUDY_CERTIFICATE),
        ("kaa???", Response.UTTER_ASK_KAA),
        ("va?", Response.UTTER_ASK_REPHRASE),
    ],
)
def test_a_word_that_is_named_is_explained(text: str, response: Response) -> None:
    assert World().run(Explain, text, intent=Intent.ASK_REPHRASE).said == [response]


def test_without_a_word_the_last_answer_is_said_in_simpler_words() -> None:
    outcome = World().run(Explain, "va?", intent=Intent.ASK_REPHRASE, said=[Response.UTTER_MY_KOMVUX_BEFORE])
    assert outcome.said == [Response.UTTER_SIMPLE_KOMVUX]


def test_where_there_are_no_simpler_words_the_hard_word_of_the_last_answer_is_explained() -> None:
    outcome = World().run(
        Explain, "va?", intent=Intent.ASK_REPHRASE, said=[Response.UTTER_ASK_SWITCH_PROGRAMME],
        said_text="Har du gått klart men saknar något får du ett studiebevis.",
    )  # fmt: skip
    assert outcome.said == [Response.UTTER_WORD_STUDY_CERTIFICATE]


def test_the_same_answer_is_not_given_again_as_its_explanation() -> None:
    said = {"said": [Response.UTTER_SIMPLE_KOMVUX], "said_text": "Komvux är skola för vuxna."}
    outcome = World().run(Explain, "fattar inte", intent=Intent.ASK_REPHRASE, **said)  # type: ignore[arg-type]
    assert outcome.said == [Response.UTTER_ASK_REPHRASE]


def test_a_first_miss_offers_what_it_may_have_been() -> None:
    ranking = {Intent.NLU_FALLBACK: 0.6, Intent.ASK_KOMVUX: 0.2, Intent.TELL_BULLYING: 0.001}
    outcome = World().run(HandleMiss, "dghj", intent=Intent.NLU_FALLBACK, ranking=ranking, slots={Slot.LANGUAGE: "en"})
    filled = outcome.values(Response.UTTER_MISS_FIRST)
    assert filled["intent_1"] == "ask_komvux"
    assert filled["topic_1"] == "Komvux, for adults"
    assert filled["intent_2"] == "ask_ways_back", "what the model all but rules out is not suggested"
    assert filled["intent_3"], "three buttons, whatever the model thinks"


def test_a_message_in_a_third_language_is_answered_in_both_of_ours_and_then_offered_a_person() -> None:
    world = World()
    first = world.run(HandleMiss, "waxaan rabaa dugsi", intent=Intent.NLU_FALLBACK, other_language=True)
    assert first.said == [Response.UTTER_UNSUPPORTED_LANGUAGE]
    again = world.run(
        HandleMiss,
        "halkee baan",
        intent=Intent.NLU_FALLBACK,
        other_language=True,
        earlier=[Intent.NLU_FALLBACK],
    )
    assert again.said == [Response.UTTER_MISS_SECOND]


def test_misses_in_a_row_never_get_the_same_words_twice() -> None:
    said = [
        World().run(HandleMiss, "x", intent=Intent.NLU_FALLBACK, earlier=[Intent.NLU_FALLBACK] * before).said[0]
        for before in range(6)
    ]
    assert said[:3] == [Response.UTTER_MISS_FIRST, Response.UTTER_MISS_SECOND, Response.UTTER_MISS_AGAIN]
    assert all(one != next_one for one, next_one in pairwise(said))


def test_a_miss_after_an_understood_message_is_a_first_one() -> None:
    earlier = [Intent.NLU_FALLBACK, Intent.NLU_FALLBACK, Intent.GREET]
    assert World().run(HandleMiss, "x", intent=Intent.NLU_FALLBACK, earlier=earlier).said == [Response.UTTER_MISS_FIRST]


@pytest.mark.parametrize(
    ("entities", "response"),
    [
        ({Entity.MUNICIPALITY: "Motala"}, Response.UTTER_NOTED_PLACE),
        ({Entity.AGE: "17"}, Response.UTTER_NOTED_AGE_UNDER_20),
        ({Entity.AGE: "22"}, Response.UTTER_NOTED_AGE_20_OR_MORE),
        ({}, Response.UTTER_INFORM),
    ],
)
def test_a_bare_answer_is_taken_for_what_it_names(entities: dict[str, str], response: Response) -> None:
    slots = {Slot.AGE: entities.get(Entity.AGE)}
    assert World().run(NoteAnswer, "x", entities=entities, slots=slots).said == [response]


def test_a_bare_programme_starts_the_search() -> None:
    assert World().run(NoteAnswer, "el", entities={Entity.PROGRAMME: "EE"}).follow_up == Form.FIND_EDUCATION_FORM


def test_a_bare_time_moves_the_meeting_when_times_were_offered() -> None:
    world = World(booking=booked_with(THURSDAY_14, FRIDAY_10))
    outcome = world.run(
        NoteAnswer, "fredag 10", entities={Entity.TIME: "2026-11-27T10:00"}, said=[Response.UTTER_ASK_NEW_TIME_THREE]
    )
    assert outcome.said == [Response.UTTER_BOOKING_MOVED]
