"""Retention: what the plan says is what happens, and the statistics do not change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import func, select, update

from bot import metrics
from bot.alerts.models import MessageState, StaffMessage
from bot.alerts.outbox import tell
from bot.booking.models import BookingRow, ContactHow
from bot.booking.service import Booking
from bot.clock import FakeClock
from bot.console.accounts import add_staff
from bot.console.models import AccessLog
from bot.conversations import outbox
from bot.conversations.models import (
    Alert,
    Conversation,
    ConversationState,
    InboundMessage,
    OutboundState,
    Turn,
)  # fmt: skip
from bot.db.session import Database
from bot.handover.models import Handover as HandoverRow
from bot.handover.service import Handover
from bot.languages import Language
from bot.names import Response
from bot.people import preserve, retention, retention_plan
from bot.people.erasure import Eraser, waiting_receipts
from bot.people.models import Erasure, Person, PreservedRecord, RetentionRun
from bot.texts import Bubble, Texts
from tests.conftest import ROOT
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue
from tests.people.canary import MARKS, PHONE, WORD, tables_with
from tests.people.test_canary import leave_traces

Settle = Callable[[], Awaitable[None]]
PLAN = retention_plan.load(ROOT / "data")


def run(database: Database, clock: FakeClock, *, dry_run: bool = False) -> dict[str, int]:
    """Run the retention; returns what was removed."""
    report = retention.run(database, clock(), plan=PLAN, dry_run=dry_run)
    return {name: count for name, count in report.counts.items() if count}


def rows(database: Database, model: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def figures(database: Database, clock: FakeClock) -> dict[str, object]:
    """What statistics and `/metrics` count; times of the moment left out."""
    with database.reading() as session:

        def counted(*columns: object) -> list[str]:
            return sorted(map(str, session.execute(select(*columns)).all()))  # type: ignore[call-overload]

        return {
            "metrics": [line for line in metrics.exposition(database, clock()).splitlines() if "oldest" not in line],
            "turns": counted(Turn.intent, Turn.municipality, Turn.created_at),
            "messages": counted(InboundMessage.kind, InboundMessage.received_at),
            "handovers": counted(
                HandoverRow.reason, HandoverRow.end_reason, HandoverRow.requested_at, HandoverRow.first_reply_at
            ),
            "bookings": counted(BookingRow.state, BookingRow.how, BookingRow.starts_at),
            "people": counted(Person.channel, Person.created_at),
        }


async def test_words_as_written_go_after_a_week_and_masked_ones_stay(
    youth: Youth, database: Database, clock: FakeClock
) -> None:
    youth.send("jag heter Leyla")
    clock.advance(days=8)

    assert run(database, clock) == {"raw_text": 1}
    (message,) = youth.inbox()
    assert message.raw_text is None
    assert message.text is not None


async def test_a_silent_chat_is_emptied_in_every_store_and_counts_as_before(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, texts: Texts, dialogue: FakeDialogue
) -> None:
    staff_id = await leave_traces(youth, settle, database, clock, texts, dialogue)
    handover = Handover(database, clock, texts)
    with database.reading() as session:
        request = session.scalars(select(HandoverRow.id)).one()
    handover.put_back(request, staff_id)
    with database.transaction() as session:
        session.execute(update(HandoverRow).values(state="CLOSED", end_reason="youth_silent", owner=None))
        session.execute(update(Conversation).values(state=ConversationState.BOT))
        session.execute(update(Alert).values(acknowledged_at=clock()))
        for row in session.scalars(select(outbox.OutboundMessage)):
            row.state = "sent"
    conversation = youth.conversation
    assert tables_with(database, *MARKS)
    clock.advance(days=31)
    before = figures(database, clock)

    assert run(database, clock)["chat"] == 1
    await Eraser(database, dialogue, clock).work_once()

    assert tables_with(database, *MARKS, youth.address) == set()
    assert dialogue.deleted == [conversation.id]
    assert figures(database, clock) == before
    with database.reading() as session:
        assert waiting_receipts(session, "test") == []
    assert run(database, clock) == {}, "a second run finds nothing"


async def test_whoever_was_emptied_and_writes_again_is_new(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock
) -> None:
    youth.send("hej", update_id="first")
    await settle()
    clock.advance(days=31)
    run(database, clock)
    youth.send("hej igen")
    await settle()

    assert rows(database, Person) == 2
    assert [row.text for row in youth.inbox()] == ["hej igen"]


async def test_somebody_who_wrote_within_the_month_stays(youth: Youth, database: Database, clock: FakeClock) -> None:
    youth.send("hej")
    clock.advance(days=20)
    youth.send("hej igen")
    clock.advance(days=20)

    assert "chat" not in run(database, clock)
    assert youth.conversation.blanked_at is None


async def test_a_chat_that_a_person_has_is_left_alone(youth: Youth, database: Database, clock: FakeClock) -> None:
    youth.send("hej")
    with database.transaction() as session:
        session.execute(update(Conversation).values(state=ConversationState.LIVE))
    clock.advance(days=40)

    assert run(database, clock) == {}


@pytest.mark.parametrize("what", ["meeting", "message"])
async def test_what_lies_ahead_keeps_the_chat(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, what: str
) -> None:
    with database.transaction() as session:
        add_staff(session, username="maria", display_name="M", roles=["counsellor"], municipalities=[], now=clock())
    youth.send("hej")
    await settle()
    clock.advance(days=29)
    booking = Booking(database, clock)
    if what == "meeting":
        booking.book(
            conversation_id=youth.conversation.id, municipality="Motala", topic="money", how=ContactHow.CHAT,
            starts_at=booking.free_times("Motala", limit=50)[-1].starts_at, call_me=WORD, contact=None,
            request_key="b",
        )  # fmt: skip
    else:
        with database.transaction() as session:
            held = outbox.lock_conversation(session, youth.conversation.id)
            assert held is not None
            outbox.queue(
                session, held, key="k", bubble=Bubble("på tisdag"), now=clock(), due_at=clock() + timedelta(days=3)
            )
    clock.advance(days=2)

    assert "chat" not in run(database, clock)
    assert youth.conversation.blanked_at is None


async def test_a_meeting_keeps_its_chat_as_long_as_the_plan_keeps_the_meeting(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        add_staff(session, username="maria", display_name="M", roles=["counsellor"], municipalities=[], now=clock())
    youth.send("hej")
    await settle()
    clock.advance(days=29)
    booking = Booking(database, clock)
    at = booking.free_times("Motala", limit=50)[-1].starts_at
    booking.book(
        conversation_id=youth.conversation.id, municipality="Motala", topic="money", how=ContactHow.CHAT,
        starts_at=at, call_me=WORD, contact=None, request_key="b",
    )  # fmt: skip
    for now in (at + timedelta(minutes=10), at + PLAN["booking"].kept):
        clock.now = max(now, youth.inbox()[0].received_at + timedelta(days=31))
        assert not run(database, clock).keys() & {"chat", "booking"}
        assert "booking.call_me" in tables_with(database, WORD)
    clock.advance(minutes=1)

    assert run(database, clock)["chat"] == 1
    assert tables_with(database, WORD) == set()


async def test_a_meetings_words_go_a_month_after_it(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, texts: Texts, dialogue: FakeDialogue
) -> None:
    await leave_traces(youth, settle, database, clock, texts, dialogue)
    for _ in range(2):
        clock.advance(days=20)
        youth.send("jag är kvar")

    assert run(database, clock)["booking"] == 1
    assert not {place for place in tables_with(database, *MARKS) if place.startswith("booking.")}
    assert "booking" not in run(database, clock)


async def test_a_dry_run_only_counts(youth: Youth, database: Database, clock: FakeClock) -> None:
    youth.send("hej")
    clock.advance(days=40)

    assert run(database, clock, dry_run=True) == {"raw_text": 1, "chat": 1}
    assert youth.conversation.blanked_at is None
    assert rows(database, RetentionRun) == 0


async def test_what_an_earlier_version_left_in_messages_that_have_gone_is_emptied(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock
) -> None:
    youth.send(f"hej {WORD}")
    await settle()
    with database.transaction() as session:
        held = outbox.lock_conversation(session, youth.conversation.id)
        assert held is not None
        for key, state in (("old", OutboundState.SENT), ("new", OutboundState.QUEUED)):
            bubble = Bubble(f"allt om {WORD}", (), Response.UTTER_MY_DATA_HERE)
            outbox.queue(session, held, key=key, bubble=bubble, now=clock(), state=state)
            tell(session, None, key, key=key, now=clock(), address="4711")
        session.execute(update(StaffMessage).where(StaffMessage.key == "old").values(state=MessageState.SENT))
    run(database, clock)

    with database.reading() as session:
        accounts = {row.key: row.address for row in session.scalars(select(StaffMessage))}
    assert accounts == {"old": None, "new": "4711"}
    assert {row.key: row.text for row in youth.outbox() if row.key in accounts} == {"old": "", "new": f"allt om {WORD}"}


async def test_a_record_of_a_report_outlives_everything_until_it_is_registered(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock
) -> None:
    youth.send(f"{WORD} {PHONE}")
    await settle()
    with database.transaction() as session:
        record = preserve.mark(session, youth.conversation, staff_id="s", municipality="Motala", now=clock()).id
    clock.advance(days=2000)
    run(database, clock)
    run(database, clock)
    assert rows(database, Person) == 0
    assert tables_with(database, WORD) == {"preserved_record.document"}

    with database.transaction() as session:
        preserve.register(session, record, number="SN 2026/17", staff_id="s", now=clock())
    clock.advance(days=29)
    assert "preserved" not in run(database, clock)
    clock.advance(days=2)
    assert run(database, clock) == {"preserved": 1}
    assert rows(database, PreservedRecord) == 0


async def test_statistics_receipts_and_the_access_log_go_in_their_time(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, dialogue: FakeDialogue
) -> None:
    youth.send("hej")
    await settle()
    with database.transaction() as session:
        session.add(AccessLog(at=clock(), staff_id="s", conversation_id=youth.conversation.id, what="chat"))
    clock.advance(days=31)
    run(database, clock)
    await Eraser(database, dialogue, clock).work_once()
    clock.advance(days=91)
    assert run(database, clock) == {"receipt": 1}
    assert (rows(database, Erasure), rows(database, Person), rows(database, AccessLog)) == (0, 1, 1)
    clock.advance(days=730)

    gone = run(database, clock)
    assert (gone["statistics"], gone["access_log"]) == (1, 1)
    assert (rows(database, Person), rows(database, Turn), rows(database, AccessLog)) == (0, 0, 0)


def test_the_privacy_text_says_what_the_plan_says(texts: Texts) -> None:
    for language, day in ((Language.SV, "dagar"), (Language.EN, "days")):
        said = texts.say(Response.UTTER_PRIVACY_FULL_2, language).text
        assert f"{PLAN['raw_text'].days} {day}" in said
        assert f"{PLAN['chat'].days} {day}" in said


def test_the_receipt_of_an_erasure_says_how_long_the_access_log_stays(texts: Texts) -> None:
    assert PLAN["access_log"].days == 2 * 365
    assert "två år" in texts.say(Response.UTTER_DELETED_READERS, Language.SV).text
    assert "two years" in texts.say(Response.UTTER_DELETED_READERS, Language.EN).text


@pytest.mark.parametrize(
    ("key", "days"), [("chat", None), ("log", None), ("raw_text", 0), ("raw_text", 31), ("statistics", 1)]
)
def test_a_plan_that_cannot_be_is_refused(tmp_path: Path, key: str, days: int | None) -> None:
    content = yaml.safe_load((ROOT / "data" / "retention.yml").read_text(encoding="utf-8"))
    content["types"][key]["days"] = days
    (tmp_path / "retention.yml").write_text(yaml.safe_dump(content), encoding="utf-8")

    with pytest.raises(retention_plan.PlanError, match=r"retention\.yml"):
        retention_plan.load(tmp_path)
