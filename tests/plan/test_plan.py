"""The small-step plan: made and ticked in the chat, by the youth and by the counsellor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update

from bot.clock import FakeClock
from bot.conversations.models import Conversation, ConversationState
from bot.db.session import Database
from bot.handover.thread import thread_of
from bot.plan import service
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue

Settle = Callable[[], Awaitable[None]]


async def make(youth: Youth, settle: Settle, goal: str, *steps: str) -> None:
    """Write a goal and steps, as the buttons lead to."""
    youth.send("/plan")
    await settle()
    youth.press("Skriv vad jag vill")
    await settle()
    youth.send(goal)
    await settle()
    for step in steps:
        youth.press("Nytt steg")
        await settle()
        youth.send(step)
        await settle()


async def test_a_goal_and_steps_are_written_in_own_words_and_shown(
    youth: Youth, settle: Settle, dialogue: FakeDialogue
) -> None:
    await make(youth, settle, "bli elektriker", "leta fram mina betyg", "skriva en fråga till komvux")

    assert youth.heard()[-1] == "Din plan:\nbli elektriker\n○ leta fram mina betyg\n○ skriva en fråga till komvux"
    assert dialogue.turns == [], "the words of a plan are no questions to the engine"
    assert [button["title"] for button in youth.outbox()[-1].buttons] == ["Klar med 1", "Klar med 2", "Nytt steg"]


async def test_a_step_is_ticked_with_a_button_and_the_words_are_kind(youth: Youth, settle: Settle) -> None:
    await make(youth, settle, "bli elektriker", "leta fram mina betyg", "ringa skolan")
    youth.press("Klar med 1")
    await settle()
    assert youth.heard()[-2:] == [
        "Snyggt! Det första steget är gjort.", "Din plan:\nbli elektriker\n○ ringa skolan\n✓ leta fram mina betyg",
    ]  # fmt: skip
    youth.press("Klar med 1")
    await settle()
    assert youth.heard()[-2] == "Snyggt! Nu är 2 steg gjorda."


@pytest.mark.parametrize("text", ["nej", "avbryt", "inte nu"])
async def test_never_mind_adds_nothing_and_the_next_message_is_an_ordinary_one(
    youth: Youth, settle: Settle, dialogue: FakeDialogue, text: str
) -> None:
    await make(youth, settle, "bli elektriker")
    youth.press("Nytt steg")
    await settle()
    youth.send(text)
    await settle()
    assert youth.outbox()[-1].response == "utter_plan_left"
    youth.send("vad är komvux?")
    await settle()
    assert len(dialogue.turns) == 1


@pytest.mark.parametrize("text", ["min plan", "visa min plan", "Show me my plan!", "/min_plan", "/my_plan"])
async def test_the_plan_is_shown_when_somebody_asks_for_it_in_words(youth: Youth, settle: Settle, text: str) -> None:
    youth.send(text)
    await settle()
    assert youth.outbox()[-1].response == "utter_plan_empty"


async def test_names_and_numbers_lie_locked_and_are_shown_to_their_owner(
    youth: Youth, settle: Settle, database: Database
) -> None:
    await make(youth, settle, "bli elektriker", "ringa 070-123 45 67")
    assert "+46701234567" in youth.heard()[-1]
    assert "ringa <phone_number_1>" in youth.outbox()[-1].text, "it waits in the outbox as it lies"
    with database.reading() as session:
        plan = service.plan_of(session, youth.conversation.id)
    assert plan.steps[0].text == "ringa <phone_number_1>"
    with database.engine.connect() as connection:
        raw = connection.exec_driver_sql("SELECT text FROM plan_step").one()
    assert b"ringa" not in bytes(raw[0])


async def test_a_plan_in_the_chat_has_placeholders_for_whoever_reads_the_log(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock
) -> None:
    await make(youth, settle, "bli elektriker", "ringa 070-123 45 67")
    with database.transaction() as session:
        service.add_step(session, youth.conversation.id, "fråga Gunilla Lindqvist", "staff:x", clock())
    youth.send("/plan")
    await settle()
    assert "fråga Gunilla Lindqvist" in youth.heard()[-1]
    with database.reading() as session:
        shown = thread_of(session, youth.conversation.id)[-1].text
    assert shown == "Din plan:\nbli elektriker\n○ ringa <phone_number_1>\n○ fråga <person_name_1>"


async def test_danger_written_as_a_step_is_answered_as_danger(youth: Youth, settle: Settle) -> None:
    await make(youth, settle, "bli elektriker")
    youth.press("Nytt steg")
    await settle()
    youth.send("jag vill inte leva längre")
    await settle()
    assert youth.outbox()[-1].response == "utter_crisis_self_harm"


async def test_with_a_counsellor_a_line_is_theirs_and_no_step(youth: Youth, settle: Settle, database: Database) -> None:
    await make(youth, settle, "bli elektriker")
    youth.press("Nytt steg")
    await settle()
    with database.transaction() as session:
        session.execute(update(Conversation).values(state=ConversationState.LIVE))
    youth.send("ringa skolan")
    await settle()
    with database.reading() as session:
        assert service.plan_of(session, youth.conversation.id).steps == ()


async def test_a_plan_stays_small(youth: Youth, settle: Settle, database: Database, clock: FakeClock) -> None:
    await make(youth, settle, "bli elektriker")
    with database.transaction() as session:
        for number in range(service.OPEN_STEPS):
            service.add_step(session, youth.conversation.id, f"steg {number}", "staff:x", clock())
        assert service.add_step(session, youth.conversation.id, "steg 0", "staff:x", clock()) == 1, "the same is one"
    youth.press("Nytt steg")
    await settle()
    youth.send("ett till")
    await settle()
    assert youth.outbox()[-1].response == "utter_plan_full"
