"""Attacks on what faces the young: forged webhooks and buttons, typed payloads, strange texts, floods, guesses."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot.channels.telegram import webhook
from bot.clock import FakeClock
from bot.conversations.inbox import PRESSES_IN_A_MINUTE
from bot.conversations.incoming import parse_command
from bot.conversations.models import Conversation, InboundKind, InboundMessage
from bot.db.session import Database
from tests.attacks.conftest import WEBHOOK_SECRET, Target
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue

Settle = Callable[[], Awaitable[None]]
HEADER = webhook.SECRET_HEADER
UPDATE = {
    "update_id": 1,
    "message": {
        "message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"},
        "from": {"id": 5, "is_bot": False, "first_name": "x"}, "text": "hej",
    },
}  # fmt: skip


def client(target: Target) -> httpx.AsyncClient:
    """A stranger on the network."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=target.app), base_url="http://testserver")


def stored(target: Target) -> int:
    with target.services.db.reading() as session:
        return session.scalar(select(func.count()).select_from(InboundMessage)) or 0


@pytest.mark.parametrize("secret", [None, "", "wrong", WEBHOOK_SECRET[:-1], WEBHOOK_SECRET + "x", "\xe9" * 300])
async def test_a_forged_update_is_refused_and_stored_nowhere(target: Target, secret: str | None) -> None:
    before = stored(target)
    async with client(target) as stranger:
        headers = {} if secret is None else {HEADER: secret.encode("latin-1").decode("latin-1")}
        answer = await stranger.post(
            "/telegram/webhook", json=UPDATE, headers={k: v.encode("latin-1") for k, v in headers.items()}
        )
    assert answer.status_code == 401
    assert stored(target) == before


def test_secrets_are_compared_in_constant_time() -> None:
    # The one thing that cannot be seen from outside without a stop-watch: `==` ends at the first difference.
    source = Path(webhook.__file__).read_text(encoding="utf-8")
    assert "hmac.compare_digest(given.encode(), settings.webhook_secret.encode())" in source


@pytest.mark.parametrize("body", [
    b"", b"null", b"[]", b"{" * 100_000, b'{"update_id": "x"}', b'{"update_id": 1e400}', b'{"message": {"text": 5}}',
    b'{"update_id": 7, "message": {"chat": {"id": {}}}}', b"\xff\xfe\x00", json.dumps({"update_id": 2**80}).encode(),
    b'{"update_id": 9, "message": {"message_id": 1, "date": 1,'
    b' "chat": {"id": 6, "type": "private"}, "text": "\\ud800"}}',
])  # fmt: skip
async def test_a_malformed_update_with_the_right_secret_breaks_nothing(target: Target, body: bytes) -> None:
    async with client(target) as telegram:
        answer = await telegram.post(
            "/telegram/webhook", content=body, headers={HEADER: WEBHOOK_SECRET, "content-type": "application/json"}
        )
    assert answer.status_code < 500


async def test_too_much_is_refused_before_it_is_read(target: Target) -> None:
    async with client(target) as stranger:
        for path in ("/telegram/webhook", "/chat/messages", "/console/sign-in"):
            answer = await stranger.post(
                path, content=b"x" * 2_000_000, headers={HEADER: WEBHOOK_SECRET, "content-type": "application/json"}
            )
            assert answer.status_code in (400, 401, 403, 413), path


async def test_a_token_of_another_chat_opens_nothing(target: Target) -> None:
    async with client(target) as stranger:
        mine = (await stranger.post("/chat/start")).json()["token"]
        forged = [mine[:-2] + "AA", mine.replace(".", ".A", 1), "null", "e30.e30.e30", "²"]
        for token in forged:
            headers = {"authorization": f"Bearer {token}".encode()}
            sent = {"id": "abcdefgh", "text": "hej"}
            answer = await stranger.post("/chat/messages", json=sent, headers=headers)
            assert answer.status_code == 401
        for after in ("²", "-1", "9" * 5000, "1e9"):
            answer = await stranger.get(
                "/chat/events", params={"after": after}, headers={"authorization": f"Bearer {mine}"}
            )
            assert answer.status_code in (400, 404), after


@pytest.mark.parametrize(("host", "headers"), [
    ("203.0.113.9", {}),
    ("2001:db8::1", {}),
    ("testclient", {}),
    ("203.0.113.9", {"authorization": "Bearer wrong"}),
    ("203.0.113.9", {"authorization": "Bearer "}),
    ("203.0.113.9", {"authorization": "Bearer ååå"}),
    ("203.0.113.9", {"x-forwarded-for": "127.0.0.1"}),
    # A proxy on this machine that says for whom it asks.
    ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}),
    ("127.0.0.1", {"x-real-ip": "203.0.113.9"}),
    ("127.0.0.1", {"forwarded": "for=203.0.113.9"}),
])  # fmt: skip
async def test_figures_of_the_moment_are_not_there_for_strangers(
    target: Target, host: str, headers: dict[str, str]
) -> None:
    transport = httpx.ASGITransport(app=target.app, client=(host, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as stranger:
        sent = {name: value.encode() for name, value in headers.items()}
        answer, nothing = [await stranger.get(path, headers=sent) for path in ("/metrics", "/nothing")]
    assert (answer.status_code, answer.text) == (404, nothing.text)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "203.0.113.9"])
