"""Taking a chat, answering, leases, and giving it back; and races for it."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.clock import FakeClock
from bot.conversations import outbox
from bot.conversations.models import InboundKind
from bot.db.session import Database
from bot.handover import service
from bot.handover.models import EndReason
from bot.handover.service import Claimed, Done, Gone, Handover, LostTo, NotOwner, Sent
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue
from tests.handover.steps import ask, calls_to_staff, request_of

Settle = Callable[[], Awaitable[None]]


def test_the_youth_hears_who_writes_before_the_first_human_line(
    youth: Youth, handover: Handover, waiting: str, maria: str
) -> None:
    assert isinstance(handover.claim(waiting, maria), Claimed)
    handover.reply(waiting, maria, "Hej, jag heter Maria.", "1")

    assert youth.heard()[0].startswith("Nu skriver Maria med dig")
    assert youth.heard()[1] == "Hej, jag heter Maria."
    assert [row.author for row in youth.outbox()][-2:] == ["system", "counsellor"]
    assert youth.conversation.state == "LIVE"


def test_whoever_comes_second_hears_who_was_first(handover: Handover, waiting: str, maria: str, omar: str) -> None:
    handover.claim(waiting, maria)

    assert handover.claim(waiting, omar) == LostTo("Maria")
    assert isinstance(handover.claim(waiting, maria), Claimed), "a double click does not lose the chat"


def test_taking_a_chat_takes_the_call_to_staff_down(
    handover: Handover, waiting: str, maria: str, database: Database
) -> None:
    assert calls_to_staff(database) == ["asked"]
    handover.claim(waiting, maria)
    assert calls_to_staff(database) == []


def test_of_twenty_who_take_a_chat_at_once_exactly_one_gets_it(
    youth: Youth, handover: Handover, waiting: str, add_counsellor: Callable[..., str], database: Database
) -> None:
    staff = {add_counsellor(f"Person {number}"): f"Person {number}" for number in range(20)}
    start = threading.Barrier(len(staff))

    def take(staff_id: str) -> object:
        start.wait()
        return handover.claim(waiting, staff_id)

    with ThreadPoolExecutor(len(staff)) as pool:
        results = dict(zip(staff, pool.map(take, staff), strict=True))

    winners = [staff_id for staff_id, result in results.items() if isinstance(result, Claimed)]
    assert len(winners) == 1
    losers = [result for result in results.values() if not isinstance(result, Claimed)]
    assert set(losers) == {LostTo(staff[winners[0]])}
    assert request_of(database, youth).owner == winners[0]
    assert youth.said().count("utter_human_joined") == 1


def test_a_chat_that_has_ended_cannot_be_taken_or_answered(
    youth: Youth, handover: Handover, waiting: str, maria: str, omar: str
) -> None:
    handover.claim(waiting, maria)
    assert handover.hand_back(waiting, maria, EndReason.COUNSELLOR_CLOSED) == Done()

    assert handover.claim(waiting, omar) == Gone()
    assert handover.reply(waiting, maria, "en sak till", "2") == Gone()
    assert handover.claim("no such request", maria) == Gone()
    assert "en sak till" not in youth.heard()


def test_only_the_owner_answers(youth: Youth, handover: Handover, waiting: str, maria: str, omar: str) -> None:
    assert handover.reply(waiting, maria, "hej", "1") == NotOwner()
    handover.claim(waiting, maria)

    assert handover.reply(waiting, omar, "hej", "2") == NotOwner()
    assert handover.hand_back(waiting, omar, EndReason.COUNSELLOR_CLOSED) == NotOwner()
    assert handover.put_back(waiting, omar) == NotOwner()
    assert "hej" not in youth.heard()


def test_a_reply_sent_twice_is_said_once(youth: Youth, handover: Handover, waiting: str, maria: str) -> None:
    handover.claim(waiting, maria)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: handover.reply(waiting, maria, "Hej!", "form-1"), range(8)))

    assert len(set(results)) == 1
    assert isinstance(results[0], Sent)
    assert youth.heard().count("Hej!") == 1


@pytest.mark.parametrize("text", ["", "  \n", "a" * 4001])
def test_a_reply_without_words_or_too_long_is_refused(handover: Handover, waiting: str, maria: str, text: str) -> None:
    handover.claim(waiting, maria)
    with pytest.raises(ValueError, match="a reply has"):
        handover.reply(waiting, maria, text, "1")


async def test_the_bot_never_speaks_over_a_person(
    youth: Youth,
    handover: Handover,
    waiting: str,
    maria: str,
    settle: Settle,
    dialogue: FakeDialogue,
    database: Database,
    clock: FakeClock,
) -> None:
    # The chat is parked, so the bot answers; while it thinks, Maria takes the chat.
    clock.advance(minutes=31)
    handover.sweep()
    dialogue.meanwhile = lambda: handover.claim(waiting, maria) and None
    youth.send("vad är komvux?")
    await settle()

    withheld = [row for row in youth.outbox() if row.turn_id is not None]
    assert [row.state for row in withheld] == ["not_sent"]
    assert youth.said()[-2:] == ["utter_human_joined", None]
    assert withheld[0].text == "Svar: hej\nvad är komvux?"


async def test_in_a_live_chat_messages_are_for_the_counsellor(
    youth: Youth,
    handover: Handover,
    waiting: str,
    maria: str,
    settle: Settle,
    dialogue: FakeDialogue,
    database: Database,
) -> None:
    handover.claim(waiting, maria)
    handover.reply(waiting, maria, "Hej", "1")
    assert request_of(database, youth).turn_marker == "WAITING_YOUTH"

    youth.send("jag undrar en sak")
    await settle()

    assert request_of(database, youth).turn_marker == "WAITING_COUNSELLOR"
    assert dialogue.turns == []
    assert youth.inbox()[-1].status == "for_people"


async def test_handing_back_starts_the_bot_afresh(
    youth: Youth,
    handover: Handover,
    waiting: str,
    maria: str,
    settle: Settle,
    dialogue: FakeDialogue,
    database: Database,
) -> None:
    handover.claim(waiting, maria)
    await settle()
    handover.hand_back(waiting, maria, EndReason.COUNSELLOR_CLOSED)
    youth.send("tack")
    await settle()

    assert youth.said()[-2] == "utter_human_left"
    assert "Maria har gått ur chatten" in youth.heard()[-2]
    assert youth.heard()[-1] == "Svar: tack"
    assert dialogue.turns[-1]["session"] == 1
    assert request_of(database, youth).end_reason == EndReason.COUNSELLOR_CLOSED


def test_a_chat_put_back_waits_first_in_line_for_a_colleague(
    youth: Youth, handover: Handover, waiting: str, maria: str, omar: str, database: Database
) -> None:
    handover.claim(waiting, maria)
    assert handover.put_back(waiting, maria) == Done()

    assert youth.said()[-1] == "utter_human_requested"
    assert calls_to_staff(database) == ["put_back"]
    assert isinstance(handover.claim(waiting, omar), Claimed)
    assert youth.said().count("utter_human_joined") == 2


def test_a_claim_and_a_youth_who_goes_back_leave_one_truth(
    make_youth: Callable[[str], Youth], handover: Handover, database: Database, maria: str, clock: FakeClock
) -> None:
    for number in range(10):
        youth = make_youth(f"y{number}")
        youth.send("hej")
        ask(handover, youth)
        request = request_of(database, youth).id

        def go_back(conversation_id: str = youth.conversation.id) -> None:
            with database.transaction() as session:
                conversation = outbox.lock_conversation(session, conversation_id)
                assert conversation is not None
                service.end(session, conversation, reason=EndReason.YOUTH_ENDED, actor="youth", now=clock())

        with ThreadPoolExecutor(2) as pool:
            claimed = pool.submit(handover.claim, request, maria)
            pool.submit(go_back).result()
            claimed.result()

        row = request_of(database, youth)
        assert row.state == "CLOSED"
        assert youth.conversation.state == "BOT"


def test_a_message_that_arrives_during_the_claim_is_in_the_thread(
    youth: Youth, handover: Handover, waiting: str, maria: str, database: Database
) -> None:
    youth.send("före")
    handover.claim(waiting, maria)
    youth.send("efter")

    assert request_of(database, youth).claimed_seq == 2
    lines = [line.text for line in handover.thread(youth.conversation.id) if line.voice == "youth"]
    assert lines == ["hej", "före", "efter"]
    assert handover.mine(maria)[0].new_messages == 1


def test_a_photo_is_seen_for_what_it_is(youth: Youth, handover: Handover, waiting: str) -> None:
    youth.send(None, kind=InboundKind.OTHER, detail="photo")

    lines = [line for line in handover.thread(youth.conversation.id) if line.voice == "youth"]
    assert (lines[-1].kind, lines[-1].detail) == ("other", "photo")
