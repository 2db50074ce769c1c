"""The municipality's own sign-in: who it names gets their account, and nothing else gets anybody in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import anyio
import anyio.to_thread
import httpx
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select, update
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from bot.clock import FakeClock
from bot.console.desk import Desk
from bot.console.models import Staff
from bot.console.oidc_page import BEGUN_BY_A_NETWORK, MunicipalSignIn
from bot.console.routes import create_routes
from bot.console.security import SESSION_COOKIE
from bot.console.sign_in import open_session
from bot.db.session import Database
from bot.settings import OidcSettings
from bot.wiring import Services
from tests.console.conftest import PASSWORD, csrf_of
from tests.fakes.oidc import ISSUER, FakeProvider

Add = Callable[..., str]
NEW = "en helt ny mening"


@pytest.fixture
def provider(clock: FakeClock) -> FakeProvider:
    """The municipality."""
    return FakeProvider(clock())


@pytest.fixture
def app(services: Services, provider: FakeProvider) -> Starlette:
    """A console that knows the municipality, and asks its administrators for a second factor."""
    settings = replace(services.settings, oidc=OidcSettings(ISSUER, "tillbaka", "hemligt"), second_factor="admins")
    ours = replace(services, settings=settings)
    municipal = MunicipalSignIn(Desk(ours), provider.transport())
    return Starlette(routes=[
        Route("/console/sign-in/municipality", municipal.begin), Route("/console/sign-in/callback", municipal.callback),
        Mount("/console", routes=create_routes(ours)),
    ])  # fmt: skip


def browse(app: Starlette, network: str = "127.0.0.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(network, 123))
    return httpx.AsyncClient(transport=transport, base_url="http://console.test")


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at it."""
    async with browse(app) as client:
        yield client


async def sign_in(browser: httpx.AsyncClient, provider: FakeProvider, **changes: str) -> httpx.Response:
    begun = await browser.get("/console/sign-in/municipality")
    assert begun.headers["location"].startswith(f"{ISSUER}/authorize?")
    back = provider.authorize(begun.headers["location"]) | changes
    return await browser.get("/console/sign-in/callback", params=back)


async def by_password(browser: httpx.AsyncClient, password: str) -> httpx.Response:
    fields = {"username": "maria@kommun.example", "password": password}
    csrf = csrf_of(await browser.get("/console/sign-in"))
    return await browser.post("/console/sign-in", data={"csrf": csrf, **fields})


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
    {"email_verified": False}, {"email_verified": "true"}, {"email": "nobody@kommun.example"}, {"email": None},
    {"email": "nobody@kommun.example", "preferred_username": "maria@kommun.example"},
    {"email": "maria@kommun.example\ud83d"}, {"nonce": "\ud83d"},
    {"sub": "\ud83d"}, {"sub": "å"}, {"sub": "x" * 256}, {"sub": 4711},
])  # fmt: skip
async def test_what_it_says_wrongly_opens_nothing(
    browser: httpx.AsyncClient, provider: FakeProvider, add_account: Add, lie: dict[str, object]
) -> None:
    add_account("maria@kommun.example", "counsellor")
    provider.overrides = lie
    answer = await sign_in(browser, provider)

    assert answer.headers["location"] == "/console/sign-in?fault=municipality"
    assert not await is_in(browser)


async def test_half_a_character_in_what_it_tells_besides_harms_nothing(
    browser: httpx.AsyncClient, provider: FakeProvider, add_account: Add
) -> None:
    add_account("maria@kommun.example", "counsellor")
    provider.overrides = {"name": "Maria \ud83d", "given_name": ["\ud83d"]}
    await sign_in(browser, provider)

    assert await is_in(browser)


@pytest.mark.parametrize("claims", [
    {"preferred_username": "admin"}, {"preferred_username": "admin", "email_verified": False}, {"email": "admin"},
])  # fmt: skip
async def test_calling_oneself_admin_at_the_municipality_opens_nothing(
    browser: httpx.AsyncClient, provider: FakeProvider, add_account: Add, database: Database, claims: dict[str, object]
) -> None:
    admin = add_account("admin", "admin")
    provider.overrides = claims
    await sign_in(browser, provider)

    assert not await is_in(browser)
    with database.reading() as session:
        assert session.get_one(Staff, admin).oidc_subject is None