async def test_figures_are_there_for_this_machine_and_for_who_has_the_secret(target: Target, host: str) -> None:
    secret = target.services.settings.metrics_secret
    headers = {"authorization": f"Bearer {secret}"} if host == "203.0.113.9" else {}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=target.app, client=(host, 50_000)), base_url="http://testserver"
    ) as prometheus:
        answer = await prometheus.get("/metrics", headers=headers)
    assert len(secret) > 30
    assert answer.status_code == 200
    assert "bot_alerts_open" in answer.text


async def test_unknown_and_known_user_names_get_the_same_answer(target: Target) -> None:
    async with client(target) as stranger:
        page = (await stranger.get("/console/sign-in")).text
        token = page.split('name="csrf" value="')[1].split('"')[0]
        said = {}
        for name in ("attack-admin", "ingen-alls"):
            for _ in range(7):
                answer = await stranger.post(
                    "/console/sign-in", data={"csrf": token, "username": name, "password": "fel lösenord"}
                )
            said[name] = (answer.status_code, answer.text.replace(name, ""), sorted(answer.headers))
    assert said["attack-admin"] == said["ingen-alls"]


async def test_a_link_to_ones_data_cannot_be_guessed(target: Target) -> None:
    async with client(target) as stranger:
        for secret in ("x", "..%2f..", "%00", "²" * 50):
            assert (await stranger.get(f"/my-data/{secret}")).status_code in (200, 404)
            assert (await stranger.post(f"/my-data/{secret}")).status_code in (404, 429)
        for _ in range(12):
            last = await stranger.post("/my-data/x")
        assert last.status_code == 429


@pytest.mark.parametrize("text", [
    '/book{"id":1}', "/inform{}", "/restart", "/session_start", "EXTERNAL_x", "bot:delete_yes", "/bot:delete_yes",
    "/affirm", "/SetSlots{}",
])  # fmt: skip
async def test_a_typed_payload_is_text(youth: Youth, settle: Settle, dialogue: FakeDialogue, text: str) -> None:
    assert parse_command(text) is None
    youth.send(text)
    await settle()

    (turn,) = dialogue.turns
    assert turn["button"] is None
    assert turn["text"] == text


async def test_a_button_of_another_chat_does_nothing_here(
    make_youth: Callable[[str], Youth], settle: Settle, database: Database, dialogue: FakeDialogue
) -> None:
    victim, thief = make_youth("victim"), make_youth("thief")
    for one in (victim, thief):
        one.send("hej")
    await settle()
    victim.send("/radera")
    await settle()
    stolen = next(
        button["token"] for row in victim.outbox() for button in row.buttons if button["title"] == "Ja, ta bort det"
    )
    thief.send(None, kind=InboundKind.BUTTON, payload=stolen)
    await settle()

    assert thief.said()[-1] == "utter_button_expired"
    assert victim.inbox(), "nobody has erased anything"
    assert dialogue.deleted == []


STRANGE: dict[str, str] = {
    "html": "<b>hej</b><script>alert(1)</script>&amp;", "rtl": "hej \u202eolleh\u202c \u2066x\u2069",
    "zalgo": "h" + "\u0301" * 400 + "ej", "zero width": "h\u200be\u200dj" * 50, "emoji": "👩‍👩‍👧‍👦" * 60,
    "tags": "\U000e0001\U000e0068\U000e0069", "combining only": "\u0301" * 30, "fullwidth": "ｈｅｊ　på　dig",
    "ligature": "\ufdfa" * 100, "bom": "\ufeffhej", "lines": "hej\n" * 300, "long": "hej " * 1024,
    "surrogate": "hej \ud83d", "private": "\ue000\uf8ff", "controls": "he\x07j\x1b[31m", "math": "𝓱𝓮𝓳 𝕡å 𝔡𝔦𝔤",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(STRANGE))
async def test_strange_texts_are_stored_once_and_answered(
    youth: Youth, settle: Settle, clock: FakeClock, name: str
) -> None:
    youth.send(STRANGE[name])
    await settle()

    assert len(youth.inbox()) == 1
    said: list[Any] = youth.heard()
    assert said, "every message is answered"
    assert all(len(text) <= 4096 for text in said)


async def test_a_flood_loses_nothing_and_gets_few_answers(youth: Youth, settle: Settle) -> None:
    for number in range(40):
        youth.send(f"hej {number}")
    await settle()

    assert len(youth.inbox()) == 40
    assert 1 <= len(youth.heard()) <= 3


async def test_a_flood_of_presses_is_kept_and_answered_in_part(
    youth: Youth, settle: Settle, clock: FakeClock, dialogue: FakeDialogue
) -> None:
    for _ in range(PRESSES_IN_A_MINUTE + 50):
        youth.send("/hjalp")
    await settle()

    assert len(youth.inbox()) == PRESSES_IN_A_MINUTE + 50
    assert youth.said().count("utter_slow_down") == 1
    assert len(youth.said()) <= PRESSES_IN_A_MINUTE + 1

    youth.send("jag vill inte leva längre")
    assert youth.conversation.risk == "self_harm", "a sign of danger is seen in every flood"
    before = len(youth.said())
    clock.advance(seconds=61)
    youth.send("/hjalp")
    await settle()
    assert len(youth.said()) > before, "after a minute all is as before"


async def test_while_a_person_has_the_chat_every_press_reaches_them(
    youth: Youth, settle: Settle, database: Database
) -> None:
    youth.send("hej")
    await settle()
    with database.transaction() as session:
        session.get_one(Conversation, youth.conversation.id).state = "LIVE"
    for _ in range(PRESSES_IN_A_MINUTE + 5):
        youth.send(None, kind=InboundKind.OTHER)
    await settle()

    assert "utter_slow_down" not in youth.said()
    assert all(row.status != "noted" for row in youth.inbox())
