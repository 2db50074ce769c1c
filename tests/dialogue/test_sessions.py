"""Sessions, and a history that never grows: what is carried over, what is loaded, what is kept."""

import json
import sqlite3
from pathlib import Path
from typing import Any, Dict, List

import pytest
from dialogue.store.sealing import Seal

from conftest import set_clock
from fake_actions import FakeActions
from running import KEY, InProcess

ASK = "vilka skolor finns i linköping"


def at(instant: str) -> str:
    return f"2026-03-02T{instant}:00+01:00"


def in_a_form(server: InProcess, conversation: str) -> Dict[str, Any]:
    server.say(conversation, "jag vill boka en tid", entities=[{"entity": "age", "value": "17"}])
    answer = server.say(conversation, button='/inform{"municipality":"Motala"}')
    assert answer["slots"]["requested_slot"] == "topic"
    return answer


def test_within_the_hour_the_form_goes_on(server: InProcess, clock_file: Path, conversation: str) -> None:
    in_a_form(server, conversation)
    set_clock(clock_file, at("10:59"))
    assert server.said(conversation, "betyg") == ["Klart, tid bokad i Motala."]


def test_after_an_hour_a_new_session_begins_with_what_outlives_a_task(
    server: InProcess, clock_file: Path, conversation: str
) -> None:
    in_a_form(server, conversation)
    set_clock(clock_file, at("11:01"))
    answer = server.say(conversation, "hej")
    slots = answer["slots"]
    assert (slots["municipality"], slots["age"], slots["language"]) == ("Motala", "17", "sv")
    assert slots["requested_slot"] is None and slots["topic"] is None
    assert [reply["text"] for reply in answer["replies"]] == ["Hej, jag är en robot."]


def test_a_chat_handed_back_begins_a_new_session_once(server: InProcess, conversation: str) -> None:
    in_a_form(server, conversation)
    assert server.say(conversation, "hej", session=1)["slots"]["requested_slot"] is None
    assert server.say(conversation, "jag vill boka en tid", session=1)["slots"]["requested_slot"] == "topic"
    assert server.said(conversation, "betyg", session=1) == ["Klart, tid bokad i Motala."]


def test_a_new_session_knows_final_values_only(
    server: InProcess, clock_file: Path, actions: FakeActions, conversation: str
) -> None:
    for number in range(12):
        server.say(conversation, "hej", entities=[{"entity": "municipality", "value": f"Ort {number}"}])
    for hour in range(11, 20, 2):
        set_clock(clock_file, at(f"{hour}:30"))
        server.say(conversation, ASK)
    sets = [event for event in actions.calls[-1]["tracker"]["events"] if event["event"] == "slot"]
    assert [event["value"] for event in sets if event["name"] == "municipality"] == ["Ort 11"]
    assert len(actions.calls[-1]["tracker"]["events"]) < 15


def test_a_session_ends_after_sixty_turns(server: InProcess, actions: FakeActions, conversation: str) -> None:
    for _ in range(60):
        server.say(conversation, "hej")
    server.say(conversation, ASK)
    assert _users(actions) == 1
    server.say(conversation, ASK)
    assert _users(actions) == 2


def _users(actions: FakeActions) -> int:
    return sum(event["event"] == "user" for event in actions.calls[-1]["tracker"]["events"])


def test_what_is_loaded_and_sent_stays_small_and_slots_and_form_survive(
    server: InProcess, actions: FakeActions, conversation: str
) -> None:
    in_a_form(server, conversation)
    most = 0
    for number in range(40):
        answer = server.say(conversation, ASK, f"m-{number}")
        call = [call for call in actions.calls if call["next_action"] == "action_count"][-1]
        most = max(most, len(call["tracker"]["events"]))
        assert answer["slots"]["municipality"] == "Motala" and answer["slots"]["requested_slot"] == "topic"
    assert most < 200
    assert server.said(conversation, "betyg") == ["Klart, tid bokad i Motala."]


@pytest.fixture
def private(model: Path, actions: FakeActions, tmp_path: Path) -> "tuple[InProcess, Path]":
    """A server of its own, and the file of its database."""
    database = tmp_path / "tracker.db"
    running = InProcess(model, f"sqlite:///{database}", actions.url)
    running.wait_ready()
    return running, database


def _stored(database: Path, statement: str) -> List[Any]:
    with sqlite3.connect(database) as connection:
        return connection.execute(statement).fetchall()


def _events(database: Path) -> List[Any]:
    return [json.loads(Seal(KEY).open(data)) for (data,) in _stored(database, "select data from event")]


def test_rows_that_cannot_be_read_are_set_aside(private: "tuple[InProcess, Path]", conversation: str) -> None:
    server, database = private
    in_a_form(server, conversation)
    with sqlite3.connect(database) as connection:
        next_place = connection.execute("select next_place from conversation").fetchone()[0]
        for offset, data in enumerate(
            ['{"event": "bot", "te', '{"event": "of_a_newer_version"}', "null", '"x"', '{"event": "user"}', "[]"]
        ):
            connection.execute("insert into event values (?, ?, 0, ?)", (conversation, next_place + offset, data))
        connection.execute("update conversation set next_place = ?", (next_place + 6,))
    assert server.said(conversation, "betyg") == ["Klart, tid bokad i Motala."]
    assert _stored(database, "select count(*) from event where quarantined = 1") >= [(5,)]
    assert server.said(conversation, "hej") == ["Hej, jag är en robot."]
    server.stop()


def test_slots_and_forms_that_the_model_does_not_know_do_no_harm(
    private: "tuple[InProcess, Path]", conversation: str
) -> None:
    server, database = private
    server.say(conversation, "hej")
    strangers = [
        {"event": "slot", "name": "from_another_model", "value": 1},
        {"event": "active_loop", "name": "form_of_another_model"},
    ]
    with sqlite3.connect(database) as connection:
        next_place = connection.execute("select next_place from conversation").fetchone()[0]
        for offset, event in enumerate(strangers):
            connection.execute(
                "insert into event values (?, ?, 0, ?)", (conversation, next_place + offset, json.dumps(event))
            )
        connection.execute("update conversation set next_place = ?", (next_place + 2,))
    assert server.said(conversation, "hej") == ["Hej, jag är en robot."]
    assert _stored(database, "select count(*) from event where quarantined = 1") == [(0,)]
    server.stop()


def test_old_sessions_and_stale_replies_are_forgotten(
    model: Path, actions: FakeActions, tmp_path: Path, conversation: str
) -> None:
    clock, database = tmp_path / "now", tmp_path / "tracker.db"
    set_clock(clock, "2026-03-02T10:00:00+01:00")
    server = InProcess(model, f"sqlite:///{database}", actions.url, clock=f"@{clock}")
    server.wait_ready()
    for _ in range(3):
        server.say(conversation, "hej")
    set_clock(clock, "2026-03-30T10:00:00+02:00")
    server.say(conversation, "hej")
    assert _stored(database, "select count(*) from turn") == [(1,)]
    assert sum(event["event"] == "user" for event in _events(database)) == 1
    server.stop()


def test_a_stored_message_keeps_little_of_the_ranking_and_the_answer_has_all(
    private: "tuple[InProcess, Path]", conversation: str
) -> None:
    server, database = private
    assert len(server.say(conversation, "hej")["ranking"]) == 11
    [user] = [event for event in _events(database) if event["event"] == "user"]
    assert len(user["parse_data"]["intent_ranking"]) == 4 and "text_tokens" not in user["parse_data"]
    server.stop()
