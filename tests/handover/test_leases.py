"""Leases of live chats: who does not answer, who stays silent, whose account was closed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import update

from bot.clock import FakeClock
from bot.console.models import Staff
from bot.db.session import Database
from bot.handover.models import EndReason
from bot.handover.rules import BETWEEN_REPLIES, FIRST_REPLY, YOUTH_SILENT
from bot.handover.service import Claimed, Handover, NotOwner
from tests.conversations.conftest import Youth
from tests.handover.steps import ask, calls_to_staff, events_of, request_of

Settle = Callable[[], Awaitable[None]]


def test_a_counsellor_who_does_not_come_loses_the_chat_and_the_youth_is_told(
    youth: Youth,
    make_youth: Callable[[str], Youth],
    handover: Handover,
    waiting: str,
    maria: str,
    omar: str,
    database: Database,
    clock: FakeClock,
) -> None:
    handover.claim(waiting, maria)
    other = make_youth("b")
    other.send("hej")
    ask(handover, other)
    clock.advance(seconds=FIRST_REPLY.total_seconds())
    assert handover.sweep() == 0, "the lease holds to its last second"

    clock.advance(seconds=1)
    assert handover.sweep() == 1

    assert youth.conversation.state == "REQUESTED"
    assert youth.said()[-1] == "utter_human_requested"
    assert "nummer 1" in youth.heard()[-1]
    assert "lease_lapsed" in calls_to_staff(database)
    assert handover.queue([])[0].handover_id == waiting
    assert events_of(database, youth)[-1] == ("lease_lapsed", "REQUESTED")
    assert handover.reply(waiting, maria, "nu är jag här", "1") == NotOwner()
    assert isinstance(handover.claim(waiting, omar), Claimed)


async def test_between_replies_a_counsellor_has_a_quarter_of_an_hour(
    youth: Youth, handover: Handover, waiting: str, maria: str, settle: Settle, clock: FakeClock
) -> None:
    handover.claim(waiting, maria)
    handover.reply(waiting, maria, "Hej", "1")
    clock.advance(minutes=40)
    assert handover.sweep() == 0, "it was the youth's move: a slow youth costs nobody the chat"

    youth.send("förlåt, jag var borta")
    await settle()
    clock.advance(seconds=BETWEEN_REPLIES.total_seconds())
    assert handover.sweep() == 0
    clock.advance(seconds=1)
    assert handover.sweep() == 1
    assert youth.conversation.state == "REQUESTED"


def test_a_youth_who_says_nothing_for_long_is_back_with_the_bot_and_told_so(
    youth: Youth, handover: Handover, waiting: str, maria: str, database: Database, clock: FakeClock
) -> None:
    handover.claim(waiting, maria)
    handover.reply(waiting, maria, "Hej", "1")
    clock.advance(seconds=YOUTH_SILENT.total_seconds() + 1)
    handover.sweep()

    assert youth.said()[-1] == "utter_human_left"
    assert request_of(database, youth).end_reason == EndReason.YOUTH_SILENT
    assert youth.conversation.state == "BOT"


def test_the_chats_of_an_account_that_was_closed_go_back_to_the_queue(
    youth: Youth, handover: Handover, waiting: str, maria: str, database: Database
) -> None:
    handover.claim(waiting, maria)
    with database.transaction() as session:
        session.execute(update(Staff).where(Staff.id == maria).values(active=False))

    handover.sweep()

    assert youth.conversation.state == "REQUESTED"
