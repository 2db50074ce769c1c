"""Tjänst: the shift, open chats at its end, the phone, absence, and who answers at night."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bot.alerts import contacts
from bot.catalogue.loader import load
from bot.clock import FakeClock
from bot.console.models import Staff
from bot.db.session import Database
from bot.duty.plan import DutyPlan
from bot.duty.service import night_duty
from bot.handover.service import Handover
from bot.wiring import Services
from tests.conftest import ROOT
from tests.console.conftest import Browser
from tests.conversations.conftest import Youth
from tests.handover.steps import ask, request_of, stockholm

AddAccount = Callable[..., str]
OpenBrowser = Callable[[], Browser]


async def signed_in(open_browser: OpenBrowser, name: str) -> Browser:
    browser = open_browser()
    await browser.sign_in(name)
    return browser


@pytest.fixture
def maria_id(add_account: AddAccount) -> str:
    """A counsellor of the whole county."""
    return add_account("maria")


@pytest.fixture
def omar_id(add_account: AddAccount) -> str:
    """Another one."""
    return add_account("omar")


def works(database: Database, staff_id: str, at: str) -> bool:
    with database.reading() as session:
        return DutyPlan(session, stockholm(at)).works_now(staff_id)


async def test_a_shift_ends_only_when_every_chat_has_a_way_on(
    open_browser: OpenBrowser, maria_id: str, omar_id: str, youth: Youth, handover: Handover, database: Database
) -> None:
    browser = await signed_in(open_browser, "maria")
    youth.send("hej")
    ask(handover, youth)
    request = request_of(database, youth).id
    handover.claim(request, maria_id)

    refused = await browser.post("/duty/off")
    assert refused.status_code == 409
    assert "Du har öppna chattar" in refused.text
    assert works(database, maria_id, "2026-11-23T11:00")

    await browser.post(f"/handovers/{request}/offer", {"to": omar_id})
    assert "Omar är tillfrågad" in await browser.text("/duty")
    await browser.post(f"/handovers/{request}/close", {"agreed": "Vi hörs på torsdag"})
    assert youth.conversation.state == "BOT"
    assert "Vi hörs på torsdag." in youth.heard()[-1]
    await browser.post("/duty/off")
    assert not works(database, maria_id, "2026-11-23T11:00")
    assert "Inte i tjänst" in await browser.text("/duty")
    await browser.post("/duty/rota")
    assert works(database, maria_id, "2026-11-23T11:00")


async def test_a_chat_is_taken_over_on_a_colleagues_request(
    open_browser: OpenBrowser, maria_id: str, omar_id: str, youth: Youth, handover: Handover, database: Database
) -> None:
    browser = await signed_in(open_browser, "omar")
    youth.send("hej")
    ask(handover, youth)
    request = request_of(database, youth).id
    handover.claim(request, maria_id)
    handover.offer(request, maria_id, omar_id)

    assert "En kollega ber dig ta över" in await browser.text("/duty")
    await browser.post(f"/handovers/{request}/accept")

    assert request_of(database, youth).owner == omar_id


async def test_a_code_links_the_phone_and_is_shown_once(
    open_browser: OpenBrowser, maria_id: str, services: Services, clock: FakeClock
) -> None:
    browser = await signed_in(open_browser, "maria")
    page = await browser.post("/duty/phone/code")
    found = re.search(r"/koppla (\w{4}-\w{4})", page.text)
    assert found is not None
    assert found[1] not in (await browser.get("/duty")).text
    with services.db.transaction() as session:
        assert contacts.link(session, services.vault, found[1], "7", clock()) is not None

    assert "Din Telegram är kopplad" in await browser.text("/duty")
    await browser.post("/duty/reach", {"email": "maria@kommun.example", "email_on": "1"})
    assert "maria@kommun.example" in (await browser.get("/duty")).text
    assert (await browser.post("/duty/reach", {"email": "maria"})).status_code == 422
    await browser.post("/duty/phone/unlink")
    assert "Visa en kod" in await browser.text("/duty")


async def test_absence_and_a_shift_by_hand(open_browser: OpenBrowser, maria_id: str, database: Database) -> None:
    browser = await signed_in(open_browser, "maria")
    await browser.post("/duty/absences", {"first_day": "2026-11-25", "last_day": "2026-11-26"})
    assert not works(database, maria_id, "2026-11-26T11:00")
    assert works(database, maria_id, "2026-11-27T11:00")
    assert (await browser.post("/duty/absences", {"first_day": "x", "last_day": ""})).status_code == 422

    await browser.post("/duty/on", {"until": "20:00"})
    assert works(database, maria_id, "2026-11-23T19:30")
    assert (await browser.post("/duty/on", {"until": "inte än"})).status_code == 422


async def test_who_answers_at_night_is_asked_for_until_it_is_decided(
    open_browser: OpenBrowser, add_account: AddAccount, maria_id: str, database: Database
) -> None:
    load(database, ROOT / "data" / "catalogue")
    add_account("admin", "admin")
    browser = await signed_in(open_browser, "admin")
    assert "Ingen har bestämt vem som larmas" in await browser.text("/duty")
    assert (await browser.post("/duty/night", {"place": ""})).status_code == 422

    await browser.post("/duty/night", {"place": "", "crisis_owner": maria_id})
    await browser.post("/duty/night", {"place": "Ydre", "crisis_owner": "nobody"})

    assert "Ingen har bestämt" not in await browser.text("/duty")
    with database.reading() as session:
        assert night_duty(session, "Motala").crisis_owner == maria_id
        assert night_duty(session, "Ydre").crisis_nobody
    assert (await browser.post("/duty/night", {"place": "Stockholm", "crisis_owner": "nobody"})).status_code == 422

    await browser.post("/duty/hours?place=Motala", {"starts_0_0": "12:00", "ends_0_0": "13:00"})
    with database.reading() as session:
        assert not DutyPlan(session, stockholm("2026-11-23T10:00")).is_open("Motala")
        assert DutyPlan(session, stockholm("2026-11-23T12:30")).is_open("Motala")


async def test_that_nobody_owns_the_night_is_said_where_people_begin(
    open_browser: OpenBrowser, add_account: AddAccount, maria_id: str, database: Database
) -> None:
    load(database, ROOT / "data" / "catalogue")
    add_account("admin", "admin")
    add_account("both", "counsellor", "admin", municipalities=("Ydre", "Boxholm"))
    add_account("kim", municipalities=("Ydre", "Kinda"))
    maria, admin, both, kim = [await signed_in(open_browser, name) for name in ("maria", "admin", "both", "kim")]

    assert "i hela länet. Tills dess" in await maria.text("/")
    assert "En administratör behöver välja. Se vem som är där nu" in await maria.text("/")
    assert "i Ydre, Kinda. Tills dess" in await kim.text("/")
    for browser, page, place in ((admin, "/staff", ""), (both, "/", "Ydre")):
        link = f'href="/console/duty?place={place}#night-heading">Välj vem som larmas'
        assert link in (await browser.get(page)).text

    await both.post("/duty/night", {"place": "Ydre", "crisis_owner": maria_id})
    assert "i Kinda. Tills dess" in await kim.text("/")
    assert "i Boxholm. Tills dess" in await both.text("/")
    assert "i hela länet, Boxholm" in await admin.text("/duty")
    await admin.post("/duty/night", {"place": "", "crisis_owner": "nobody"})
    for browser, page in ((maria, "/"), (admin, "/staff"), (both, "/"), (kim, "/")):
        assert "Ingen har bestämt" not in await browser.text(page)

    with database.transaction() as session:
        session.get_one(Staff, maria_id).active = False
    assert "i Ydre. Tills dess" in await kim.text("/"), "who has left answers for nothing"


async def test_only_an_administrator_decides_about_the_night(open_browser: OpenBrowser, maria_id: str) -> None:
    browser = await signed_in(open_browser, "maria")
    assert (await browser.post("/duty/night", {"place": "", "crisis_owner": maria_id})).status_code == 403
