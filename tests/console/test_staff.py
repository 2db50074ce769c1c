"""Personal, Mitt konto and Åtkomst: accounts, municipalities, hours."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.booking.rota import hours_of
from bot.catalogue.loader import load as load_catalogue
from bot.console.models import Staff
from bot.db.session import Database
from bot.handover.service import Handover
from tests.conftest import ROOT
from tests.console.conftest import PASSWORD, Browser, words
from tests.conversations.conftest import Youth

Open = Callable[[], Browser]
Add = Callable[..., str]


@pytest.fixture(autouse=True)
def places(database: Database) -> None:
    """The municipalities of the county."""
    load_catalogue(database, ROOT / "data" / "catalogue")


@pytest.fixture
async def admin(open_browser: Open, add_account: Add) -> Browser:
    """An administrator, signed in."""
    add_account("ada", "admin")
    browser = open_browser()
    await browser.sign_in("ada")
    return browser


def staff(database: Database, username: str) -> Staff:
    with database.reading() as session:
        return session.scalars(select(Staff).where(Staff.username == username)).one()


async def test_a_new_account_gets_a_first_password_that_works_once(
    admin: Browser, open_browser: Open, database: Database
) -> None:
    page = await admin.post(
        "/staff",
        {
            "username": " Linda ",
            "display_name": "Linda",
            "roles": ["counsellor"],
            "municipalities": ["Motala", "Kinda"],
        },
    )

    assert page.status_code == 201
    password = re.search(r'class="secret">([^<]+)<', page.text)
    assert password is not None
    row = staff(database, "linda")
    assert (row.roles, row.municipalities, row.must_change_password) == (
        ["counsellor"],
        ["Motala", "Kinda"],
        True,
    )
    linda = open_browser()
    assert (await linda.sign_in("linda", password[1])).status_code == 303
    assert (await linda.get("/")).headers["location"] == "/console/account"
    assert password[1] not in (await admin.get("/staff")).text


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"municipalities": []}, "Välj hela länet eller minst en kommun"),
        ({"municipalities": ["Stockholm"]}, "Välj hela länet eller minst en kommun"),
        ({"roles": []}, "Välj minst en roll"),
        ({"username": "ada"}, "finns redan"),
    ],
)
async def test_what_is_missing_is_said_and_nobody_gets_the_whole_county_by_mistake(
    admin: Browser, database: Database, fields: dict[str, object], fault: str
) -> None:
    values = {
        "username": "linda",
        "display_name": "Linda",
        "roles": ["counsellor"],
        "municipalities": ["Motala"],
    }
    page = await admin.post("/staff", {**values, **fields})

    assert page.status_code == 422
    assert fault in words(page)
    with database.reading() as session:
        assert session.scalars(select(Staff.username)).all() == ["ada"]


async def test_an_account_can_be_changed_and_closed(
    admin: Browser, open_browser: Open, add_account: Add, database: Database
) -> None:
    linda = add_account("linda", municipalities=("Motala",))
    browser = open_browser()
    await browser.sign_in("linda")
    fields = {
        "display_name": "Linda S",
        "roles": ["counsellor", "reviewer"],
        "whole_county": "1",
        "active": "1",
    }

    assert (await admin.post(f"/staff/{linda}", fields)).status_code == 303
    row = staff(database, "linda")
    assert (row.display_name, row.roles, row.municipalities) == ("Linda S", ["counsellor", "reviewer"], [])

    del fields["active"]
    await admin.post(f"/staff/{linda}", fields)
    assert not staff(database, "linda").active
    assert (await browser.get("/")).headers["location"] == "/console/sign-in"


async def test_the_last_administrator_cannot_go(admin: Browser, database: Database) -> None:
    ada = staff(database, "ada").id
    for fields in (
        {"display_name": "Ada", "roles": ["admin"], "whole_county": "1"},
        {"display_name": "Ada", "roles": ["reviewer"], "whole_county": "1", "active": "1"},
    ):
        page = await admin.post(f"/staff/{ada}", fields)
        assert page.status_code == 422
        assert "administratör" in words(page)
    assert staff(database, "ada").roles == ["admin"]


async def test_the_last_administrator_of_the_county_cannot_go_while_one_of_a_municipality_stays(
    admin: Browser, add_account: Add, database: Database
) -> None:
    ada = staff(database, "ada").id
    molly = add_account("molly", "admin", municipalities=("Motala",))
    fields = {"display_name": "Ada", "roles": ["admin"], "municipalities": ["Motala"], "active": "1"}
    for change in ({}, {"roles": ["reviewer"], "whole_county": "1"}):
        page = await admin.post(f"/staff/{ada}", {**fields, **change})
        assert page.status_code == 422
        assert "ett av dem för hela länet" in words(page)
    assert (staff(database, "ada").roles, staff(database, "ada").municipalities) == (["admin"], [])

    assert (await admin.post(f"/staff/{molly}", {**fields, "roles": ["reviewer"]})).status_code == 303


async def test_a_new_password_for_somebody_who_forgot_theirs(
    admin: Browser, open_browser: Open, add_account: Add
) -> None:
    linda = add_account("linda")
    page = await admin.post(f"/staff/{linda}/password")
    password = re.search(r'class="secret">([^<]+)<', page.text)

    assert password is not None
    assert (await open_browser().sign_in("linda", PASSWORD)).status_code == 401
    assert (await open_browser().sign_in("linda", password[1])).status_code == 303


async def test_hours_are_set_by_oneself_and_by_an_administrator(
    admin: Browser, maria: Browser, database: Database, handover: Handover
) -> None:
    fields = {"starts_0_0": "9.00", "ends_0_0": "12:00", "starts_0_1": "13:00", "ends_0_1": "15:30"}
    assert (await maria.post("/account/hours", fields)).status_code == 303
    row = staff(database, "maria")
    with database.reading() as session:
        hours = hours_of(session, [row.id])[row.id]
    assert [(f"{one.starts:%H:%M}", f"{one.ends:%H:%M}") for one in hours] == [
        ("09:00", "12:00"),
        ("13:00", "15:30"),
    ]
    assert "15:30" in (await maria.get("/account")).text

    assert (await admin.post(f"/staff/{row.id}/hours", {"starts_4_0": "10:00", "ends_4_0": "11:00"})).status_code == 303
    with database.reading() as session:
        assert [one.weekday for one in hours_of(session, [row.id])[row.id]] == [4]


@pytest.mark.parametrize(
    ("starts", "ends", "fault"),
    [
        ("9", "12:00", "skriv både start och slut"),
        ("12:00", "09:00", "senare än"),
        ("", "12:00", "både start och slut"),
    ],
)
async def test_hours_that_cannot_be_are_refused_and_said_why(
    maria: Browser, database: Database, starts: str, ends: str, fault: str
) -> None:
    page = await maria.post("/account/hours", {"starts_2_0": starts, "ends_2_0": ends})

    assert page.status_code == 422
    assert f"Onsdag: {fault}" in words(page) or fault in words(page)
    with database.reading() as session:
        assert hours_of(session, [staff(database, "maria").id]) == {}


async def test_who_opened_what_is_there_for_administrators(admin: Browser, maria: Browser, youth: Youth) -> None:
    youth.send("hej")
    await maria.get(f"/chats/{youth.conversation.id}")

    page = await admin.text("/openings")

    assert "10.00 · Maria (maria) · chatten, utan namn och nummer" in page
    assert "hej" not in page


async def test_what_is_managed_stands_in_a_menu_of_its_own_only_beside_chats(
    admin: Browser, open_browser: Callable[[], Browser], add_account: Callable[..., str]
) -> None:
    add_account("both", "counsellor", "admin", "dpo")
    add_account("editor", "counsellor", "editor")
    both, editor = open_browser(), open_browser()
    await both.sign_in("both")
    await editor.sign_in("editor")

    alone, grouped, one_more = [await one.text("/account") for one in (admin, both, editor)]

    assert "Tjänst Katalog Personal Åtkomst" in alone
    assert "Förvaltning" not in alone
    assert "Förvaltning Katalog Personal Åtkomst Gallring" in grouped
    assert "Tjänst Katalog" in one_more
    assert "Förvaltning" not in one_more
    assert "Förvaltning , du är på Personal" in await both.text("/staff")
