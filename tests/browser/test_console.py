"""The console in a real browser: live chat, keyboard, small screens, and no barrier that axe finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select

from bot.clock import FakeClock
from bot.console.models import Staff
from bot.console.permissions import Role
from bot.conversations.models import Author, OutboundMessage
from bot.handover.service import Handover
from bot.wiring import Services
from tests.console import scene
from tests.console.scene import Scene, Youths
from tests.console.server import running_console

pytestmark = pytest.mark.browser

PAGES = {
    "overview": "/", "inbox": "/chats", "queue": "/chats?view=waiting", "all": "/chats?view=all",
    "live": "/chats/{live}", "waiting": "/chats/{waiting}", "danger": "/chats/{danger}",
    "bookings": "/bookings", "availability": "/availability", "plan": "/plans/{live}",
    "logs": "/logs", "log": "/logs/{waiting}", "staff": "/staff",
    "one": "/staff/{maria}", "openings": "/openings", "replies": "/replies", "practice": "/practice",
    "account": "/account", "missing": "/no/such/page",
}  # fmt: skip


@dataclass(frozen=True)
class Office:
    """A running console with a scene in it."""

    services: Services
    clock: FakeClock
    url: str
    scene: Scene

    def address(self, path: str) -> str:
        """Return the address of a page."""
        return f"{self.url}/console{path.format(**self.scene.__dict__)}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A console of its own for each test."""
    with running_console(tmp_path) as (services, clock, url):
        yield Office(services, clock, url, scene.build(services, clock))


