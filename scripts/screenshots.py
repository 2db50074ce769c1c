"""Takes the pictures of the README from the running system: `make screenshots`.

Starts everything with a Telegram of our own, lets invented youths write, and photographs what they
and a counsellor see. Run it after a change that one can see.
"""

from __future__ import annotations

import html
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.end_to_end.system import System  # noqa: E402
from tests.fakes.telegram import TelegramServer  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
PHONE: ViewportSize = {"width": 390, "height": 844}
CONSOLE: ViewportSize = {"width": 1280, "height": 844}
OWN_CHOICE = "ett eget lösenord 7"

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
.keys span {{ background: #6d93a9cc; color: #fff; border-radius: 8px; padding: 5px 10px; font-size: 13px }}
</style><header>Tillbaka (bot)</header><main>{rows}</main>"""


def main() -> None:
    """Start the system and take all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, TelegramServer() as telegram:
        system = System(Path(folder) / "var", telegram, BOT_CLOCK="2026-11-24T09:40:00+01:00")
        with system, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            _webchat(browser, system)
            _telegram(browser, telegram)
            _console(browser, system, telegram)
            browser.close()


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def _webchat(browser: Browser, system: System) -> None:
    page = browser.new_page(viewport=PHONE, device_scale_factor=2)
    page.goto(f"{system.url}/chat?lang=sv")
    _write(page, "finns det nåt gymnasium i motala där man kan läsa fordon?")
    page.get_by_text("Carlsund").first.wait_for(timeout=60_000)
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
    page = browser.new_page(viewport=PHONE, device_scale_factor=2)
    page.set_content(MESSENGER.format(rows="".join(rows)))
    page.screenshot(path=PICTURES / "telegram.png", full_page=False)
    page.close()


def _console(browser: Browser, system: System, telegram: TelegramServer) -> None:
    telegram.text(chat=71, text="jag vill prata med en människa, jag vet inte hur jag ska börja")
    telegram.wait_for(chat=71, count=3, seconds=60)
    page = browser.new_page(viewport=CONSOLE)
    page.goto(f"{system.url}/console")
    page.get_by_label("Användarnamn").fill("admin")
    page.get_by_label("Lösenord", exact=True).fill(system.first_password)
    page.get_by_role("button", name="Logga in").click()
    for field in page.locator("input[type=password]").all():
        name = field.get_attribute("name") or ""
        field.fill(system.first_password if "old" in name or "current" in name else OWN_CHOICE)
    page.locator("main form button[type=submit]").first.click()
    page.goto(f"{system.url}/console")
    page.get_by_role("button", name="Ta över").first.click()
    page.locator("textarea").first.wait_for()
    page.locator("textarea").first.fill("Hej! Jag heter Kim och är vägledare. Vad vore ett litet första steg?")
    page.get_by_role("button", name="Skicka").first.click()
    _pause(2)
    page.screenshot(path=PICTURES / "console.png")
    page.close()


if __name__ == "__main__":
    main()
