"""Asking for a person: by day, off hours, twice, while waiting, and going back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.booking.hours import Period, parse_time
from bot.booking.rota import set_hours
from bot.clock import FakeClock
from bot.conversations.models import InboundKind
from bot.db.session import Database
from bot.errors import ConversationErased
from bot.handover.models import EndReason, HandoverState, Reason
from bot.handover.requests import HandoverStatus
from bot.handover.rules import QUIET_PERIOD
from bot.handover.service import Handover
from bot.handover.wording import clock_time, requested_bubble
from bot.languages import Language
from bot.texts import Texts
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue
from tests.handover.steps import ask, calls_to_staff, events_of, request_of, requests_of, stockholm

Settle = Callable[[], Awaitable[None]]


def test_by_day_a_request_stands_in_the_queue_and_staff_are_called(
    youth: Youth, handover: Handover, database: Database
) -> None:
    youth.send("hej")

    status = ask(handover, youth)

    assert status == HandoverStatus(HandoverState.REQUESTED, position=1)
    assert youth.conversation.state == "REQUESTED"
    assert calls_to_staff(database) == ["asked"]
    assert events_of(database, youth) == [("requested", "REQUESTED")]


def test_the_second_to_ask_is_number_two(
    make_youth: Callable[[str], Youth], handover: Handover, clock: FakeClock
) -> None:
    first, second = make_youth("a"), make_youth("b")
    first.send("hej")
    second.send("hej")

    ask(handover, first)
    clock.advance(seconds=1)

    assert ask(handover, second).position == 2


def test_asking_again_keeps_the_one_request(youth: Youth, handover: Handover, database: Database) -> None:
    youth.send("hej")
    ask(handover, youth)
    ask(handover, youth)

    assert len(requests_of(database, youth)) == 1
    assert calls_to_staff(database) == ["asked"]


def test_a_repeated_turn_asks_once_even_after_the_chat_has_ended(
    youth: Youth, handover: Handover, database: Database, maria: str
) -> None:
    youth.send("hej")
    for _ in range(2):
        handover.request(conversation_id=youth.conversation.id, reason=Reason.ASKED, request_key="turn")
    handover.claim(request_of(database, youth).id, maria)
    handover.hand_back(request_of(database, youth).id, maria, EndReason.COUNSELLOR_CLOSED)

    handover.request(conversation_id=youth.conversation.id, reason=Reason.ASKED, request_key="turn")

    assert len(requests_of(database, youth)) == 1
    assert youth.conversation.state == "BOT"


def test_an_erased_conversation_cannot_ask(handover: Handover) -> None:
    with pytest.raises(ConversationErased):
        handover.request(conversation_id="gone", reason=Reason.ASKED, request_key="turn")


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-25T18:00", "2026-11-26T09:00"),  # a Wednesday evening
        ("2026-11-27T16:00", "2026-11-30T09:00"),  # Friday, as we close
        ("2026-12-23T17:00", "2026-12-28T09:00"),  # Christmas Eve, two holidays and a weekend lie between
        ("2026-03-28T12:00", "2026-03-30T09:00"),  # the clock goes forward in between
        ("2026-10-24T12:00", "2026-10-26T09:00"),  # the clock goes back in between
    ],
)
def test_off_hours_the_next_opening_is_named(
    youth: Youth, handover: Handover, clock: FakeClock, now: str, opens: str
) -> None:
    clock.now = stockholm(now)
    youth.send("hej")

    status = ask(handover, youth)

    assert status == HandoverStatus(HandoverState.OFF_HOURS_QUEUED, opens_at=stockholm(opens))
    assert youth.conversation.state == "OFF_HOURS_QUEUED"


def test_the_hours_are_those_of_the_counsellors_who_cover_the_municipality(
    youth: Youth,
    make_youth: Callable[[str], Youth],
    handover: Handover,
    database: Database,
    clock: FakeClock,
    add_counsellor: Callable[..., str],
) -> None:
    linda = add_counsellor("Linda", municipalities=("Motala",))
    with database.transaction() as session:
        set_hours(session, linda, [Period(1, parse_time("13:00"), parse_time("15:00"))])
    other = make_youth("b")
    youth.send("hej")
    other.send("hej")

    assert ask(handover, youth, municipality="Motala").opens_at == stockholm("2026-11-24T13:00")
    # Nobody covers Ydre, so whoever is in the county steps in.
    assert ask(handover, other, municipality="Ydre").opens_at == stockholm("2026-11-24T13:00")


async def test_the_municipality_is_taken_from_what_the_dialogue_knows(
    youth: Youth, settle: Settle, handover: Handover, database: Database, dialogue: FakeDialogue
) -> None:
    dialogue.slots = {"municipality": "Motala"}
    youth.send("jag bor i motala")
    await settle()

    ask(handover, youth)

    assert request_of(database, youth).municipality == "Motala"


async def test_off_hours_the_bot_goes_on_helping(
    youth: Youth, settle: Settle, handover: Handover, clock: FakeClock
) -> None:
    clock.now = stockholm("2026-11-25T20:00")
    youth.send("hej")
    await settle()
    ask(handover, youth)

    youth.send("vad är komvux?")
    await settle()

    assert youth.heard()[-1] == "Svar: vad är komvux?"


async def test_while_waiting_a_message_is_acknowledged_once_in_a_quiet_period(
    youth: Youth, settle: Settle, handover: Handover, clock: FakeClock
) -> None:
    youth.send("hej")
    await settle()
    ask(handover, youth)

    youth.send("är någon där?")
    await settle()
    youth.send("hallå?")
    await settle()
    assert youth.said().count("utter_human_waiting") == 1

    clock.advance(seconds=QUIET_PERIOD.total_seconds())
    youth.send("jag väntar")
    await settle()
    assert youth.said().count("utter_human_waiting") == 2
    assert [row.status for row in youth.inbox()][1:] == ["for_people"] * 3


async def test_a_youth_can_go_back_to_the_bot_and_starts_afresh(
    youth: Youth, settle: Settle, database: Database, dialogue: FakeDialogue
) -> None:
    youth.send("/människa", kind=InboundKind.TEXT)
    await settle()
    assert youth.said() == ["utter_human_requested", "utter_human_ask_place"]

    youth.press("Tillbaka till boten")
    await settle()
    youth.send("hej igen")
    await settle()

    assert youth.said()[-2] == "utter_back_with_bot"
    assert dialogue.turns[-1]["session"] == 1
    assert request_of(database, youth).end_reason == EndReason.YOUTH_ENDED
    assert calls_to_staff(database) == []


async def test_pressing_twice_on_the_way_back_ends_one_session(youth: Youth, settle: Settle) -> None:
    youth.send("/människa")
    await settle()
    youth.press("Tillbaka till boten")
    youth.press("Tillbaka till boten")
    await settle()

    assert youth.conversation.session == 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.SV, "torsdag 26 november kl. 09.00"),
        (Language.EN, "Thursday 26 November at 09:00"),
    ],
)
def test_the_opening_is_said_in_clock_time(texts: Texts, language: Language, words: str) -> None:
    opens = stockholm("2026-11-26T09:00")

    bubble = requested_bubble(texts, language, HandoverStatus(HandoverState.OFF_HOURS_QUEUED, opens_at=opens))

    assert clock_time(opens, language) == words
    assert words in bubble.text


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("state", list(HandoverState))
def test_every_state_can_be_said(texts: Texts, language: Language, state: HandoverState) -> None:
    assert requested_bubble(texts, language, HandoverStatus(state)).text
