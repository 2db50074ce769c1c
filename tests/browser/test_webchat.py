"""The web chat in a real browser: live, by keyboard, by touch, private, and leaving fast."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright
from sqlalchemy import func, select

from bot.clock import system_clock
from bot.console.accounts import add_staff
from bot.conversations.models import Conversation, InboundMessage
from bot.db.session import Database
from bot.handover.models import Reason
from bot.handover.service import Handover
from bot.livechat.models import Side
from bot.livechat.typing import is_typing, note
from bot.wiring import Services
from tests.channels.chats import say
from tests.channels.conftest import MakeServices, make_services
from tests.channels.webchat.site import Site, site
from tests.end_to_end.system import wait_until

pytestmark = pytest.mark.browser

__all__ = ["make_services"]  # a fixture of the channels' tests, used here too

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for this file."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def services(sqlite_database: Database, make_services: MakeServices) -> Services:
    return make_services(sqlite_database, system_clock, telegram=False)


@pytest.fixture
def live(services: Services) -> Iterator[Site]:
    with site(services) as running:
        yield running


@pytest.fixture
def opened(browser: Browser, live: Site) -> Iterator[Open]:
    """Open the chat in a browser of its own; a fault in its console fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_chat(**options: Any) -> Page:
        context = browser.new_context(**({"locale": "sv-SE"} | options))
        context.set_default_timeout(15_000)
        contexts.append(context)
        context.route(re.compile("https://www.smhi.se"), _elsewhere)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if _is_fault(message.text) else None)
        page.goto(f"{live.address}/chat")
        return page

    yield open_chat
    for context in contexts:
        context.close()
    assert faults == []


def _is_fault(text: str) -> bool:
    return "Content Security Policy" in text or "Uncaught" in text


def _elsewhere(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html; charset=utf-8", body="<title>Väder</title><h1>Väder</h1>")


def _write(page: Page, text: str) -> None:
    expect(page.locator("#keys")).not_to_have_attribute("hidden", "")  # Enter sends from now on
    page.get_by_label("Skriv här").fill(text)
    page.keyboard.press("Enter")


def _bubble(page: Page, text: str) -> Any:
    return page.locator(".bubble", has_text=text)


def _violations(page: Page) -> list[str]:
    results = Axe().run(page)
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in results.response["violations"]]


def test_a_chat_goes_back_and_forth_live(opened: Open) -> None:
    page = opened()
    _write(page, "hej")
    expect(page.locator(".you .state")).to_have_text("Skickat")
    expect(page.locator("#typing")).to_be_visible()
    expect(_bubble(page, "Svar: hej")).to_be_visible()
    expect(page.locator("#typing")).to_be_hidden()
    page.get_by_role("button", name="Ja", exact=True).click()
    expect(_bubble(page, "Svar: /affirm")).to_be_visible()
    assert page.locator(".bubble", has_text="jag är en bot").count() == 1


def test_what_comes_without_being_asked_for_is_shown(opened: Open, live: Site) -> None:
    page = opened()
    _write(page, "hej")
    expect(_bubble(page, "Svar: hej")).to_be_visible()
    with live.services.db.reading() as session:
        conversation = session.scalars(select(Conversation.id)).one()
    say(live.services, conversation, "Se https://www.bris.se.")
    link = page.get_by_role("link", name="https://www.bris.se")
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_two_people_see_each_other_typing_and_nothing_of_the_text_leaves_the_page(opened: Open, live: Site) -> None:
    page = opened()
    _write(page, "hej")
    expect(_bubble(page, "Svar: hej")).to_be_visible()
    sent: list[str | None] = []
    page.on("request", lambda one: sent.append(one.post_data) if one.url.endswith("/chat/typing") else None)
    page.get_by_label("Skriv här").type("till en bot")
    assert sent == []

    conversation = _person_joins(live, "Maria")
    expect(page.locator("#with")).to_have_text("Du skriver med Maria")
    page.get_by_label("Skriv här").fill("")
    with page.expect_request("**/chat/typing"):
        page.get_by_label("Skriv här").type("en hemlighet")
    assert [text for text in sent if text] == []
    wait_until(lambda: _youth_types(live, conversation), 5, "the sign of typing")
    with live.services.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(InboundMessage)) == 1

    with live.services.db.transaction() as session:
        note(session, conversation, Side.STAFF, system_clock())
    live.services.bell.ring(f"chat:{conversation}")
    expect(page.locator("#typing")).to_contain_text("Maria skriver")


def _youth_types(live: Site, conversation_id: str) -> bool:
    with live.services.db.reading() as session:
        return is_typing(session, session.get_one(Conversation, conversation_id), Side.YOUTH, system_clock())


