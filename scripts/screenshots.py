"""Takes the pictures of the README and the sheets of every page from the running system: `make screenshots`.

Starts everything with a Telegram of our own and lets invented youths write; then the console on an invented
month (`bot demo`). Run it after a change that one can see, and look at what it made.
"""

from __future__ import annotations

import base64
import html
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.end_to_end.system import System, free_port, wait_until  # noqa: E402
from tests.fakes.telegram import TelegramServer  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 844}
OWN_CHOICE = "ett eget lösenord 7"
NOW = "2026-11-24T09:40:00+01:00"
# Pages of the console and the web chat; `{chat}` is a live chat, `{waiting}` one that waits.
PAGES = {
    "Översikt": "/console/", "Inkorg": "/console/chats?view=all", "Chatt": "/console/chats/{chat}",
    "Innan man tar över": "/console/chats/{waiting}", "Bokningar": "/console/bookings", "Loggar": "/console/logs",
    "Logg": "/console/logs/{waiting}", "Färdiga svar": "/console/replies", "Övning": "/console/practice",
    "Tjänst": "/console/duty", "Mina tider": "/console/availability", "Katalog": "/console/catalogue",
    "Inför start": "/console/catalogue/go-live", "Orosanmälan": "/console/reports",
    "Personal": "/console/staff", "Åtkomst": "/console/openings", "Mitt konto": "/console/account",
    "Webbchatt": "/chat?lang=sv", "Web chat": "/chat?lang=en", "Så sparas det": "/chat/privacy?lang=sv",
}  # fmt: skip

MESSENGER = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #c9d8c5; font: 15px/1.4 system-ui, sans-serif;
  display: flex; flex-direction: column; height: 844px; overflow: hidden }}
