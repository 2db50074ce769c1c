"""Administrator, editor and data protection officer of Motala against Norrköping and the county, on every form."""

from __future__ import annotations

import html
from typing import Any

import pytest
from sqlalchemy import select

from bot.approvals.models import ApprovalTopic
from bot.approvals.service import TOPICS
from bot.booking.models import WeeklyHours
from bot.console.models import AccessLog, Staff, StaffSession
from bot.duty.models import DutySetting, OpeningHours
from bot.edits.models import Edit
from bot.edits.rules import Kind
from bot.edits.service import Editor, make_edit
from tests.attacks.conftest import NOW, Target
from tests.attacks.test_console_routes import browser, console_routes, csrf_of

MANAGERS = ("admin", "editor", "dpo")
MADE_UP = "11111111-1111-4111-8111-111111111111"
NORRKOPING, MOTALA = "0581", "0583"
# Something of Norrköping, or of the whole county, for every part of an address that an editor may fill in.
FOREIGN_KEYS = (
    ("municipality", NORRKOPING), ("provider", "de-geergymnasiet"), ("fact", "komvux_from_20"),
    ("season", "application_closes"),
)  # fmt: skip
HOURS = {"starts_0_0": "12:00", "ends_0_0": "13:00"}
SOURCE = {"source": "Jag vet", "source_date": "2026-11-20", "seen": "0", "do": "save"}
_TABLES = (Staff, WeeklyHours, DutySetting, OpeningHours, ApprovalTopic, Edit)


def managed(target: Target) -> dict[str, list[str]]:
    """Return everything that administrators and editors manage, as it stands."""
    with target.services.db.reading() as session:
        rows: dict[str, list[str]] = {}
        for table in _TABLES:
            columns = [column.key for column in table.__table__.columns]
            found: Any = session.scalars(select(table)).all()
            rows[table.__name__] = sorted(str([getattr(row, name) for name in columns]) for row in found)
        return rows


def hostile(target: Target, **more: object) -> dict[str, object]:
    """Return the fields of every form at once, each reaching beyond Motala."""
    return {
        "username": "mallory", "display_name": "Mallory", "roles": ["admin", "counsellor", "dpo"], "active": "1",
        "municipalities": ["Norrköping"], "place": "Norrköping", "crisis_owner": "nobody",
        "responsible": target.foreign_staff, "topics": list(TOPICS), "name": "Mallorys skola", "kind": "komvux",
        "municipality": "Norrköping", "locality": "Norrköping", "status": "open", "programmes_complete": "no",
        "distance": "", "phone": "011-15 00 00", "first": "2027-02-16", "statement_sv": "Falskt.",
        "statement_en": "False.", "edit": "1", **HOURS, **SOURCE, **more,
    }  # fmt: skip


def addresses(path: str, target: Target) -> list[str]:
    """Return the address of a form with everything that is not Motala's."""
    if "{staff}" in path:
        return [path.replace("{staff}", one) for one in (target.foreign_staff, target.county_staff)]
    if "{kind}" in path:
        filled = [path.replace("{kind}", kind).replace("{key}", key) for kind, key in FOREIGN_KEYS]
        return [*filled, path.replace("{kind}", "provider").replace("{key}", "new")]
    return [path] if "{" not in path else []


@pytest.fixture
def edited(target: Target) -> Any:
    """The edits of somebody else in Norrköping and in the county, which could be undone; gone after the test."""
    kinds = {"municipality": Kind.MUNICIPALITY, "provider": Kind.PROVIDER, "fact": Kind.FACT, "season": Kind.SEASON}
    with target.services.db.transaction() as session:
        made = [
            make_edit(session, kinds[kind], key, changes={}, before={}, source="s", source_date="2026-11-20", seen=0,
                      by=Editor(target.county_staff, "Carla"), now=NOW).id
            for kind, key in FOREIGN_KEYS
        ]  # fmt: skip
    yield made
    with target.services.db.transaction() as session:
        for number in made:
            session.delete(session.get_one(Edit, number))


@pytest.mark.parametrize("role", MANAGERS)
async def test_no_form_changes_anything_beyond_ones_own_municipality(
    target: Target, edited: list[int], role: str
) -> None:
    token, before = csrf_of(target, role), managed(target)
    tried = 0
    async with browser(target, role) as client:
        for path, route in console_routes(list(target.app.routes)):
            if "POST" not in (route.methods or set()) or path.startswith(("/console/sign", "/console/account")):
                continue
            for address in addresses(path, target):
                for reach in ({}, {"whole_county": "1", "place": ""}):
                    for number in edited if path.endswith("/undo") else (0,):
                        fields = hostile(target, csrf=token, edit=str(number), **reach)
                        answer = await client.post(address, params={"place": reach.get("place", "")}, data=fields)
                        assert answer.status_code in (403, 404, 409, 422), address
                        tried += 1
    assert tried > 30
    assert managed(target) == before


