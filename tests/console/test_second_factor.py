"""The second factor: switched on with a first code, asked for at each sign-in, no code twice, a way out on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pyotp
import pytest
from sqlalchemy import select

from bot.clock import FakeClock
from bot.console import second_factor
from bot.console.guesses import FREE_FAILURES
from bot.console.models import Staff, StaffSession
from bot.console.proofs import WRONG_PROOFS
from bot.console.sign_in import CODE_WAITS
from bot.db.session import Database
from bot.wiring import Services
from tests.console.conftest import PASSWORD, Browser, csrf_of, words

Open = Callable[[], Browser]
Add = Callable[..., str]


class Phone:
    """An app that shows six digits."""

    def __init__(self, secret: str, clock: FakeClock) -> None:
        self._totp, self._clock = pyotp.TOTP(secret), clock

    def code(self) -> str:
        """The digits of now."""
        return self._totp.at(self._clock())


async def switch_on(browser: Browser, clock: FakeClock) -> tuple[Phone, list[str]]:
    """Scan, type the first code, note the paper codes."""
    page = await browser.get("/account/second-factor")
    assert "<svg" in page.text
    secret = re.search(r"Nyckel: <code>([A-Z2-7 ]+)</code>", page.text)
    assert secret is not None
    phone = Phone(secret[1].replace(" ", ""), clock)
    done = await browser.post("/account/second-factor", {"code": phone.code()}, on="/account/second-factor")
    paper = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", done.text)
    assert len(paper) == second_factor.PAPER_CODES
    clock.advance(seconds=30)
    return phone, paper


async def give(browser: Browser, code: str) -> int:
    """Type a code at the second step."""
    return (await browser.post("/sign-in/code", {"code": code}, on="/sign-in/code")).status_code


async def test_with_it_a_password_alone_opens_nothing(
    open_browser: Open, maria: Browser, clock: FakeClock, database: Database
) -> None:
    phone, _ = await switch_on(maria, clock)
    browser = open_browser()
    first = await browser.sign_in("maria")

    assert first.headers["location"] == "/console/sign-in/code"
    for path in ("/", "/chats", "/account", "/account/second-factor"):
        assert (await browser.get(path)).headers["location"] == "/console/sign-in/code"
    assert (await browser.http.get("/console/events")).status_code == 401
    before = browser.http.cookies["console_session"]
    assert await give(browser, "000000") == 401
    assert await give(browser, phone.code()) == 303
    assert browser.http.cookies["console_session"] != before
    assert (await browser.get("/")).status_code == 200
    with database.reading() as session:
        assert phone.code() not in str(session.scalars(select(Staff.recovery_codes)).all())


async def test_no_code_counts_twice_and_none_of_long_ago(open_browser: Open, maria: Browser, clock: FakeClock) -> None:
    phone, _ = await switch_on(maria, clock)
    code = phone.code()
    one, two = open_browser(), open_browser()
    await one.sign_in("maria")
    await two.sign_in("maria")

    assert await give(one, code) == 303
    assert await give(two, code) == 401
    clock.advance(seconds=120)
    assert await give(two, code) == 401
    assert await give(two, phone.code()) == 303


async def test_a_paper_code_works_once(open_browser: Open, maria: Browser, clock: FakeClock) -> None:
    _, paper = await switch_on(maria, clock)
    one, two = open_browser(), open_browser()
    await one.sign_in("maria")
    await two.sign_in("maria")

    assert await give(one, paper[3].upper().replace("-", " ")) == 303
    assert await give(two, paper[3]) == 401
    assert await give(two, paper[4]) == 303
    assert "8 koder på papper" in await two.text("/account/second-factor")


async def test_codes_cannot_be_guessed_for_ever(open_browser: Open, maria: Browser, clock: FakeClock) -> None:
    phone, _ = await switch_on(maria, clock)
    browser = open_browser()
    for _ in range(FREE_FAILURES):
        await browser.sign_in("maria")
        assert await give(browser, "123456") == 401
    # The right password in between has not cleared the count: now even the right code waits.
    assert (await browser.sign_in("maria")).status_code == 401
    clock.advance(minutes=2)
    await browser.sign_in("maria")
    assert await give(browser, phone.code()) == 303


async def test_the_second_step_waits_only_for_a_while(open_browser: Open, maria: Browser, clock: FakeClock) -> None:
    phone, _ = await switch_on(maria, clock)
    browser = open_browser()
    await browser.sign_in("maria")
    clock.advance(seconds=CODE_WAITS.total_seconds())

    assert (await browser.get("/sign-in/code")).headers["location"] == "/console/sign-in"
    assert (await browser.http.post("/console/sign-in/code", data={"code": phone.code()})).status_code == 303
    assert (await browser.get("/")).status_code == 303


async def test_a_form_from_elsewhere_is_refused(open_browser: Open, maria: Browser, clock: FakeClock) -> None:
    phone, _ = await switch_on(maria, clock)
    browser = open_browser()
    await browser.sign_in("maria")
    answer = await browser.http.post("/console/sign-in/code", data={"csrf": "forged", "code": phone.code()})
    assert answer.status_code == 403
    assert (await browser.get("/")).status_code == 303


@pytest.mark.parametrize(("setting", "role", "must"), [
    ("optional", "admin", False), ("admins", "admin", True), ("admins", "counsellor", False), ("all", "dpo", True),
])  # fmt: skip
async def test_it_is_required_by_the_setting(
    services: Services, add_account: Add, setting: str, role: str, must: bool
) -> None:
    add_account("kim", role)
    settings = replace(services.settings, second_factor=setting)
    browser = Browser(replace(services, settings=settings))
    await browser.sign_in("kim")
    answer = await browser.get("/")
    if must:
        assert answer.headers["location"] == "/console/account/second-factor"
        assert "Ditt konto behöver en kod" in words(await browser.get("/account/second-factor"))
    else:
        assert answer.headers.get("location") != "/console/account/second-factor"
    await browser.http.aclose()


async def test_an_administrator_takes_it_off_and_signs_the_person_out(
    open_browser: Open, maria: Browser, clock: FakeClock, add_account: Add, database: Database
) -> None:
    phone, _ = await switch_on(maria, clock)
    add_account("chef", "admin")
    chef = open_browser()
    await chef.sign_in("chef")
    with database.reading() as session:
        maria_id = session.scalars(select(Staff.id).where(Staff.username == "maria")).one()
    assert "Ta bort koden" in await chef.text(f"/staff/{maria_id}")

    await chef.post(f"/staff/{maria_id}/second-factor")
    assert (await maria.get("/")).status_code == 303
    assert (await maria.sign_in("maria")).headers["location"] == "/console/"
    await maria.post("/account/second-factor/off", {"code": phone.code()})


async def test_switching_it_off_needs_a_code(maria: Browser, clock: FakeClock, database: Database) -> None:
    phone, _ = await switch_on(maria, clock)
    path = "/account/second-factor"
    assert (await maria.post(f"{path}/off", {"code": "000000"}, on=path)).status_code == 422
    assert (await maria.post(f"{path}/off", {"code": phone.code()}, on=path)).status_code == 303
    with database.reading() as session:
        staff = session.scalars(select(Staff)).one()
        assert (staff.totp_since, staff.recovery_codes) == (None, [])
        assert session.scalars(select(StaffSession)).all()


async def test_a_stolen_session_cannot_guess_it_off(maria: Browser, clock: FakeClock, database: Database) -> None:
    phone, _ = await switch_on(maria, clock)
    path = "/account/second-factor"
    token = csrf_of(await maria.get(path))
    said = []
    for code in ["000000"] * WRONG_PROOFS + [phone.code()]:
        said.append((await maria.http.post(f"/console{path}/off", data={"csrf": token, "code": code})).status_code)

    assert said == [422] * (WRONG_PROOFS - 1) + [401, 401]
    assert (await maria.get("/")).headers["location"] == "/console/sign-in"
    with database.reading() as session:
        assert session.scalars(select(Staff.totp_since)).one() is not None


async def test_the_wrong_first_code_switches_nothing_on(maria: Browser, open_browser: Open) -> None:
    answer = await maria.post("/account/second-factor", {"code": "000000"}, on="/account/second-factor")
    assert answer.status_code == 422
    assert csrf_of(answer)
    assert (await open_browser().sign_in("maria", PASSWORD)).headers["location"] == "/console/"
