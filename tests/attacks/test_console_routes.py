"""Every route of the console as every role: what one may not do is refused, and no foreign word is ever read."""

from __future__ import annotations

import html
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import select
from starlette.routing import BaseRoute, Mount, Route

from bot import cli
from bot.console.permissions import Permission, Role, permissions_of
from bot.console.sign_in import find_visitor
from bot.conversations.models import Conversation
from bot.people import data_map
from tests.attacks.conftest import PHONE, SECRET_WORD, Target

ROLES = [*map(str, Role), "nobody"]
# What a page that is not somebody's must never show: words, numbers, notes of another municipality.
FOREIGN = (SECRET_WORD, PHONE, "0701740605", "+46701740605")
HOSTILE = (
    "' OR 1=1 --", "../../etc/passwd", "%00", "<script>alert(1)</script>", "²", "9" * 4400, "{{7*7}}", "\u202e", "-1",
)  # fmt: skip


def console_routes(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, Route]]:
    """Yield every page and form under /console, with its address."""
    for route in routes:
        if isinstance(route, Mount) and "static" not in route.path:
            yield from console_routes(list(route.routes or []), prefix + route.path)
        elif isinstance(route, Route) and prefix.startswith("/console") and "rest" not in route.path:
            yield prefix + route.path, route


def browser(target: Target, role: str) -> httpx.AsyncClient:
    """Open a browser in which somebody of this role is signed in."""
    cookies = {"console_session": target.cookies[role]} if role != "nobody" else {}
    transport = httpx.ASGITransport(app=target.app, raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", cookies=cookies)


def csrf_of(target: Target, role: str) -> str:
    """Return the form token of somebody's session."""
    if role == "nobody":
        return ""
    visitor = find_visitor(target.services.db, target.cookies[role], target.services.clock())
    assert visitor is not None
    return visitor.csrf


def filled(path: str, target: Target, value: str | None = None) -> str:
    """Put the ids of another municipality, or something hostile, into an address."""
    for name in ("conversation", "handover", "alert", "staff", "record"):
        ids = {
            "conversation": target.foreign, "handover": target.foreign_handover, "record": target.record,
            "staff": target.staff["admin"],
        }  # fmt: skip
        path = path.replace(f"{{{name}}}", value or ids.get(name, "none"))
    while "{" in path:
        start, end = path.index("{"), path.index("}")
        path = path[:start] + (value or "none") + path[end + 1 :]
    return path


def everything_of(target: Target) -> dict[str, list[str]]:
    """Return every row that belongs to the foreign conversation."""
    with target.services.db.reading() as session:
        person = session.get_one(Conversation, target.foreign).person_id
        found = {}
        for table in data_map.tables_of_a_person():
            where = data_map.rows_of(table, target.foreign, person)
            if where is not None:
                found[table.name] = sorted(map(str, session.execute(select(table).where(where)).all()))
        return found


_OF_A_CHAT = {"{conversation}", "{handover}", "{record}"}


def is_stream(path: str) -> bool:
    """Whether an address answers with a stream that lasts."""
    return path.endswith("/events")


@pytest.mark.parametrize("role", ROLES)
async def test_no_page_shows_a_word_of_another_municipality(target: Target, role: str) -> None:
    async with browser(target, role) as client:
        for path, route in console_routes(list(target.app.routes)):
            if "GET" not in (route.methods or set()) or is_stream(path):
                continue
            answer = await client.get(filled(path, target))
            assert answer.status_code < 500, path
            body = html.unescape(answer.text)
            assert not [word for word in FOREIGN if word in body], f"{role} reads foreign words at {path}"
            if "{conversation}" in path or "{record}" in path:
                assert answer.status_code in (303, 403, 404), f"{role} opens {path}: {answer.status_code}"


@pytest.mark.parametrize("role", ROLES)
async def test_no_form_changes_anything_of_another_municipality(target: Target, role: str) -> None:
    token, before = csrf_of(target, role), everything_of(target)
    async with browser(target, role) as client:
        for path, route in console_routes(list(target.app.routes)):
            if "POST" not in (route.methods or set()) or not _OF_A_CHAT & set(path.split("/")):
                continue
            fields = {"csrf": token, "text": "hej", "reason": "en lång orsak att läsa", "number": "1", "note": "x"}
            answer = await client.post(filled(path, target), data=fields)
            assert answer.status_code in (303, 401, 403, 404, 409, 422), f"{role} posts {path}: {answer.status_code}"
            # What is somebody else's looks like what is not there.
            made_up = await client.post(filled(path, target, "11111111-1111-4111-8111-111111111111"), data=fields)
            assert (answer.status_code, answer.text) == (made_up.status_code, made_up.text), path
    assert everything_of(target) == before


@pytest.mark.parametrize("role", ROLES)
async def test_a_form_without_the_token_of_its_session_is_refused(target: Target, role: str) -> None:
    async with browser(target, role) as client:
        for path, route in console_routes(list(target.app.routes)):
            if "POST" not in (route.methods or set()) or "/sign-in" in path:
                continue
            for token in ("", "forged"):
                answer = await client.post(filled(path, target), data={"csrf": token, "active": "1"})
                assert answer.status_code in (401, 403), f"{role} posts {path} without a token: {answer.status_code}"


@pytest.mark.parametrize("value", HOSTILE)
async def test_hostile_addresses_and_fields_never_break_a_page(target: Target, value: str) -> None:
    for role in ("counsellor", "admin", "dpo"):
        token = csrf_of(target, role)
        async with browser(target, role) as client:
            for path, route in console_routes(list(target.app.routes)):
                if is_stream(path) or path.endswith(("/sign-out", "/password", "/second-factor")):
                    continue
                address = filled(path, target, quote(value[:300], safe=""))
                query = dict.fromkeys(("page", "filter", "language", "staff", "chat", "after", "said", "q"), value)
                for method in route.methods or ():
                    if method == "POST":
                        fields = {"csrf": token, "text": value, "reason": value, "number": value, "note": value}
                        answer = await client.post(address, data=fields)
                    else:
                        answer = await client.get(address, params=query)
                    assert answer.status_code < 500, f"{role} {method} {path} {value[:20]!r}"
                    assert "<script>alert" not in answer.text


def test_each_role_may_do_what_its_work_needs_and_no_more() -> None:
    assert not permissions_of([Role.REVIEWER]) & {Permission.UNMASK, Permission.ANSWER_CHATS, Permission.MANAGE_STAFF}
    assert not permissions_of([Role.ADMIN]) & {Permission.READ_LOGS, Permission.UNMASK, Permission.ANSWER_CHATS}
    assert not permissions_of([Role.DPO]) & {Permission.READ_LOGS, Permission.UNMASK, Permission.MANAGE_STAFF}
    assert not permissions_of([Role.EDITOR]) & {Permission.READ_LOGS, Permission.UNMASK, Permission.MANAGE_STAFF}
    assert Permission.READ_ACCESS_LOG in permissions_of([Role.DPO])
    assert permissions_of(["root"]) == frozenset()
    assert set(cli._ROLES) == set(Role), "`bot staff add` offers every role"
