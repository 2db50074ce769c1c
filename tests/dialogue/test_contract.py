"""The edges of the turn contract: every refusal, and what never reaches Rasa."""

import json
import threading
import uuid
from typing import Any, Dict

import httpx
import pytest

from fake_actions import FakeActions
from running import Client, InProcess


def refused(response: httpx.Response, status: int, error: str) -> None:
    body = response.json()
    assert (response.status_code, body["error"]) == (status, error), body
    assert body["next"] and set(body) == {"error", "next"}


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong", "Basic a-secret-for-tests", "a-secret-for-tests", "Bearer å"]
)
def test_a_wrong_secret_is_refused_everywhere_but_at_health(server: InProcess, header: str) -> None:
    stranger = httpx.Client(
        base_url=server.base, headers={"authorization": header.encode()} if header else {}, trust_env=False
    )
    refused(stranger.post("/turn", json={}), 401, "unauthorised")
    refused(stranger.post("/parse", json={"texts": ["hej"]}), 401, "unauthorised")
    refused(stranger.delete("/turn/x"), 401, "unauthorised")
    assert stranger.get("/health").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"conversation": None},
        {"conversation": ""},
        {"conversation": "a b"},
        {"conversation": "x" * 65},
        {"conversation": "a\u0000b"},
        {"conversation": "\ud800"},
        {"conversation": {"a": "b"}},
        {"message_id": None},
        {"message_id": 'a"b'},
        {"channel": None},
        {"channel": "tele gram"},
        {"language": "fi"},
        {"language": 1},
        {"session": -1},
        {"session": True},
        {"text": None},
        {"text": ""},
        {"text": "   \n"},
        {"text": "\u0000\u200e"},
        {"text": "///"},
        {"text": 17},
        {"text": ["hej"]},
        {"button": "/greet"},
        {"text": None, "button": "greet"},
        {"text": None, "button": "bot:human"},
        {"text": None, "button": "/no_such_intent"},
        {"text": None, "button": "/session_start"},
        {"text": None, "button": '/inform{"age":'},
        {"text": None, "button": '/inform{"age":{"a":1}}'},
        {"entities": "age"},
        {"entities": [{"entity": "AGE!", "value": "1"}]},
        {"entities": [{"entity": "age", "value": None}]},
    ],
)
def test_a_malformed_turn_is_refused_and_stores_nothing(server: InProcess, change: Dict[str, Any]) -> None:
    body: Dict[str, Any] = {"conversation": str(uuid.uuid4()), "message_id": "m", "channel": "telegram", "text": "hej"}
    body.update(change)
    content = json.dumps(body).encode()
    refused(server.http.post("/turn", content=content), 422, "malformed")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"[" * 5000])
def test_a_body_that_is_no_json_object_is_refused(server: InProcess, content: bytes) -> None:
    refused(server.http.post("/turn", content=content), 422, "malformed")


def test_too_long_is_refused(server: InProcess, conversation: str) -> None:
    refused(server.post(conversation, "a" * 2001), 413, "too_long")
    refused(server.http.post("/turn", content=b" " * 70_000), 413, "too_long")
    refused(server.http.post("/turn", content=iter([b" " * 40_000, b" " * 40_000])), 413, "too_long")
    refused(server.http.post("/parse", json={"texts": ["hej"] * 257}), 413, "too_long")
    assert server.post(conversation, "hej " * 499).status_code == 200


def test_an_unknown_address_is_told(server: InProcess) -> None:
    assert server.http.get("/webhooks/rest/webhook").status_code == 404
    assert server.http.post("/model", json={}).status_code == 404
    assert server.http.get("/turn").status_code in (404, 405)


@pytest.mark.parametrize(
    "typed",
    [
        '/greet{"municipality":"Motala"}',
        '  /inform{"age": "17"}',
        "/restart",
        "//session_start",
        "\u200e/thank",
        "／greet",
    ],
)
def test_what_is_typed_is_never_a_command(server: InProcess, conversation: str, typed: str) -> None:
    answer = server.say(conversation, typed)
    assert answer["slots"]["municipality"] is None and answer["slots"]["age"] is None
    assert answer["ranking"][0]["confidence"] < 1.0


