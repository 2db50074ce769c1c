"""The worker: bursts, order, claims, who answers, and what happens when the engine is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from bot.bell import Bell
from bot.clock import FakeClock
from bot.conversations import outbox, turns
from bot.conversations.claims import LEASE, claim_next
from bot.conversations.inbox import BURST_CAP
from bot.conversations.models import Alert, Conversation, ConversationState, InboundKind, Turn
from bot.conversations.worker import OUTAGE_LIMIT, Worker
from bot.db.session import Database
from bot.errors import DialogueFailed, DialogueUnavailable
from bot.texts import Texts
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue

Settle = Callable[[], Awaitable[None]]


def set_state(database: Database, youth: Youth, state: ConversationState) -> None:
    with database.transaction() as session:
        session.execute(update(Conversation).where(Conversation.id == youth.conversation.id).values(state=state))


async def test_a_question_gets_its_answer(youth: Youth, settle: Settle) -> None:
    youth.send("var kan jag läsa el?")
    await settle()

    assert youth.heard() == ["Svar: var kan jag läsa el?"]
    assert [row.status for row in youth.inbox()] == ["answered"]


async def test_what_the_log_keeps_of_a_turn_tells_nothing_of_the_person(
    youth: Youth, settle: Settle, dialogue: FakeDialogue
) -> None:
    dialogue.intent = "crisis_self_harm"
    with capture_logs() as logs:
        youth.send("hej")
        await settle()

    answered = [line for line in logs if line["event"] == "turn.answered"]
    assert len(answered) == 1
    assert youth.conversation.id not in str(answered)
    assert "crisis" not in str(logs)


async def test_five_messages_in_four_seconds_get_one_answer(
    youth: Youth, clock: FakeClock, worker: Worker, settle: Settle, dialogue: FakeDialogue
) -> None:
    for word in ("hej", "jag", "undrar", "om", "komvux"):
        youth.send(word)
        await worker.work_once()
        clock.advance(seconds=1)
    await settle()

    assert [turn["text"] for turn in dialogue.turns] == ["hej\njag\nundrar\nom\nkomvux"]


async def test_somebody_who_never_pauses_is_answered_at_the_cap(
    youth: Youth, clock: FakeClock, worker: Worker, dialogue: FakeDialogue
) -> None:
    for number in range(20):
        youth.send(f"rad {number}")
        clock.advance(seconds=2)
        await worker.work_once()

    assert dialogue.turns, f"nothing was answered within {BURST_CAP}"


async def test_messages_written_during_a_turn_form_the_next_one(
    youth: Youth, settle: Settle, dialogue: FakeDialogue
) -> None:
    youth.send("första")

    def write_more() -> None:
        dialogue.meanwhile = None
        youth.send("andra")

    dialogue.meanwhile = write_more
    await settle()
    await settle()

    assert [turn["text"] for turn in dialogue.turns] == ["första", "andra"]
    assert youth.heard() == ["Svar: första", "Svar: andra"]


async def test_a_pressed_button_is_a_turn_of_its_own(youth: Youth, settle: Settle, dialogue: FakeDialogue) -> None:
    youth.send("hej")
    await settle()
    youth.press("Ja")
    await settle()

    assert (dialogue.turns[-1]["button"], dialogue.turns[-1]["text"]) == ("/affirm", None)


async def test_a_button_that_means_nothing_any_more_is_answered(youth: Youth, settle: Settle) -> None:
    youth.send(None, kind=InboundKind.BUTTON, payload="long-gone")
    await settle()

    assert youth.said() == ["utter_button_expired"]


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        ({"kind": InboundKind.OTHER, "detail": "voice"}, "utter_write_instead"),
        ({"kind": InboundKind.STICKER}, "utter_sticker"),
        ({"text": "   \n "}, "utter_empty_message"),
        ({"text": "ord " * 1250}, "utter_long_message"),
        ({"text": "/hjalp"}, "utter_help_commands"),
        ({"text": "/radera"}, "utter_ask_delete"),
        ({"text": "/settings"}, "utter_settings"),
    ],
)
async def test_nothing_ends_in_silence(
    sent: dict[str, object], answer: str, youth: Youth, settle: Settle, dialogue: FakeDialogue
) -> None:
    youth.send(**sent)  # type: ignore[arg-type]
    await settle()

    assert youth.said() == [answer]
    assert dialogue.turns == []


async def test_while_the_engine_is_away_the_turn_is_kept_and_the_youth_is_told_once(
    youth: Youth, clock: FakeClock, worker: Worker, dialogue: FakeDialogue
) -> None:
    youth.send("hej")
    dialogue.errors = [DialogueUnavailable("down")] * 6
    clock.advance(seconds=3)
    for _ in range(40):
        while await worker.work_once():
            pass
        clock.advance(seconds=1)

    assert youth.said() == ["utter_technical_wait", None]
    assert youth.heard()[-1] == "Svar: hej"
    assert len({turn["message_id"] for turn in dialogue.turns}) == 1, "a replay must repeat the same turn"


async def test_a_short_restart_of_the_engine_is_not_mentioned(
    youth: Youth, clock: FakeClock, worker: Worker, dialogue: FakeDialogue
) -> None:
    youth.send("hej")
    dialogue.errors = [DialogueUnavailable("down")]
    for _ in range(6):
        clock.advance(seconds=1)
        while await worker.work_once():
            pass

    assert youth.heard() == ["Svar: hej"]


async def test_an_engine_that_stays_away_ends_in_words_and_a_call_to_staff(
    youth: Youth, clock: FakeClock, worker: Worker, dialogue: FakeDialogue, database: Database
) -> None:
    youth.send("hej")
    dialogue.errors = [DialogueUnavailable("down")] * 10_000
    for _ in range(60):
        clock.advance(seconds=OUTAGE_LIMIT.total_seconds() / 50)
        while await worker.work_once():
            pass

    assert youth.said() == ["utter_technical_wait", "utter_technical_problem"]
    with database.reading() as session:
        assert session.scalars(select(Alert.kind)).all() == ["set_aside"]


async def test_a_turn_that_fails_three_times_is_set_aside_and_the_conversation_goes_on(
    youth: Youth, clock: FakeClock, worker: Worker, dialogue: FakeDialogue
) -> None:
    youth.send("trasig")
    dialogue.errors = [DialogueFailed("500")] * 3
    for _ in range(12):
        clock.advance(seconds=1)
        while await worker.work_once():
            pass
    youth.send("hel")
    clock.advance(seconds=4)
    while await worker.work_once():
        pass

    assert youth.said() == ["utter_set_aside", None]
    assert [row.status for row in youth.inbox()] == ["set_aside", "answered"]


async def test_a_person_can_be_asked_for_while_the_engine_is_away(
    youth: Youth, clock: FakeClock, worker: Worker, dialogue: FakeDialogue
) -> None:
    youth.send("hej")
    dialogue.errors = [DialogueUnavailable("down")] * 100
    clock.advance(seconds=4)
    await worker.work_once()
    youth.send("/människa")
    await worker.work_once()

    assert youth.conversation.state in ("REQUESTED", "OFF_HOURS_QUEUED")
    assert "utter_human_requested" in youth.said()


async def test_danger_is_answered_while_the_engine_is_away(
    youth: Youth, dialogue: FakeDialogue, settle: Settle
) -> None:
    dialogue.errors = [DialogueUnavailable("down")] * 100
    youth.send("jag orkar inte leva längre")
    await settle()

    assert youth.outbox()[0].response == "utter_crisis_self_harm"
    assert dialogue.turns == []


async def test_the_bot_never_speaks_over_a_person_who_took_over_meanwhile(
    youth: Youth, settle: Settle, dialogue: FakeDialogue, database: Database
) -> None:
    youth.send("hej")
    dialogue.meanwhile = lambda: set_state(database, youth, ConversationState.LIVE)
    await settle()

    replies = [row for row in youth.outbox() if row.turn_id]
    assert [row.state for row in replies] == ["not_sent"]


async def test_with_a_person_the_engine_is_not_called(
    youth: Youth, settle: Settle, dialogue: FakeDialogue, database: Database
) -> None:
    youth.send("hej")
    set_state(database, youth, ConversationState.LIVE)
    await settle()

    assert dialogue.turns == []
    assert [row.status for row in youth.inbox()] == ["for_people"]


async def test_while_waiting_for_a_person_messages_are_acknowledged_once(
    youth: Youth, settle: Settle, dialogue: FakeDialogue
) -> None:
    youth.send("/human")
    await settle()
    for text in ("är du där?", "hallå", "??"):
        youth.send(text)
        await settle()

    # The first text named no place, so what will be handed over is shown without one.
    assert youth.said() == [
        "utter_human_requested", "utter_human_ask_place", "utter_human_waiting", "utter_human_summary",
    ]  # fmt: skip
    assert dialogue.turns == []


async def test_two_workers_never_hold_one_conversation(
    make_youth: Callable[[str], Youth], database: Database, clock: FakeClock
) -> None:
    for number in range(10):
        make_youth(f"y{number}").send("hej")
    clock.advance(seconds=10)

    with ThreadPoolExecutor(16) as pool:
        claims = [claim for claim in pool.map(lambda n: claim_next(database, f"w{n}", clock()), range(48)) if claim]

    assert len(claims) <= 10
    assert len({claim.conversation_id for claim in claims}) == len(claims)


async def test_a_worker_whose_claim_lapsed_stores_nothing(
    youth: Youth, clock: FakeClock, worker: Worker, dialogue: FakeDialogue, database: Database, texts: Texts
) -> None:
    youth.send("hej")
    clock.advance(seconds=4)
    second = Worker(database, dialogue, texts, clock, Bell(), name="worker-2")

    def overtaken() -> None:
        dialogue.meanwhile = None
        clock.advance(seconds=LEASE.total_seconds() + 1)
        asyncio.run(second.work_once())

    dialogue.meanwhile = overtaken
    await worker.work_once()

    assert youth.heard() == ["Svar: hej"]
    assert len({turn["message_id"] for turn in dialogue.turns}) == 1


async def test_a_crash_in_the_middle_of_a_turn_repeats_exactly_that_turn(
    youth: Youth, clock: FakeClock, dialogue: FakeDialogue, database: Database, texts: Texts
) -> None:
    youth.send("hej")
    clock.advance(seconds=4)
    claim = claim_next(database, "crashed", clock())
    assert claim is not None
    dead = Worker(database, dialogue, texts, clock, Bell(), name="crashed")
    plan = dead._plan(claim)  # The process dies here, after the turn was frozen.
    assert plan is not None
    youth.send("och en sak till")
    clock.advance(seconds=LEASE.total_seconds() + 1)
    heir = Worker(database, dialogue, texts, clock, Bell(), name="heir")
    while await heir.work_once():
        pass

    assert [turn["text"] for turn in dialogue.turns] == ["hej", "och en sak till"]
    assert dialogue.turns[0]["message_id"] == plan.turn.id


async def test_the_language_follows_the_turn_until_the_youth_has_chosen(
    youth: Youth, settle: Settle, dialogue: FakeDialogue
) -> None:
    dialogue.language = "en"
    youth.send("where can i study")
    await settle()
    assert youth.conversation.language == "en"

    youth.send("/language")
    await settle()
    youth.press("Svenska")
    await settle()
    youth.send("ok")
    await settle()

    assert youth.conversation.language == "sv"


async def test_the_models_own_sign_of_danger_calls_staff_too(
    youth: Youth, settle: Settle, dialogue: FakeDialogue, database: Database
) -> None:
    dialogue.intent = "crisis_violence"
    youth.send("det är som vanligt hemma")
    await settle()

    assert youth.conversation.risk == "violence"
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Alert)) == 1


async def test_the_open_question_is_remembered_and_makes_a_bare_answer_a_name(
    youth: Youth, settle: Settle, dialogue: FakeDialogue
) -> None:
    dialogue.slots = {"requested_slot": "call_me"}
    youth.send("boka")
    await settle()
    youth.send("skrutt")
    await settle()

    assert youth.inbox()[-1].text == "<person_name_1>"


async def test_the_outbox_stores_a_key_once(youth: Youth, database: Database, texts: Texts, clock: FakeClock) -> None:
    youth.send("hej")
    from bot.texts import Bubble

    for _ in range(2):
        with database.transaction() as session:
            conversation = outbox.lock_conversation(session, youth.conversation.id)
            assert conversation is not None
            outbox.queue(session, conversation, key="x", bubble=Bubble("en gång"), now=clock())

    assert youth.heard() == ["en gång"]


async def test_a_burst_waits_for_quiet(youth: Youth, clock: FakeClock, worker: Worker, database: Database) -> None:
    youth.send("hej")
    assert not await worker.work_once()
    clock.advance(seconds=2)
    youth.send("igen")
    clock.advance(seconds=2)
    while await worker.work_once():
        pass
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Turn)) == 0
    clock.advance(seconds=1)
    while await worker.work_once():
        pass
    with database.reading() as session:
        assert session.scalars(select(Turn.status)).all() == [turns.TurnStatus.DONE]
