"""Giving a chat to a colleague: asked first, never nobody's, the youth told; and the end of a shift."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select, update

from bot.clock import FakeClock
from bot.console.models import Staff
from bot.conversations.models import Alert, AlertKind
from bot.db.session import Database
from bot.duty.service import sign_off
from bot.handover.models import EndReason
from bot.handover.rules import BETWEEN_REPLIES, TRANSFER_OFFER
from bot.handover.service import Claimed, Done, Gone, Handover, HasChats, NotOwner, Offered, ReceiverOff
from tests.conversations.conftest import Youth
from tests.handover.steps import events_of, request_of, stockholm

Settle = Callable[[], Awaitable[None]]


def calls(database: Database, kind: AlertKind) -> list[tuple[str | None, str | None]]:
    with database.reading() as session:
        rows = session.scalars(select(Alert).where(Alert.kind == kind, Alert.acknowledged_at.is_(None)))
        return [(row.detail, row.staff_id) for row in rows]


def test_the_owner_keeps_the_chat_until_the_colleague_says_yes(
    youth: Youth, handover: Handover, waiting: str, maria: str, omar: str, database: Database
) -> None:
    handover.claim(waiting, maria)

    assert isinstance(handover.offer(waiting, maria, omar), Offered)
    assert request_of(database, youth).owner == maria
    assert [entry.handover_id for entry in handover.offered(omar)] == [waiting]
    assert calls(database, AlertKind.TRANSFER) == [("transfer_offered", omar)]

    assert isinstance(handover.accept(waiting, omar), Claimed)
    assert isinstance(handover.accept(waiting, omar), Claimed), "a double click is harmless"
    assert request_of(database, youth).owner == omar
    assert youth.heard()[-1].startswith("Nu skriver Omar med dig i stället för Maria")
    assert youth.said().count("utter_human_transferred") == 1
    assert handover.reply(waiting, maria, "en sak till", "1") == NotOwner()
    assert events_of(database, youth)[-2:] == [("transfer_offered", "LIVE"), ("transfer_accepted", "LIVE")]
    assert calls(database, AlertKind.TRANSFER) == []


def test_a_colleague_who_says_no_leaves_everything_as_it_was(
    youth: Youth, handover: Handover, waiting: str, maria: str, omar: str, database: Database
) -> None:
    handover.claim(waiting, maria)
    handover.offer(waiting, maria, omar)

    assert handover.refuse(waiting, omar) == Done()
    assert handover.accept(waiting, omar) == Gone()
    assert request_of(database, youth).owner == maria
    assert "utter_human_transferred" not in youth.said()
    assert calls(database, AlertKind.TRANSFER) == [("transfer_refused", maria)]


def test_a_question_that_nobody_answers_ends_and_the_owner_hears_it(
    youth: Youth, handover: Handover, waiting: str, maria: str, omar: str, database: Database, clock: FakeClock
) -> None:
    handover.claim(waiting, maria)
    handover.reply(waiting, maria, "Hej", "1")
    handover.offer(waiting, maria, omar)
    clock.advance(seconds=TRANSFER_OFFER.total_seconds() + 1)

    assert handover.accept(waiting, omar) == Gone(), "too late, even before anybody has swept"
    handover.sweep()

    assert request_of(database, youth).owner == maria
    assert calls(database, AlertKind.TRANSFER) == [("transfer_lapsed", maria)]


def test_who_is_off_duty_is_not_asked(
    handover: Handover, waiting: str, maria: str, omar: str, database: Database, clock: FakeClock
) -> None:
    handover.claim(waiting, maria)
    with database.transaction() as session:
        sign_off(session, omar, now=clock())

    assert handover.offer(waiting, maria, omar) == ReceiverOff("Omar")
    assert handover.offer(waiting, maria, maria) == ReceiverOff("Maria")
    assert handover.offer(waiting, omar, maria) == NotOwner()


def test_the_lease_runs_on_while_a_colleague_thinks(
    youth: Youth, handover: Handover, waiting: str, maria: str, omar: str, database: Database, clock: FakeClock
) -> None:
    handover.claim(waiting, maria)
    handover.offer(waiting, maria, omar)
    clock.advance(seconds=BETWEEN_REPLIES.total_seconds())
    handover.sweep()

    assert request_of(database, youth).state == "REQUESTED"
    assert request_of(database, youth).transfer_to is None
    assert handover.accept(waiting, omar) == Gone()


def test_of_yes_and_take_back_at_once_one_holds_and_somebody_has_the_chat(
    youth: Youth, handover: Handover, waiting: str, add_counsellor: Callable[..., str], maria: str, database: Database
) -> None:
    handover.claim(waiting, maria)
    for number in range(5):
        other = add_counsellor(f"Kollega {number}")
        owner = request_of(database, youth).owner or ""
        handover.offer(waiting, owner, other)
        start = threading.Barrier(2)

        def accept(staff_id: str = other, start: threading.Barrier = start) -> object:
            start.wait()
            return handover.accept(waiting, staff_id)

        def put_back(staff_id: str = owner, start: threading.Barrier = start) -> object:
            start.wait()
            return handover.put_back(waiting, staff_id)

        with ThreadPoolExecutor(2) as pool:
            yes, back = pool.submit(accept), pool.submit(put_back)
            outcome = (type(yes.result()), type(back.result()))
        row = request_of(database, youth)
        assert outcome in ((Claimed, NotOwner), (Gone, Done))
        assert (row.state, row.owner) == (("LIVE", other) if outcome[0] is Claimed else ("REQUESTED", None))
        if row.state == "REQUESTED":
            handover.claim(waiting, maria)


def test_a_shift_cannot_end_with_an_open_chat(
    handover: Handover, waiting: str, maria: str, clock: FakeClock, database: Database
) -> None:
    handover.claim(waiting, maria)

    result = handover.leave_shift(maria)
    assert isinstance(result, HasChats)
    assert [entry.handover_id for entry in result.chats] == [waiting]
    assert isinstance(handover.be_away(maria, clock(), stockholm("2026-11-30T00:00")), HasChats)

    handover.hand_back(waiting, maria, EndReason.COUNSELLOR_CLOSED)
    assert handover.leave_shift(maria) == Done()


def test_who_works_over_time_is_asked_once_what_shall_become_of_the_chat(
    youth: Youth, handover: Handover, maria: str, database: Database, clock: FakeClock, waiting: str
) -> None:
    clock.now = stockholm("2026-11-23T15:58")
    handover.claim(waiting, maria)
    clock.now = stockholm("2026-11-23T16:01")
    handover.sweep()
    handover.sweep()

    assert calls(database, AlertKind.SHIFT) == [("shift_over", maria)]
    assert request_of(database, youth).owner == maria, "nobody takes a chat away because the clock strikes four"


async def test_who_wants_to_talk_more_gets_the_same_person_if_they_are_there(
    youth: Youth,
    handover: Handover,
    waiting: str,
    maria: str,
    omar: str,
    database: Database,
    settle: Settle,
    clock: FakeClock,
) -> None:
    handover.claim(waiting, maria)
    handover.hand_back(waiting, maria, EndReason.COUNSELLOR_CLOSED)

    youth.press("Prata mer")
    await settle()

    row = request_of(database, youth)
    assert (row.state, row.owner) == ("LIVE", maria)
    assert row.id != waiting
    assert "Jag har sagt till Maria" in youth.heard()[-1]
    assert calls(database, AlertKind.HANDOVER) == [("reopened", maria)]
    handover.reply(row.id, maria, "Hej igen", "2")
    assert calls(database, AlertKind.HANDOVER) == []

    handover.hand_back(row.id, maria, EndReason.COUNSELLOR_CLOSED)
    with database.transaction() as session:
        session.execute(update(Staff).where(Staff.id == maria).values(active=False))
    clock.advance(minutes=1)
    youth.press("Prata mer")
    await settle()

    assert request_of(database, youth).state == "REQUESTED", "Maria is not there, so it is for anybody"
    assert isinstance(handover.claim(request_of(database, youth).id, omar), Claimed)
