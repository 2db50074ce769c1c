"""Approve before send: held for a counsellor on chosen topics, and never silence, whatever they do or do not do."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from bot.approvals import service as approvals
from bot.approvals.models import HeldAnswer
from bot.approvals.service import READ_WITHIN, TOPICS, Decision
from bot.clock import FakeClock
from bot.conversations.models import Alert, AlertKind, Conversation, ConversationState
from bot.db.session import Database
from bot.handover.labels import INTENTS
from bot.handover.service import Handover
from bot.people import erasure
from bot.texts import Texts
from tests.alerts.conftest import Desk
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue
from tests.handover.steps import ask, request_of, stockholm

Settle = Callable[[], Awaitable[None]]


@pytest.fixture
def money(database: Database, maria: str, dialogue: FakeDialogue, clock: FakeClock) -> None:
    """Answers about money are read first, and that is what the youth asks about."""
    with database.transaction() as session:
        approvals.choose(session, ["ask_study_finance", "greet"], by=maria, now=clock())
    dialogue.intent = "ask_study_finance"


def held_of(database: Database) -> list[HeldAnswer]:
    with database.reading() as session:
        return list(session.scalars(select(HeldAnswer).order_by(HeldAnswer.created_at)))


def standing(database: Database) -> list[str | None]:
    with database.reading() as session:
        rows = session.scalars(
            select(Alert).where(Alert.kind == AlertKind.APPROVAL, Alert.acknowledged_at.is_(None))
        )  # fmt: skip
        return [row.detail for row in rows]


def decide(database: Database, staff_id: str, clock: FakeClock, texts: Texts, *, send: bool) -> Decision:
    with database.transaction() as session:
        held = held_of(database)[-1].id
        return approvals.decide(session, held, staff_id, send=send, now=clock(), texts=texts)


def test_the_topics_have_names_and_none_is_danger() -> None:
    assert set(TOPICS) <= set(INTENTS)
    assert not any("crisis" in topic for topic in TOPICS)


async def test_without_a_chosen_topic_nothing_is_held(
    youth: Youth, settle: Settle, dialogue: FakeDialogue, database: Database, maria: str
) -> None:
    dialogue.intent = "ask_study_finance"
    youth.send("får jag pengar?")
    await settle()

    assert held_of(database) == []
    assert youth.heard()[-1] == "Svar: får jag pengar?"


async def test_an_answer_is_read_first_and_then_said_with_its_buttons(
    youth: Youth, settle: Settle, money: None, database: Database, maria: str, clock: FakeClock, texts: Texts
) -> None:
    youth.send("får jag pengar?")
    await settle()

    assert youth.said()[-1] == "utter_answer_held"
    assert "högst 10 minuter" in youth.heard()[-1]
    assert "Svar: får jag pengar?" not in youth.heard()
    assert standing(database) == ["ask_study_finance"]

    assert decide(database, maria, clock, texts, send=True) is Decision.SENT

    assert youth.heard()[-1] == "Svar: får jag pengar?"
    assert [button["title"] for button in youth.outbox()[-1].buttons] == ["Ja"]
    assert (held_of(database)[0].state, held_of(database)[0].decided_by) == ("approved", maria)
    assert standing(database) == []
    assert decide(database, maria, clock, texts, send=False) is Decision.TOO_LATE


async def test_other_topics_are_answered_at_once(
    youth: Youth, settle: Settle, money: None, dialogue: FakeDialogue, database: Database
) -> None:
    dialogue.intent = "greet"
    youth.send("hej")
    await settle()

    assert held_of(database) == [], "only topics of the list can be chosen"
    assert youth.heard()[-1] == "Svar: hej"


async def test_an_answer_that_is_not_to_be_said_leads_to_a_person(
    youth: Youth, settle: Settle, money: None, database: Database, maria: str, clock: FakeClock, texts: Texts
) -> None:
    youth.send("får jag pengar?")
    await settle()

    assert decide(database, maria, clock, texts, send=False) is Decision.REFUSED

    assert youth.said()[-1] == "utter_ask_a_person"
    assert "Svar: får jag pengar?" not in youth.heard()
    assert [button["title"] for button in youth.outbox()[-1].buttons] == ["Prata med en människa", "Boka en tid"]


async def test_when_nobody_reads_in_time_the_youth_hears_something_once(
    youth: Youth, settle: Settle, money: None, database: Database, maria: str, clock: FakeClock, texts: Texts
) -> None:
    youth.send("får jag pengar?")
    await settle()
    assert approvals.sweep(database, clock(), texts) == 0
    clock.advance(seconds=READ_WITHIN.total_seconds())

    assert decide(database, maria, clock, texts, send=True) is Decision.TOO_LATE, "the promised time is up"
    assert approvals.sweep(database, clock(), texts) == 1
    assert approvals.sweep(database, clock(), texts) == 0

    assert youth.said().count("utter_ask_a_person") == 1
    assert held_of(database)[0].state == "lapsed"
    assert standing(database) == []


async def test_when_nobody_is_there_to_read_the_youth_hears_it_at_once(
    youth: Youth, settle: Settle, money: None, database: Database, clock: FakeClock
) -> None:
    clock.now = stockholm("2026-11-23T22:00")
    youth.send("får jag pengar?")
    await settle()

    assert youth.said()[-1] == "utter_ask_a_person"
    assert "utter_answer_held" not in youth.said()
    assert standing(database) == []


async def test_who_has_a_person_by_then_hears_neither_the_bot_nor_an_excuse(
    youth: Youth, settle: Settle, money: None, handover: Handover, database: Database, maria: str, clock: FakeClock,
    texts: Texts,
) -> None:  # fmt: skip
    youth.send("får jag pengar?")
    await settle()
    ask(handover, youth)
    handover.claim(request_of(database, youth).id, maria)
    said = youth.said()

    assert decide(database, maria, clock, texts, send=True) is Decision.TOO_LATE
    clock.advance(seconds=READ_WITHIN.total_seconds())
    approvals.sweep(database, clock(), texts)

    assert youth.said() == said
    assert held_of(database)[0].state == "overtaken"


async def test_an_answer_that_comes_while_a_person_has_the_chat_is_withheld_and_not_held(
    youth: Youth, settle: Settle, money: None, dialogue: FakeDialogue, database: Database
) -> None:
    def takes_over() -> None:
        with database.transaction() as session:
            session.execute(update(Conversation).values(state=ConversationState.LIVE))

    dialogue.meanwhile = takes_over
    youth.send("får jag pengar?")
    await settle()

    assert held_of(database) == []


async def test_a_sign_of_danger_never_waits(youth: Youth, settle: Settle, money: None, database: Database) -> None:
    youth.send("jag har inga pengar och vill inte leva")
    await settle()

    assert held_of(database) == []
    assert any("112" in text or "90101" in text for text in youth.heard())


async def test_of_many_who_decide_at_once_one_decides_and_the_youth_hears_one_thing(
    youth: Youth, settle: Settle, money: None, database: Database, maria: str, clock: FakeClock, texts: Texts
) -> None:
    youth.send("får jag pengar?")
    await settle()
    start = threading.Barrier(6)

    def press(number: int) -> Decision:
        start.wait()
        return decide(database, maria, clock, texts, send=number % 2 == 0)

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(press, range(6)))

    assert results.count(Decision.TOO_LATE) == 5
    ends = youth.heard().count("Svar: får jag pengar?") + youth.said().count("utter_ask_a_person")
    assert ends == 1


async def test_the_phone_says_that_an_answer_waits_and_no_word_of_it(
    youth: Youth, settle: Settle, money: None, desk: Desk, maria: str
) -> None:
    desk.link(maria, "1")
    youth.send("får jag pengar?")
    await settle()
    desk.plan()

    assert any("har ett svar som väntar på ditt ok" in text for text in desk.alerts(maria))
    assert "pengar" not in "".join(desk.alerts(maria))


async def test_who_erases_everything_leaves_no_held_answer(
    youth: Youth, settle: Settle, money: None, database: Database, clock: FakeClock
) -> None:
    youth.send("får jag pengar?")
    await settle()
    conversation_id = youth.conversation.id
    with database.transaction() as session:
        erasure.begin(session, session.get_one(Conversation, conversation_id), clock())

    assert held_of(database) == []
