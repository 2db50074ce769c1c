"""Katalog in a real browser: by keyboard, without script, on a small phone, and no barrier that axe finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.console.accounts import add_staff
from tests.console.server import running_console

pytestmark = pytest.mark.browser

PASSWORD = "fyra ord som minns"
PLATEN = "/catalogue/provider/platengymnasiet"
PAGES = (
    "/catalogue", "/catalogue/go-live", "/catalogue/facts", "/catalogue/season", PLATEN, "/catalogue/provider/new",
    "/catalogue/municipality/0583", "/catalogue/season/application_closes",
    "/catalogue/fact/komvux_from_20",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A console with an editor's account; its address."""
    with running_console(tmp_path_factory.mktemp("console")) as (services, clock, url):
        with services.db.transaction() as session:
            add_staff(
                session, username="eva", display_name="Eva", roles=["editor"], municipalities=[], password=PASSWORD,
                now=clock(),
            )  # fmt: skip
        yield f"{url}/console"


def sign_in(browser: Browser, console: str, *, width: int = 1280, scheme: str = "light", script: bool = True) -> Page:
    """Sign in as Eva in a browser of its own."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        java_script_enabled=script,
    )
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"the page failed: {error}"))
    page.goto(f"{console}/sign-in")
    page.get_by_label("Användarnamn").fill("eva")
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Logga in").click()
    expect(page.get_by_role("button", name="Logga ut")).to_be_visible()
    return page


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_no_page_has_a_barrier_or_scrolls_sideways(browser: Browser, console: str, width: int, scheme: str) -> None:
    page = sign_in(browser, console, width=width, scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    faults = {}
    for path in PAGES:
        page.goto(console + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults[path] = "scrolls sideways"
        found = Axe().run(page)
        if found.violations_count:
            faults[path] = found.generate_report()
    assert not faults, "\n".join(f"{path}: {report}" for path, report in faults.items())
    assert said == []


def test_a_school_is_changed_previewed_and_undone_without_script(browser: Browser, console: str) -> None:
    page = sign_in(browser, console, width=360, script=False)
    page.goto(console + PLATEN)
    page.get_by_label("Telefon").fill("0141225000")
    page.get_by_label("Källa", exact=True).fill("Skolans expedition")
    page.get_by_role("button", name="Förhandsgranska").click()
    preview = page.get_by_role("region", name="Så här blir det")
    expect(preview).to_contain_text("0141-22 50 00")
    expect(preview).to_contain_text("LIX")
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_role("status").filter(has_text="sparad")).to_be_visible()
    expect(page.get_by_label("Telefon")).to_have_value("0141-22 50 00")
    page.get_by_role("button", name="Ångra").click()
    expect(page.get_by_label("Telefon")).to_have_value("")


def test_the_form_is_filled_in_by_keyboard(browser: Browser, console: str) -> None:
    page = sign_in(browser, console)
    page.goto(f"{console}/catalogue/municipality/0584")
    page.get_by_label("KAA: telefon").focus()
    page.keyboard.type("0143-150 00")
    while page.evaluate("document.activeElement.id") != "source":
        page.keyboard.press("Tab")
    page.keyboard.type("Kommunens kontaktcenter")
    while page.evaluate("document.activeElement.value") != "save":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="sparad")).to_be_visible()


def test_screenshots_can_be_taken(browser: Browser, console: str, tmp_path: Path) -> None:
    """Not kept; run with `--basetemp` to look at them."""
    page = sign_in(browser, console)
    for number, path in enumerate(PAGES):
        page.goto(console + path)
        page.screenshot(path=tmp_path / f"{number}.png", full_page=True)
        assert (tmp_path / f"{number}.png").stat().st_size > 1000
