"""Guessing at passwords: it is slow from anywhere, and whoever guesses keeps nobody else out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, event, func, select
from starlette.requests import Request

from bot.clock import FakeClock
from bot.console import browsers, passwords
from bot.console.guesses import FAILURES_OF_STRANGERS, FORGOTTEN_AFTER, FREE_FAILURES, LONGEST_REST, Caller, Guesses
from bot.console.models import FailedSignIn
from bot.console.proofs import WRONG_PROOFS
from bot.console.security import SESSION_COOKIE, network_of
from bot.console.sign_in import sign_in
from bot.db.session import Database
from bot.people import retention, retention_plan
from bot.wiring import Services
from tests.conftest import ROOT
from tests.console.conftest import PASSWORD, Browser, csrf_of

Open = Callable[..., Browser]
Add = Callable[..., str]
WRONG = "fel lösenord här"
OFFICE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


async def guess(browser: Browser, times: int) -> None:
    """Try wrong passwords at Maria's account."""
    for _ in range(times):
        assert (await browser.sign_in("maria", WRONG)).status_code == 401


def guesses_of(services: Services) -> Guesses:
    return Guesses(services.settings.shared_secret)


@pytest.fixture
def many_networks(services: Services, clock: FakeClock) -> Callable[[], None]:
    """Guess at Maria's password as often as strangers may, a few times from each of many networks."""

    def attack() -> None:
        with services.db.transaction() as session:
            for number in range(FAILURES_OF_STRANGERS):
                caller = Caller(f"203.0.113.{number // (FREE_FAILURES - 1)}")
                tally = guesses_of(services).tally("maria", caller, None)
                if tally.rests(session, clock()):
                    return
                tally.count(session, clock())
                session.flush()

    return attack


async def test_a_network_that_guesses_keeps_nobody_else_out(open_browser: Open, add_account: Add) -> None:
    add_account("maria")
    attacker = open_browser(ELSEWHERE)
    await guess(attacker, FREE_FAILURES)

    assert (await attacker.sign_in("maria")).status_code == 401, "the guessing network rests"
    assert (await open_browser(OFFICE).sign_in("maria")).status_code == 303


async def test_a_browser_that_was_here_before_waits_for_nobody(
    open_browser: Open, add_account: Add, many_networks: Callable[[], None]
) -> None:
    add_account("maria")
    maria = open_browser(OFFICE)
    await maria.sign_in("maria")
    await maria.post("/sign-out")
    await guess(open_browser(OFFICE), FREE_FAILURES)
    many_networks()

    assert (await open_browser(OFFICE).sign_in("maria")).status_code == 401
    assert (await open_browser("192.0.2.1").sign_in("maria")).status_code == 401
    assert (await maria.sign_in("maria")).status_code == 303


async def test_who_guesses_from_many_networks_is_held_up_and_after_some_hours_forgotten(
    open_browser: Open, add_account: Add, many_networks: Callable[[], None], clock: FakeClock
) -> None:
    add_account("maria")
    many_networks()

    assert (await open_browser(OFFICE).sign_in("maria")).status_code == 401, "not even a right guess counts"
    clock.advance(seconds=FORGOTTEN_AFTER.total_seconds())
    assert (await open_browser(OFFICE).sign_in("maria")).status_code == 303


async def test_one_network_alone_never_uses_up_what_strangers_have(
    services: Services, add_account: Add, clock: FakeClock
) -> None:
    add_account("maria")
    tally = guesses_of(services).tally("maria", Caller(ELSEWHERE), None)
    made = 0
    for _ in range(24 * 60):
        with services.db.transaction() as session:
            if not tally.rests(session, clock()):
                tally.count(session, clock())
                made += 1
        clock.advance(minutes=1)
        if made % 10 == 0:
            with services.db.reading() as session:
                assert not guesses_of(services).tally("maria", Caller(OFFICE), None).rests(session, clock())
    assert made < 2 * FAILURES_OF_STRANGERS


