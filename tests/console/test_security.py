"""Who may open what, headers on every answer, hostile input."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route
from structlog.testing import capture_logs

from bot.console.desk import Desk, Visit
from bot.console.permissions import PERMISSIONS, Permission, Role, permissions_of
from bot.console.security import MAX_FORM
from bot.db.session import Database
from bot.handover.service import Handover
from bot.wiring import Services
from tests.console.conftest import Browser, words
from tests.conversations.conftest import Youth
from tests.handover.steps import ask, request_of

SECRET = "ett ord som ingen får läsa"
Open = Callable[[], Browser]
Add = Callable[..., str]

PAGES = {
    "/chats": Permission.ANSWER_CHATS,
    "/bookings": Permission.SEE_BOOKINGS,
    "/logs": Permission.READ_LOGS,
    "/staff": Permission.MANAGE_STAFF,
    "/openings": Permission.READ_ACCESS_LOG,
    "/account": Permission.OWN_ACCOUNT,
}
FORMS = {
    "/alerts/x/acknowledge": Permission.ANSWER_CHATS,
    "/chats/x/notes": Permission.ANSWER_CHATS,
    "/chats/x/take": Permission.ANSWER_CHATS,
    "/handovers/x/claim": Permission.ANSWER_CHATS,
    "/handovers/x/reply": Permission.ANSWER_CHATS,
    "/handovers/x/hand-back": Permission.ANSWER_CHATS,
    "/handovers/x/put-back": Permission.ANSWER_CHATS,
    "/staff": Permission.MANAGE_STAFF,
    "/staff/x": Permission.MANAGE_STAFF,
    "/staff/x/hours": Permission.MANAGE_STAFF,
    "/staff/x/password": Permission.MANAGE_STAFF,
}


def test_roles_have_what_the_table_says_and_unknown_roles_nothing() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert permissions_of(["reviewer"]) == {Permission.OWN_ACCOUNT, Permission.READ_LOGS}
    assert permissions_of(["king"]) == frozenset()
    assert Permission.READ_LOGS not in permissions_of(["admin"])


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_opens_its_pages_and_no_other(open_browser: Open, add_account: Add, role: Role) -> None:
    add_account("one", role)
    browser = open_browser()
    await browser.sign_in("one")

    for path, needed in PAGES.items():
        expected = 200 if needed in PERMISSIONS[role] else 403
        assert (await browser.get(path)).status_code == expected, path
    for path, needed in FORMS.items():
        refused = (await browser.post(path)).status_code == 403
        assert refused is (needed not in PERMISSIONS[role]), path


@pytest.mark.parametrize(("role", "home"), [("reviewer", "/console/logs"), ("admin", "/console/staff")])
async def test_who_answers_no_chats_starts_elsewhere(
    open_browser: Open, add_account: Add, role: str, home: str
) -> None:
    add_account("one", role)
    browser = open_browser()
    await browser.sign_in("one")
    assert (await browser.get("/")).headers["location"] == home


async def test_without_signing_in_nothing_opens(open_browser: Open) -> None:
    browser = open_browser()
    for path in [*PAGES, "/", "/chats/x", "/logs/x", "/staff/x"]:
        assert (await browser.get(path)).headers["location"] == "/console/sign-in", path
    for path in FORMS:
        assert (await browser.http.post(f"/console{path}")).status_code == 401, path
    assert (await browser.get("/events")).status_code == 401


@pytest.mark.parametrize("path", ["/sign-in", "/static/console.css", "/no/such/page", "/account"])
async def test_every_answer_carries_the_headers(maria: Browser, path: str) -> None:
    headers = (await maria.get(path)).headers

    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert ("no-store" in headers["cache-control"]) is ("static" not in path)


async def test_what_a_youth_or_a_colleague_writes_is_never_markup(
    maria: Browser, youth: Youth, handover: Handover, database: Database
) -> None:
    youth.send("<script>alert(1)</script><b>hej</b>")
    ask(handover, youth)
    chat = youth.conversation.id
    await maria.post(f"/chats/{chat}/notes", {"note": "</textarea><img src=x onerror=alert(2)>"})
    await maria.post(f"/handovers/{request_of(database, youth).id}/claim")

    for path in (f"/chats/{chat}", f"/logs/{chat}"):
        page = (await maria.get(path)).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;b&gt;hej" in page or "‹b" in page


async def test_no_page_has_inline_script_or_style(maria: Browser, youth: Youth, handover: Handover) -> None:
    youth.send("hej")
    ask(handover, youth)
    for path in ("/", f"/chats/{youth.conversation.id}", f"/logs/{youth.conversation.id}", "/account"):
        page = (await maria.get(path)).text
        assert " style=" not in page
        assert "<style" not in page
        assert "<script" in page
        assert re.findall(r"<script(?! src=)", page) == []
        assert " on" + "click" not in page


async def test_what_does_not_exist_and_what_is_somebody_elses_look_the_same(
    open_browser: Open, add_account: Add, youth: Youth, handover: Handover
) -> None:
    add_account("linda", municipalities=("Motala",))
    add_account("karin", municipalities=("Kinda",))
    youth.send("hej")
    ask(handover, youth, municipality="Motala")
    karin = open_browser()
    await karin.sign_in("karin")

    for path in ("/chats", "/logs"):
        foreign, missing = await karin.get(f"{path}/{youth.conversation.id}"), await karin.get(f"{path}/none")
        assert foreign.status_code == missing.status_code == 404
        assert words(foreign) == words(missing)


async def test_a_form_that_is_too_large_is_refused(maria: Browser) -> None:
    response = await maria.post("/chats/x/notes", {"note": "a" * MAX_FORM})
    assert response.status_code == 413


async def test_a_form_with_too_many_fields_or_a_nul_is_answered_calmly(maria: Browser, youth: Youth) -> None:
    youth.send("hej")
    notes = f"/chats/{youth.conversation.id}/notes"
    assert (await maria.post(notes, {f"f{number}": "1" for number in range(300)})).status_code == 413
    assert (await maria.post(notes, {"note": "en\x00 rad"})).status_code == 303
    assert "en rad" in await maria.text(f"/chats/{youth.conversation.id}")


async def test_a_form_of_another_encoding_is_refused(maria: Browser) -> None:
    response = await maria.http.post("/console/sign-out", json={"csrf": "x"})
    assert response.status_code == 403


@pytest.mark.parametrize(
    "path", ["/chats/%00", "/chats/..%2f..%2fetc", "/logs?page=99999999999&filter=%27", "/logs?page=-1"]
)
async def test_odd_addresses_are_answered_calmly(maria: Browser, path: str) -> None:
    assert (await maria.get(path)).status_code in (200, 404)


async def test_a_page_that_breaks_says_what_to_do_and_logs_no_word(maria: Browser, services: Services) -> None:
    def broken(_: Visit) -> Response:
        raise ValueError(SECRET)

    page = Desk(services).page(broken, needs=Permission.OWN_ACCOUNT)
    app = Starlette(routes=[Mount("/console", routes=[Route("/broken", page)])])
    transport = httpx.ASGITransport(app=app)
    with capture_logs() as logs:
        async with httpx.AsyncClient(transport=transport, base_url="http://console.test") as client:
            client.cookies = maria.http.cookies
            answer = await client.get("/console/broken")

    assert answer.status_code == 500
    assert "Något gick fel hos oss" in words(answer)
    assert "försök igen" in words(answer)
    assert SECRET not in answer.text
    [line] = logs
    assert (line["event"], line["error"], line["function"]) == ("console.page_broke", "ValueError", "broken")
    assert SECRET not in str(line)


@pytest.mark.parametrize(("path", "fields", "status"), [
    ("/availability", {"minutes": "²"}, 422),
    ("/availability", {"minutes": "9" * 4400}, 422),
    ("/availability/exceptions", {"first_day": "9999-12-31", "kind": "away"}, 422),
    ("/availability/exceptions", {"first_day": "0001-01-01", "last_day": "0001-01-01", "kind": "no_meetings"}, 422),
    ("/duty/absences", {"first_day": "9999-12-31", "last_day": "9999-12-31"}, 422),
    ("/catalogue/fact/x/undo", {"edit": "²"}, 404),
])  # fmt: skip
async def test_numbers_and_days_that_are_none_are_refused_in_words(
    open_browser: Open, add_account: Add, path: str, fields: dict[str, object], status: int
) -> None:
    add_account("one", "counsellor", "editor")
    browser = open_browser()
    await browser.sign_in("one")
    rules = {"ways": ["phone"], "buffer_minutes": "5", "notice_minutes": "60", "horizon_days": "14"}

    assert (await browser.post(path, rules | fields)).status_code == status


@pytest.mark.parametrize("number", ["²", "1" + "0" * 20, "9" * 300, "0"])
async def test_a_step_of_a_plan_that_cannot_be_is_not_there(maria: Browser, youth: Youth, number: str) -> None:
    youth.send("hej")
    path = f"/plans/{youth.conversation.id}/steps/{quote(number)}"
    assert (await maria.post(path, {"done": "1"})).status_code == 404
