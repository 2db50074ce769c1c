"""`bot bench month`: a simulated March with holidays and the night of the clock change, and crashes.

Invented youths write, ask for a person, answer, fall silent, book, erase; invented counsellors claim,
answer, forget, hand over, go home. All of it goes through the real services on SQLite. Transactions are
cut off before or after their commit at random, as `kill -9` does, and what was cut off is tried again as
the programs do. After every step `Checks` looks for a chat that nobody owns.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from bot.alerts import planner
from bot.bell import Bell
from bot.bench.month_checks import Checks
from bot.bench.month_people import CounsellorLife, YouthLife
from bot.booking.service import Booking
from bot.clock import STOCKHOLM, FakeClock
from bot.conversations.inbox import Inbox
from bot.conversations.models import Alert, AlertKind
from bot.conversations.worker import Worker
from bot.db.base import use_keyring
from bot.db.metadata import metadata
from bot.db.session import Database
from bot.dialogue_client import DialogueClient, Reply, TurnResult
from bot.duty.plan import DutyPlan
from bot.handover.models import Handover as Row
from bot.handover.models import HandoverState
from bot.handover.service import Handover
from bot.people.vault import Vault, load_fingerprint_key
from bot.safety.crypto import Keyring, new_key
from bot.settings import ROOT
from bot.texts import Texts

# Good Friday, Easter Monday and the night in which the clock goes forward lie in it.
BEGINS = datetime(2027, 3, 1, 6, 0, tzinfo=STOCKHOLM)
STEP = timedelta(minutes=4)
NIGHT_STEP = timedelta(minutes=30)
# After the month nobody new comes; what is open must end within the longest wait there is.
AFTER = timedelta(days=16)


class Crash(Exception):
    """The program was killed here."""


class CrashingDatabase(Database):
    """A database whose programs are killed now and then: before a commit, or just after it."""

    def __init__(self, url: str, chance: random.Random, share: float) -> None:
        super().__init__(url)
        self._chance, self.share, self.crashes = chance, share, 0

        @event.listens_for(self.engine, "connect")
        def _on_connect(connection: Any, _record: object) -> None:
            # A simulation need not outlive a power cut.
            connection.execute("PRAGMA synchronous=OFF")

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a write transaction that may be cut off."""
        fate = self._chance.random()
        with super().transaction() as session:
            yield session
            if fate < self.share / 2:
                self.crashes += 1
                raise Crash("before the commit")
        if fate > 1 - self.share / 2:
            self.crashes += 1
            raise Crash("after the commit")


class QuickDialogue(DialogueClient):
    """Answers every turn at once."""

    def __init__(self) -> None:
        self._answered: dict[str, TurnResult] = {}

    async def turn(self, **request: Any) -> TurnResult:
        """Do one turn; the same again for the same message."""
        result = TurnResult(
            replies=(Reply("Jag är en bot."),), language="sv", intent="ask_komvux", confidence=0.9, model="none"
        )
        return self._answered.setdefault(request["message_id"], result)

    async def delete(self, conversation: str) -> None:
        """Nothing is kept."""

    async def close(self) -> None:
        """Nothing to close."""