def test_control_characters_and_half_characters_are_taken_out(
    server: InProcess, conversation: str, actions: FakeActions
) -> None:
    content = '{"conversation":"%s","message_id":"m","channel":"telegram","text":"vilka\\u0000 skolor \\ud800finns i linköping\\u202e"}'
    answer = server.http.post("/turn", content=(content % conversation).encode())
    assert answer.status_code == 200
    assert actions.calls[-1]["tracker"]["latest_message"]["text"] == "vilka skolor finns i linköping"


def test_an_entity_that_the_caller_knows_counts_more_than_one_found(server: InProcess, conversation: str) -> None:
    answer = server.say(conversation, "hej", entities=[{"entity": "age", "value": "16"}])
    assert answer["entities"] == [{"entity": "age", "value": "16"}]
    assert answer["slots"]["age"] == "16"


def test_another_turn_of_the_same_conversation_is_refused_while_one_runs(
    server: InProcess, actions: FakeActions, conversation: str
) -> None:
    actions.gate = threading.Event()
    first: Dict[str, Any] = {}
    runner = threading.Thread(
        target=lambda: first.update(server.say(conversation, "vilka skolor finns i mjölby", "m-1"))
    )
    runner.start()
    assert actions.entered.wait(10)
    refused(server.post(conversation, "hej", "m-2"), 409, "another_turn_is_running")
    assert server.said(str(uuid.uuid4()), "hej") == ["Hej, jag är en robot."], "other conversations go on meanwhile"
    assert server.http.get("/health").json()["ready"] is True
    actions.gate.set()
    runner.join()
    assert first["replayed"] is False
    assert server.say(conversation, "hej", "m-2")["replayed"] is False


def test_deleting_erases_everything_and_leaves_a_tombstone(server: InProcess, conversation: str) -> None:
    server.say(conversation, "jag vill boka en tid", "m-1")
    assert server.http.delete(f"/turn/{conversation}").status_code == 204
    refused(server.post(conversation, "jag vill boka en tid", "m-1"), 410, "conversation_deleted")
    refused(server.post(conversation, "hej", "m-2"), 410, "conversation_deleted")
    assert server.http.delete(f"/turn/{conversation}").status_code == 204
    refused(server.http.delete("/turn/a%20b"), 422, "malformed")


def test_deleting_waits_for_the_running_turn(server: InProcess, actions: FakeActions, conversation: str) -> None:
    actions.gate = threading.Event()
    order = []
    turn = threading.Thread(
        target=lambda: (server.post(conversation, "vilka skolor finns i mjölby"), order.append("turn"))
    )
    turn.start()
    assert actions.entered.wait(10)
    other = Client(server.base)
    delete = threading.Thread(target=lambda: (other.http.delete(f"/turn/{conversation}"), order.append("delete")))
    delete.start()
    delete.join(0.3)
    assert delete.is_alive(), "the deletion waits"
    actions.gate.set()
    turn.join()
    delete.join()
    assert sorted(order) == ["delete", "turn"]
    refused(server.post(conversation, "hej"), 410, "conversation_deleted")


def test_a_client_that_leaves_does_not_stop_the_turn(
    server: InProcess, actions: FakeActions, conversation: str
) -> None:
    actions.gate = threading.Event()
    hasty = httpx.Client(base_url=server.base, headers=server.http.headers, timeout=0.5, trust_env=False)
    body = {
        "conversation": conversation,
        "message_id": "m-1",
        "channel": "telegram",
        "text": "vilka skolor finns i mjölby",
    }
    with pytest.raises(httpx.ReadTimeout):
        hasty.post("/turn", json=body)
    actions.gate.set()
    assert server.say(conversation, "vilka skolor finns i mjölby", "m-1")["replayed"] is True
    assert len(actions.calls) == 1
