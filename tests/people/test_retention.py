"""Retention: what the privacy text says is what happens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import func, select, update

from bot.clock import FakeClock
from bot.conversations.models import Conversation, ConversationState
from bot.db.session import Database
from bot.people import retention
from bot.people.erasure import Eraser, waiting_receipts
from bot.people.models import Person
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue

Settle = Callable[[], Awaitable[None]]


def people(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Person)) or 0


async def test_words_as_written_go_after_a_week_and_masked_ones_stay(
    youth: Youth, database: Database, clock: FakeClock
) -> None:
    youth.send("jag heter Leyla")
    clock.advance(days=8)
    report = retention.run(database, clock())

    assert report.raw_texts == 1
    (message,) = youth.inbox()
    assert message.raw_text is None
    assert message.text is not None


async def test_somebody_silent_for_a_month_is_erased_everywhere_without_a_message(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, dialogue: FakeDialogue
) -> None:
    youth.send("hej")
    await settle()
    conversation = youth.conversation.id
    clock.advance(days=31)
    assert retention.run(database, clock()).people == 1
    await Eraser(database, dialogue, clock).work_once()

    assert people(database) == 0
    assert dialogue.deleted == [conversation]
    with database.reading() as session:
        assert waiting_receipts(session, "test") == []


async def test_somebody_who_wrote_within_the_month_stays(youth: Youth, database: Database, clock: FakeClock) -> None:
    youth.send("hej")
    clock.advance(days=20)
    youth.send("hej igen")
    clock.advance(days=20)

    assert retention.run(database, clock()).people == 0
    assert people(database) == 1


async def test_a_chat_that_a_person_has_is_left_alone(youth: Youth, database: Database, clock: FakeClock) -> None:
    youth.send("hej")
    with database.transaction() as session:
        session.execute(update(Conversation).values(state=ConversationState.LIVE))
    clock.advance(days=40)

    assert retention.run(database, clock()) == retention.RetentionReport(0, 0, 0, dry_run=False)


async def test_a_dry_run_only_counts(youth: Youth, database: Database, clock: FakeClock) -> None:
    youth.send("hej")
    clock.advance(days=40)

    assert retention.run(database, clock(), dry_run=True).people == 1
    assert people(database) == 1
