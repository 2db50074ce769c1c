"""The whole program on a database of its own, with conversations in two municipalities and an account of every role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from bot.bell import Bell
from bot.catalogue.loader import load as load_catalogue
from bot.clock import FakeClock
from bot.console.accounts import add_staff
from bot.console.models import AccessLog
from bot.console.permissions import Role
from bot.console.sign_in import open_session
from bot.conversations.inbox import Inbox
from bot.conversations.incoming import Incoming
from bot.conversations.models import Conversation, InboundKind, Turn, TurnStatus
from bot.handover.models import Handover as HandoverRow
from bot.handover.models import Reason
from bot.handover.service import Handover
from bot.people import preserve
from bot.people.vault import Vault
from bot.server import create_app
from bot.settings import TelegramSettings, load
from bot.texts import Texts
from bot.wiring import Services
from tests.conftest import NOW, ROOT
from tests.conversations.conftest import dialogue, make_youth, settle, worker, youth
from tests.databases import sqlite_at

__all__ = ["dialogue", "make_youth", "settle", "worker", "youth"]

# Stands in what a youth of another municipality wrote and in what is kept of it.
SECRET_WORD = "flaggstångshissare"
PHONE = "070-174 06 05"
WEBHOOK_SECRET = "the-secret-of-this-test"


@dataclass(frozen=True)
class Target:
    """The program under attack."""

    app: Starlette
    services: Services
    cookies: dict[str, str]
    """Role -> the cookie of somebody of Motala with that role."""
    staff: dict[str, str]
    foreign: str
    """A conversation of Norrköping."""
    foreign_handover: str
    record: str
    own: str
    """A conversation of Motala."""
    foreign_staff: str
    """A counsellor of Norrköping."""
    county_staff: str
    """An administrator of the whole county."""


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory, keys: None) -> Iterator[Target]:
    """Build it once: attacks must not change what is asserted."""
    with built(tmp_path_factory.mktemp("attacks")) as whole:
        yield whole


@contextmanager
def built(folder: Path) -> Iterator[Target]:
    """Build the program and those who use it."""
    clock = FakeClock(NOW)
    db = sqlite_at(folder / "bot.db")
    load_catalogue(db, ROOT / "data" / "catalogue")
    texts, vault = Texts.load(ROOT / "data" / "responses"), Vault("a key of this test")
    telegram = TelegramSettings("1:token", "http://127.0.0.1:9", "webhook", "https://bot.example/x", WEBHOOK_SECRET)
    settings = replace(
        load({"VAR_DIR": str(folder / "var")}, root=folder), public_url="http://testserver", clock=clock,
        telegram=telegram, dialogue_url="http://127.0.0.1:9",
    )  # fmt: skip
    inbox = Inbox(db, vault, texts, clock)
    services = Services(settings=settings, clock=clock, db=db, vault=vault, texts=texts, bell=Bell(), inbox=inbox)
    own = _youth(services, "Motala", "hej, jag bor i Motala")
    foreign = _youth(services, "Norrköping", f"{SECRET_WORD} ring {PHONE}")
    staff, cookies = {}, {}
    with db.transaction() as session:
        # Somebody covers Norrköping: what nobody covers would be everybody's.
        nora, _ = add_staff(session, username="nora", display_name="Nora", roles=["counsellor"],
                            municipalities=["Norrköping"], password="fyra ord som minns", now=NOW)  # fmt: skip
        carla, _ = add_staff(session, username="carla", display_name="Carla", roles=["admin"], municipalities=[],
                             password="fyra ord som minns", now=NOW)  # fmt: skip
        session.add(AccessLog(at=NOW, staff_id=nora.id, conversation_id=foreign, what="unmask",
                              municipality="Norrköping", reason=f"{SECRET_WORD}: socialjouren frågar"))  # fmt: skip
        for role in Role:
            row, _ = add_staff(
                session, username=f"attack-{role}", display_name=f"Attack {role}", roles=[role],
                municipalities=["Motala"], password="fyra ord som minns", now=NOW,
            )  # fmt: skip
            staff[str(role)], cookies[str(role)] = row.id, open_session(session, row, NOW)
    handover = Handover(db, clock, texts)
    handover.request(conversation_id=foreign, reason=Reason.ASKED, request_key="foreign")
    with db.transaction() as session:
        request = session.scalars(select(HandoverRow.id)).one()
        record = preserve.mark(
            session, session.get_one(Conversation, foreign), staff_id="s", municipality="Norrköping", now=NOW
        ).id
    yield Target(
        create_app(services, background=False), services, cookies, staff, foreign, request, record, own,
        nora.id, carla.id,
    )  # fmt: skip
    db.close()


def _youth(services: Services, place: str, text: str) -> str:
    received = services.inbox.receive(
        Incoming(channel="web", update_id=place, address=f"address-of-{place}", kind=InboundKind.TEXT, text=text,
                 channel_message_id="m1")
    )  # fmt: skip
    with services.db.transaction() as session:
        session.add(
            Turn(
                conversation_id=received.conversation_id,
                status=TurnStatus.DONE,
                text="",
                first_seq=1,
                created_at=NOW,
                slots={"municipality": place},
                municipality=place,
                entities=[],
                ranking=[],
            )
        )
    return received.conversation_id
