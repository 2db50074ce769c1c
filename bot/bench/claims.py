"""`bot bench claims`: 200 counsellors press "Ta över" at the same moment, 100 times; one gets it each time.

The bar of issue 5 and of `product.md` feature 19. On a database of its own, see `bookings`.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from bot.bench.bookings import own_database
from bot.clock import FakeClock
from bot.console.models import Staff
from bot.conversations.models import Conversation, OutboundMessage
from bot.db.base import new_id, use_keyring
from bot.db.session import Database
from bot.handover.models import Handover as Row
from bot.handover.models import HandoverEvent, Reason
from bot.handover.service import Claimed, Handover, LostTo
from bot.people.models import Person
from bot.safety.crypto import Keyring, new_key
from bot.settings import ROOT
from bot.texts import Texts

_NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
# As many as the pool has connections are in the database at once; the rest queue before it, as requests do.
_AT_ONCE = 25


@dataclass(frozen=True)
class Races:
    """What came of the races."""

    threads: int
    rounds: int
    winners: Counter[int]
    """How many won -> in so many rounds; right is one winner in every round."""
    wrong_words: int
    """Losers who were not told who was first."""
    events: int
    """Claims in the record; right is one a round."""
    greetings: int
    errors: int
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether every race had one winner, in the answers, in the record and towards the youth."""
        one = self.winners == Counter({1: self.rounds}) and self.events == self.greetings == self.rounds
        return one and not self.wrong_words and not self.errors

    def __str__(self) -> str:
        return (
            f"{self.threads} threads x {self.rounds} claims: winners per claim {dict(self.winners)}, "
            f"{self.events} claims in the record, {self.greetings} greetings, {self.wrong_words} losers not told, "
            f"{self.errors} errors, {self.seconds:.1f} s"
        )


def run(url: str | None, threads: int, rounds: int, say: Callable[[str], None] = print) -> Races:
    """Run the races and say what came of them."""
    use_keyring(Keyring.from_text(new_key()))
    with own_database(url) as db:
        result = races(db, threads, rounds)
    say(str(result))
    return result


def races(db: Database, threads: int, rounds: int) -> Races:
    """Let so many threads claim one request at the same moment, again and again."""
    clock = FakeClock(_NOW)
    handover = Handover(db, clock, Texts.load(ROOT / "data" / "responses"))
    staff = _staff(db, threads)
    winners: Counter[int] = Counter()
    wrong = errors = 0
    began = time.monotonic()
    for number in range(rounds):
        request = _request(db, handover, number)
        results = _race(handover, request, staff)
        won = [name for name, result in results if isinstance(result, Claimed)]
        winners[len(won)] += 1
        errors += sum(isinstance(result, Exception) for _, result in results) + threads - len(results)
        right = LostTo(won[0]) if won else None
        wrong += sum(isinstance(result, LostTo) and result != right for _, result in results)
    with db.reading() as session:
        events = session.scalar(select(func.count()).select_from(HandoverEvent).where(HandoverEvent.event == "claimed"))
        greetings = session.scalar(
            select(func.count()).select_from(OutboundMessage).where(OutboundMessage.key.startswith("joined:"))
        )
    seconds = time.monotonic() - began
    return Races(threads, rounds, winners, wrong, events or 0, greetings or 0, errors, seconds)


def _race(handover: Handover, request: str, staff: dict[str, str]) -> list[tuple[str, object]]:
    gate, room = threading.Barrier(len(staff)), threading.Semaphore(_AT_ONCE)
    results: list[tuple[str, object]] = []

    def claim(staff_id: str, name: str) -> None:
        gate.wait()
        try:
            with room:
                results.append((name, handover.claim(request, staff_id)))
        except Exception as error:  # noqa: BLE001 - whatever it is, it counts as an error
            results.append((name, error))

    threads = [threading.Thread(target=claim, args=pair) for pair in staff.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _staff(db: Database, count: int) -> dict[str, str]:
    names = {new_id(): f"Person {number}" for number in range(count)}
    with db.transaction() as session:
        for staff_id, name in names.items():
            session.add(
                Staff(
                    id=staff_id, username=staff_id, display_name=name, password_hash="-", roles=["counsellor"],  # noqa: S106
                    municipalities=[], active=True, created_at=_NOW,
                )
            )  # fmt: skip
    return names


def _request(db: Database, handover: Handover, number: int) -> str:
    with db.transaction() as session:
        person = Person(id=new_id(), channel="bench", created_at=_NOW, last_seen_at=_NOW)
        session.add(person)
        session.flush()
        conversation = Conversation(
            id=new_id(), person_id=person.id, channel="bench", created_at=_NOW, language="sv", state="BOT",
            risk="none", inbound_seq=0, outbound_seq=0, claim_no=0, session=0,
        )  # fmt: skip
        session.add(conversation)
    key = f"bench-{number}"
    handover.request(conversation_id=conversation.id, reason=Reason.ASKED, request_key=key)
    with db.reading() as session:
        return session.scalars(select(Row.id).where(Row.request_key == key)).one()
