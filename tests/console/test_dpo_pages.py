"""Åtkomst, Gallring, Orosanmälan, and seeing names and numbers for a reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from bot.clock import FakeClock
from bot.console.models import AccessLog
from bot.db.session import Database
from bot.handover.models import Reason
from bot.handover.service import Handover
from bot.people import retention, retention_plan
from bot.people.models import RetentionRun
from tests.conftest import ROOT
from tests.console.conftest import Browser
from tests.conversations.conftest import Youth

Settle = Callable[[], Awaitable[None]]
Open = Callable[[], Browser]
Add = Callable[..., str]
REASON = "Socialjouren har frågat efter numret."


@pytest.fixture
async def officer(open_browser: Open, add_account: Add) -> Browser:
    """The data protection officer."""
    add_account("dina", "dpo")
    browser = open_browser()
    await browser.sign_in("dina")
    return browser


async def test_names_are_shown_for_a_reason_that_the_officer_reads(
    youth: Youth, settle: Settle, maria: Browser, officer: Browser, database: Database
) -> None:
    youth.send("jag heter Leyla, ring 070-174 06 05")
    await settle()
    path = f"/logs/{youth.conversation.id}/unmask"
    assert "0701740605" not in (await maria.get(path)).text

    refused = await maria.post(path, {"reason": "vill"}, on=path)
    assert refused.status_code == 422
    shown = await maria.post(path, {"reason": REASON}, on=path)
    assert "Leyla" in shown.text
    with database.reading() as session:
        (row,) = session.scalars(select(AccessLog).where(AccessLog.what == "unmask")).all()
    assert row.reason == REASON
    page = await officer.text("/openings?filter=unmask")
    assert REASON in page
    assert "Maria" in page
    assert "2026-11 1 1" in page


async def test_the_officer_reads_no_conversation(youth: Youth, settle: Settle, officer: Browser) -> None:
    youth.send("jag heter Leyla")
    await settle()
    conversation = youth.conversation.id
    for path in (f"/logs/{conversation}", f"/logs/{conversation}/unmask", f"/chats/{conversation}",
                 f"/reports/{conversation}", "/logs", "/reports", "/staff"):  # fmt: skip
        assert (await officer.get(path)).status_code == 403, path
    assert (await officer.get("/")).headers["location"] == "/console/openings"


async def test_a_report_is_kept_fetched_and_registered(
    youth: Youth, settle: Settle, maria: Browser, officer: Browser
) -> None:
    youth.send("min styvfar slår mig, ring 070-174 06 05")
    await settle()
    conversation = youth.conversation.id
    assert "genast anmäla" in await maria.text(f"/reports/{conversation}")
    await maria.post(f"/reports/{conversation}", on=f"/reports/{conversation}")
    listed = await maria.get("/reports")
    record = listed.text.split("/console/reports/")[1].split("/papers")[0]

    papers = await maria.post(f"/reports/{record}/papers", on="/reports")
    assert "min styvfar slår mig" in papers.text
    assert (await maria.post(f"/reports/{record}/register", {"number": " "}, on="/reports")).status_code == 422
    await maria.post(f"/reports/{record}/register", {"number": "SN 2026/17"}, on="/reports")
    assert "SN 2026/17" in await maria.text("/reports")
    page = await officer.text("/retention")
    assert "registrerat" in page
    assert "SN 2026/17" not in page
    assert "underlag till en orosanmälan" in await officer.text("/openings?filter=real")


async def test_after_registration_a_new_concern_is_kept_and_the_page_says_what_it_did(
    youth: Youth, settle: Settle, maria: Browser
) -> None:
    youth.send("hej")
    await settle()
    path = f"/reports/{youth.conversation.id}"

    async def keep() -> str:
        answer = await maria.post(path, on=path)
        return await maria.text(answer.headers["location"].removeprefix("/console"))

    assert "Underlaget är sparat." in await keep()
    assert "Underlaget är uppdaterat." in await keep()
    record = (await maria.get("/reports")).text.split("/console/reports/")[1].split("/papers")[0]
    await maria.post(f"/reports/{record}/register", {"number": "SN 2026/17"}, on="/reports")
    assert "Spara ett nytt underlag" in await maria.text(path)

    youth.send("det har hänt igen")
    await settle()
    assert "Ett nytt underlag är sparat. Det förra är redan registrerat." in await keep()
    new = (await maria.get("/reports")).text.split("/console/reports/")[1].split("/papers")[0]
    assert new != record
    assert "det har hänt igen" in (await maria.post(f"/reports/{new}/papers", on="/reports")).text
    assert "det har hänt igen" not in (await maria.post(f"/reports/{record}/papers", on="/reports")).text


async def test_a_run_that_never_ends_does_not_look_like_one_that_did(
    officer: Browser, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        session.add(RetentionRun(at=clock(), started_by="daily", counts={"chat": 2}))
    page = await officer.text("/retention")

    assert "Ingen gallring har körts klart på två dygn" in page
    assert "konto): 2 · inte klar" in page


async def test_the_officer_sees_the_plan_the_runs_and_small_numbers_hidden(
    youth: Youth, settle: Settle, officer: Browser, database: Database, clock: FakeClock
) -> None:
    youth.send("hej")
    await settle()
    assert "Ingen gallring har körts klart på två dygn" in await officer.text("/retention")
    retention.run(database, clock(), plan=retention_plan.load(ROOT / "data"), started_by="daily")

    page = await officer.text("/retention")
    assert "Ingen gallring har körts" not in page
    assert "daglig · inget att gallra" in page
    assert "färre än 5" in page
    assert "Meddelanden så som de skrevs 7 dagar" in page


async def test_a_reviewer_sees_masked_words_only(
    youth: Youth, settle: Settle, open_browser: Open, add_account: Add, handover: Handover
) -> None:
    youth.send("ring 070-174 06 05")
    await settle()
    conversation = youth.conversation.id
    handover.request(conversation_id=conversation, reason=Reason.ASKED, request_key="k")
    add_account("rut", "reviewer")
    reviewer = open_browser()
    await reviewer.sign_in("rut")
    page = await reviewer.text(f"/logs/{conversation}")

    assert "<phone_number_1>" in page
    assert "174 06 05" not in page
    for path in (f"/logs/{conversation}/unmask", f"/chats/{conversation}", "/openings", "/retention", "/reports"):
        assert (await reviewer.get(path)).status_code == 403, path
