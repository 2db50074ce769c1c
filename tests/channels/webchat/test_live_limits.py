"""Codes, erasure and refusals by the routes that the script uses: plain words, and nobody gets in."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot.channels.webchat import limits
from bot.conversations.models import Conversation
from bot.people.models import Erasure, Person
from bot.wiring import Services
from tests.channels.webchat.site import Site
from tests.channels.webchat.visitor import Visit


def _count(services: Services, table: type[Any]) -> int:
    with services.db.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("button", [
    "first:99", "first:x", "first:", "first:-1", "first:²", "first:\ud800", "\ud800", "\x00", "²", "x" * 65,
])  # fmt: skip
def test_a_button_that_was_never_shown_is_refused(live: Site, visit: Visit, button: str) -> None:
    visitor = visit()
    body = json.dumps({"id": "message-1", "button": button})
    assert visitor.http.post("/chat/messages", content=body, headers=visitor.headers).status_code == 400


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"id": "message-1", "text": "   "}, 422, "empty"),
        ({"id": "message-1", "text": "x" * 8_001}, 413, "too_long"),
        ({"id": "message-1", "text": 7}, 400, "malformed"),
        ({"id": "message-1"}, 400, "malformed"),
        ({"text": "hej"}, 400, "malformed"),
        ({"id": "../../etc", "text": "hej"}, 400, "malformed"),
        ([], 400, "malformed"),
        ({"id": "message-1", "text": "x" * 70_000}, 413, "too_long"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_in_plain_words(
    live: Site, visit: Visit, body: Any, status: int, error: str
) -> None:
    visitor = visit()
    response = visitor.http.post("/chat/messages?lang=sv", json=body, headers=visitor.headers)
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert response.json()["next"].endswith(".")
    assert _count(live.services, Conversation) == 0


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer forged", "Basic eDp5"])
def test_without_a_token_of_ours_nobody_gets_in(live: Site, visit: Visit, header: str) -> None:
    visitor = visit()
    headers = {"Authorization": header}
    message = {"id": "message-1", "text": "x"}
    assert visitor.http.post("/chat/messages", json=message, headers=headers).status_code == 401
    assert visitor.http.get("/chat/events", headers=headers).status_code == 401
    assert visitor.http.post("/chat/resume-code", headers=headers).status_code == 401


def test_a_nul_in_a_text_does_no_harm(live: Site, visit: Visit) -> None:
    visitor = visit()
    assert visitor.post(text="h\x00ej").status_code == 200
    assert visitor.messages(1)[0]["text"] == "Svar: hej"


def test_half_a_character_is_shown_everywhere_as_one_that_is_missing(live: Site, visit: Visit) -> None:
    visitor = visit()
    for number, text in enumerate(("hej \ud83d", "\ud83d\ude00 sa hon", "<phone_number_99999999999999999999>")):
        body = json.dumps({"id": f"half-{number}-x", "text": text})
        assert visitor.http.post("/chat/messages", content=body, headers=visitor.headers).status_code == 200
    assert "Svar: hej \ufffd" in visitor.messages(1)[0]["text"]

    code = visitor.http.post("/chat/resume-code", headers=visitor.headers).json()["code"]
    again = visitor.http.post("/chat/resume", json={"code": code})
    assert again.status_code == 200
    assert {"hej \ufffd", "\N{GRINNING FACE} sa hon"} <= {item["text"] for item in again.json()["items"]}
    page = visitor.http.post("/chat", data={"token": visitor.token, "do": "refresh"})
    assert page.status_code == 200
    assert "hej \ufffd" in page.text
    wrong = visitor.http.post("/chat/resume", content=json.dumps({"code": "\ud800"}), headers=visitor.headers)
    assert wrong.status_code == 404


def test_too_many_messages_are_asked_to_wait(live: Site, visit: Visit) -> None:
    visitor = visit()
    burst = limits.MESSAGES_OF_A_CHAT.burst
    statuses: list[int] = []
    # On a busy machine time goes by meanwhile, and with it some more messages are allowed.
    while 429 not in statuses and len(statuses) < 10 * burst:
        statuses.append(visitor.post(text=f"hej {len(statuses)}").status_code)
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {200}
    assert len(statuses) > burst
    refused = visitor.post(text="och en till")
    assert 1 <= int(refused.headers["Retry-After"]) <= 3
    assert "Vänta" in refused.json()["next"]
    assert visit().post(text="en annan chatt").status_code == 200


def test_a_code_takes_the_chat_up_again_with_its_words(live: Site, visit: Visit) -> None:
    visitor = visit()
    assert visitor.http.post("/chat/resume-code", headers=visitor.headers).status_code == 404
    visitor.post(text="hej")
    visitor.messages(1)
    code = visitor.http.post("/chat/resume-code", headers=visitor.headers).json()["code"]
    resumed = visitor.http.post("/chat/resume", json={"code": code.lower().replace("-", " ")}).json()
    assert [(item["author"], item["text"]) for item in resumed["items"]] == [("you", "hej"), ("bot", "Svar: hej")]
    again = visit(resumed["token"])
    again.post(text="hej igen", id="another-message")
    assert again.messages(1, after=resumed["items"][-1]["seq"])[0]["text"] == "Svar: hej igen"
    assert _count(live.services, Conversation) == 1


def test_a_new_code_kills_the_old_one(live: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.post(text="hej")
    codes = [visitor.http.post("/chat/resume-code", headers=visitor.headers).json()["code"] for _ in range(2)]
    statuses = [visitor.http.post("/chat/resume", json={"code": code}).status_code for code in codes]
    assert statuses == [404, 200]


def test_codes_cannot_be_tried_without_end(live: Site, visit: Visit) -> None:
    visitor = visit()
    tries = [visitor.http.post("/chat/resume", json={"code": "2345-6789-ABCD"}).status_code for _ in range(12)]
    assert tries[:10] == [404] * 10
    assert 429 in tries[10:]


def test_the_stream_of_an_erased_chat_ends_with_the_receipt_and_the_token_is_dead(live: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.post(text="/radera")
    ask = visitor.messages(1)[0]
    yes = next(button["token"] for button in ask["buttons"] if button["title"] == "Ja, ta bort det")
    with visitor.events(ask["seq"]) as events:
        visitor_two = visit(visitor.token)
        assert visitor_two.post(id="yes-please", button=yes).status_code == 200
        ended = list(events)
    assert ended[-1][0] == "erased"
    assert ended[-1][1]["text"]
    response = visitor.post(text="hej igen")
    assert (response.status_code, response.json()["error"]) == (410, "erased")
    assert [_count(live.services, table) for table in (Person, Conversation)] == [0, 0]
    with live.services.db.reading() as session:
        assert session.scalars(select(Erasure.address)).one() is None
    # Whoever was away when it happened still gets the receipt.
    with visitor.events() as events:
        assert next(events)[0] == "erased"


def test_a_chat_has_a_bounded_number_of_streams(live: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.post(text="hej")
    with ExitStack() as stack:
        streams = [stack.enter_context(visitor.events()) for _ in range(4)]
        for events in streams:
            next(events)
        response = visitor.http.get("/chat/events", headers=visitor.headers)
        assert (response.status_code, response.json()["error"]) == (503, "crowded")


def test_while_the_database_is_down_the_visitor_is_told_to_try_again(
    live: Site, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_: object) -> None:
        raise OperationalError("select", {}, Exception("down"))

    visitor = visit()
    with monkeypatch.context() as patch:
        patch.setattr(live.services.inbox, "receive", down)
        response = visitor.post(id="the-message", text="hej")
        assert (response.status_code, response.json()["error"]) == (503, "database_down")
    assert visitor.post(id="the-message", text="hej").status_code == 200


def test_every_answer_is_private(live: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.post(text="hej")
    paths = ["/chat", "/chat/privacy", "/chat/static/chat.css", "/chat/static/chat.js", "/chat/static/nothing"]
    responses = [visitor.http.get(path) for path in paths]
    responses += [visitor.http.post("/chat/start"), visitor.post(text="hej"), visitor.post()]
    with visitor.http.stream("GET", "/chat/events", headers=visitor.headers) as stream:
        responses.append(stream)
    for response in responses:
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["referrer-policy"] == "no-referrer"
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "set-cookie" not in response.headers
