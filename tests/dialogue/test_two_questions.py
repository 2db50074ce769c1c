"""Two questions in one message are both answered; a message that is one question stays whole."""

import pytest
from dialogue import questions
from dialogue.turns import without_repeats

from running import InProcess


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("vad är komvux och kan jag gå där om jag är 18?", ["vad är komvux", "kan jag gå där om jag är 18?"]),
        ("vad kostar det, hur söker jag?", ["vad kostar det", "hur söker jag?"]),
        ("How much is csn? when do i apply", ["How much is csn?", "when do i apply"]),
        ("barn och fritid eller el?", []),
        ("kan jag läsa hemma eller måste man vara på plats", []),
        ("jag gillar bygg och fordon, var kan jag gå det i motala", []),
        ("hej! vad är komvux?", []),
        ("jag mår dåligt. finns det nån hjälp", []),
        ("", []),
    ],
)
def test_a_message_is_cut_where_a_new_question_begins(text: str, cut: "list[str]") -> None:
    assert questions.parts(text) == cut


def meaning(name: str, confidence: float = 0.9) -> "dict[str, object]":
    return {"intent": {"name": name, "confidence": confidence}}


def test_both_are_answered_when_each_is_sure_and_the_form_comes_last() -> None:
    komvux, search = meaning("ask_komvux"), meaning("find_education")
    assert questions.both(komvux, [search, komvux]) == (komvux, search)
    assert questions.both(meaning("nlu_fallback"), [komvux, meaning("ask_age_limit")]) is not None


@pytest.mark.parametrize(
    ("whole", "found"),
    [
        ("ask_komvux", [("ask_komvux", 0.9), ("ask_komvux", 0.9)]),
        ("ask_komvux", [("ask_komvux", 0.9), ("ask_age_limit", 0.3)]),
        ("ask_komvux", [("ask_komvux", 0.9), ("nlu_fallback", 0.9)]),
        ("find_education", [("find_education", 0.9), ("book_counsellor", 0.9)]),
        ("crisis_self_harm", [("ask_komvux", 0.9), ("ask_age_limit", 0.9)]),
        ("tell_low_mood", [("ask_komvux", 0.9), ("ask_age_limit", 0.9)]),
        ("ask_komvux", []),
    ],
)
def test_otherwise_the_message_is_answered_as_one(whole: str, found: "list[tuple[str, float]]") -> None:
    assert questions.both(meaning(whole), [meaning(*part) for part in found]) is None


def test_a_question_that_a_form_asks_after_both_answers_is_said_once() -> None:
    ask, one, other = ({"text": text} for text in ("I vilken kommun?", "Ett.", "Två."))
    assert without_repeats([one, ask, other, ask]) == [one, other, ask]


def test_two_questions_get_two_answers_in_one_turn_that_is_remembered(
    server: InProcess, conversation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The small project answers a search without a form, and is sure of little.
    monkeypatch.setattr(questions, "LAST", ("book_counsellor",))
    monkeypatch.setattr(questions, "SURE", 0.1)
    text = "vilka skolor finns i linköping? kan jag få träffa en vägledare?"
    answer = server.say(conversation, text, message_id="m-1")
    said = [reply["text"] for reply in answer["replies"]]
    assert said[0] != said[1] == "I vilken kommun?"
    assert answer["intent"] in ("find_education", "book_counsellor")
    again = server.say(conversation, text, message_id="m-1")
    assert again["replayed"] and again["replies"] == answer["replies"]
    after = server.say(conversation, "här", entities=[{"entity": "municipality", "value": "Motala"}])
    assert after["slots"]["requested_slot"] == "topic"
