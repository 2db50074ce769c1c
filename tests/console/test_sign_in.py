"""Signing in: the first account, lock-out, cookies, forms, sessions that end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from bot.clock import FakeClock
from bot.console import passwords
from bot.console.accounts import AccountError, add_staff, first_account
from bot.console.guesses import FREE_FAILURES
from bot.console.models import FailedSignIn, Staff, StaffSession
from bot.console.passwords import is_right
from bot.console.security import SESSION_COOKIE
from bot.console.sign_in import IDLE_LIMIT, SESSION_LENGTH, hash_of
from bot.db.session import Database
from bot.wiring import Services
from tests.console.conftest import PASSWORD, Browser, csrf_of, words

Open = Callable[[], Browser]
Add = Callable[..., str]


def sessions(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(StaffSession)) or 0


async def test_the_first_account_is_made_once_and_must_choose_its_own_password(
    database: Database, clock: FakeClock, open_browser: Open
) -> None:
    made = first_account(database, clock())
    assert made is not None
    username, password = made
    assert first_account(database, clock()) is None
    browser = open_browser()
    assert (await browser.sign_in(username, password)).headers["location"] == "/console/"

    for path in ("/", "/logs", "/staff", "/chats"):
        assert (await browser.get(path)).headers["location"] == "/console/account"
    changed = await browser.post(
        "/account/password", {"old": password, "new": "en egen lång mening", "again": "en egen lång mening"}
    )

    assert changed.headers["location"] == "/console/"
    assert (await browser.get("/")).status_code == 200
    assert (await open_browser().sign_in(username, "en egen lång mening")).status_code == 303
    assert (await open_browser().sign_in(username, password)).status_code == 401


def test_with_staff_there_is_no_first_account(database: Database, clock: FakeClock, add_account: Add) -> None:
    add_account("maria")
    assert first_account(database, clock()) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"username": "Maria"}, {"username": "m"}, {"username": "två ord"}, {"display_name": " "},
        {"roles": []}, {"roles": ["boss"]},
    ],
)  # fmt: skip
def test_an_account_that_cannot_be_is_refused(
    database: Database, clock: FakeClock, add_account: Add, fields: dict[str, object]
) -> None:
    add_account("maria")
    values: dict[str, object] = {
        "username": "omar",
        "display_name": "Omar",
        "roles": ["counsellor"],
        "municipalities": [],
        **fields,
    }
    with pytest.raises(AccountError), database.transaction() as session:
        add_staff(session, now=clock(), **values)  # type: ignore[arg-type]


async def test_wrong_password_and_unknown_user_get_the_same_answer(
    open_browser: Open, add_account: Add, database: Database
) -> None:
    add_account("maria")
    wrong = await open_browser().sign_in("maria", "fel lösenord här")
    unknown = await open_browser().sign_in("ingen", "fel lösenord här")

    assert wrong.status_code == unknown.status_code == 401
    assert words(wrong) == words(unknown)
    assert SESSION_COOKIE not in wrong.cookies
    assert sessions(database) == 0


def test_an_unknown_user_costs_as_much_work_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    real = passwords._HASHER.verify

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            checked.append(kept)
            return real(kept, password)

        def hash(self, password: str) -> str:
            return real.__self__.hash(password)  # type: ignore[attr-defined]

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    assert not is_right("vad som helst", None)
    assert len(checked) == 1
    assert checked[0].startswith("$argon2id$")


async def test_after_repeated_failures_a_network_rests_for_growing_times(
    open_browser: Open, add_account: Add, clock: FakeClock, database: Database
) -> None:
    add_account("maria")
    browser = open_browser()
    for _ in range(FREE_FAILURES):
        await browser.sign_in("maria", "fel lösenord här")
    assert (await browser.sign_in("maria")).status_code == 401, "the right password does not help while it rests"

    clock.advance(seconds=61)
    assert (await browser.sign_in("maria", "fel lösenord här")).status_code == 401
    clock.advance(seconds=61)
    assert (await browser.sign_in("maria")).status_code == 401, "the second rest is longer"
    clock.advance(seconds=60)
    assert (await browser.sign_in("maria")).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(FailedSignIn)).all() == []


async def test_the_cookie_is_kept_from_scripts_and_other_sites_and_only_as_a_hash(
    open_browser: Open, add_account: Add, database: Database
) -> None:
    add_account("maria")
    browser = open_browser()
    response = await browser.sign_in("maria")

    header = next(value for value in response.headers.get_list("set-cookie") if value.startswith(SESSION_COOKIE))
    assert "HttpOnly" in header
    assert "SameSite=lax" in header
    assert "Path=/console" in header
    assert "Secure" not in header
    token = browser.http.cookies[SESSION_COOKIE]
    with database.reading() as session:
        assert session.get(StaffSession, hash_of(token)) is not None
        assert session.get(StaffSession, token) is None


async def test_over_https_the_cookie_is_secure(services: Services, add_account: Add) -> None:
    secure = replace(services, settings=replace(services.settings, public_url="https://console.test"))
    add_account("maria")
    browser = Browser(secure)
    response = await browser.sign_in("maria")
    await browser.http.aclose()

    assert all("Secure" in value for value in response.headers.get_list("set-cookie"))
    assert "strict-transport-security" in response.headers


async def test_a_form_without_its_token_is_refused(maria: Browser, open_browser: Open, database: Database) -> None:
    assert (await maria.http.post("/console/sign-out")).status_code == 403
    assert (await maria.http.post("/console/sign-out", data={"csrf": "x"})).status_code == 403
    other = open_browser()
    page = await other.get("/sign-in")
    stolen = csrf_of(page)
    other.http.cookies.clear()
    refused = await other.http.post(
        "/console/sign-in", data={"csrf": stolen, "username": "maria", "password": PASSWORD}
    )
    assert refused.status_code == 403
    assert sessions(database) == 1


async def test_signing_out_ends_the_session(maria: Browser, database: Database) -> None:
    response = await maria.post("/sign-out")

    assert response.headers["location"] == "/console/sign-in"
    assert sessions(database) == 0
    assert (await maria.get("/")).headers["location"] == "/console/sign-in"


@pytest.mark.parametrize("steps", [[IDLE_LIMIT], [IDLE_LIMIT / 2] * int(SESSION_LENGTH / IDLE_LIMIT * 2)])
async def test_a_session_ends_when_idle_and_at_the_end_of_the_day(
    maria: Browser, clock: FakeClock, steps: list[object]
) -> None:
    for number, step in enumerate(steps):
        clock.advance(seconds=step.total_seconds())  # type: ignore[attr-defined]
        answer = await maria.get("/")
        assert answer.status_code == (303 if number == len(steps) - 1 else 200)


async def test_a_page_that_refreshes_itself_does_not_keep_anybody_signed_in(maria: Browser, clock: FakeClock) -> None:
    for _ in range(4):
        clock.advance(seconds=IDLE_LIMIT.total_seconds() / 4)
        answer = await maria.get("/", headers={"X-Live": "1"})

    assert answer.status_code == 401


async def test_a_closed_account_is_out_at_once(maria: Browser, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(Staff).values(active=False))

    assert (await maria.get("/")).headers["location"] == "/console/sign-in"
    assert (await maria.sign_in("maria")).status_code == 401


@pytest.mark.parametrize(
    ("new", "again", "fault"),
    [
        ("kort", "kort", "minst 12 tecken"),
        ("aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa", "lätt att gissa"),
        ("maria har ett långt", "maria har ett långt", "lätt att gissa"),
        ("en helt ny mening", "en annan mening här", "inte lika"),
        (PASSWORD, PASSWORD, "ett annat lösenord än"),
    ],
)
async def test_a_weak_new_password_is_refused_and_said_why(
    maria: Browser, open_browser: Open, new: str, again: str, fault: str
) -> None:
    response = await maria.post("/account/password", {"old": PASSWORD, "new": new, "again": again})

    assert response.status_code == 422
    assert fault in words(response)
    assert (await open_browser().sign_in("maria")).status_code == 303


async def test_changing_the_password_signs_other_browsers_out(
    maria: Browser, open_browser: Open, database: Database
) -> None:
    other = open_browser()
    await other.sign_in("maria")
    new = "en helt ny mening"
    wrong = await maria.post("/account/password", {"old": "fel lösenord här", "new": new, "again": new})
    assert wrong.status_code == 422

    await maria.post("/account/password", {"old": PASSWORD, "new": new, "again": new})

    assert (await maria.get("/")).status_code == 200
    assert (await other.get("/")).status_code == 303
