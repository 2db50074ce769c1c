"""What a youth who asks for a person is asked: where they live (once), and what is handed over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.catalogue.loader import load
from bot.clock import FakeClock
from bot.db.session import Database
from bot.handover.models import EndReason
from bot.handover.queue import packet_of
from bot.handover.service import Handover
from tests.conftest import ROOT
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue
from tests.handover.steps import ask, request_of, stockholm

Settle = Callable[[], Awaitable[None]]


@pytest.fixture
def places(database: Database) -> None:
    """The municipalities and localities of the county."""
    load(database, ROOT / "data" / "catalogue")


def packet(database: Database, youth: Youth, *, real: bool = False) -> list[str]:
    """What whoever opens the chat reads first."""
    with database.reading() as session:
        return packet_of(session, request_of(database, youth), real=real).split("\n")


async def human(youth: Youth, settle: Settle) -> None:
    youth.send("/människa")
    await settle()


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize("answer", ["Motala", "jag bor i motala", "motalla"])
async def test_a_place_in_free_text_is_understood_and_then_the_summary_is_shown(
    youth: Youth, settle: Settle, database: Database, answer: str
) -> None:
    await human(youth, settle)
    youth.send(answer)
    await settle()

    assert request_of(database, youth).municipality == "Motala"
    assert youth.said() == [
        "utter_human_requested", "utter_human_ask_place", "utter_human_place_noted", "utter_human_summary",
    ]  # fmt: skip
    assert "Motala" in youth.heard()[-1]


async def test_who_would_rather_not_say_is_in_the_common_queue_and_not_asked_again(
    youth: Youth, settle: Settle, database: Database
) -> None:
    await human(youth, settle)
    youth.press("Vill inte säga")
    await settle()
    assert youth.said()[-2:] == ["utter_human_place_skipped", "utter_human_summary"]
    assert request_of(database, youth).municipality is None
    youth.press("Tillbaka till boten")
    await settle()

    await human(youth, settle)

    assert youth.said().count("utter_human_ask_place") == 1
    assert youth.said()[-1] == "utter_human_summary"


@pytest.mark.usefixtures("places")
async def test_off_hours_a_question_is_still_answered_by_the_bot(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock
) -> None:
    clock.now = stockholm("2026-11-25T20:00")
    await human(youth, settle)

    youth.send("vad är komvux för nåt egentligen, och kostar det pengar att gå där?")
    await settle()

    assert youth.heard()[-1].startswith("Svar: vad är komvux")
    assert request_of(database, youth).municipality is None


async def test_the_youth_sees_in_their_own_language_what_is_handed_over(
    youth: Youth, settle: Settle, dialogue: FakeDialogue
) -> None:
    dialogue.intent, dialogue.language = "ask_komvux", "en"
    dialogue.slots = {"age": "19", "municipality": "Motala"}
    youth.send("can I study at komvux?")
    await settle()

    await human(youth, settle)

    assert "Komvux, for adults, 19 years old, Motala" in youth.heard()[-1]


async def test_own_words_stand_first_in_the_packet(
    youth: Youth, settle: Settle, handover: Handover, database: Database, dialogue: FakeDialogue
) -> None:
    dialogue.intent, dialogue.slots = "ask_komvux", {"municipality": "Motala"}
    youth.send("komvux?")
    await settle()
    await human(youth, settle)

    youth.press("Skriv själv")
    await settle()
    youth.send("jag vill veta om praktik, inte komvux. ring 070-123 45 67")
    await settle()

    assert youth.said()[-2:] == ["utter_human_ask_words", "utter_human_words_kept"]
    lines = packet(database, youth)
    assert lines[0] == "Egna ord: jag vill veta om praktik, inte komvux. ring <phone_number_1>"
    assert lines[1].startswith("Senast:")
    assert handover.queue([])[0].summary.split("\n") == ["Egna ord: står i chatten", *lines[1:]]


async def test_a_youth_may_hand_nothing_over(
    youth: Youth, settle: Settle, handover: Handover, dialogue: FakeDialogue
) -> None:
    dialogue.intent, dialogue.slots = "tell_bullying", {"municipality": "Motala"}
    youth.send("de är elaka mot mig")
    await settle()
    await human(youth, settle)

    youth.press("Visa inget")
    await settle()

    assert handover.queue([])[0].summary == "Senast: den unga vill berätta själv"


async def test_off_hours_a_message_can_be_left_and_is_read_first(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock
) -> None:
    clock.now = stockholm("2026-11-25T20:00")
    await human(youth, settle)
    youth.press("Lämna ett meddelande")
    await settle()
    youth.send("jag vill börja plugga igen i januari")
    await settle()
    youth.send("vad är komvux?")
    await settle()

    assert packet(database, youth)[0].startswith("Egna ord: jag vill börja plugga igen i januari")
    assert youth.heard()[-1] == "Svar: vad är komvux?"


async def test_what_was_agreed_is_said_to_the_youth_and_to_whoever_comes_next(
    youth: Youth, settle: Settle, handover: Handover, database: Database, maria: str
) -> None:
    await human(youth, settle)
    handover.claim(request_of(database, youth).id, maria)
    handover.hand_back(request_of(database, youth).id, maria, EndReason.COUNSELLOR_CLOSED, "Vi hörs på  torsdag")

    assert "Så här sa ni: Vi hörs på torsdag. Nu är det jag som skriver" in youth.heard()[-1]
    ask(handover, youth)
    assert packet(database, youth)[-1] == "Förra gången: Vi hörs på torsdag."


async def test_what_was_agreed_stands_in_no_list_and_holds_no_number_but_for_the_chats_counsellor(
    youth: Youth, settle: Settle, handover: Handover, database: Database, maria: str
) -> None:
    youth.send("jag når mamma på 070-123 45 67")
    await settle()
    await human(youth, settle)
    handover.claim(request_of(database, youth).id, maria)
    agreed = "Maria Lindqvist ringer 070-123 45 67 och 070-999 88 77"
    handover.hand_back(request_of(database, youth).id, maria, EndReason.COUNSELLOR_CLOSED, agreed)
    ask(handover, youth)

    assert "Förra gången" not in handover.queue([])[0].summary
    masked = "<person_name_1> ringer <phone_number_1> och <phone_number_2>."
    assert packet(database, youth)[-1] == f"Förra gången: {masked}"
    assert packet(database, youth, real=True)[-1] == f"Förra gången: {agreed}."
    handover.claim(request_of(database, youth).id, maria)
    assert "Förra gången" not in handover.mine(maria)[0].summary

    said = f"Maria har gått ur chatten. Så här sa ni: {masked} Nu är det jag som skriver, och jag är en bot."
    assert said in [line.text for line in handover.thread(youth.conversation.id)]
    assert said.replace(masked, f"{agreed}.") in [
        line.text for line in handover.thread(youth.conversation.id, real=True)
    ]


def test_what_was_agreed_is_short(handover: Handover, waiting: str, maria: str) -> None:
    handover.claim(waiting, maria)
    with pytest.raises(ValueError, match="at most"):
        handover.hand_back(waiting, maria, EndReason.COUNSELLOR_CLOSED, "x" * 200)
