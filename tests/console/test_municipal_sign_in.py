"""The municipality's own sign-in: who it names gets their account, and nothing else gets anybody in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import httpx
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select, update
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from bot.clock import FakeClock
from bot.console.desk import Desk
from bot.console.models import Staff
from bot.console.oidc_page import MunicipalSignIn
from bot.console.routes import create_routes
from bot.db.session import Database
from bot.settings import OidcSettings
from bot.wiring import Services
from tests.fakes.oidc import ISSUER, FakeProvider

Add = Callable[..., str]


@pytest.fixture
def provider(clock: FakeClock) -> FakeProvider:
    """The municipality."""
    return FakeProvider(clock())


@pytest.fixture
async def browser(services: Services, provider: FakeProvider) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at a console that knows the municipality."""
    settings = replace(services.settings, oidc=OidcSettings(ISSUER, "tillbaka", "hemligt"))
    ours = replace(services, settings=settings)
    municipal = MunicipalSignIn(Desk(ours), provider.transport())
    app = Starlette(routes=[
        Route("/console/sign-in/municipality", municipal.begin), Route("/console/sign-in/callback", municipal.callback),
        Mount("/console", routes=create_routes(ours)),
    ])  # fmt: skip
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=settings.public_url) as client:
        yield client


async def sign_in(browser: httpx.AsyncClient, provider: FakeProvider, **changes: str) -> httpx.Response:
    begun = await browser.get("/console/sign-in/municipality")
    assert begun.headers["location"].startswith(f"{ISSUER}/authorize?")
    back = provider.authorize(begun.headers["location"]) | changes
    return await browser.get("/console/sign-in/callback", params=back)


async def is_in(browser: httpx.AsyncClient) -> bool:
    return (await browser.get("/console/account")).status_code == 200


async def test_whoever_it_names_gets_their_account_and_no_password_works_any_more(
    browser: httpx.AsyncClient, provider: FakeProvider, add_account: Add, database: Database
) -> None:
    staff_id = add_account("maria@kommun.example", "counsellor")
    assert "kommunens konto" in (await browser.get("/console/sign-in")).text
    assert (await sign_in(browser, provider)).headers["location"] == "/console/"

    assert await is_in(browser)
    with database.reading() as session:
        staff = session.get_one(Staff, staff_id)
    assert (staff.oidc_subject, staff.password_hash) == ("kommun|4711", "")
    # A new address at the municipality is still the same person.
    provider.claims["email"] = "maria.ny@kommun.example"
    browser.cookies.clear()
    await sign_in(browser, provider)
    assert await is_in(browser)


@pytest.mark.parametrize("lie", [
    {"iss": "https://evil.example"}, {"aud": "another"}, {"exp": 1}, {"nonce": "old"}, {"sub": None},
    {"email_verified": False}, {"email": "nobody@kommun.example"},
])  # fmt: skip
async def test_what_it_says_wrongly_opens_nothing(
    browser: httpx.AsyncClient, provider: FakeProvider, add_account: Add, lie: dict[str, object]
) -> None:
    add_account("maria@kommun.example", "counsellor")
    provider.overrides = lie
    answer = await sign_in(browser, provider)

    assert answer.headers["location"] == "/console/sign-in?fault=municipality"
    assert not await is_in(browser)


async def test_a_token_of_another_key_opens_nothing(
    browser: httpx.AsyncClient, provider: FakeProvider, add_account: Add
) -> None:
    add_account("maria@kommun.example", "counsellor")
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "k1"}, private=True)
    await sign_in(browser, provider)
    assert not await is_in(browser)


@pytest.mark.parametrize("changes", [{"state": "forged"}, {"code": "stolen"}, {"code": ""}])
async def test_a_forged_return_opens_nothing(
    browser: httpx.AsyncClient, provider: FakeProvider, add_account: Add, changes: dict[str, str]
) -> None:
    add_account("maria@kommun.example", "counsellor")
    await sign_in(browser, provider, **changes)
    assert not await is_in(browser)


async def test_a_return_in_another_browser_opens_nothing(
    browser: httpx.AsyncClient, provider: FakeProvider, add_account: Add
) -> None:
    add_account("maria@kommun.example", "counsellor")
    begun = await browser.get("/console/sign-in/municipality")
    back = provider.authorize(begun.headers["location"])
    browser.cookies.clear()
    assert (await browser.get("/console/sign-in/callback", params=back)).status_code == 303
    assert not await is_in(browser)


async def test_a_closed_account_stays_closed(
    browser: httpx.AsyncClient, provider: FakeProvider, add_account: Add, database: Database
) -> None:
    add_account("maria@kommun.example", "counsellor")
    await sign_in(browser, provider)
    with database.transaction() as session:
        session.execute(update(Staff).values(active=False))
    browser.cookies.clear()
    await sign_in(browser, provider)
    assert not await is_in(browser)


async def test_while_it_is_away_people_are_told(
    browser: httpx.AsyncClient, provider: FakeProvider, database: Database
) -> None:
    provider.down = True
    answer = await browser.get("/console/sign-in/municipality")
    assert answer.headers["location"] == "/console/sign-in?fault=municipality"
    assert "Det gick inte att logga in" in (await browser.get(answer.headers["location"])).text
    with database.reading() as session:
        assert session.scalars(select(Staff)).all() == []
