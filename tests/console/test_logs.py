"""Loggar: what reviewers read, and what they never see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from bot.console.models import AccessLog
from bot.db.session import Database
from bot.handover.service import Handover
from tests.console.conftest import Browser
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue
from tests.handover.steps import ask, request_of

Open = Callable[[], Browser]
Add = Callable[..., str]
Settle = Callable[[], Awaitable[None]]


@pytest.fixture
async def reviewer(open_browser: Open, add_account: Add) -> Browser:
    """A reviewer, signed in."""
    add_account("rita", "reviewer")
    browser = open_browser()
    await browser.sign_in("rita")
    return browser


async def test_a_turn_is_shown_with_what_the_model_made_of_it(
    reviewer: Browser, youth: Youth, settle: Settle, dialogue: FakeDialogue, database: Database
) -> None:
    dialogue.intent = "ask_komvux"
    youth.send("kan jag läsa på komvux?")
    await settle()

    listed = await reviewer.text("/logs")
    page = await reviewer.text(f"/logs/{youth.conversation.id}")

    assert "Komvux" in listed
    assert "säkerhet 90 %" in listed
    for part in (
        "kan jag läsa på komvux?",
        "Komvux 90 %",
        "ask_komvux",
        "90,0 %",
        "Modell fake",
        "0 ms",
        "Svar:",
    ):
        assert part in page
    with database.reading() as session:
        assert list(session.scalars(select(AccessLog.what))) == ["log"]


async def test_a_reviewer_sees_placeholders_in_all_that_was_said(
    reviewer: Browser, maria: Browser, youth: Youth, handover: Handover, database: Database
) -> None:
    youth.send("ring 070-123 45 67")
    ask(handover, youth)
    request = request_of(database, youth).id
    await maria.post(f"/handovers/{request}/claim")
    await maria.post(
        f"/handovers/{request}/reply", {"text": "Jag ringer 070-123 45 67, eller 070-999 88 77", "key": "k"}
    )

    seen = await reviewer.text(f"/logs/{youth.conversation.id}")
    owners = await maria.text(f"/logs/{youth.conversation.id}")

    assert "ring <phone_number_1>" in seen
    assert "070" not in seen
    assert "+4670" not in seen
    assert "Jag ringer <phone_number_1>, eller <phone_number_2>" in seen
    assert "ring 070-123 45 67" in owners
    with database.reading() as session:
        assert sorted(session.scalars(select(AccessLog.what))) == ["log", "log_real"]


async def test_filters_show_what_they_say(
    reviewer: Browser,
    make_youth: Callable[[str], Youth],
    settle: Settle,
    dialogue: FakeDialogue,
    handover: Handover,
) -> None:
    missed, danger, person, english = (make_youth(name) for name in ("missed", "danger", "person", "english"))
    dialogue.intent = "nlu_fallback"
    missed.send("asdf")
    await settle()
    dialogue.intent, dialogue.language = "greet", "en"
    english.send("hello")
    await settle()
    danger.send("jag vill inte leva längre")
    person.send("hej")
    ask(handover, person)

    async def listed(query: str) -> set[str]:
        page = (await reviewer.get(f"/logs?{query}")).text
        everyone = {youth.address: youth.conversation.id for youth in (missed, danger, person, english)}
        return {address for address, chat in everyone.items() if chat in page}

    assert await listed("") == {"missed", "danger", "person", "english"}
    assert await listed("filter=unclear") == {"missed"}
    assert await listed("filter=risk") == {"danger"}
    assert await listed("filter=people") == {"person"}
    assert await listed("language=en") == {"english"}
    assert await listed("filter=unclear&language=en") == set()


async def test_the_list_keeps_to_the_readers_municipalities(
    open_browser: Open,
    add_account: Add,
    make_youth: Callable[[str], Youth],
    settle: Settle,
    dialogue: FakeDialogue,
) -> None:
    add_account("linda", municipalities=("Motala",))
    add_account("karin", municipalities=("Kinda",))
    add_account("rita", "reviewer", municipalities=("Kinda",))
    rita = open_browser()
    await rita.sign_in("rita")
    chats = {}
    for place in ("Motala", "Kinda", "Ydre", None):
        youth = make_youth(str(place))
        dialogue.slots = {"municipality": place} if place else {}
        youth.send("hej")
        await settle()
        chats[place] = youth.conversation.id

    page = (await rita.get("/logs")).text

    assert {place for place, chat in chats.items() if chat in page} == {"Kinda", "Ydre", None}
    for place, chat in chats.items():
        assert (await rita.get(f"/logs/{chat}")).status_code == (404 if place == "Motala" else 200), place


async def test_long_lists_have_pages(
    reviewer: Browser, make_youth: Callable[[str], Youth], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.console.chatlist.PAGE", 2)
    for number in range(3):
        make_youth(f"y{number}").send("hej")

    first, second = await reviewer.text("/logs"), await reviewer.text("/logs?page=2")

    assert "Äldre" in first
    assert "Nyare" not in first
    assert "Nyare" in second
    assert "Äldre" not in second
