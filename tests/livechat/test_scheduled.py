"""A message set for later: sent once, by day, and never after the youth has written or gone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.clock import FakeClock
from bot.console.accounts import add_staff
from bot.console.models import Staff
from bot.conversations.models import InboundKind
from bot.conversations.outbox import lock_conversation
from bot.db.session import Database
from bot.handover.models import EndReason
from bot.handover.service import Handover
from bot.livechat import scheduled
from bot.livechat.models import ScheduledMessage
from bot.people import erasure
from bot.texts import Texts
from tests.conversations.conftest import Youth, make_youth, youth
from tests.handover.steps import ask, request_of, stockholm

__all__ = ["make_youth", "youth"]

TUESDAY = stockholm("2026-11-24T10:00")
Sweep = Callable[[], int]


@pytest.fixture
def handover(database: Database, clock: FakeClock, texts: Texts) -> Handover:
    return Handover(database, clock, texts)


@pytest.fixture
def maria(database: Database, clock: FakeClock, youth: Youth, handover: Handover) -> str:
    """A counsellor who has had the youth's chat and given it back to the bot."""
    with database.transaction() as session:
        staff, _ = add_staff(
            session, username="maria", display_name="Maria", roles=["counsellor"], municipalities=[], now=clock()
        )
    youth.send("hej")
    ask(handover, youth)
    handover.claim(request_of(database, youth).id, staff.id)
    handover.hand_back(request_of(database, youth).id, staff.id, EndReason.COUNSELLOR_CLOSED)
    return staff.id


@pytest.fixture
def sweep(database: Database, clock: FakeClock, texts: Texts) -> Sweep:
    return lambda: scheduled.sweep(database, clock(), texts)


def plan(database: Database, youth: Youth, staff_id: str, clock: FakeClock, at: datetime = TUESDAY) -> None:
    conversation_id = youth.conversation.id
    with database.transaction() as session:
        conversation = lock_conversation(session, conversation_id)
        assert conversation is not None
        scheduled.plan(session, conversation, staff_id, "Hur gick det?", at, clock())


def outcome(database: Database) -> tuple[str, str | None]:
    with database.reading() as session:
        row = session.scalars(select(ScheduledMessage)).one()
        return row.state, row.reason


def test_it_is_sent_at_its_time_and_once(
    database: Database, youth: Youth, maria: str, clock: FakeClock, sweep: Sweep
) -> None:
    plan(database, youth, maria, clock)
    assert sweep() == 0
    clock.now = TUESDAY

    assert (sweep(), sweep()) == (1, 0)
    sent = [row for row in youth.outbox() if row.text == "Hur gick det?"]
    assert [(row.author, row.staff_id) for row in sent] == [("counsellor", maria)]
    assert [button["title"] for button in sent[0].buttons] == ["Prata med en människa"]


def test_of_sweepers_at_once_one_sends(
    database: Database, youth: Youth, maria: str, clock: FakeClock, texts: Texts
) -> None:
    plan(database, youth, maria, clock)
    clock.now = TUESDAY
    with ThreadPoolExecutor(6) as pool:
        counts = list(pool.map(lambda _: scheduled.sweep(database, TUESDAY, texts), range(6)))

    assert sum(counts) == 1
    assert youth.heard().count("Hur gick det?") == 1


@pytest.mark.parametrize("kind", [InboundKind.TEXT, InboundKind.OTHER])
def test_the_youth_who_writes_first_cancels_it_at_once(
    database: Database, youth: Youth, maria: str, clock: FakeClock, sweep: Sweep, kind: InboundKind
) -> None:
    plan(database, youth, maria, clock)
    youth.send("jag undrar en sak", kind=kind)

    assert sweep() == 1
    assert outcome(database) == ("cancelled", "youth_wrote")
    clock.now = TUESDAY
    sweep()
    assert "Hur gick det?" not in youth.heard()


def test_who_has_blocked_us_is_not_written_to(
    database: Database, youth: Youth, maria: str, clock: FakeClock, sweep: Sweep
) -> None:
    plan(database, youth, maria, clock)
    youth.send(None, kind=InboundKind.LEFT)
    assert sweep() == 0, "blocking us is no word to us"
    clock.now = TUESDAY

    assert sweep() == 1
    assert outcome(database) == ("cancelled", "unreachable")


def test_a_colleague_who_has_the_chat_by_now_is_not_talked_over(
    database: Database, youth: Youth, maria: str, handover: Handover, clock: FakeClock, sweep: Sweep
) -> None:
    with database.transaction() as session:
        omar, _ = add_staff(
            session, username="omar", display_name="Omar", roles=["counsellor"], municipalities=[], now=clock()
        )
    ask(handover, youth)
    handover.claim(request_of(database, youth).id, omar.id)
    plan(database, youth, maria, clock)
    clock.now = TUESDAY

    sweep()

    assert outcome(database) == ("cancelled", "taken")


def test_somebody_who_has_left_sends_nothing(
    database: Database, youth: Youth, maria: str, clock: FakeClock, sweep: Sweep
) -> None:
    plan(database, youth, maria, clock)
    with database.transaction() as session:
        session.get_one(Staff, maria).active = False
    clock.now = TUESDAY

    sweep()

    assert outcome(database) == ("cancelled", "account_closed")


def test_erasing_takes_it_away(database: Database, youth: Youth, maria: str, clock: FakeClock, sweep: Sweep) -> None:
    plan(database, youth, maria, clock)
    conversation_id = youth.conversation.id
    with database.transaction() as session:
        conversation = lock_conversation(session, conversation_id)
        assert conversation is not None
        erasure.begin(session, conversation, clock())
    clock.now = TUESDAY

    assert sweep() == 0
    with database.reading() as session:
        assert session.scalars(select(ScheduledMessage)).all() == []


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (stockholm("2026-11-23T09:00"), "inte har varit"),
        (stockholm("2026-11-24T07:59"), "mellan 08.00 och 21.00"),
        (stockholm("2026-11-24T21:00"), "mellan 08.00 och 21.00"),
        (stockholm("2026-11-24T10:00") + timedelta(days=60), "inom 30 dagar"),
    ],
)
def test_a_time_that_does_not_do_is_told(
    database: Database, youth: Youth, maria: str, clock: FakeClock, at: datetime, told: str
) -> None:
    with pytest.raises(scheduled.CannotSchedule, match=told):
        plan(database, youth, maria, clock, at)


def test_only_who_has_had_the_chat_may_write_later(
    database: Database, youth: Youth, maria: str, clock: FakeClock
) -> None:
    with pytest.raises(scheduled.CannotSchedule, match="har haft chatten"):
        plan(database, youth, "somebody else", clock)


def test_it_can_be_taken_back_until_it_is_sent(
    database: Database, youth: Youth, maria: str, clock: FakeClock, sweep: Sweep
) -> None:
    plan(database, youth, maria, clock)
    with database.transaction() as session:
        row = session.scalars(select(ScheduledMessage)).one()
        assert scheduled.cancel(session, row.id, clock())
        assert not scheduled.cancel(session, row.id, clock())
    clock.now = TUESDAY

    assert sweep() == 0
    assert "Hur gick det?" not in youth.heard()