async def test_a_night_later_one_wrong_password_is_one_wrong_password(
    open_browser: Open, add_account: Add, clock: FakeClock
) -> None:
    add_account("maria")
    browser = open_browser()
    for _ in range(12):
        await guess(browser, 1)
        clock.advance(seconds=LONGEST_REST.total_seconds())
    clock.advance(seconds=FORGOTTEN_AFTER.total_seconds())
    await guess(browser, 1)

    assert (await browser.sign_in("maria")).status_code == 303


async def test_a_known_browser_has_its_own_count_and_a_forged_one_none(open_browser: Open, add_account: Add) -> None:
    add_account("maria")
    add_account("omar")
    desk, laptop, omar, forged = (open_browser(OFFICE) for _ in range(4))
    for browser, name in ((desk, "maria"), (laptop, "maria"), (omar, "omar")):
        await browser.sign_in(name)
        browser.http.cookies.delete(SESSION_COOKIE)
    await guess(desk, FREE_FAILURES)
    assert (await desk.sign_in("maria")).status_code == 401
    assert (await open_browser(OFFICE).sign_in("maria")).status_code == 303

    # Known, but not to this account: a stranger among strangers.
    await guess(omar, FREE_FAILURES)
    assert (await open_browser(OFFICE).sign_in("maria")).status_code == 401
    forged.http.cookies.set(browsers.COOKIE, laptop.http.cookies[browsers.COOKIE] + "x")
    assert (await forged.sign_in("maria")).status_code == 401
    assert (await laptop.sign_in("maria")).status_code == 303


async def test_the_cookie_of_a_known_browser_says_nothing_about_anybody(
    open_browser: Open, add_account: Add, services: Services
) -> None:
    staff_id = add_account("maria")
    browser = open_browser()
    answer = await browser.sign_in("maria")

    header = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(browsers.COOKIE))
    assert "HttpOnly" in header
    assert "SameSite=lax" in header
    signer = browsers.KnownBrowsers(services.settings.shared_secret)._signer
    told = str(signer.loads(browser.http.cookies[browsers.COOKIE]))
    assert "maria" not in told
    assert staff_id not in told


async def test_after_a_new_password_other_browsers_are_strangers_again(
    open_browser: Open, add_account: Add, many_networks: Callable[[], None]
) -> None:
    add_account("maria")
    old, new = open_browser(), open_browser()
    await old.sign_in("maria")
    await new.sign_in("maria")
    chosen = "en helt ny mening"
    await new.post("/account/password", {"old": PASSWORD, "new": chosen, "again": chosen})
    await new.post("/sign-out")
    many_networks()

    assert (await old.sign_in("maria", chosen)).status_code == 401
    assert (await new.sign_in("maria", chosen)).status_code == 303


async def test_a_wrong_password_makes_no_browser_known(open_browser: Open, add_account: Add) -> None:
    add_account("maria")
    browser = open_browser()
    await guess(browser, 1)
    assert browsers.COOKIE not in browser.http.cookies


async def test_an_administrator_sees_the_attack_and_a_new_password_begins_anew(
    open_browser: Open, add_account: Add, many_networks: Callable[[], None]
) -> None:
    maria_id = add_account("maria")
    add_account("ada", "admin")
    ada = open_browser()
    await ada.sign_in("ada")
    assert "nya webbläsare får vänta" not in await ada.text("/staff")
    many_networks()
    assert "nya webbläsare får vänta" in await ada.text("/staff")

    page = await ada.post(f"/staff/{maria_id}/password")
    password = page.text.split('class="secret">')[1].split("<")[0]
    assert (await open_browser(OFFICE).sign_in("maria", password)).status_code == 303


def test_an_unknown_name_is_treated_as_a_known_one_to_the_last_statement(
    services: Services, add_account: Add, clock: FakeClock
) -> None:
    add_account("maria")
    said: list[str] = []

    @event.listens_for(services.db.engine, "before_cursor_execute")
    def listen(_c: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    def statements_of(name: str) -> list[str]:
        said.clear()
        for _ in range(FREE_FAILURES + 1):
            assert sign_in(services.db, guesses_of(services), Caller(ELSEWHERE), name, WRONG, clock()) is None
        return list(said)

    known, unknown = statements_of("maria"), statements_of("ingen")
    assert known == unknown
    with services.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(FailedSignIn)) == 2 * FREE_FAILURES
        rows = session.execute(select(FailedSignIn.__table__)).all()
    assert not any(told in str(rows) for told in ("maria", "ingen", ELSEWHERE))