header {{ background: #517da2; color: #fff; padding: 14px 16px; font-weight: 600 }}
main {{ flex: 1; padding: 10px; display: flex; flex-direction: column; justify-content: flex-end; gap: 6px;
  overflow: hidden }}
.in, .out {{ max-width: 82%; padding: 7px 11px; border-radius: 12px; white-space: pre-line }}
.in {{ background: #fff; align-self: flex-start }}
.out {{ background: #e2f6c8; align-self: flex-end }}
.keys {{ align-self: flex-start; max-width: 82%; display: flex; flex-wrap: wrap; gap: 4px }}
.keys span {{ background: #466a80; color: #fff; border-radius: 8px; padding: 5px 10px; font-size: 13px }}
</style><header>Tillbaka (bot)</header><main>{rows}</main>"""

SHEET = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 16px; background: #888e8c; font: 600 13px/1.3 system-ui, sans-serif; color: #fff }}
main {{ display: grid; grid-template-columns: repeat({columns}, 1fr); gap: 14px }}
figure {{ margin: 0 }} img {{ width: 100%; display: block; border-radius: 6px }} figcaption {{ padding: 0 0 4px }}
</style><main>{figures}</main>"""


def main() -> None:
    """Start the system and take all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        with TelegramServer() as telegram:
            system = System(Path(folder) / "var", telegram, BOT_CLOCK=NOW)
            try:
                # The model may have to be trained first.
                system.start(seconds=1800)
                _webchat(browser, system)
                _telegram(browser, telegram)
                _console(browser, system, telegram)
            finally:
                system.stop()
        with _invented_month(Path(folder) / "demo") as (url, password):
            _sheets(browser, url, password)
        browser.close()


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def _webchat(browser: Browser, system: System) -> None:
    page = browser.new_page(viewport=PHONE, device_scale_factor=1.5)
    page.goto(f"{system.url}/chat?lang=sv")
    _write(page, "finns det nåt gymnasium i motala där man kan läsa fordon?")
    page.locator(".message.bot").nth(2).wait_for(timeout=60_000)
    page.locator("#typing").wait_for(state="hidden", timeout=30_000)
    _pause(2)
    page.screenshot(path=PICTURES / "webchat.png")
    page.close()


def _write(page: Page, text: str) -> None:
    page.get_by_role("textbox").first.fill(text)
    page.keyboard.press("Enter")


def _telegram(browser: Browser, telegram: TelegramServer) -> None:
    said: list[tuple[int, str]] = []
    for text in ("hi, i quit school last year. how can i get back?", "what is folkhögskola?"):
        said.append((len(telegram.sent(chat=70)), text))
        telegram.text(chat=70, text=text, language="en")
        telegram.wait_for(chat=70, count=said[-1][0] + (3 if said[-1][0] == 0 else 1), seconds=60)
        _pause(2)
    rows = []
    for number, sent in enumerate(telegram.sent(chat=70)):
        rows += [f'<div class="out">{html.escape(text)}</div>' for at, text in said if at == number]
        rows.append(f'<div class="in">{html.escape(sent.text)}</div>')
        if sent.titles:
            keys = "".join(f"<span>{html.escape(title)}</span>" for title in sent.titles)
            rows.append(f'<div class="keys">{keys}</div>')
    page = browser.new_page(viewport=PHONE, device_scale_factor=1.5)
    page.set_content(MESSENGER.format(rows="".join(rows)))
    page.screenshot(path=PICTURES / "telegram.png")
    page.close()


def _console(browser: Browser, system: System, telegram: TelegramServer) -> None:
    for chat, text, home in ((71, "jag vill prata med en människa, jag vet inte hur jag ska börja", "motala"),
                             (72, "kan jag få prata med en människa? det gäller pengar", "linköping")):  # fmt: skip
        telegram.text(chat=chat, text=text)
        asked = len(telegram.wait_for(chat=chat, count=3, seconds=60))
        _pause(3)
        telegram.text(chat=chat, text=home)
        telegram.wait_for(chat=chat, count=asked + 1, seconds=60)
    page = browser.new_page(viewport=DESK)
    page.goto(f"{system.url}/console")
    _sign_in(page, "admin", system.first_password)
    for field in page.locator("input[type=password]").all():
        name = field.get_attribute("name") or ""
        field.fill(system.first_password if "old" in name or "current" in name else OWN_CHOICE)
    page.locator("main form button[type=submit]").first.click()
    page.goto(f"{system.url}/console")
    page.get_by_role("button", name="Ta över").first.click()
    page.locator("#reply").fill("Hej! Jag heter Kim och är vägledare. Vad vore ett litet första steg?")
    page.get_by_role("button", name="Skicka", exact=True).click()
    page.get_by_role("log").get_by_text("ett litet första steg").wait_for()
    telegram.text(chat=71, text="vet inte. kanske kolla på en skola nån dag")
    page.get_by_role("log").get_by_text("kolla på en skola").wait_for(timeout=30_000)
    page.locator("#reply").fill("Det låter bra. Ska vi kolla på den ihop?")
    page.locator("#reply-plain").filter(has_text="LIX").wait_for()
    page.screenshot(path=PICTURES / "console.png")
    page.close()


def _sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Användarnamn").fill(name)
    page.get_by_label("Lösenord", exact=True).fill(password)
    page.get_by_role("button", name="Logga in").click()
    page.wait_for_load_state()


@contextmanager
def _invented_month(folder: Path) -> Iterator[tuple[str, str]]:
    """Serve the console on an invented month; gives its address and the password of its staff."""
    bot, port = str(ROOT / ".venv" / "bin" / "bot"), free_port()
    env = {**os.environ, "VAR_DIR": str(folder), "BOT_CLOCK": NOW, "HTTP_PORT": str(port), "TELEGRAM_BOT_TOKEN": ""}
    made = subprocess.run([bot, "demo"], cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout
    password = re.search(r"password: (\S+)", made)
    if password is None:
        raise SystemExit(f"bot demo showed no password:\n{made}")
    served = {**env, "DATABASE_URL": f"sqlite:///{folder / 'demo.db'}"}
    process = subprocess.Popen([bot, "serve"], cwd=ROOT, env=served, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/health/live", trust_env=False).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    try:
        wait_until(answers, 60, "the console")
        yield url, password[1]
    finally:
        process.terminate()
        process.wait(timeout=30)


def _sheets(browser: Browser, url: str, password: str) -> None:
    """One sheet for each size: every page, light and dark side by side."""
    for name, size, columns in (("desktop", DESK, 4), ("phone", PHONE, 8)):
        figures: dict[str, list[str]] = {}
        for scheme in ("light", "dark"):
            context = browser.new_context(viewport=size, color_scheme=scheme, locale="sv-SE")
            page = context.new_page()
            page.goto(f"{url}/console/")
            _sign_in(page, "kim", password)
            here = _chats(page, url)
            for title, path in PAGES.items():
                page.goto(url + path.format(**here))
                _pause(0.3)
                shot = base64.b64encode(page.screenshot(type="jpeg", quality=80)).decode()
                figures.setdefault(title, []).append(
                    f'<figure><figcaption>{title}</figcaption><img src="data:image/jpeg;base64,{shot}"></figure>'
                )
            context.close()
        sheet = browser.new_page(viewport={"width": 1600, "height": 900})
        sheet.set_content(
            SHEET.format(columns=columns, figures="".join(one for pair in figures.values() for one in pair))
        )
        sheet.screenshot(path=PICTURES / f"{name}.jpg", type="jpeg", quality=72, full_page=True)
        sheet.close()


def _chats(page: Page, url: str) -> dict[str, str]:
    """Take one of the chats that wait, if none is mine; return a live and a waiting one."""
    page.goto(f"{url}/console/chats?view=mine")
    if page.locator(".chatrow a").count() == 0:
        page.goto(f"{url}/console/")
        page.get_by_role("button", name="Ta över").first.click()
        page.goto(f"{url}/console/chats?view=mine")
    chat = page.locator(".chatrow a").first.get_attribute("href") or ""
    page.goto(f"{url}/console/chats?view=waiting")
    waiting = page.locator(".chatrow a").first.get_attribute("href") or chat
    return {"chat": chat.rpartition("/")[2], "waiting": waiting.rpartition("/")[2]}


if __name__ == "__main__":
    main()
