"""The page without script: every step is a form, the token is in no address, nothing typed is lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot.clock import system_clock
from bot.conversations.models import Conversation, InboundMessage, OutboundState
from bot.conversations.outbox import queue
from bot.db.session import Database
from bot.texts import Bubble, ButtonText
from bot.wiring import Services
from tests.channels.conftest import MakeServices
from tests.channels.webchat.conftest import Browse
from tests.channels.webchat.site import Site, site


@pytest.fixture
def services(sqlite_database: Database, make_services: MakeServices) -> Services:
    return make_services(sqlite_database, system_clock, telegram=False)


@pytest.fixture
def live(services: Services) -> Iterator[Site]:
    with site(services) as running:
        yield running


class Reader:
    """A browser without script."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.page = self.http.get("/chat").text
        self.status = 200

    def submit(self, **fields: str) -> str:
        """Press a button of the form."""
        hidden = {name: self.field(name) for name in ("token", "id", "lang")}
        response = self.http.post("/chat", data=hidden | {"text": ""} | fields)
        assert str(response.url).endswith("/chat"), "the token must be in no address"
        self.page, self.status = response.text, response.status_code
        return self.page

    def field(self, name: str) -> str:
        """Return a hidden field."""
        match = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert match is not None, name
        return html.unescape(match[1])

    def bubbles(self) -> list[str]:
        """Return the words of all bubbles."""
        return [html.unescape(one) for one in re.findall(r'<p class="bubble">(.*?)</p>', self.page, re.DOTALL)]

    def choices(self) -> dict[str, str]:
        """Return the buttons under bubbles: title -> value."""
        found = re.findall(r'<button class="choice"[^>]*value="([^"]*)">([^<]*)<', self.page)
        return {html.unescape(title): html.unescape(value) for value, title in found}


Read = Callable[..., Reader]


@pytest.fixture
def read(live: Site, browse: Browse) -> Read:
    return lambda **headers: Reader(browse(live.address, **headers))


def test_the_page_says_who_we_are_before_anything_is_written(live: Site, read: Read) -> None:
    reader = read()
    assert reader.bubbles()[0].startswith("Hej, jag är en bot")
    assert len(reader.bubbles()) == 2
    assert "/radera" in reader.bubbles()[1]
    with live.services.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Conversation)) == 0


def test_the_keys_are_told_in_words_and_only_where_they_work(read: Read) -> None:
    """Without the script Enter makes a new line: it takes `hidden` away."""
    assert '<p id="keys" class="unseen" hidden>Enter skickar. Shift och Enter ger ny rad.</p>' in read().page


def test_a_conversation_without_script(live: Site, read: Read) -> None:
    reader = read()
    reader.submit(do="send", text="hej <b>du</b>")
    assert reader.bubbles()[2] == "hej <b>du</b>"
    assert reader.bubbles()[3].startswith("Svar: hej")
    assert "<b>du</b>" not in reader.page
    reader.submit(do=reader.choices()["Ja"])
    assert reader.bubbles()[4:] == ["Ja", "Svar: /affirm"]
    assert len([one for one in reader.bubbles() if "jag är en bot" in one]) == 1


def test_a_button_that_opens_a_page_is_a_link_that_tells_nobody_where_it_was(live: Site, read: Read) -> None:
    reader = read()
    reader.submit(do="send", text="hej")
    with live.services.db.transaction() as session:
        conversation = session.scalars(select(Conversation)).one()
        bubble = Bubble("En skola", (ButtonText("Karta", "url:https://maps.example/?a=1&b=2"),))
        message = queue(session, conversation, key="school", bubble=bubble, now=live.services.clock())
        message.state, message.sent_at = OutboundState.SENT, live.services.clock()
    reader.submit(do="new")
    link = re.search(r'<a class="choice"([^>]*)>Karta', reader.page)
    assert link is not None
    assert 'href="https://maps.example/?a=1&amp;b=2"' in link[1]
    assert 'rel="noopener noreferrer"' in link[1]


def test_a_first_button_works_without_script(live: Site, read: Read) -> None:
    reader = read()
    reader.submit(do=reader.choices()["Vägar tillbaka"])
    assert reader.bubbles()[2:] == ["Vägar tillbaka", "Svar: /ask_ways_back"]


