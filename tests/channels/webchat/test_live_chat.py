"""The routes that the script uses: nothing stored before the first word, answers live, refusals in plain words."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot.channels.webchat import limits
from bot.clock import system_clock
from bot.console.models import Staff
from bot.conversations.models import Author, Conversation, InboundMessage
from bot.db.base import new_id
from bot.db.session import Database
from bot.people.models import ChannelIdentity, Erasure, Person
from bot.wiring import Services
from tests.channels.chats import say
from tests.channels.conftest import MakeServices
from tests.channels.webchat.conftest import Browse
from tests.channels.webchat.site import Site, site


@pytest.fixture
def services(database: Database, make_services: MakeServices) -> Services:
    return make_services(database, system_clock, telegram=False)


@pytest.fixture
def live(services: Services) -> Iterator[Site]:
    with site(services) as running:
        yield running


class Visitor:
    """A browser with our script, without the screen."""

    def __init__(self, http: httpx.Client, token: str | None = None) -> None:
        self.http = http
        self.token = token or self.http.post("/chat/start").json()["token"]
        self._number = 0

    @property
    def headers(self) -> dict[str, str]:
        """Who this is."""
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, **what: Any) -> httpx.Response:
        """Send a message with an id of its own, or the one given."""
        self._number += 1
        body = {"id": f"message-{self._number}"} | what
        return self.http.post("/chat/messages?lang=sv", json=body, headers=self.headers)

    @contextmanager
    def events(self, after: int = 0) -> Iterator[Iterator[tuple[str, Any]]]:
        """Follow the stream."""
        path = f"/chat/events?after={after}"
        with self.http.stream("GET", path, headers=self.headers) as response:
            assert response.status_code == 200, response.read()
            assert response.headers["content-type"].startswith("text/event-stream")
            yield _events(response)

    def messages(self, count: int, after: int = 0) -> list[dict[str, Any]]:
        """Wait for so many messages."""
        found = []
        with self.events(after) as events:
            for name, data in events:
                if name == "message":
                    found.append(data)
                if len(found) == count:
                    return found
        raise AssertionError(f"the stream ended after {found}")


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(live: Site, browse: Browse) -> Visit:
    return lambda token=None: Visitor(browse(live.address), token)


def _events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    name, end = "", time.monotonic() + 25
    for line in response.iter_lines():
        assert time.monotonic() < end, "nothing more comes by the stream"
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        if line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def _count(services: Services, table: type[Any]) -> int:
    with services.db.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_opening_the_page_and_starting_stores_nothing(live: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.http.get("/chat")
    assert visitor.http.get("/chat/events", headers=visitor.headers).status_code == 404
    assert [_count(live.services, table) for table in (Person, Conversation, ChannelIdentity)] == [0, 0, 0]


def test_a_message_gets_its_answer_by_the_stream_and_not_the_first_message_again(live: Site, visit: Visit) -> None:
    visitor = visit()
    assert visitor.post(text="hej").status_code == 200
    messages = visitor.messages(1)
    assert [(one["author"], one["name"], one["text"]) for one in messages] == [("bot", "Bot", "Svar: hej")]
    assert [button["title"] for button in messages[0]["buttons"]] == ["Ja"]
    assert "/affirm" not in str(messages)


def test_the_stream_says_that_the_bot_is_writing(live: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.post(text="hej")
    seen = []
    with visitor.events() as events:
        for name, data in events:
            seen.append(data["typing"] if name == "state" else data["text"])
            if seen[-1] is False:
                break
    assert seen == [True, "Svar: hej", False] or seen == [True, False, "Svar: hej"]


def test_a_button_gets_its_answer(live: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.post(text="hej")
    button = visitor.messages(1)[0]
    assert visitor.post(button=button["buttons"][0]["token"]).status_code == 200
    assert visitor.messages(1, after=button["seq"])[0]["text"] == "Svar: /affirm"


def test_a_button_of_the_first_message_works_before_there_is_a_chat(live: Site, visit: Visit) -> None:
    visitor = visit()
    assert visitor.post(button="first:0").status_code == 200
    assert visitor.messages(1)[0]["text"] == "Svar: /ask_ways_back"


@pytest.mark.parametrize("button", ["first:99", "first:x", "first:", "first:-1"])
def test_a_button_that_was_never_shown_is_refused(live: Site, visit: Visit, button: str) -> None:
    assert visit().post(button=button).status_code == 400


def test_asking_for_a_person_is_always_there(live: Site, visit: Visit) -> None:
    visitor = visit()
    assert visitor.post(button="human").status_code == 200
    assert "människa" in visitor.messages(1)[0]["text"]


def test_a_message_that_is_sent_again_is_stored_once(live: Site, visit: Visit) -> None:
    visitor = visit()
    assert [visitor.post(id="the-same-one", text="hej").status_code for _ in range(3)] == [200, 200, 200]
    assert _count(live.services, InboundMessage) == 1


def test_one_visitor_cannot_use_the_button_or_the_numbers_of_another(live: Site, visit: Visit) -> None:
    first, second = visit(), visit()
    first.post(text="hej")
    token = first.messages(1)[0]["buttons"][0]["token"]
    second.post(button=token)
    assert "Svar" not in second.messages(1)[0]["text"]


def test_a_counsellor_is_named_on_each_bubble(live: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.post(text="hej")
    seq = visitor.messages(1)[0]["seq"]
    with live.services.db.transaction() as session:
        staff = Staff(
            id=new_id(), username="anna", display_name="Anna", password_hash="", roles=[], municipalities=[],
            created_at=system_clock(),
        )  # fmt: skip
        session.add(staff)
        conversation = session.scalars(select(Conversation.id)).one()
        staff_id = staff.id
    say(live.services, conversation, "Hej, Anna här.", author=Author.COUNSELLOR, staff_id=staff_id)
    message = visitor.messages(1, after=seq)[0]
    assert (message["author"], message["name"]) == ("counsellor", "Anna, vägledare")


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
def test_what_cannot_be_taken_is_refused_in_plain_words(live: Site, visit: Visit, body: Any, status: int, error: str) -> None:
    visitor = visit()
    response = visitor.http.post("/chat/messages?lang=sv", json=body, headers=visitor.headers)
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert response.json()["next"].endswith(".")
    assert _count(live.services, Conversation) == 0


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer forged", "Basic eDp5"])
def test_without_a_token_of_ours_nobody_gets_in(live: Site, visit: Visit, header: str) -> None:
    visitor = visit()
    headers = {"Authorization": header}
    assert visitor.http.post("/chat/messages", json={"id": "message-1", "text": "x"}, headers=headers).status_code == 401
    assert visitor.http.get("/chat/events", headers=headers).status_code == 401
    assert visitor.http.post("/chat/resume-code", headers=headers).status_code == 401


def test_a_nul_in_a_text_does_no_harm(live: Site, visit: Visit) -> None:
    visitor = visit()
    assert visitor.post(text="h\x00ej").status_code == 200
    assert visitor.messages(1)[0]["text"] == "Svar: hej"


def test_too_many_messages_are_asked_to_wait(live: Site, visit: Visit) -> None:
    visitor = visit()
    statuses = [visitor.post(text=f"hej {number}").status_code for number in range(limits.MESSAGES_OF_A_CHAT.burst + 1)]
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {200}
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


def test_what_was_sent_later_comes_although_its_number_is_lower(live: Site, visit: Visit) -> None:
    from datetime import timedelta

    visitor = visit()
    visitor.post(text="hej")
    visitor.messages(1)
    with live.services.db.reading() as session:
        conversation = session.scalars(select(Conversation.id)).one()
    say(live.services, conversation, "påminnelse", due_at=system_clock() + timedelta(seconds=1.5))
    say(live.services, conversation, "svar nu")
    last = max(one["seq"] for one in visitor.messages(2))
    time.sleep(2.0)
    assert visitor.messages(1, after=last)[0]["text"] == "påminnelse"


def test_a_chat_has_a_bounded_number_of_streams(live: Site, visit: Visit) -> None:
    from contextlib import ExitStack

    visitor = visit()
    visitor.post(text="hej")
    with ExitStack() as stack:
        for _ in range(4):
            next(stack.enter_context(visitor.events()))
        response = visitor.http.get("/chat/events", headers=visitor.headers)
        assert (response.status_code, response.json()["error"]) == (503, "crowded")


def test_while_the_database_is_down_the_visitor_is_told_to_try_again(live: Site, visit: Visit, monkeypatch: pytest.MonkeyPatch
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