def test_failures_are_gone_after_a_day(services: Services, many_networks: Callable[[], None], clock: FakeClock) -> None:
    many_networks()
    clock.advance(days=1)
    retention.run(services.db, clock(), plan=retention_plan.load(ROOT / "data"))
    with services.db.reading() as session:
        assert session.scalars(select(FailedSignIn)).all() == []


@pytest.mark.parametrize(("one", "other", "same"), [
    ("198.51.100.7", "198.51.100.8", False), ("2001:db8:0:1::5", "2001:db8:0:1:ffff::9", True),
    ("2001:db8:0:1::5", "2001:db8:0:2::5", False), ("::ffff:198.51.100.7", "198.51.100.7", True),
    ("fe80::1%eth0", "fe80::2%eth0", True), ("testclient", "testclient", True),
])  # fmt: skip
def test_with_ipv6_a_household_is_one_network(one: str, other: str, same: bool) -> None:
    first, second = (network_of(Request({"type": "http", "client": (host, 1)})) for host in (one, other))
    assert (first == second) is same


async def test_a_stolen_session_cannot_guess_the_password(maria: Browser, open_browser: Open) -> None:
    token, new = csrf_of(await maria.get("/account")), "en helt ny mening"
    said = []
    for old in [WRONG] * WRONG_PROOFS + [PASSWORD]:
        fields = {"csrf": token, "old": old, "new": new, "again": new}
        said.append((await maria.http.post("/console/account/password", data=fields)).status_code)

    assert said == [422] * (WRONG_PROOFS - 1) + [401, 401]
    assert (await maria.get("/")).headers["location"] == "/console/sign-in"
    assert (await open_browser().sign_in("maria", new)).status_code == 401


async def test_a_right_password_does_not_make_room_for_more_guesses(maria: Browser) -> None:
    token = csrf_of(await maria.get("/account"))
    for turn in range(WRONG_PROOFS):
        for old, new in ((PASSWORD, "kort"), (WRONG, "en helt ny mening")):
            fields = {"csrf": token, "old": old, "new": new, "again": new}
            answer = await maria.http.post("/console/account/password", data=fields)
            assert answer.status_code == (401 if turn == WRONG_PROOFS - 1 and old == WRONG else 422)


class Watched:
    """Hashes as ever, and says whether another could write to the database meanwhile."""

    def __init__(self, db: Database) -> None:
        self.real, self.db, self.seen = passwords._HASHER, db, 0

    def hash(self, password: str) -> str:
        self._write()
        return self.real.hash(password)

    def verify(self, kept: str, password: str) -> bool:
        self._write()
        return self.real.verify(kept, password)

    def check_needs_rehash(self, kept: str) -> bool:
        return self.real.check_needs_rehash(kept)

    def _write(self) -> None:
        # SQLite has one writer (PostgreSQL many): this would wait for whoever holds it, and fail.
        with self.db.transaction():
            self.seen += 1


async def test_nobody_waits_for_the_database_while_a_password_is_hashed(
    services: Services, add_account: Add, maria: Browser, open_browser: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = services.db.engine.url.render_as_string(hide_password=False)
    omar_id = add_account("omar", "counsellor")
    add_account("ada", "admin")
    ada = open_browser()
    await ada.sign_in("ada")
    other = Database(url, busy_ms=50)
    watched = Watched(other)
    monkeypatch.setattr(passwords, "_HASHER", watched)
    new = "en helt ny mening"
    assert (await maria.post("/account/password", {"old": PASSWORD, "new": new, "again": new})).status_code == 303
    assert (await ada.post(f"/staff/{omar_id}/password")).status_code == 200
    other.close()
    assert watched.seen == 3
