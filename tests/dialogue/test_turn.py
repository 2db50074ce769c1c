"""The turn contract on its happy path, over real HTTP with a real model."""

import logging

import pytest

from fake_actions import FakeActions
from running import InProcess


def test_a_greeting_is_answered_with_text_and_buttons(server: InProcess, conversation: str) -> None:
    answer = server.say(conversation, "hej", message_id="m-1", language="sv")
    assert answer["replies"] == [
        {
            "text": "Hej, jag är en robot.",
            "buttons": [
                {"title": "Boka", "payload": "/book_counsellor"},
                {"title": "Människa", "payload": "bot:human"},
            ],
            "response": "utter_greet",
        }
    ]
    assert answer["intent"] == "greet" and answer["language"] == "sv" and answer["replayed"] is False
    assert answer["ranking"][0]["name"] == "greet" and len(answer["ranking"]) == 11
    assert answer["slots"]["language"] == "sv" and answer["slots"]["requested_slot"] is None
    assert answer["model"] == server.wait_ready()["model"]


def test_the_log_says_neither_whose_turn_it_was_nor_what_was_meant(
    server: InProcess, conversation: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="dialogue"):
        server.say(conversation, "hej", message_id="m-1", language="sv")
    lines = [record.fields for record in caplog.records if record.getMessage() == "turn.answered"]
    assert [set(line) for line in lines] == [{"turn", "milliseconds"}]
    assert conversation not in str(lines)


def test_the_language_of_the_message_chooses_the_words(server: InProcess, conversation: str) -> None:
    assert server.said(conversation, "hello there my friend") == ["Hi, I am a robot."]


def test_a_form_asks_remembers_and_books_through_the_action_server(
    server: InProcess, actions: FakeActions, conversation: str
) -> None:
    assert server.said(conversation, "jag vill boka en tid") == ["I vilken kommun?"]
    answer = server.say(conversation, "här", entities=[{"entity": "municipality", "value": "Motala"}])
    assert answer["slots"]["municipality"] == "Motala" and answer["slots"]["requested_slot"] == "topic"
    answer = server.say(conversation, "om mina betyg", message_id="m-3")
    assert [reply["text"] for reply in answer["replies"]] == ["Klart, tid bokad i Motala."]
    assert answer["slots"]["booked"] == "m-3" and answer["slots"]["requested_slot"] is None
    assert actions.effects == {"m-3": 1}


def test_an_action_sees_message_id_language_and_channel_and_the_shared_secret(
    server: InProcess, actions: FakeActions, conversation: str
) -> None:
    server.say(conversation, "vilka skolor finns i linköping", message_id="m-9")
    call = actions.calls[-1]
    metadata = call["tracker"]["latest_message"]["metadata"]
    assert (metadata["message_id"], metadata["language"], metadata["channel"]) == ("m-9", "sv", "telegram")
    assert call["sender_id"] == conversation and call["tracker"]["latest_input_channel"] == "telegram"
    assert "booking_form" in call["domain"]["forms"] and "responses" not in call["domain"]
    assert actions.headers[-1]["Authorization"].startswith("Bearer ")


def test_a_button_is_taken_as_its_intent_and_entities(server: InProcess, conversation: str) -> None:
    server.say(conversation, "jag vill boka en tid")
    answer = server.say(conversation, button='/inform{"municipality":"Mjölby"}')
    assert answer["intent"] == "inform" and answer["slots"]["municipality"] == "Mjölby"
    assert answer["entities"] == [{"entity": "municipality", "value": "Mjölby"}]


def test_restart_follows_our_rule_and_keeps_the_language(server: InProcess, conversation: str) -> None:
    assert server.said(conversation, "hello there my friend") == ["Hi, I am a robot."]
    assert server.said(conversation, "start over from the beginning please") == ["Starting over."]
    assert server.said(conversation, button="/greet") == ["Hi, I am a robot."]


def test_out_of_scope_is_the_intent_nlu_fallback_and_has_a_reply(server: InProcess, conversation: str) -> None:
    answer = server.say(conversation, "hur lagar man pannkakor med grädde")
    assert answer["intent"] == "nlu_fallback"
    assert [reply["text"] for reply in answer["replies"]] == ["Det kan jag inte svara på."]


def test_parse_is_stateless_and_gives_language_ranking_and_entities(server: InProcess) -> None:
    answer = server.http.post("/parse", json={"texts": ["hej", "can i meet a counsellor", ""]}).json()
    assert [row["intent"] for row in answer["results"]][:2] == ["greet", "book_counsellor"]
    assert [row["language"] for row in answer["results"]][:2] == ["sv", "en"]
    assert len(answer["results"]) == 3 and len(answer["results"][0]["ranking"]) == 11


def test_a_third_language_is_answered_as_not_understood_in_the_language_of_the_chat(
    server: InProcess, conversation: str
) -> None:
    server.say(conversation, "hej", language="sv")
    answer = server.say(conversation, "أين يمكنني تعلم اللغة السويدية")
    assert (answer["intent"], answer["language"]) == ("nlu_fallback", "sv")
    assert answer["replies"]


def test_texts_that_stand_alone_are_read_from_the_moment_they_were_written(server: InProcess) -> None:
    body = {"texts": ["hej"], "now": "2026-10-21T14:30:00+02:00"}
    assert server.http.post("/parse", json=body).status_code == 200
    refused = server.http.post("/parse", json={"texts": ["hej"], "now": "igår"})
    assert refused.status_code == 422
    assert "now must be a moment" in refused.json()["next"]
