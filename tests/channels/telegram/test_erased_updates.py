"""What Telegram gives again after an erasure is not stored: neither its rows nor its offset remember it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot.channels.telegram.intake import End, Intake
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.webhook import SECRET_HEADER, webhook_route
from bot.clock import FakeClock, system_clock
from bot.conversations.inbox import Received
from bot.conversations.incoming import Incoming
from bot.conversations.models import ChannelState, Conversation, InboundMessage
from bot.db.base import keyring, use_keyring
from bot.db.session import Database
from bot.people import erasure
from bot.people.models import Person
from bot.safety.crypto import Keyring, new_key
from bot.wiring import Services
from tests.channels.conftest import WEBHOOK_SECRET, MakeServices
from tests.channels.running import running
from tests.channels.serving import serving
from tests.channels.telegram.sender import until
from tests.conftest import ROOT
from tests.fakes.telegram import TOKEN, TelegramServer


def _text(number: int, words: str) -> dict[str, Any]:
    person = {"id": 7, "is_bot": False, "first_name": "x"}
    message = {"message_id": number, "date": 1, "text": words, "chat": {"id": 7, "type": "private"}, "from": person}
    return {"update_id": number, "message": message}


def _membership(number: int, status: str) -> dict[str, Any]:
    change = {"chat": {"id": 7, "type": "private"}, "from": {"id": 7}, "date": 1, "new_chat_member": {"status": status}}
    return {"update_id": number, "my_chat_member": change}


OLD = [_text(9, "en hemlighet"), _text(10, "två hemligheter")]


def _erase(services: Services) -> None:
    with services.db.transaction() as session:
        conversation = session.scalars(select(Conversation).with_for_update()).one()
        erasure.begin(session, conversation, services.clock())


def _words(services: Services) -> list[str | None]:
    with services.db.reading() as session:
        return list(session.scalars(select(InboundMessage.raw_text).order_by(InboundMessage.seq)))


def _people(services: Services) -> int:
    with services.db.reading() as session:
        return session.scalar(select(func.count()).select_from(Person)) or 0


def test_what_comes_again_is_ignored_and_what_is_new_begins_anew(services: Services) -> None:
    for update in OLD:
        Intake(services).take(update)
    _erase(services)

    again = [Intake(services).take(update).end for update in OLD]
    assert (again, _people(services)) == ([End.IGNORED] * 2, 0)
    assert Intake(services).take(_text(11, "hej igen")).end is End.STORED
    # Out of order, when they are known again.
    assert Intake(services).take(OLD[0]).end is End.IGNORED
    assert _words(services) == ["hej igen"]


def test_who_erases_everything_and_then_blocks_the_bot_is_not_written_down_anew(services: Services) -> None:
    for update in OLD:
        Intake(services).take(update)
    _erase(services)

    ends = [
        Intake(services).take(_membership(number, status)).end for number, status in ((11, "kicked"), (12, "member"))
    ]
    assert (ends, _people(services)) == ([End.IGNORED] * 2, 0)
    assert Intake(services).take(_text(13, "hej igen")).end is End.STORED


def test_another_person_s_updates_are_taken_whatever_their_number(services: Services) -> None:
    Intake(services).take(OLD[1])
    _erase(services)
    other = json.loads(json.dumps(OLD[0]).replace('"id": 7', '"id": 8'))

    assert Intake(services).take(other).end is End.STORED


def test_a_webhook_that_is_called_again_hears_yes_and_stores_nothing(
    database: Database, clock: FakeClock, telegram: TelegramServer, make_services: MakeServices
) -> None:
    services = make_services(database, clock, api=telegram.base_url, mode="webhook")
    with serving(Starlette(routes=webhook_route(services))) as address, httpx.Client(trust_env=False) as client:

        def call() -> int:
            headers = {SECRET_HEADER: WEBHOOK_SECRET}
            return client.post(f"{address}/telegram/webhook", json=OLD[0], headers=headers).status_code

        assert call() == 200
        _erase(services)
        assert call() == 200
    assert _people(services) == 0


def test_the_offset_moves_after_each_update(
    sqlite_services: Services, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive, reached, go_on = sqlite_services.inbox.receive, threading.Event(), threading.Event()

    def receive_slowly(incoming: Incoming) -> Received:
        if incoming.text == "två":
            reached.set()
            assert go_on.wait(20)
        return receive(incoming)

    monkeypatch.setattr(sqlite_services.inbox, "receive", receive_slowly)
    telegram.text(chat=7, text="ett")
    telegram.text(chat=7, text="två")
    settings = sqlite_services.settings.telegram
    assert settings is not None
    with running(Poller(sqlite_services, settings).run):
        try:
            assert reached.wait(20)
            with sqlite_services.db.reading() as session:
                (kept,) = session.scalars(select(ChannelState.value)).all()
            assert kept.startswith("1001 ")
        finally:
            go_on.set()


def test_a_poller_that_is_killed_after_an_erasure_brings_nothing_back(
    database: Database, telegram: TelegramServer, make_services: MakeServices
) -> None:
    services = make_services(database, system_clock, api=telegram.base_url)
    before, keys = keyring(), new_key()
    use_keyring(Keyring.from_text(keys))
    try:
        for words in ("en hemlighet", "två hemligheter", "radera"):
            telegram.text(chat=7, text=words)
        command = [
            sys.executable, "-m", "tests.channels.telegram.killed_poller", "3",
            database.engine.url.render_as_string(hide_password=False), str(services.settings.var_dir),
            telegram.base_url, TOKEN, keys,
        ]  # fmt: skip
        ended = subprocess.run(command, cwd=ROOT, timeout=60, capture_output=True, check=False)
        assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
        settings = services.settings.telegram
        assert settings is not None
        with running(Poller(services, settings).run):
            telegram.text(chat=7, text="hej igen")
            until(lambda: "hej igen" in _words(services))
        assert _words(services) == ["hej igen"]
    finally:
        use_keyring(before)