@dataclass
class Month:
    """What came of it."""

    youths: int
    counsellors: int
    asked: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    replies: int = 0
    alerts: int = 0
    crashes: int = 0
    steps: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether every request ended in one of the ways, and no step found a fault."""
        return not self.faults and sum(self.ends.values()) == self.asked

    def __str__(self) -> str:
        ends = ", ".join(f"{name} {count}" for name, count in sorted(self.ends.items()))
        events = ", ".join(f"{name} {count}" for name, count in sorted(self.events.items()))
        faults = "".join(f"\n  fault: {fault}" for fault in self.faults[:20])
        return (
            f"{self.youths} youths, {self.counsellors} counsellors, {self.steps} steps, {self.crashes} crashes: "
            f"{self.asked} requests, {sum(self.ends.values())} ended ({ends}); {self.replies} replies, "
            f"{self.alerts} alerts told; {len(self.faults)} faults; {self.seconds:.0f} s\n  {events}{faults}"
        )


class World:
    """Everything that the people of the month use."""

    def __init__(self, folder: Path, seed: int, crash_share: float, begins: datetime) -> None:
        self.chance = random.Random(seed)
        self.clock = FakeClock(begins)
        self.db = CrashingDatabase(f"sqlite:///{folder / 'month.db'}", random.Random(seed + 1), 0.0)
        metadata().create_all(self.db.engine)
        with self.db.transaction() as session:
            self.vault = Vault(load_fingerprint_key(session))
        self.texts = Texts.load(ROOT / "data" / "responses")
        self.handover = Handover(self.db, self.clock, self.texts)
        self.booking = Booking(self.db, self.clock)
        self.inbox = Inbox(self.db, self.vault, self.texts, self.clock)
        self.crash_share = crash_share
        self.busy: set[str] = set()
        self.danger: list[str] = []
        self.waiting = 0
        self._workers = 0
        self._new_worker()
        self.look()

    def _new_worker(self) -> None:
        self._workers += 1
        self.worker = Worker(self.db, QuickDialogue(), self.texts, self.clock, Bell(), name=f"worker-{self._workers}")

    async def work(self) -> None:
        """Let the program do what is due; after a crash a new one takes over."""
        try:
            while await self.worker.work_once():
                pass
        except Crash:
            self._new_worker()
        for background in (self.handover.sweep, lambda: planner.plan(self.db, self.clock())):
            self.survive(background)

    def look(self) -> None:
        """See once a step what everybody at work sees: who is on duty, who has chats, who waits."""
        with self.db.reading() as session:
            self.duty = DutyPlan(session, self.clock())
            rows = session.execute(
                select(Row.state, Row.owner, Row.transfer_to).where(Row.state != HandoverState.CLOSED)
            ).all()
            self.danger = list(
                session.scalars(select(Alert.id).where(Alert.kind == AlertKind.CRISIS, Alert.acknowledged_at.is_(None)))
            )
        self.busy = {staff_id for row in rows for staff_id in (row.owner, row.transfer_to) if staff_id}
        self.waiting = sum(row.state != HandoverState.LIVE for row in rows)

    def survive(self, action: Callable[[], object]) -> bool:
        """Do something that may be cut off; False when it was, and is to be tried again."""
        try:
            action()
        except Crash:
            return False
        return True


def run(
    *,
    youths: int = 500,
    counsellors: int = 12,
    seed: int = 1,
    crash_share: float = 0.01,
    begins: datetime = BEGINS,
    days: int = 30,
    say: Callable[[str], None] = print,
) -> Month:
    """Live through the month and say what came of it."""
    use_keyring(Keyring.from_text(new_key()))
    with tempfile.TemporaryDirectory() as folder:
        month = asyncio.run(_live(Path(folder), youths, counsellors, seed, crash_share, begins, days))
    say(str(month))
    return month


async def _live(
    folder: Path, youths: int, counsellors: int, seed: int, crash_share: float, begins: datetime, days: int
) -> Month:
    began = time.monotonic()
    world = World(folder, seed, crash_share, begins)
    month = Month(youths, counsellors)
    staff = [CounsellorLife(world, number) for number in range(counsellors)]
    ends = begins + timedelta(days=days)
    lives = [YouthLife(world, number, begins, ends) for number in range(youths)]
    checks = Checks(world.db)
    world.db.share = crash_share
    while world.clock() < ends + AFTER:
        for life in lives:
            life.live()
        world.look()
        for counsellor in staff:
            counsellor.live()
        await world.work()
        checks.look(world.clock())
        month.steps += 1
        if world.clock() > ends and not checks.open and all(life.done for life in lives):
            break
        world.clock.now += _pause(world, lives)
    world.db.share = 0.0
    month.faults = checks.faults_at_the_end([life.conversation_id for life in lives], staff)
    month.ends, month.events = checks.ends(), checks.events()
    month.asked = checks.requests
    month.replies, month.alerts, month.crashes = checks.replies, checks.alerts, world.db.crashes
    month.seconds = time.monotonic() - began
    world.db.close()
    return month


def _pause(world: World, lives: list[YouthLife]) -> timedelta:
    """Return the length of the next step: until the next youth acts, and short while anybody is being helped."""
    now = world.clock()
    somebody_helps = bool(world.busy) or (world.waiting > 0 and bool(world.duty.on_duty_in_county()))
    longest = STEP if somebody_helps else NIGHT_STEP
    until = min((life.next_at - now for life in lives if life.next_at is not None), default=longest)
    return max(min(until, longest), timedelta(minutes=1))
