"""The console on a real database, read over HTTP; youths who write, and staff who are signed in."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.bell import Bell
from bot.clock import FakeClock
from bot.console.accounts import add_staff
from bot.console.routes import create_routes
from bot.conversations.inbox import Inbox
from bot.db.session import Database
from bot.handover.service import Handover
from bot.people.vault import Vault
from bot.settings import load
from bot.texts import Texts
from bot.wiring import Services
from tests.conversations.conftest import dialogue, make_youth, settle, worker, youth

__all__ = ["dialogue", "make_youth", "settle", "worker", "youth"]

PASSWORD = "fyra ord som minns"


@pytest.fixture
def services(
    database: Database, vault: Vault, texts: Texts, clock: FakeClock, inbox: Inbox, tmp_path: Path
) -> Services:
    """The program's parts around the test's database."""
    settings = replace(load({"VAR_DIR": str(tmp_path / "var")}, root=tmp_path), public_url="http://console.test")
    return Services(settings=settings, clock=clock, db=database, vault=vault, texts=texts, bell=Bell(), inbox=inbox)


@pytest.fixture
def handover(services: Services) -> Handover:
    """The handover on the test's database."""
    return Handover(services.db, services.clock, services.texts, services.bell)


class Browser:
    """A browser without script: follows links and sends forms."""

    def __init__(self, services: Services, network: str = "127.0.0.1") -> None:
        app = Starlette(routes=[Mount("/console", routes=create_routes(services))])
        transport = httpx.ASGITransport(app=app, client=(network, 123))
        self.http = httpx.AsyncClient(transport=transport, base_url=services.settings.public_url)

    async def get(self, path: str, **values: object) -> httpx.Response:
        """Open a page."""
        return await self.http.get(f"/console{path}", **values)  # type: ignore[arg-type]

    async def text(self, path: str) -> str:
        """Open a page and return its words, without tags."""
        return words(await self.get(path))

    async def post(self, path: str, data: dict[str, object] | None = None, *, on: str = "/account") -> httpx.Response:
        """Send a form, with the token of a page it stands on."""
        token = csrf_of(await self.get(on))
        return await self.http.post(f"/console{path}", data={"csrf": token, **(data or {})})

    async def sign_in(self, username: str, password: str = PASSWORD) -> httpx.Response:
        """Fill in the sign-in form."""
        return await self.post("/sign-in", {"username": username, "password": password}, on="/sign-in")


def csrf_of(page: httpx.Response) -> str:
    """Return the token in a page's forms."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None, f"no form on this page ({page.status_code})"
    return html.unescape(found[1])


def words(page: httpx.Response) -> str:
    """Return what somebody reads on a page."""
    body = page.text.split("<body", 1)[1]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))


@pytest.fixture
def add_account(database: Database, clock: FakeClock) -> Callable[..., str]:
    """Add an account with the password of the tests; returns its id."""

    def add(name: str, *roles: str, municipalities: tuple[str, ...] = ()) -> str:
        with database.transaction() as session:
            staff, _ = add_staff(
                session,
                username=name,
                display_name=name.capitalize(),
                roles=roles or ("counsellor",),
                municipalities=municipalities,
                password=PASSWORD,
                now=clock(),
            )
            return staff.id

    return add


@pytest.fixture
async def open_browser(services: Services) -> AsyncIterator[Callable[..., Browser]]:
    """Open browsers, anywhere, that are closed after the test."""
    opened: list[Browser] = []

    def make(network: str = "127.0.0.1") -> Browser:
        opened.append(Browser(services, network))
        return opened[-1]

    yield make
    for browser in opened:
        await browser.http.aclose()


@pytest.fixture
async def maria(open_browser: Callable[[], Browser], add_account: Callable[..., str]) -> Browser:
    """A counsellor of the whole county, signed in."""
    add_account("maria", "counsellor")
    browser = open_browser()
    assert (await browser.sign_in("maria")).status_code == 303
    return browser


@pytest.fixture
async def editor(open_browser: Callable[[], Browser], add_account: Callable[..., str]) -> Browser:
    """An editor of the whole county, signed in."""
    add_account("eva", "editor")
    browser = open_browser()
    assert (await browser.sign_in("eva")).status_code == 303
    return browser