@pytest.mark.parametrize("path", ["", "/hours", "/password", "/second-factor"])
@pytest.mark.parametrize("who", ["foreign_staff", "county_staff"])
async def test_an_account_of_another_scope_looks_like_none(target: Target, path: str, who: str) -> None:
    token, account = csrf_of(target, "admin"), getattr(target, who)
    with target.services.db.transaction() as session:
        session.add(
            StaffSession(token_hash=f"{who}{path}", staff_id=account, csrf="x", created_at=NOW, seen_at=NOW,
                         expires_at=NOW)
        )  # fmt: skip
    fields = {"csrf": token, "display_name": "X", "roles": "admin", "municipalities": "Motala", "active": "1", **HOURS}
    async with browser(target, "admin") as client:
        theirs, none = [
            await client.post(f"/console/staff/{one}{path}", data=fields) for one in (account, MADE_UP)
        ]  # fmt: skip
        pages = [await client.get(f"/console/staff/{one}") for one in (account, MADE_UP)]

    assert (theirs.status_code, theirs.text) == (404, none.text)
    assert (pages[0].status_code, pages[0].text) == (404, pages[1].text)
    with target.services.db.reading() as session:
        assert session.get(StaffSession, f"{who}{path}") is not None, "nobody was signed out"


@pytest.mark.parametrize(
    "reach",
    [
        {"whole_county": "1"},
        {"municipalities": ["Norrköping"]},
        {"municipalities": ["Motala", "Norrköping"]},
        {"whole_county": "1", "municipalities": ["Norrköping"]},
        {},
    ],
)
async def test_an_administrator_gives_nobody_more_than_they_have_not_even_themselves(
    target: Target, reach: dict[str, object]
) -> None:
    before = managed(target)
    account = {"csrf": csrf_of(target, "admin"), "display_name": "X", "roles": ["admin"], "active": "1", **reach}
    async with browser(target, "admin") as client:
        for path in ("", f"/{target.staff['admin']}", f"/{target.staff['dpo']}"):
            answer = await client.post(f"/console/staff{path}", data={"username": "mallory", **account})
            assert answer.status_code == 422, path
            assert "Välj minst en kommun" in html.unescape(answer.text)
            assert "Hela länet" not in answer.text

    assert managed(target) == before


async def test_lists_show_what_is_ones_own(target: Target) -> None:
    async with (
        browser(target, "admin") as admin,
        browser(target, "editor") as editor,
        browser(target, "dpo") as officer,
    ):
        people = (await admin.get("/console/staff")).text
        duty = (await admin.get("/console/duty")).text
        schools = (await editor.get("/console/catalogue")).text
        places = (await editor.get("/console/catalogue/go-live")).text
        openings = [(await officer.get("/console/openings", params={"staff": one})).text
                    for one in ("", target.foreign_staff)]  # fmt: skip

    assert "attack-editor" in people
    assert not [name for name in ("nora", "carla") if name in people]
    assert "/console/duty?place=Motala#" in duty
    assert not [place for place in ("?place=Norrk", "?place=#", "/console/duty/topics") if place in duty]
    assert ("platengymnasiet" in schools, "de-geergymnasiet" in schools) == (True, False)
    assert (f"municipality/{MOTALA}" in places, f"municipality/{NORRKOPING}" in places) == (True, False)
    assert not [page for page in openings if "Nora" in page or "socialjouren" in page]


async def test_months_count_ones_own_openings_only(target: Target) -> None:
    with target.services.db.transaction() as session:
        mine = AccessLog(at=NOW, staff_id="s", conversation_id=target.own, what="log", municipality="Motala")
        session.add(mine)
    async with browser(target, "dpo") as officer:
        page = (await officer.get("/console/openings")).text
    with target.services.db.transaction() as session:
        session.delete(session.get_one(AccessLog, mine.id))
        own = len(session.scalars(select(AccessLog).where(AccessLog.municipality == "Motala")).all())

    assert f'<th scope="row"><time>2026-11</time></th><td>{own + 1}</td><td>0</td>' in page


async def test_what_is_ones_own_can_be_changed(target: Target) -> None:
    before = managed(target)
    token = csrf_of(target, "admin")
    async with browser(target, "admin") as client:
        night = await client.post("/console/duty/night",
                                  data={"csrf": token, "place": "Motala", "crisis_owner": "nobody"})  # fmt: skip
        hours = await client.post("/console/duty/hours?place=Motala", data={"csrf": token, **HOURS})
        account = await client.post("/console/staff", data={
            "csrf": token, "username": "mia", "display_name": "Mia", "roles": "counsellor", "municipalities": "Motala",
        })  # fmt: skip
    assert [answer.status_code for answer in (night, hours, account)] == [303, 303, 201]
    async with browser(target, "editor") as client:
        contacts = await client.post(f"/console/catalogue/municipality/{MOTALA}", data={
            **SOURCE, "csrf": csrf_of(target, "editor"), "kaa_phone": "0141-22 50 00", "do": "preview",
        })  # fmt: skip
    assert "0141-22 50 00" in contacts.text
    assert contacts.status_code == 200
    with target.services.db.transaction() as session:
        for table in (DutySetting, OpeningHours):
            for row in session.scalars(select(table)):
                session.delete(row)
        session.delete(session.scalars(select(Staff).where(Staff.username == "mia")).one())
    assert managed(target) == before


async def test_nobody_of_another_municipality_is_called_at_night_by_ours(target: Target) -> None:
    fields = {"csrf": csrf_of(target, "admin"), "place": "Motala"}
    async with browser(target, "admin") as client:
        for named in ({"crisis_owner": target.foreign_staff}, {"crisis_owner": MADE_UP},
                      {"crisis_owner": "nobody", "responsible": target.foreign_staff}):  # fmt: skip
            answer = await client.post("/console/duty/night", data={**fields, **named})
            assert answer.status_code == 422
            assert "Personen finns inte" in html.unescape(answer.text)
