"""A morning at the office: who waits, who is in danger, who is being helped. For tests in a browser."""

from __future__ import annotations

import asyncio
import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.bell import Bell
from bot.booking.models import ContactHow
from bot.booking.service import Booking
from bot.clock import FakeClock
from bot.console.accounts import add_staff
from bot.conversations.inbox import QUIET
from bot.conversations.incoming import Incoming
from bot.conversations.models import InboundKind
from bot.conversations.worker import Worker
from bot.handover.models import Reason
from bot.handover.service import Handover
from bot.livechat.canned import load_starters
from bot.wiring import Services
from tests.conftest import ROOT
from tests.fakes.dialogue import FakeDialogue

PASSWORD = "fyra ord som minns"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Scene:
    """Ids of what was made."""

    maria: str
    live: str
    live_handover: str
    waiting: str
    waiting_handover: str
    danger: str


class Youths:
    """Writes as young people do, and lets the bot answer."""

    def __init__(self, services: Services, clock: FakeClock) -> None:
        self._services = services
        self._clock = clock
        self._dialogue = FakeDialogue()
        self._worker = Worker(services.db, self._dialogue, services.texts, clock, Bell(), name="scene")

    def write(self, address: str, text: str, **values: Any) -> str:
        """Receive a message; returns the conversation's id."""
        fields: dict[str, Any] = {
            "kind": InboundKind.TEXT,
            "channel_message_id": f"m{next(_numbers)}",
            **values,
        }
        received = self._services.inbox.receive(
            Incoming(channel="web", update_id=f"u{next(_numbers)}", address=address, text=text, **fields)
        )
        self._services.bell.ring("staff")
        return received.conversation_id

    def turn(self, address: str, text: str, intent: str, **slots: object) -> str:
        """Receive a message and let the bot answer it."""
        conversation_id = self.write(address, text)
        self._dialogue.intent, self._dialogue.slots = intent, slots
        self._clock.advance(seconds=QUIET.total_seconds())

        async def work() -> None:
            while await self._worker.work_once():
                pass

        # In a thread of its own: a test in a browser has a loop running in its thread.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: asyncio.run(work())).result()
        self._clock.advance(seconds=5)
        return conversation_id


def build(services: Services, clock: FakeClock) -> Scene:
    """Make the scene: it is Monday, a few minutes past ten."""
    handover, booking, youths = (
        Handover(services.db, clock, services.texts), Booking(services.db, clock), Youths(services, clock)
    )  # fmt: skip
    with services.db.transaction() as session:
        maria, _ = add_staff(
            session,
            username="maria",
            display_name="Maria",
            roles=["counsellor", "reviewer", "admin"],
            municipalities=[],
            password=PASSWORD,
            now=clock(),
        )
        add_staff(
            session,
            username="omar",
            display_name="Omar",
            roles=["counsellor"],
            municipalities=["Motala", "Mjölby"],
            password=PASSWORD,
            now=clock(),
        )

    load_starters(services.db, ROOT / "data" / "staff" / "replies.yml", clock())

    def ask(conversation_id: str, reason: Reason = Reason.ASKED) -> str:
        handover.request(conversation_id=conversation_id, reason=reason, request_key=f"k{next(_numbers)}")
        return next(e.handover_id for e in handover.queue([]) if e.conversation_id == conversation_id)

    waiting = youths.turn("w", "kan jag läsa på komvux fast jag är 19?", "ask_komvux", municipality="Motala", age="19")
    youths.turn("w", "får man pengar då", "ask_study_finance", municipality="Motala", age="19")
    waiting_handover = ask(waiting)
    clock.advance(minutes=7)
    youths.write("w", "hallå är det nån där?")

    other = youths.turn("o", "asdf qwer", "nlu_fallback")
    youths.turn("o", "fattar du inte eller", "nlu_fallback")
    ask(other, Reason.TWO_MISSES)

    danger = youths.write("d", "jag vill inte leva längre")

    live = youths.turn("l", "jag heter Sara och bor i linköping, ring 070-123 45 67", "talk_to_human",
                       municipality="Linköping", education_type="komvux")  # fmt: skip
    live_handover = ask(live)
    clock.advance(minutes=2)
    handover.claim(live_handover, maria.id)
    clock.advance(seconds=40)
    handover.reply(live_handover, maria.id, "Hej! Jag heter Maria och är vägledare i Linköping. Vad tänker du på?", "1")
    clock.advance(minutes=1)
    youths.write("l", "jag orkade inte gå kvar på gymnasiet men vill plugga nåt praktiskt", channel_message_id="e1")
    clock.advance(seconds=20)
    youths.write(
        "l", "jag orkade inte gå kvar på gymnasiet men vill plugga nåt praktiskt, typ el",
        kind=InboundKind.EDIT, channel_message_id="e1",
    )  # fmt: skip
    clock.advance(seconds=15)
    booking.book(
        conversation_id=live,
        municipality="Linköping",
        topic="back_to_school",
        how=ContactHow.PHONE,
        starts_at=booking.free_times("Linköping")[0].starts_at + timedelta(days=1),
        call_me="Sara",
        contact="<phone_number_1>",
        request_key="b1",
    )
    booking.book(
        conversation_id=waiting,
        municipality="Motala",
        topic="money",
        how=ContactHow.CHAT,
        starts_at=booking.free_times("Motala")[1].starts_at,
        call_me="<person_name_1>",
        contact=None,
        request_key="b2",
    )
    return Scene(maria.id, live, live_handover, waiting, waiting_handover, danger)
