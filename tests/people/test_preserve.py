"""The record of a report of concern: whatever is emptied or erased, and in whatever order, it loses no word."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import select, update

from bot.booking.models import BookingRow
from bot.clock import FakeClock
from bot.conversations import outbox
from bot.conversations.models import Conversation, ConversationState, InboundMessage
from bot.db.session import Database
from bot.people import erasure, preserve, retention, retention_plan
from bot.people.models import PreservedRecord
from bot.people.preserve import Kept, Marked
from bot.texts import Texts
from tests.conftest import ROOT
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue
from tests.people.canary import WORD
from tests.people.test_canary import leave_traces

Settle = Callable[[], Awaitable[None]]
PLAN = retention_plan.load(ROOT / "data")
# As it was written: where names and numbers are masked it reads otherwise.
WRITTEN = "min styvfar slår mig, ring 070 - 174 06 05 !"


def mark(youth: Youth, database: Database, clock: FakeClock) -> Marked:
    """Keep the conversation, as the console does."""
    with database.transaction() as session:
        held = outbox.lock_conversation(session, youth.conversation.id)
        assert held is not None
        return preserve.mark(session, held, staff_id="s", municipality="Motala", now=clock())


def document(database: Database) -> str:
    with database.reading() as session:
        return session.scalars(select(PreservedRecord.document)).one()


def erase(youth: Youth, database: Database, clock: FakeClock) -> None:
    with database.transaction() as session:
        held = outbox.lock_conversation(session, youth.conversation.id)
        assert held is not None
        erasure.begin(session, held, clock())


def written(database: Database) -> list[str | None]:
    """What stands in the inbox as it was written."""
    with database.reading() as session:
        return list(session.scalars(select(InboundMessage.raw_text)))


async def test_words_written_after_the_mark_are_in_the_record_before_they_are_emptied(
    youth: Youth, database: Database, clock: FakeClock
) -> None:
    youth.send("hej")
    mark(youth, database, clock)
    clock.advance(days=1)
    youth.send(WRITTEN)
    clock.advance(days=8)
    retention.run(database, clock(), plan=PLAN)
    assert written(database) == [None, None]

    erase(youth, database, clock)
    assert WRITTEN in document(database)


async def test_a_chat_that_was_live_at_first_is_copied_too(youth: Youth, database: Database, clock: FakeClock) -> None:
    youth.send("hej")
    mark(youth, database, clock)
    clock.advance(days=1)
    youth.send(WRITTEN)
    clock.advance(days=8)
    for state in (ConversationState.LIVE, ConversationState.BOT):
        with database.transaction() as session:
            session.execute(update(Conversation).values(state=state))
        retention.run(database, clock(), plan=PLAN)
        assert WRITTEN in document(database)
    assert written(database) == [None, None]


async def test_an_erasure_after_retention_does_not_replace_the_better_record(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, texts: Texts, dialogue: FakeDialogue
) -> None:
    await leave_traces(youth, settle, database, clock, texts, dialogue)
    youth.send(WRITTEN)
    mark(youth, database, clock)
    for _ in range(2):
        clock.advance(days=20)
        youth.send("jag är kvar")
        with database.transaction() as session:
            session.execute(update(Conversation).values(state=ConversationState.BOT))
        retention.run(database, clock(), plan=PLAN)
    with database.reading() as session:
        assert session.scalars(select(BookingRow.call_me)).all() == [""]

    erase(youth, database, clock)
    kept = document(database)
    assert WRITTEN in kept
    assert f"Du kallas {WORD}" in kept
    assert kept.count("jag är kvar") == 2


async def test_what_is_added_stands_under_its_date_and_what_stood_there_is_not_repeated(
    youth: Youth, database: Database, clock: FakeClock
) -> None:
    youth.send("ja")
    first = mark(youth, database, clock)
    before = document(database)
    youth.send("ja")
    youth.send("ja\nmen inte hemma")
    clock.advance(days=1)
    again = mark(youth, database, clock)

    assert (first.kept, again.kept, again.id) == (Kept.NEW, Kept.UPDATED, first.id)
    after = document(database)
    assert after.startswith(before)
    added = after.removeprefix(before)
    assert added.strip().startswith("Tillagt 2026-11-24 10.00")
    assert added.count("Du: ja\n") == 2, "one said again within the minute, and the beginning of the last"
    assert "men inte hemma" in added
    assert "Språk" not in added


async def test_after_registration_a_new_concern_gets_a_record_of_its_own(
    youth: Youth, database: Database, clock: FakeClock
) -> None:
    youth.send("hej")
    first = mark(youth, database, clock)
    with database.transaction() as session:
        preserve.register(session, first.id, number="SN 2026/17", staff_id="s", now=clock())
    clock.advance(days=1)
    youth.send(WRITTEN)
    second = mark(youth, database, clock)
    youth.send("det sista jag skriver är viktigt")
    erase(youth, database, clock)

    assert (second.kept, second.id != first.id) == (Kept.ANOTHER, True)
    with database.reading() as session:
        documents = {row.id: row.document for row in session.scalars(select(PreservedRecord))}
        assert [record.record_id for record in preserve.records(session)] == [second.id, first.id]
    assert WRITTEN not in documents[first.id]
    assert WRITTEN in documents[second.id]
    assert "det sista jag skriver är viktigt" in documents[second.id]
