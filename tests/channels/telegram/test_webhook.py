"""The webhook: only Telegram gets in, and it hears 200 only when the update is committed."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette

from bot.channels.telegram.program import telegram_tasks
from bot.channels.telegram.webhook import MAX_BODY, SECRET_HEADER, webhook_route
from bot.clock import FakeClock
from bot.conversations.models import InboundMessage
from bot.db.session import Database
from bot.wiring import Services
from tests.channels.chats import new_chat, outbox_of, say
from tests.channels.conftest import WEBHOOK_SECRET, MakeServices
from tests.channels.running import running
from tests.channels.serving import serving
from tests.fakes.telegram import TelegramServer

UPDATE: dict[str, Any] = json.loads((Path(__file__).parent / "updates" / "text.json").read_text("utf-8"))


@pytest.fixture
def services(database: Database, clock: FakeClock, telegram: TelegramServer, make_services: MakeServices) -> Services:
    return make_services(
        database, clock, api=telegram.base_url, mode="webhook", webhook_url="http://127.0.0.1:1/telegram/webhook"
    )


@pytest.fixture
def client(services: Services) -> Iterator[httpx.Client]:
    app = Starlette(routes=webhook_route(services))
    with serving(app) as address, httpx.Client(base_url=address, trust_env=False) as client:
        yield client


def _post(client: httpx.Client, body: Any = UPDATE, *, secret: str | None = WEBHOOK_SECRET) -> httpx.Response:
    headers = {"Content-Type": "application/json"} | ({SECRET_HEADER: secret} if secret is not None else {})
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/telegram/webhook", content=content, headers=headers)


def _stored(services: Services) -> int:
    with services.db.reading() as session:
        return session.scalar(select(func.count()).select_from(InboundMessage)) or 0


def test_an_update_is_stored_and_then_confirmed(client: httpx.Client, services: Services) -> None:
    response = _post(client)
    assert (response.status_code, response.json()) == (200, {"ok": True})
    assert _stored(services) == 1


def test_an_update_that_comes_again_is_confirmed_and_stored_once(client: httpx.Client, services: Services) -> None:
    assert [_post(client).status_code for _ in range(3)] == [200, 200, 200]
    assert _stored(services) == 1


@pytest.mark.parametrize("secret", [None, "", "wrong", WEBHOOK_SECRET + "x", WEBHOOK_SECRET[:-1]])
def test_without_the_secret_nothing_is_stored(client: httpx.Client, services: Services, secret: str | None) -> None:
    response = _post(client, secret=secret)
    assert response.status_code == 401
    assert response.json() == {"error": "wrong_secret", "next": "Send the secret that setWebhook was given."}
    assert _stored(services) == 0


def test_a_stranger_is_refused_before_the_body_is_read(client: httpx.Client) -> None:
    head = b"POST /telegram/webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n"
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=10) as connection:
        connection.sendall(head + SECRET_HEADER.encode() + b": \xc3\xa5\r\n\r\n")
        assert b" 401 " in connection.recv(100)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'"text"', b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(client: httpx.Client, services: Services, body: bytes) -> None:
    response = _post(client, body)
    assert (response.status_code, response.json()["error"]) == (400, "not_json")
    assert _stored(services) == 0


def test_another_type_of_content_is_refused(client: httpx.Client) -> None:
    headers = {"Content-Type": "text/plain", SECRET_HEADER: WEBHOOK_SECRET}
    response = client.post("/telegram/webhook", content=json.dumps(UPDATE), headers=headers)
    assert response.status_code == 400


def test_a_body_above_the_limit_is_refused_whatever_its_header_says(client: httpx.Client, services: Services) -> None:
    big = json.dumps(UPDATE | {"filler": "x" * MAX_BODY}).encode()
    assert _post(client, big).status_code == 413

    def in_pieces() -> Iterator[bytes]:
        yield from (big[start : start + 100_000] for start in range(0, len(big), 100_000))

    headers = {"Content-Type": "application/json", SECRET_HEADER: WEBHOOK_SECRET}
    assert client.post("/telegram/webhook", content=in_pieces(), headers=headers).status_code == 413
    assert _stored(services) == 0


def test_what_is_nothing_for_us_is_confirmed(client: httpx.Client, services: Services) -> None:
    assert _post(client, {"update_id": 4, "hologram": {}}).status_code == 200
    assert _post(client, {"update_id": 5, "message": {"text": "utan chat"}}).status_code == 200
    assert _stored(services) == 0


def test_while_the_database_is_down_telegram_is_asked_to_come_again(
    client: httpx.Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_: object) -> None:
        raise OperationalError("select", {}, Exception("down"))

    with monkeypatch.context() as patch:
        patch.setattr(services.inbox, "receive", down)
        response = _post(client)
        assert (response.status_code, response.json()["error"]) == (503, "database_down")
    assert _post(client).status_code == 200
    assert _stored(services) == 1


def test_an_update_that_cannot_be_stored_is_let_go_at_the_third_time(
    client: httpx.Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(services.inbox, "receive", broken)
    assert [_post(client).status_code for _ in range(3)] == [500, 500, 200]


def test_only_post_is_answered(client: httpx.Client) -> None:
    assert client.get("/telegram/webhook").status_code == 405


def test_a_press_is_answered(client: httpx.Client, services: Services, telegram: TelegramServer) -> None:
    conversation = new_chat(services, "telegram", "700123")
    say(services, conversation, "Vill du?", buttons=[("Ja", "/affirm")])
    token = outbox_of(services, conversation)[0].buttons[0]["token"]
    query = {"id": "q1", "from": {"id": 700123}, "data": token}
    assert _post(client, {"update_id": 9, "callback_query": query}).status_code == 200
    telegram.wait_until(lambda: telegram.state.answered == ["q1"], what="the press being answered")


def test_in_polling_mode_there_is_no_webhook(
    sqlite_database: Database, clock: FakeClock, make_services: MakeServices
) -> None:
    assert webhook_route(make_services(sqlite_database, clock)) == []
    assert webhook_route(make_services(sqlite_database, clock, telegram=False)) == []


def test_telegram_is_told_where_we_are_as_often_as_it_takes(services: Services, telegram: TelegramServer) -> None:
    tasks = telegram_tasks(services)
    assert set(tasks) == {"telegram-sender", "telegram-staff-sender", "telegram-typing", "telegram-webhook"}
    telegram.offline()
    with running(tasks["telegram-webhook"]):
        telegram.online()
        telegram.wait_until(lambda: telegram.state.webhook is not None, what="setWebhook")
    call = telegram.calls("setWebhook")[-1]
    assert (call["url"], call["secret_token"]) == ("http://127.0.0.1:1/telegram/webhook", WEBHOOK_SECRET)
    assert json.loads(call["allowed_updates"]) == ["message", "edited_message", "callback_query", "my_chat_member"]
