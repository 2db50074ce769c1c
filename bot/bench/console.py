"""`bot bench console`: how long the console's lists take with many conversations, on a database of its own.

Served in this process and asked over its real routes, signed in as a counsellor, so the figures hold
everything but the network and the browser.
"""

from __future__ import annotations

import asyncio
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.routing import Mount

from bot import wiring
from bot.console.accounts import add_staff
from bot.console.routes import create_routes
from bot.conversations.models import Conversation, InboundKind, InboundMessage, InboundStatus, Turn, TurnStatus
from bot.db.base import new_id, use_keyring
from bot.db.migrate import upgrade
from bot.db.session import Database
from bot.handover.models import EndReason, Handover, HandoverState, Reason
from bot.people.models import Person
from bot.safety.crypto import Keyring
from bot.settings import Settings

Say = Callable[[str], None]

PASSWORD = "a password of this measurement"  # noqa: S105 - of a database that lives for a minute
PLACES = ("Linköping", "Norrköping", "Motala", "Mjölby", "Finspång", "Åtvidaberg", "Vadstena", None)
INTENTS = ("ask_komvux", "find_education", "ask_study_finance", "book_counsellor", "nlu_fallback", "tell_low_mood")
# One in so many waits for a person right now, is live, and is about danger.
WAITING, LIVE, DANGER, ASKED = 250, 1000, 100, 6
ROUNDS = 15
BATCH = 1_000


def run(settings: Settings, conversations: int, say: Say) -> None:
    """Measure and print the medians and the slowest, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        here = replace(settings, database_url=f"sqlite:///{Path(folder) / 'bench.db'}", telegram=None)
        db = Database(here.database_url)
        use_keyring(Keyring.from_text(here.encryption_keys))
        upgrade(db)
        db.close()
        services = wiring.build(here)
        try:
            say(f"Making {conversations} conversations ...")
            with services.db.transaction() as session:
                _staff(session, services.clock())
                fill(session, conversations, services.clock())
            asyncio.run(_measure(services, conversations, say))
        finally:
            services.db.close()


def _staff(session: Session, now: datetime) -> None:
    for name, places in (("county", []), ("town", ["Motala", "Mjölby"])):
        add_staff(
            session, username=name, display_name=name, roles=["counsellor"], municipalities=places,
            password=PASSWORD, now=now,
        )  # fmt: skip


def fill(session: Session, conversations: int, now: datetime, *, seed: int = 1) -> None:
    """Make so many conversations of a month, a few of them waiting, live or about danger."""
    chance = random.Random(seed)
    rows: dict[type, list[dict[str, Any]]] = {
        table: [] for table in (Person, Conversation, InboundMessage, Turn, Handover)
    }
    for number in range(1, conversations + 1):
        _one(rows, number, now - timedelta(minutes=chance.uniform(1, 43_000)), chance)
        if number % BATCH == 0 or number == conversations:
            for table, values in rows.items():
                if values:
                    session.execute(insert(table), values)
                values.clear()


def _one(rows: dict[type, list[dict[str, Any]]], number: int, at: datetime, chance: random.Random) -> None:
    person, chat, place = new_id(), new_id(), chance.choice(PLACES)
    state = "REQUESTED" if number % WAITING == 0 else "LIVE" if number % LIVE == 1 else "BOT"
    language = "en" if number % 5 == 0 else "sv"
    rows[Person].append({"id": person, "channel": "web", "created_at": at, "last_seen_at": at})
    rows[Conversation].append({
        "id": chat, "person_id": person, "channel": "web", "state": state, "language": language,
        "language_chosen": False, "session": 0, "risk": "self_harm" if number % DANGER == 0 else "none",
        "inbound_seq": 3, "outbound_seq": 0, "claim_no": 0, "created_at": at, "last_inbound_at": at,
    })  # fmt: skip
    for seq in (1, 2, 3):
        turn, moment = new_id(), at + timedelta(seconds=20 * seq)
        rows[InboundMessage].append({
            "id": new_id(), "channel": "web", "update_id": f"{number}:{seq}", "conversation_id": chat, "seq": seq,
            "kind": InboundKind.TEXT, "text": "var kan jag läsa el?", "entities": [], "risk": "none",
            "status": InboundStatus.ANSWERED, "turn_id": turn, "received_at": moment,
        })  # fmt: skip
        rows[Turn].append({
            "id": turn, "conversation_id": chat, "status": TurnStatus.DONE, "sent_entities": [], "session": 0,
            "first_seq": seq, "attempts": 0, "created_at": moment, "finished_at": moment, "language": language,
            "intent": chance.choice(INTENTS), "confidence": chance.random(), "ranking": [], "entities": [],
            "slots": {"municipality": place} if place else {}, "municipality": place, "replayed": False,
        })  # fmt: skip
    if state != "BOT" or number % ASKED == 0:
        closed = state == "BOT"
        rows[Handover].append({
            "id": new_id(), "conversation_id": chat, "request_key": f"bench:{number}",
            "state": HandoverState.CLOSED if closed else state, "reason": Reason.ASKED, "municipality": place,
            "language": language, "summary": "Senast: komvux\nKänt: inget än\nBoten: svarade på 3 meddelanden",
            "requested_at": at, "waiting_since": at, "version": 1, "claimed_at": at if state == "LIVE" else None,
            "closed_at": at if closed else None, "end_reason": EndReason.COUNSELLOR_CLOSED if closed else None,
        })  # fmt: skip


async def _measure(services: wiring.Services, conversations: int, say: Say) -> None:
    last = max(conversations // 30, 1)
    pages = {
        "overview": "/", "inbox, waiting": "/chats?view=waiting", "inbox, all, first page": "/chats?view=all",
        "inbox, all, last page": f"/chats?view=all&page={last}", "inbox, all, danger": "/chats?view=all&filter=risk",
        "inbox, all, not understood": "/chats?view=all&filter=unclear", "logs": "/logs",
    }  # fmt: skip
    app = Starlette(routes=[Mount("/console", routes=create_routes(services))])
    for name in ("county", "town"):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url=services.settings.public_url, trust_env=False
        ) as http:
            await _sign_in(http, name)
            say(f"\nA counsellor of {'the whole county' if name == 'county' else 'two municipalities'}:")
            for label, path in pages.items():
                taken = [await _time(http, f"/console{path}") for _ in range(ROUNDS + 1)][1:]
                say(f"  {label:28} median {statistics.median(taken):6.0f} ms   slowest {max(taken):6.0f} ms")


async def _sign_in(http: httpx.AsyncClient, name: str) -> None:
    form = (await http.get("/console/sign-in")).text
    found = re.search(r'name="csrf" value="([^"]+)"', form)
    token = found[1] if found else ""
    answer = await http.post("/console/sign-in", data={"csrf": token, "username": name, "password": PASSWORD})
    answer.raise_for_status() if answer.status_code >= httpx.codes.BAD_REQUEST else None


async def _time(http: httpx.AsyncClient, path: str) -> float:
    began = time.perf_counter()
    answer = await http.get(path)
    answer.raise_for_status()
    return (time.perf_counter() - began) * 1000
