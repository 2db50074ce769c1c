"""The small parts of the web chat: tokens, codes, limits, labels, links, and the sender."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from bot.channels.webchat import codes
from bot.channels.webchat.links import with_links
from bot.channels.webchat.send import WebSender
from bot.channels.webchat.tokens import Tokens
from bot.channels.webchat.words import Words, preferred_language
from bot.clock import FakeClock
from bot.db.session import Database
from bot.languages import Language
from bot.limits import REMEMBERED, Limit, Limits
from bot.wiring import Services
from tests.channels.chats import new_chat, outbox_of, row, say
from tests.channels.conftest import MakeServices


def test_a_token_gives_back_its_address_and_only_with_our_key() -> None:
    tokens = Tokens("our secret")
    token = tokens.sign("an-address")
    assert tokens.address_of(token) == "an-address"
    assert Tokens("another secret").address_of(token) is None
    assert tokens.address_of(token[:-2] + "xx") is None


@given(st.text(max_size=200))
def test_no_text_is_a_token_by_chance(text: str) -> None:
    assert Tokens("our secret").address_of(text) is None


def test_two_visitors_never_get_the_same_address() -> None:
    tokens = Tokens("our secret")
    assert len({tokens.address_of(tokens.mint()) for _ in range(1000)}) == 1000


def test_a_code_is_read_however_it_is_written() -> None:
    code = codes.new_code()
    assert codes.read(codes.shown(code)) == code
    assert codes.read(f"  {codes.shown(code).lower().replace('-', ' ')} ") == code
    assert len(codes.ALPHABET) ** codes.LENGTH > 2**50


@pytest.mark.parametrize("typed", ["", "KORT", "2345-6789-ABC!", "O0O0-O0O0-O0O0", "2" * 13])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert codes.read(typed) is None


class _Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_limit_lets_a_burst_through_and_then_one_at_a_time() -> None:
    time, limit = _Time(), Limit("test", 3, 2.0)
    counting = Limits(time)
    assert [counting.wait((limit, "a")) for _ in range(4)] == [0, 0, 0, 2.0]
    assert counting.wait((limit, "b")) == 0
    time.now = 2.0
    assert [counting.wait((limit, "a")) > 0 for _ in range(2)] == [False, True]


def test_when_one_limit_says_no_the_other_is_not_used_up() -> None:
    small, large = Limit("small", 1, 10.0), Limit("large", 2, 10.0)
    counting = Limits(_Time())
    assert counting.wait((small, "a"), (large, "net")) == 0
    assert counting.wait((small, "a"), (large, "net")) > 0
    assert counting.wait((small, "b"), (large, "net")) == 0


def test_limits_remember_a_bounded_number_and_no_addresses() -> None:
    counting, limit = Limits(_Time()), Limit("test", 3, 2.0)
    for number in range(REMEMBERED + 100):
        counting.wait((limit, f"10.0.0.{number}"))
    assert len(counting._buckets) == REMEMBERED
    assert b"10.0.0" not in b"".join(counting._buckets)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", Language.SV), ("sv-SE,sv;q=0.9,en;q=0.8", Language.SV), ("en-GB,en;q=0.9", Language.EN),
        ("de,en;q=0.5,sv;q=0.7", Language.SV), ("ar,so;q=0.9", Language.SV), ("en;q=x,sv;q=0.1", Language.SV),
        ("ar,en;q=0.3", Language.EN),
    ],
)  # fmt: skip
def test_the_page_speaks_what_the_browser_prefers(header: str, language: Language) -> None:
    assert preferred_language(header) is language


def test_every_label_stands_in_both_languages_with_the_same_placeholders() -> None:
    import re

    words = Words.load()
    swedish, english = words.all(Language.SV), words.all(Language.EN)
    for name, label in swedish.items():
        assert re.findall(r"{\w+}", label) == re.findall(r"{\w+}", english[name]), name
        assert label
        assert english[name]


def test_an_address_is_a_link_and_everything_else_is_escaped() -> None:
    assert str(with_links("Se https://www.bris.se/x?a=1&b=2. <b>Ok</b>")) == (
        'Se <a href="https://www.bris.se/x?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">'
        "https://www.bris.se/x?a=1&amp;b=2</a>. &lt;b&gt;Ok&lt;/b&gt;"
    )
    assert "<a" not in str(with_links("javascript:alert(1) www.bris.se"))


@pytest.fixture
def services(database: Database, clock: FakeClock, make_services: MakeServices) -> Services:
    return make_services(database, clock, telegram=False)


def test_what_is_due_is_sent_in_order_for_web_and_terminal_only(services: Services, clock: FakeClock) -> None:
    web, telegram = new_chat(services, "web", "w"), new_chat(services, "telegram", "7")
    terminal = new_chat(services, "terminal", "t")
    for conversation in (web, telegram, terminal):
        say(services, conversation, "ett")
        say(services, conversation, "två")
    later = say(services, web, "sen", due_at=clock() + timedelta(hours=1))
    sender = WebSender(services.db, clock, services.bell)
    assert sender.send_due() == 4
    assert {one.state for one in outbox_of(services, telegram)} == {"queued"}
    assert row(services, later).state == "queued"
    clock.advance(hours=1)
    assert (sender.send_due(), sender.send_due()) == (1, 0)


def test_a_message_that_no_key_opens_does_not_hold_up_the_others(services: Services, clock: FakeClock) -> None:
    broken = say(services, new_chat(services, "web", "w"), "oläslig")
    other = say(services, new_chat(services, "web", "x"), "läslig")
    with services.db.transaction() as session:
        session.execute(
            text("UPDATE outbound_message SET text = :value WHERE id = :id").bindparams(id=broken, value=b"no key")
        )
    WebSender(services.db, clock, services.bell).send_due()
    assert row(services, other).state == "sent"
