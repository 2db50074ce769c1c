"""The decision about an answer of the bot on the chat's page, and the topics on Tjänst."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest

from bot.approvals import service as approvals
from bot.clock import FakeClock
from bot.db.session import Database
from tests.console.conftest import Browser
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue

Settle = Callable[[], Awaitable[None]]
Open = Callable[[], Browser]
Add = Callable[..., str]


@pytest.fixture
async def held(
    maria: Browser, youth: Youth, settle: Settle, dialogue: FakeDialogue, database: Database, clock: FakeClock
) -> str:
    """The address of the form that decides about a held answer."""
    with database.transaction() as session:
        approvals.choose(session, ["ask_study_finance"], by="somebody", now=clock())
    dialogue.intent, dialogue.slots = "ask_study_finance", {"municipality": "Kinda"}
    youth.send("får jag pengar?")
    await settle()
    page = await maria.get(f"/chats/{youth.conversation.id}")
    found = re.search(r'action="/console(/held/[^"/]+)/send"', page.text)
    assert found is not None
    return found[1]


async def test_a_counsellor_reads_an_answer_and_sends_it(maria: Browser, youth: Youth, held: str) -> None:
    chat = f"/chats/{youth.conversation.id}"
    assert "Ett svar väntar på ditt ok studiebidrag och pengar" in await maria.text("/")
    page = await maria.text(chat)
    assert "Om studiebidrag och pengar. Läs senast 10.10" in page
    assert "Svar: får jag pengar?" in page

    assert (await maria.post(f"{held}/send")).status_code == 303

    assert youth.heard()[-1] == "Svar: får jag pengar?"
    assert "väntar på ditt ok" not in await maria.text(chat)
    assert "Inga larm." in await maria.text("/")
    again = await maria.post(f"{held}/refuse")
    assert again.status_code == 409
    assert "Det är redan avgjort" in again.text


async def test_an_answer_can_be_kept_back(maria: Browser, youth: Youth, held: str) -> None:
    await maria.post(f"{held}/refuse")

    assert youth.said()[-1] == "utter_ask_a_person"
    assert (await maria.post("/held/none/send")).status_code == 404


async def test_whose_municipality_it_is_not_decides_nothing(
    open_browser: Open, add_account: Add, youth: Youth, held: str
) -> None:
    add_account("linda", municipalities=("Motala",))
    add_account("kim", "reviewer")
    for name, status in (("linda", 404), ("kim", 403)):
        browser = open_browser()
        await browser.sign_in(name)
        assert (await browser.post(f"{held}/send")).status_code == status

    assert youth.said()[-1] == "utter_answer_held"


async def test_an_administrator_chooses_the_topics(
    maria: Browser, open_browser: Open, add_account: Add, database: Database
) -> None:
    add_account("admin", "admin")
    admin = open_browser()
    await admin.sign_in("admin")

    await admin.post("/duty/topics", {"topics": ["ask_kaa", "ask_csn_absence", "crisis_self_harm"]})

    with database.reading() as session:
        assert approvals.chosen(session) == {"ask_kaa", "ask_csn_absence"}
    assert 'value="ask_kaa" checked' in (await admin.get("/duty?said=topics")).text
    assert (await maria.post("/duty/topics", {"topics": []})).status_code == 403
    await admin.post("/duty/topics")
    with database.reading() as session:
        assert approvals.chosen(session) == set()