def _person_joins(live: Site, name: str) -> str:
    handover = Handover(live.services.db, live.services.clock, live.services.texts, live.services.bell)
    with live.services.db.transaction() as session:
        conversation = session.scalars(select(Conversation.id)).one()
        staff, _ = add_staff(
            session, username=name.lower(), display_name=name, roles=["counsellor"], municipalities=[],
            password="fyra ord som minns", now=system_clock(),
        )  # fmt: skip
    handover.request(conversation_id=conversation, reason=Reason.ASKED, request_key="wish")
    (entry,) = handover.queue([])
    handover.claim(entry.handover_id, staff.id)
    return conversation


def test_everything_works_with_the_keyboard_alone(opened: Open) -> None:
    page = opened()
    page.keyboard.press("Tab")
    expect(page.get_by_text("Hoppa till skrivrutan")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Skriv här")).to_be_focused()
    expect(page.get_by_label("Skriv här")).to_have_accessible_description(re.compile("Enter skickar"))
    page.keyboard.type("första raden")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("andra raden")
    page.keyboard.press("Enter")
    expect(page.locator(".you .bubble")).to_have_text("första raden\nandra raden")
    expect(page.get_by_label("Skriv här")).to_be_focused()
    expect(_bubble(page, "Svar: första raden")).to_be_visible()
    yes = page.get_by_role("button", name="Ja", exact=True)
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if yes.evaluate("one => one === document.activeElement"):
            break
    expect(yes).to_be_focused()
    page.keyboard.press("Enter")
    expect(_bubble(page, "Svar: /affirm")).to_be_visible()
    expect(page.get_by_label("Skriv här")).to_be_focused()


@pytest.mark.parametrize("language", ["sv-SE", "en-GB"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_anybody(opened: Open, language: str, scheme: str) -> None:
    page = opened(locale=language, color_scheme=scheme, reduced_motion="reduce", **PHONE)
    assert _violations(page) == []
    page.locator("#text").fill("hej")
    page.keyboard.press("Enter")
    expect(_bubble(page, "Svar: hej")).to_be_visible()
    page.locator("#later summary").click()
    page.locator("#get-code").click()
    expect(page.locator("#code")).to_be_visible()
    assert _violations(page) == []


def test_the_privacy_page_stands_in_nobodys_way(opened: Open, live: Site) -> None:
    page = opened()
    page.goto(f"{live.address}/chat/privacy?lang=sv")
    assert _violations(page) == []


@pytest.mark.parametrize("width", [360, 320])
def test_a_small_phone_never_scrolls_sideways(opened: Open, width: int) -> None:
    page = opened(viewport={"width": width, "height": 568}, has_touch=True, is_mobile=True)
    _write(page, "ettväldigtlångtordutanmellanslag" * 8)
    expect(page.locator(".bot .bubble")).to_have_count(3)
    page.get_by_text("Fortsätt senare").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.evaluate(
        "width => [...document.querySelectorAll('body *')].filter(one => one.getClientRects().length &&"
        " one.getBoundingClientRect().right > width + 1 && getComputedStyle(one).clipPath === 'none')"
        ".map(one => one.outerHTML.slice(0, 80))",
        width,
    )
    assert wide == []


def test_nothing_is_kept_in_the_browser(opened: Open) -> None:
    page = opened()
    _write(page, "hej")
    expect(_bubble(page, "Svar: hej")).to_be_visible()
    assert page.context.cookies() == []
    kept = page.evaluate(
        "async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,"
        " 'caches' in window ? (await caches.keys()).length : 0,"
        " (await navigator.serviceWorker?.getRegistrations() ?? []).length]"
    )
    assert kept == [0, 0, 0, 0, 0]
    assert "token" not in page.url


def test_a_reload_gives_a_fresh_anonymous_chat(opened: Open) -> None:
    page = opened()
    _write(page, "hemligt")
    expect(_bubble(page, "Svar: hemligt")).to_be_visible()
    before = page.locator("input[name=token]").first.input_value()
    page.reload()
    expect(page.locator(".bubble")).to_have_count(2)
    assert page.locator("input[name=token]").first.input_value() != before


def test_a_code_takes_the_chat_up_again_in_another_browser(opened: Open) -> None:
    page = opened()
    _write(page, "hej")
    expect(_bubble(page, "Svar: hej")).to_be_visible()
    page.get_by_text("Fortsätt senare").click()
    page.get_by_role("button", name="Visa min kod").click()
    expect(page.locator("#code strong")).to_have_text(re.compile(r"^\w{4}-\w{4}-\w{4}$"))
    code = page.locator("#code strong").inner_text()
    other = opened(**PHONE)
    other.get_by_text("Fortsätt senare").click()
    other.get_by_label("Har du en kod?").fill(code.lower())
    other.get_by_role("button", name="Fortsätt chatten").click()
    expect(_bubble(other, "Svar: hej")).to_be_visible()
    _write(other, "hej igen")
    expect(_bubble(other, "Svar: hej igen")).to_be_visible()


@pytest.mark.parametrize("how", ["button", "escape"])
def test_leaving_fast_clears_the_page_and_leaves_no_way_back(opened: Open, live: Site, how: str) -> None:
    page = opened()
    _write(page, "hemligt")
    expect(_bubble(page, "Svar: hemligt")).to_be_visible()
    if how == "button":
        page.get_by_role("link", name="Lämna sidan snabbt").click()
    else:
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    expect(page).to_have_title("Väder")
    assert page.url.startswith("https://www.smhi.se")
    page.go_back()
    assert "hemligt" not in page.content()


def test_one_escape_leaves_nothing(opened: Open) -> None:
    page = opened()
    page.keyboard.press("Escape")
    _write(page, "hej")
    expect(_bubble(page, "Svar: hej")).to_be_visible()


def test_what_is_written_offline_is_sent_when_the_net_is_back(opened: Open, live: Site) -> None:
    page = opened()
    _write(page, "först")
    expect(_bubble(page, "Svar: först")).to_be_visible()
    page.context.set_offline(True)
    _write(page, "ett")
    _write(page, "två")
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator(".you .state.failed").first).to_contain_text("Försök igen")
    page.context.set_offline(False)
    expect(_bubble(page, "Svar: ett\ntvå")).to_be_visible()
    expect(page.locator("#offline")).to_be_hidden()
    expect(page.locator(".you .state.failed")).to_have_count(0)
    with live.services.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(InboundMessage)) == 3


def test_a_refused_text_goes_back_into_the_box(opened: Open) -> None:
    page = opened()
    long = "x" * 8_100
    page.get_by_label("Skriv här").fill(long)
    expect(page.locator("#counter")).to_contain_text("av 2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("för lång")
    assert page.get_by_label("Skriv här").input_value() == long
    expect(page.locator(".you")).to_have_count(0)


def test_the_language_is_switched_with_the_chat_and_the_draft_kept(opened: Open) -> None:
    page = opened()
    _write(page, "hej")
    expect(_bubble(page, "Svar: hej")).to_be_visible()
    page.get_by_label("Skriv här").fill("ett utkast")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_label("Write here")).to_have_value("ett utkast")
    expect(_bubble(page, "Svar: hej")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"


def test_deleting_everything_ends_the_chat_with_its_receipt(opened: Open) -> None:
    page = opened()
    _write(page, "/radera")
    page.get_by_role("button", name="Ja, ta bort det").click()
    again = page.get_by_role("link", name="Börja om")
    expect(again).to_be_focused()
    expect(page.locator(".system .bubble")).to_be_visible()
    expect(page.get_by_label("Skriv här")).to_be_hidden()
    again.click()
    expect(page.locator(".bubble")).to_have_count(2)


def test_the_person_who_writes_is_named_for_eyes_and_screen_readers(opened: Open) -> None:
    page = opened()
    expect(page.locator("#with")).to_have_text("Du skriver med en bot")
    expect(page.locator(".bot .who").first).to_have_text("Bot")
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    page.locator("#human").click()
    expect(page.locator(".you .bubble")).to_have_text("Prata med en människa")


def test_help_is_one_touch_away_at_every_step(opened: Open) -> None:
    page = opened(**PHONE)
    for number, name in (("112", "112"), ("90101", "90101"), ("116111", "116 111")):
        link = page.locator(f'a[href="tel:{number}"]')
        expect(link).to_be_visible()
        expect(link).to_have_text(name)
    expect(page.locator("#human")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Lämna sidan snabbt")).to_be_in_viewport()


def test_the_whole_chat_works_without_script(opened: Open) -> None:
    page = opened(java_script_enabled=False, **PHONE)
    expect(page.get_by_label("Skriv här")).to_have_accessible_description("")
    page.get_by_role("button", name="Vägar tillbaka").click()
    expect(_bubble(page, "Svar: /ask_ways_back")).to_be_visible()
    page.get_by_label("Skriv här").fill("hej")
    page.get_by_role("button", name="Skicka").click()
    expect(_bubble(page, "Svar: hej")).to_be_in_viewport()
    page.get_by_text("Fortsätt senare").click()
    page.get_by_role("button", name="Visa min kod").click()
    expect(page.locator("#code strong")).to_have_text(re.compile(r"^\w{4}-\w{4}-\w{4}$"))
    page.get_by_role("link", name="Lämna sidan snabbt").click()
    assert page.url.startswith("https://www.smhi.se")
