"""Ready-made replies, plain language and messages for later, as a counsellor meets them on the pages."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from bot.clock import FakeClock
from bot.db.session import Database
from bot.handover.service import Handover
from bot.languages import Language
from bot.livechat.canned import load_starters
from bot.livechat.models import CannedReply, ScheduledMessage
from bot.plain import read
from tests.conftest import ROOT
from tests.console.conftest import Browser
from tests.conversations.conftest import Youth
from tests.handover.steps import ask, request_of


@pytest.fixture
async def chat(maria: Browser, youth: Youth, handover: Handover, database: Database, clock: FakeClock) -> str:
    """The address of a live chat of Maria's."""
    load_starters(database, ROOT / "data" / "staff" / "replies.yml", clock())
    youth.send("hej")
    ask(handover, youth, municipality="Motala")
    await maria.post(f"/handovers/{request_of(database, youth).id}/claim")
    return f"/chats/{youth.conversation.id}"


async def test_a_reply_is_put_into_the_box_without_script(maria: Browser, chat: str) -> None:
    page = (await maria.get(chat)).text
    option = re.search(r'<option value="([^"]+)"[^>]*>Hej, jag är här', page)
    assert option is not None

    chosen = (await maria.get(f"{chat}?reply={option[1]}")).text

    assert re.search(r"<textarea id=\"reply\"[^>]*>Hej, jag heter Maria och är vägledare", chosen)


async def test_a_reply_with_a_gap_is_not_sent(maria: Browser, youth: Youth, chat: str, database: Database) -> None:
    reply = {"text": "Vi ses i {kommun}", "key": "k"}
    refused = await maria.post(f"/handovers/{request_of(database, youth).id}/reply", reply)

    assert refused.status_code == 422
    assert "Fyll i {kommun}" in refused.text
    assert "Vi ses i {kommun}" not in youth.heard()


async def test_staff_add_change_and_put_away_replies(maria: Browser, chat: str, database: Database) -> None:
    new = {"title": "Fika", "text_sv": "Vi bjuder på fika.", "text_en": "We have coffee."}
    assert (await maria.post("/replies", new)).status_code == 303
    with database.reading() as session:
        row = session.scalars(select(CannedReply).where(CannedReply.title == "Fika")).one()
    assert "Fika" in (await maria.get(chat)).text

    await maria.post(f"/replies/{row.id}", {**new, "text_sv": "Vi bjuder på te."})

    assert "Fika" not in (await maria.get(chat)).text
    wrong = await maria.post("/replies", {**new, "text_sv": "Ring {nummer}"})
    assert wrong.status_code == 422
    assert "{nummer} går inte att fylla i" in wrong.text
    assert "Ring {nummer}" in wrong.text, "what was written is still there"


@pytest.mark.parametrize(("text", "language"), [("Hej! Vad vill du?", "sv"), ("Utbildningsmöjligheter " * 12, "sv"),
                                                ("Hi. What do you want?", "en")])  # fmt: skip
async def test_the_console_measures_as_the_gate_does(maria: Browser, text: str, language: str) -> None:
    told = (await maria.post("/plain", {"text": text, "language": language})).json()

    expected = read(text, Language(language))
    assert told["easy"] == (expected.value <= expected.limit)
    assert told["faults"] == list(expected.faults)


async def test_a_message_is_set_for_later_and_taken_back(
    maria: Browser, chat: str, database: Database, youth: Youth
) -> None:
    planned = await maria.post(f"{chat}/later", {"text": "Hur gick det?", "at": "2026-11-24T10:00"})
    assert planned.status_code == 303
    assert "i morgon 10.00 väntar Hur gick det?" in await maria.text(chat)
    with database.reading() as session:
        row = session.scalars(select(ScheduledMessage)).one()

    await maria.post(f"/later/{row.id}/cancel")

    assert "stoppat: du ångrade dig" in await maria.text(chat)
    at_night = await maria.post(f"{chat}/later", {"text": "Hej", "at": "2026-11-24T23:00"})
    assert (at_night.status_code, "mellan 08.00 och 21.00" in at_night.text) == (422, True)
    assert (await maria.post(f"{chat}/later", {"text": "Hej", "at": "i morgon"})).status_code == 422


async def test_a_round_of_practice_is_played_to_its_end(maria: Browser, clock: FakeClock) -> None:
    started = await maria.post("/practice", {"scenario": "tyst"})
    page = started.headers["location"].removeprefix("/console")
    assert "Den unga är påhittad" in await maria.text(page)

    await maria.post(f"{page}/answer", {"text": "Hej, jag heter Maria."})
    assert "Den unga skriver" in await maria.text(page)
    clock.advance(minutes=1)
    assert "Den unga skriver" not in await maria.text(page)
    await maria.post(f"{page}/end")

    assert "Du hälsade och sa vad du heter." in await maria.text(page)
    assert (await maria.post(f"{page}/answer", {"text": "mer"})).status_code == 409