async def test_tying_an_account_ends_the_sessions_of_its_password(
    app: Starlette, browser: httpx.AsyncClient, provider: FakeProvider, add_account: Add
) -> None:
    add_account("maria@kommun.example", "counsellor")
    async with browse(app) as old:
        await by_password(old, PASSWORD)
        assert await is_in(old)
        await sign_in(browser, provider)
        assert not await is_in(old)


async def test_what_began_the_session_decides_whether_a_second_factor_is_asked_for(
    app: Starlette, browser: httpx.AsyncClient, provider: FakeProvider, add_account: Add, database: Database
) -> None:
    staff_id = add_account("maria@kommun.example", "admin")
    await sign_in(browser, provider)
    assert (await browser.get("/console/staff")).status_code == 200, "the municipality asks for its own"

    page = await browser.get("/console/account")
    answer = await browser.post(f"/console/staff/{staff_id}/password", data={"csrf": csrf_of(page)})
    password = answer.text.split('class="secret">')[1].split("<")[0]
    assert not await is_in(browser)
    with database.reading() as session:
        assert session.get_one(Staff, staff_id).oidc_subject is None, "a new password unties"
    async with browse(app) as other:
        await by_password(other, password)
        fields = {"csrf": csrf_of(await other.get("/console/account")), "old": password, "new": NEW, "again": NEW}
        await other.post("/console/account/password", data=fields)
        assert (await other.get("/console/staff")).headers["location"] == "/console/account/second-factor"

        # Whoever signs in at the municipality with that address ties it anew, and no password opens it.
        await sign_in(browser, provider)
        assert (await browser.get("/console/staff")).status_code == 200
        assert not await is_in(other)
        assert (await by_password(other, NEW)).status_code == 401


async def test_even_a_password_session_of_a_tied_account_needs_the_second_factor(
    browser: httpx.AsyncClient, provider: FakeProvider, add_account: Add, database: Database, clock: FakeClock
) -> None:
    add_account("maria@kommun.example", "admin")
    await sign_in(browser, provider)
    with database.transaction() as session:
        token = open_session(session, session.scalars(select(Staff)).one(), clock())
    browser.cookies.set(SESSION_COOKIE, token, domain="console.test", path="/console")

    assert (await browser.get("/console/staff")).headers["location"] == "/console/account/second-factor"


@pytest.mark.parametrize("path", ["municipality", "callback?code=x&state=y"])
async def test_a_flood_from_one_network_is_held_up(
    app: Starlette, browser: httpx.AsyncClient, provider: FakeProvider, path: str
) -> None:
    provider.down = True
    address = f"/console/sign-in/{path}"
    for _ in range(BEGUN_BY_A_NETWORK.burst):
        assert (await browser.get(address)).status_code == 303

    answer = await browser.get(address)
    assert answer.status_code == 429
    assert "Det blev många försök" in answer.text
    async with browse(app, "203.0.113.9") as other:
        assert (await other.get(address)).status_code == 303


async def test_a_provider_that_answers_slowly_holds_no_other_page(
    app: Starlette, browser: httpx.AsyncClient, provider: FakeProvider
) -> None:
    provider.answers.clear()
    waited, threads = True, int(anyio.to_thread.current_default_thread_limiter().total_tokens)
    try:
        async with anyio.create_task_group() as tasks, browse(app, "203.0.113.9") as other:
            for client in (browser, other):
                for _ in range(threads - 5):
                    tasks.start_soon(client.get, "/console/sign-in/municipality")
            await anyio.wait_all_tasks_blocked()
            with anyio.move_on_after(5):
                assert (await browser.get("/console/sign-in")).status_code == 200
                waited = False
            provider.answers.set()
    finally:
        provider.answers.set()
    assert not waited, "the sign-in page waited for the provider"


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