def test_a_form_that_is_sent_again_by_a_reload_is_stored_once(live: Site, read: Read) -> None:
    reader = read()
    again = {name: reader.field(name) for name in ("token", "id", "lang")}
    reader.submit(do="send", text="hej")
    reader.submit(do="send", text="hej", **again)
    with live.services.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(InboundMessage)) == 1


def test_the_language_is_the_browsers_and_can_be_switched_with_the_draft_kept(live: Site, read: Read) -> None:
    assert "I am a bot" in read(**{"Accept-Language": "en-GB"}).bubbles()[0]
    reader = read(**{"Accept-Language": "sv"})
    reader.submit(do="send", text="hej")
    reader.submit(do="language:en", text="ett utkast")
    assert '<html lang="en">' in reader.page
    assert ">ett utkast</textarea>" in reader.page
    assert "hej" in reader.bubbles()
    with live.services.db.reading() as session:
        chosen = session.execute(select(Conversation.language, Conversation.language_chosen)).one()
    assert tuple(chosen) == ("en", True)


def test_a_forged_or_old_token_starts_over_with_the_words_kept(live: Site, read: Read) -> None:
    reader = read()
    reader.submit(do="send", text="viktiga ord", token="forged")
    assert ">viktiga ord</textarea>" in reader.page
    assert "Vi börjar om" in reader.page
    reader.submit(do="send", text="viktiga ord")
    assert "Svar: viktiga ord" in reader.bubbles()


def test_nothing_is_lost_when_the_database_is_down(live: Site, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_: object) -> None:
        raise OperationalError("select", {}, Exception("down"))

    reader = read()
    with monkeypatch.context() as patch:
        patch.setattr(live.services.inbox, "receive", down)
        reader.submit(do="send", text="viktiga ord")
    assert reader.status == 503
    assert ">viktiga ord</textarea>" in reader.page


def test_a_text_that_is_too_long_stays_in_the_box(live: Site, read: Read) -> None:
    reader = read()
    reader.submit(do="send", text="x" * 8_001)
    assert reader.status == 413
    assert "x" * 8_001 in reader.page


def test_an_empty_message_says_what_to_do(live: Site, read: Read) -> None:
    reader = read()
    reader.submit(do="send", text="  ")
    assert "Skriv något först." in reader.page


def test_a_code_is_shown_and_takes_the_chat_up_again(live: Site, read: Read) -> None:
    reader = read()
    reader.submit(do="code")
    assert reader.status == 404
    reader.submit(do="send", text="hej")
    code = re.search(r"<strong>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</strong>", reader.submit(do="code"))
    assert code is not None
    other = read()
    other.submit(do="resume", code="2222-3333-4444")
    assert "Jag hittar ingen chatt" in other.page
    other.submit(do="resume", code=code[1])
    assert other.bubbles()[2:] == ["hej", "Svar: hej"]


def test_deleting_everything_shows_the_receipt_and_a_way_to_start_over(live: Site, read: Read) -> None:
    reader = read()
    reader.submit(do="send", text="/radera")
    reader.submit(do=reader.choices()["Ja, ta bort det"])
    for _ in range(20):
        if "Chatten tas bort nu" not in reader.page:
            break
        reader.submit(do="refresh")
    assert 'href="/chat?lang=sv">Börja om' in reader.page
    assert "/radera" not in " ".join(reader.bubbles()[2:])


def test_nobody_at_work_does_not_keep_the_page_for_ever(services: Services, browse: Browse) -> None:
    with site(services, working=False) as idle:
        reader = Reader(browse(idle.address))
        reader.submit(do="send", text="hej")
        assert reader.bubbles()[2:] == ["hej"]
        assert 'value="refresh"' in reader.page


def test_the_privacy_text_stands_on_a_page_of_its_own(live: Site) -> None:
    page = httpx.get(f"{live.address}/chat/privacy?lang=en", trust_env=False).text
    assert "30 days" in page
    assert '<html lang="en">' in page


def test_a_form_that_makes_no_sense_is_survived(live: Site, read: Read) -> None:
    reader = read()
    reader.submit(do="fly")
    assert reader.status == 400
    for body in (b"\xff\xfe", b"token=%00&do=%ff", b"=" * 1000):
        response = httpx.post(f"{live.address}/chat", content=body, trust_env=False)
        assert response.status_code == 200