def open_page(
    browser: Browser, office: Office, *, width: int = 1280, scheme: str = "light", script: bool = True
) -> Page:
    """Sign in as Maria in a browser of its own; any fault of the page fails the test."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=script,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"the page failed: {error}"))
    page.goto(office.address("/sign-in"))
    page.get_by_label("Användarnamn").fill("maria")
    page.get_by_label("Lösenord").fill(scene.PASSWORD)
    page.get_by_role("button", name="Logga in").click()
    page.wait_for_url(office.address("/"))
    return page


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_no_page_has_a_barrier_that_axe_finds(browser: Browser, office: Office, width: int, scheme: str) -> None:
    page = open_page(browser, office, width=width, scheme=scheme)
    faults = {}
    for name, path in PAGES.items():
        page.goto(office.address(path))
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        page.evaluate("document.getAnimations().forEach(one => one.finish())")
        found = Axe().run(page)
        if found.violations_count:
            faults[name] = found.generate_report()
    page.context.clear_cookies()
    page.goto(office.address("/sign-in"))
    if Axe().run(page).violations_count:
        faults["sign-in"] = Axe().run(page).generate_report()
    assert not faults, "\n".join(f"{name}: {report}" for name, report in faults.items())


def test_no_page_scrolls_sideways_on_a_small_phone(browser: Browser, office: Office) -> None:
    page = open_page(browser, office, width=360)
    for path in PAGES.values():
        page.goto(office.address(path))
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_nothing_comes_from_elsewhere_and_nothing_is_blocked(browser: Browser, office: Office) -> None:
    page = open_page(browser, office)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    for name, path in PAGES.items():
        if name != "missing":
            page.goto(office.address(path))

    assert {address for address in asked if not address.startswith(office.url)} == set()
    assert said == []


def test_a_new_message_shows_by_itself_and_leaves_the_draft_alone(browser: Browser, office: Office) -> None:
    page = open_page(browser, office)
    page.goto(office.address("/chats/{live}"))
    draft = page.get_by_label("Ditt svar till den unga")
    draft.fill("Det finns flera")

    Youths(office.services, office.clock).write("l", "är du kvar?")

    expect(page.get_by_role("log").get_by_text("är du kvar?")).to_be_visible()
    expect(draft).to_have_value("Det finns flera")
    expect(draft).to_be_focused()


def test_an_answer_is_sent_with_the_keyboard_and_stands_in_the_thread(browser: Browser, office: Office) -> None:
    page = open_page(browser, office)
    page.goto(office.address("/chats/{live}"))
    field = page.get_by_label("Ditt svar till den unga")
    for text in ("Första svaret", "Andra svaret"):
        field.fill(text)
        field.press("Control+Enter")
        page.get_by_role("log").get_by_text(text).wait_for(timeout=5000)
        expect(field).to_have_value("")
        expect(field).to_be_focused()

    with office.services.db.reading() as session:
        said = session.scalars(
            select(OutboundMessage.text)
            .where(OutboundMessage.author == Author.COUNSELLOR)
            .order_by(OutboundMessage.seq)
        ).all()
    assert said[1:] == ["Första svaret", "Andra svaret"]
    assert page.url == office.address("/chats/{live}")


def test_a_chat_taken_by_a_colleague_meanwhile_is_said_and_the_draft_is_not_sent(
    browser: Browser, office: Office
) -> None:
    page = open_page(browser, office)
    page.goto(office.address("/chats/{live}"))
    field = page.get_by_label("Ditt svar till den unga")
    field.fill("Hej igen")
    page.route("**/console/events*", lambda route: route.abort())
    Handover(office.services.db, office.clock, office.services.texts).put_back(
        office.scene.live_handover, office.scene.maria
    )
    field.press("Control+Enter")

    expect(page.get_by_role("alert")).to_contain_text("Chatten är inte din")
    with office.services.db.reading() as session:
        assert "Hej igen" not in session.scalars(select(OutboundMessage.text)).all()
    # The page goes on asking for its events; nothing here may have to answer it during the next test.
    page.unroute_all(behavior="ignoreErrors")
    page.close()


def test_the_queue_grows_on_the_open_page_and_a_chat_is_taken_from_it(browser: Browser, office: Office) -> None:
    page = open_page(browser, office)
    expect(page.get_by_role("heading", name="Väntar på en människa 2")).to_be_visible()
    youths = Youths(office.services, office.clock)
    youths.write("new", "/människa")
    youths.turn("new", "hallå", "greet")
    expect(page.get_by_role("heading", name="Väntar på en människa 3")).to_be_visible()
    expect(page).to_have_title("(3) Översikt – Tillbaka")

    page.get_by_role("button", name="Ta över chatten från Motala").click()

    page.wait_for_url(office.address("/chats/{waiting}"))
    expect(page.get_by_text("Hos mig")).to_be_visible()
    expect(page.get_by_role("log").get_by_text("Nu skriver Maria med dig")).to_be_visible()


def test_danger_comes_up_by_itself_and_goes_when_somebody_takes_care(browser: Browser, office: Office) -> None:
    page = open_page(browser, office)
    calls = page.get_by_role("region", name="Larm")
    expect(calls.get_by_text("Tecken på fara")).to_have_count(1)
    Youths(office.services, office.clock).write("other", "jag vill inte leva längre")
    expect(calls.get_by_text("Tecken på fara")).to_have_count(2)

    calls.get_by_role("button", name="Jag tar hand om det").first.click()

    expect(calls.get_by_text("Tecken på fara")).to_have_count(1)


def test_everything_can_be_reached_with_the_keyboard_alone(browser: Browser, office: Office) -> None:
    page = open_page(browser, office)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Till innehållet")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Välj vem som larmas")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.textContent.trim().slice(0, 7)")
    assert focused == "Ta över"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(office.address("/chats/{waiting}"))


def test_without_script_a_chat_can_be_taken_answered_and_ended(browser: Browser, office: Office) -> None:
    page = open_page(browser, office, script=False)
    page.get_by_role("button", name="Ta över chatten från Motala").click()
    page.get_by_label("Ditt svar till den unga").fill("Hej utan skript")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("log").get_by_text("Hej utan skript")).to_be_visible()

    page.get_by_text("Avsluta eller lämna över").click()
    page.get_by_role("button", name="Lämna tillbaka till boten").click()

    page.wait_for_url(office.address("/"))
    with office.services.db.reading() as session:
        said = session.scalars(select(OutboundMessage.response)).all()
    assert "utter_human_left" in said


def test_signing_out_elsewhere_closes_the_open_page(browser: Browser, office: Office) -> None:
    page = open_page(browser, office)
    other = page.context.new_page()
    other.goto(office.address("/account"))
    other.get_by_role("button", name="Logga ut").click()

    page.wait_for_url(office.address("/sign-in"), timeout=5000)


def test_shortcuts_work_outside_of_boxes_and_can_be_turned_off(browser: Browser, office: Office) -> None:
    page = open_page(browser, office)
    page.goto(office.address("/chats/{live}"))
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("r")
    expect(page.get_by_label("Ditt svar till den unga")).to_be_focused()
    page.keyboard.type("jnt")
    expect(page.get_by_label("Ditt svar till den unga")).to_have_value("jnt")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("j")
    page.wait_for_url(office.address("/chats/{waiting}"))

    page.locator("#alerts-menu > summary").click()
    page.get_by_label("Kortkommandon", exact=True).uncheck()
    page.keyboard.press("Escape")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("n")
    expect(page.get_by_label("Ny anteckning")).not_to_be_focused()


def test_a_ready_made_reply_is_put_in_and_measured(browser: Browser, office: Office) -> None:
    page = open_page(browser, office)
    page.goto(office.address("/chats/{live}"))
    page.get_by_label("Färdigt svar").select_option(label="Hej, jag är här")
    page.get_by_role("button", name="Infoga").click()

    field = page.get_by_label("Ditt svar till den unga")
    expect(field).to_have_value(re.compile("Hej, jag heter Maria och är vägledare"))
    expect(page.locator("#reply-plain")).to_have_text(re.compile(r"LIX \d+, lätt att läsa"))
    field.fill("Utbildningsmöjligheterna presenteras i informationsmaterialet om gymnasieutbildningar.")
    expect(page.locator("#reply-plain")).to_have_text(re.compile("byt ut långa ord"))


def test_sound_and_notifications_are_off_until_asked_for(browser: Browser, office: Office) -> None:
    page = open_page(browser, office)
    page.locator("#alerts-menu > summary").click()
    sound, notice = page.get_by_label("Ljud när någon väntar på dig"), page.get_by_label("Avisering på skärmen")
    expect(sound).not_to_be_checked()
    expect(notice).not_to_be_checked()
    notice.click()

    expect(page.get_by_text("Webbläsaren tillåter inte aviseringar")).to_be_visible()
    expect(notice).not_to_be_checked()


def test_the_menu_counts_what_is_unread_on_every_page(browser: Browser, office: Office) -> None:
    page = open_page(browser, office)
    page.goto(office.address("/chats/{live}"))
    page.goto(office.address("/account"))
    badge = page.locator("#badge-inbox .count")
    expect(badge).to_contain_text("2")

    Youths(office.services, office.clock).write("l", "är du kvar?")

    expect(badge).to_contain_text("3")


@pytest.mark.parametrize("width", [1280, 1000])
def test_the_menu_of_somebody_with_all_roles_stands_in_one_row(browser: Browser, office: Office, width: int) -> None:
    with office.services.db.transaction() as session:
        row = session.get_one(Staff, office.scene.maria)
        row.roles, row.display_name = [str(role) for role in Role], "Maria-Alexandra Lindström"
    page = open_page(browser, office, width=width)

    tops = page.evaluate(
        "[...document.querySelectorAll('.top > nav a, .who summary, .who button')]"
        ".filter(one => one.offsetParent).map(one => { const box = one.getBoundingClientRect();"
        " return box.top + box.height / 2; })"
    )
    assert len(tops) == 9
    assert max(tops) - min(tops) < 12, "all of it stands in one row"

    page.locator("#more-menu > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(office.address("/staff"))
    expect(page.locator("#more-menu > summary")).to_contain_text("du är på Personal")
