"""The live stream: says that something changed, to who is signed in, and nothing else."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator, Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.console.desk import Desk
from bot.console.events import Events, stamp
from bot.console.models import Note
from bot.console.security import SESSION_COOKIE
from bot.db.session import Database
from bot.handover.service import Handover
from bot.wiring import Services
from tests.conftest import NOW
from tests.console.conftest import Browser
from tests.conversations.conftest import Youth
from tests.handover.steps import ask, request_of


@pytest.fixture
def look(database: Database, youth: Youth) -> Callable[[], str]:
    """Return the stamp of a page that shows the youth's chat."""

    def read() -> str:
        with database.reading() as session:
            return stamp(session, NOW, youth.conversation.id)

    return read


async def test_everything_a_page_shows_changes_its_stamp(
    look: Callable[[], str], youth: Youth, handover: Handover, database: Database, maria: Browser
) -> None:
    youth.send("hej")
    stamps = [look()]

    def changed() -> bool:
        stamps.append(look())
        return stamps[-1] != stamps[-2]

    assert look() == stamps[0], "nothing has changed"
    ask(handover, youth)
    assert changed()
    request = request_of(database, youth).id
    await maria.post(f"/handovers/{request}/claim")
    assert changed()
    youth.send("är du där?")
    assert changed()
    await maria.post(f"/handovers/{request}/reply", {"text": "ja", "key": "k"})
    assert changed()
    await maria.post(f"/chats/{youth.conversation.id}/notes", {"note": "en rad"})
    assert changed()
    youth.send("jag vill inte leva längre")
    assert changed()


async def next_event(stream: AsyncIterator[str]) -> str:
    return await asyncio.wait_for(anext(stream), timeout=5)


async def test_a_new_message_is_told_within_a_second_even_when_no_bell_rings(
    services: Services, maria: Browser, youth: Youth, look: Callable[[], str]
) -> None:
    youth.send("hej")
    stream = Events(Desk(services))._stream(maria.http.cookies[SESSION_COOKIE], youth.conversation.id, look())
    assert (await next_event(stream)).startswith("retry:")
    waiting = asyncio.ensure_future(anext(stream))

    await asyncio.to_thread(youth.send, "en sak till")
    began = asyncio.get_running_loop().time()

    assert await asyncio.wait_for(waiting, 5) == "event: changed\ndata: 1\n\n"
    assert asyncio.get_running_loop().time() - began < 1.0
    await stream.aclose()


async def test_what_happened_between_a_page_and_its_stream_is_told_at_once(
    services: Services, maria: Browser, youth: Youth, look: Callable[[], str]
) -> None:
    youth.send("hej")
    address = re.search(r'data-live="([^"]+)"', (await maria.get(f"/chats/{youth.conversation.id}")).text)
    assert address is not None
    seen = parse_qs(urlsplit(html.unescape(address[1])).query)["seen"][0]
    assert seen == look()
    youth.send("en sak till")

    stream = Events(Desk(services))._stream(maria.http.cookies[SESSION_COOKIE], youth.conversation.id, seen)
    await next_event(stream)

    assert await next_event(stream) == "event: changed\ndata: 1\n\n"
    await stream.aclose()


async def test_signing_out_ends_the_stream(services: Services, maria: Browser, database: Database) -> None:
    with database.reading() as session:
        seen = stamp(session, NOW)
    stream = Events(Desk(services))._stream(maria.http.cookies[SESSION_COOKIE], "", seen)
    await next_event(stream)
    await maria.post("/sign-out")

    assert await next_event(stream) == "event: signed-out\ndata: 1\n\n"
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


def test_notes_have_no_column_that_could_send_them() -> None:
    assert set(Note.__table__.columns.keys()) == {"id", "conversation_id", "staff_id", "text", "created_at"}
