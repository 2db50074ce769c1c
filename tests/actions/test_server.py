"""The action server's door: the secret, errors that tell nothing, and that nothing happens at import."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient

from actions.server import create_app
from bot.names import Action, Response
from tests.actions.turns import World
from tests.data.project_files import ROOT

SECRET = "a secret of this test"
CALL = {
    "next_action": "action_show_booking",
    "sender_id": "conversation-1",
    "tracker": {
        "sender_id": "conversation-1", "slots": {"language": "en"},
        "latest_message": {"text": "my secret is 42", "metadata": {"message_id": "m1"}}, "events": [],
    },
    "domain": {}, "version": "3.6.21",
}  # fmt: skip


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def client(world: World) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(create_app(world.services(), SECRET))
    async with AsyncClient(transport=transport, base_url="http://actions") as client:
        yield client


def signed(secret: str = SECRET) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


async def test_an_action_runs_and_says_what_it_found(client: AsyncClient) -> None:
    answer = await client.post("/webhook", json=CALL, headers=signed())
    assert answer.status_code == 200
    assert [said["response"] for said in answer.json()["responses"]] == [Response.UTTER_NO_BOOKING]


@pytest.mark.parametrize("headers", [{}, {"authorization": SECRET}, signed("another")])
async def test_without_the_secret_nothing_runs(client: AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.post("/webhook", json=CALL, headers=headers)).status_code == 401


async def test_a_failing_service_is_an_error_that_quotes_nobody(client: AsyncClient, world: World) -> None:
    world.booking.down = True
    answer = await client.post("/webhook", json=CALL, headers=signed())
    assert answer.status_code == 500
    assert answer.json() == {"error": "ServiceDown"}
    assert "42" not in answer.text


async def test_an_unknown_action_is_an_error_and_not_silence(client: AsyncClient) -> None:
    answer = await client.post("/webhook", json={**CALL, "next_action": "action_nothing"}, headers=signed())
    assert answer.status_code == 404


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"next_action": "action_show_booking"}'])
async def test_a_malformed_call_is_refused(client: AsyncClient, body: str) -> None:
    assert (await client.post("/webhook", content=body, headers=signed())).status_code == 422


async def test_health_needs_no_secret_and_counts_the_actions(client: AsyncClient) -> None:
    assert (await client.get("/health")).json() == {"status": "ok", "actions": len(Action)}


def test_importing_the_actions_touches_neither_services_nor_the_environment() -> None:
    code = (
        "import os; before = dict(os.environ); import actions.server, actions.forms, actions.services as s; "
        "assert s._Given.services is None; assert dict(os.environ) == before"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_an_action_without_services_says_what_is_missing() -> None:
    from actions.services import _Given, services

    kept, _Given.services = _Given.services, None
    try:
        with pytest.raises(RuntimeError, match=r"actions\.server"):
            services()
    finally:
        _Given.services = kept
