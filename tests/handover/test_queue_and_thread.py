"""The order of the queue, the packet, and the thread as people read it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import FakeClock
from bot.conversations.models import InboundKind
from bot.db.session import Database
from bot.handover.models import Handover as Row
from bot.handover.rules import DANGER, RETURNED, rank
from bot.handover.service import Handover
from tests.conftest import NOW
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue
from tests.handover.steps import ask, request_of

Settle = Callable[[], Awaitable[None]]


def test_danger_comes_before_who_has_waited_a_little_longer(
    make_youth: Callable[[str], Youth], handover: Handover, database: Database, clock: FakeClock
) -> None:
    calm, afraid = make_youth("calm"), make_youth("afraid")
    calm.send("hej")
    ask(handover, calm)
    clock.advance(minutes=20)
    afraid.send("jag vill inte leva")
    ask(handover, afraid)

    assert [entry.conversation_id for entry in handover.queue([])] == [afraid.conversation.id, calm.conversation.id]


@given(minutes=st.integers(0, 600), returned=st.booleans(), risk=st.sampled_from(["none", "violence"]))
def test_every_request_rises_above_all_that_come_much_later(minutes: int, returned: bool, risk: str) -> None:
    old = Row(id="old", state="REQUESTED", requested_at=NOW)
    asked = NOW + DANGER + RETURNED + timedelta(minutes=minutes + 1)
    new = Row(id="new", state="REQUESTED", requested_at=asked, claimed_at=asked if returned else None)

    assert rank(old, "none") < rank(new, risk)


def test_a_counsellor_sees_the_municipalities_they_cover_and_what_is_nobodys(
    make_youth: Callable[[str], Youth],
    handover: Handover,
    clock: FakeClock,
    add_counsellor: Callable[..., str],
) -> None:
    add_counsellor("Linda", municipalities=("Motala",))
    add_counsellor("Karin", municipalities=("Kinda",))
    for place in ("Motala", "Kinda", "Ydre", None):
        one = make_youth(f"from {place}")
        one.send("hej")
        ask(handover, one, municipality=place)
        clock.advance(seconds=1)

    assert [entry.municipality for entry in handover.queue(["Motala"])] == ["Motala", "Ydre", None]
    assert [entry.municipality for entry in handover.queue([])] == ["Motala", "Kinda", "Ydre", None]


async def test_the_packet_says_in_three_lines_what_it_is_about(
    youth: Youth, settle: Settle, handover: Handover, database: Database, dialogue: FakeDialogue
) -> None:
    dialogue.intent = "ask_komvux"
    dialogue.slots = {"municipality": "Motala", "age": "19", "call_me": "<person_name_1>"}
    youth.send("kan jag läsa på komvux?")
    await settle()
    dialogue.intent = "ask_study_finance"
    youth.send("får jag pengar?")
    await settle()
    ask(handover, youth)

    summary = request_of(database, youth).summary

    assert summary is not None
    assert summary.split("\n") == [
        "Senast: komvux, studiebidrag och pengar",
        "Känt: kommun Motala, ålder 19",
        "Boten: svarade på 2 meddelanden",
    ]


def test_a_conversation_without_any_turn_has_a_packet_too(youth: Youth, handover: Handover, database: Database) -> None:
    youth.send("hej")
    ask(handover, youth)

    assert len((request_of(database, youth).summary or "").split("\n")) == 3


async def test_both_sides_stand_in_one_order(
    youth: Youth, settle: Settle, handover: Handover, database: Database, maria: str, clock: FakeClock
) -> None:
    youth.send("hej")
    await settle()
    ask(handover, youth)
    handover.claim(request_of(database, youth).id, maria)
    clock.advance(seconds=1)
    youth.send("är du där?")
    clock.advance(seconds=1)
    handover.reply(request_of(database, youth).id, maria, "Ja!", "1")

    lines = [(line.voice, line.text) for line in handover.thread(youth.conversation.id)]

    assert lines[0] == ("youth", "hej")
    assert ("bot", "Svar: hej") in lines
    assert lines[-2:] == [("youth", "är du där?"), ("counsellor", "Ja!")]
    assert handover.thread(youth.conversation.id, since=clock())[-1].name == "Maria"


async def test_an_edit_shows_what_stood_there_before(youth: Youth, settle: Settle, handover: Handover) -> None:
    youth.send("jag är 17", channel_message_id="m1")
    await settle()
    youth.send("jag är 18", kind=InboundKind.EDIT, channel_message_id="m1")
    await settle()
    youth.send("jag är 19", kind=InboundKind.EDIT, channel_message_id="m1")

    lines = [line for line in handover.thread(youth.conversation.id) if line.voice == "youth"]

    assert len(lines) == 1
    assert lines[0].text == "jag är 19"
    assert lines[0].earlier == ("jag är 17", "jag är 18")
    assert lines[0].edited


def test_only_who_asks_for_the_real_words_sees_them(youth: Youth, handover: Handover) -> None:
    youth.send("ring 070-123 45 67")

    assert handover.thread(youth.conversation.id)[0].text == "ring <phone_number_1>"
    assert handover.thread(youth.conversation.id, real=True)[0].text == "ring 070-123 45 67"
