"""After a question that is answered in one's own words, small talk is looked at as an answer first."""

from typing import Any, Dict, List

import pytest
from dialogue.own_words import as_answer, just_said
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered

RESPONSES: Dict[str, List[Dict[str, Any]]] = {
    "utter_what_do_you_like": [{"text": "Vad gillar du?", "metadata": {"asks": "own_words"}}, {"text": "What?"}],
    "utter_fact": [{"text": "Så är det.", "metadata": {"facts": ["a"]}}],
    "utter_hello": [{"text": "Hej."}],
}


def meaning(name: str) -> Dict[str, Any]:
    return {
        "text": "jag älskar djur",
        "intent": {"name": name, "confidence": 0.8},
        "intent_ranking": [{"name": name, "confidence": 0.8}],
    }


@pytest.mark.parametrize("name", ["praise", "chitchat", "thank", "greet", "complain"])
def test_small_talk_is_an_answer_where_one_was_asked_for_and_its_ranking_stays(name: str) -> None:
    taken = as_answer(meaning(name), ["utter_hello", "utter_what_do_you_like"], RESPONSES)
    assert taken["intent"] == {"name": "inform", "confidence": 0.8}
    assert taken["intent_ranking"] == meaning(name)["intent_ranking"]


@pytest.mark.parametrize("said", [[], ["utter_hello"], ["utter_fact"], ["utter_of_an_action"]])
def test_small_talk_at_any_other_time_stays_what_it_is(said: List[str]) -> None:
    assert as_answer(meaning("praise"), said, RESPONSES) == meaning("praise")


@pytest.mark.parametrize("name", ["stop", "talk_to_human", "crisis_self_harm", "tell_low_mood", "ask_komvux", "deny"])
def test_what_asks_or_tells_something_of_its_own_is_never_taken_for_an_answer(name: str) -> None:
    assert as_answer(meaning(name), ["utter_what_do_you_like"], RESPONSES) == meaning(name)


def test_only_what_the_bot_said_last_counts() -> None:
    def said(name: str) -> BotUttered:
        return BotUttered("x", metadata={"utter_action": name})

    events = [
        said("utter_what_do_you_like"), UserUttered("hej"), ActionExecuted("action_x"), said("utter_hello"),
        SlotSet("a", 1), said("utter_fact"), BotUttered("no name"),
    ]  # fmt: skip
    assert just_said(events) == ["utter_hello", "utter_fact", "None"]
