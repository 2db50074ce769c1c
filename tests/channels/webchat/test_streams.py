"""How many live streams a chat, a network and all of them may hold open at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import StreamingResponse

from bot.channels.webchat import live as module
from bot.channels.webchat.asking import network_of
from bot.channels.webchat.chats import Chats, NotStarted, Refused
from bot.channels.webchat.limits import Room, Rooms
from bot.channels.webchat.live import Live
from bot.channels.webchat.words import Words
from bot.languages import Language
from bot.wiring import Services

SCHOOL, HOME = "198.51.100.7", "203.0.113.9"
Open = Callable[[str, str], Awaitable[StreamingResponse | None]]


@pytest.fixture
def chats(services: Services) -> Chats:
    """Three chats that have begun."""
    chats = Chats(services, Words.load())
    for number in range(3):
        chats.write(f"chat-{number}", f"message-{number}", "hej", Language.SV)
    return chats


@pytest.fixture
def streams(services: Services, chats: Chats) -> Live:
    """The streams of a program of its own."""
    return Live(services, chats)


@pytest.fixture
def open_stream(streams: Live) -> Open:
    """Open a stream; None when there is no room."""

    async def open_one(address: str, network: str) -> StreamingResponse | None:
        try:
            return await streams.open(address, network, 0)
        except Refused as refused:
            return None if refused.word == "crowded" else pytest.fail(refused.word)

    return open_one


async def end(stream: StreamingResponse | None) -> None:
    """Send a stream to somebody who has gone already."""
    assert stream is not None

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(_: object) -> None:
        raise OSError

    scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
    with pytest.raises((OSError, ExceptionGroup)):
        await stream(scope, receive, send)


async def test_of_many_that_ask_at_once_a_chat_gets_its_four(open_stream: Open) -> None:
    opened = await asyncio.gather(*(open_stream("chat-0", HOME) for _ in range(12)))

    assert len([one for one in opened if one]) == 4
    assert await open_stream("chat-1", HOME) is not None


async def test_a_network_takes_no_places_of_the_others(open_stream: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STREAMS_OF_A_NETWORK", Room("streams of a network", 2))
    opened = await asyncio.gather(*(open_stream(f"chat-{number % 3}", SCHOOL) for number in range(9)))

    assert len([one for one in opened if one]) == 2
    assert await open_stream("chat-0", HOME) is not None


async def test_all_together_have_a_bound(open_stream: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STREAMS", Room("streams of all", 5))
    opened = await asyncio.gather(*(open_stream(f"chat-{number % 3}", f"198.51.100.{number}") for number in range(9)))

    assert len([one for one in opened if one]) == 5


async def test_a_place_is_free_again_when_its_stream_ends_or_never_begins(streams: Live, open_stream: Open) -> None:
    for _ in range(5):
        with pytest.raises(NotStarted):
            await streams.open("no-such-chat", HOME, 0)
    for _ in range(5):
        await end(await open_stream("chat-0", HOME))
    opened = [await open_stream("chat-0", HOME) for _ in range(5)]

    assert [one is not None for one in opened] == [True] * 4 + [False]


@pytest.fixture
def kept() -> Iterator[ExitStack]:
    """Keeps places until the end of the test."""
    with ExitStack() as kept:
        yield kept


def test_when_one_room_is_full_no_place_is_taken_in_the_others(kept: ExitStack) -> None:
    rooms, small, large = Rooms(), Room("small", 1), Room("large", 2)
    assert kept.enter_context(rooms.place((small, "a"), (large, "")))
    for _ in range(5):
        assert not kept.enter_context(rooms.place((small, "a"), (large, "")))
    with rooms.place((small, "b"), (large, "")) as free:
        assert free
        assert not kept.enter_context(rooms.place((small, "c"), (large, "")))
    assert kept.enter_context(rooms.place((small, "c"), (large, "")))
    assert "a" not in repr(vars(rooms)["_taken"].keys() & {"a", b"a"}), "nobody's address is kept"


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_network_of_ipv6_is_what_one_household_has(host: str, network: str) -> None:
    assert network_of(Request({"type": "http", "client": (host, 1), "headers": []})) == network


def test_without_a_client_there_is_one_network_for_all() -> None:
    assert network_of(Request({"type": "http", "headers": []})) == ""
