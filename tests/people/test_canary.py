"""A canary in every kind of message and every store; then `/radera`, then every table is searched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import func, select

from bot.booking.models import ContactHow
from bot.booking.service import Booking
from bot.clock import FakeClock
from bot.console.accounts import add_staff
from bot.console.models import Note
from bot.conversations import outbox
from bot.conversations.models import Author, InboundKind
from bot.db.session import Database
from bot.db.staff_words import StaffWords
from bot.handover.models import Reason
from bot.handover.service import Handover
from bot.languages import Language
from bot.people import data_map, own_copy, preserve
from bot.people.erasure import Eraser, receipt, receipt_was_sent, waiting_receipts
from bot.people.models import Erasure
from bot.texts import Bubble, Texts
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue
from tests.people.canary import MARKS, PHONE, WORD, fill_the_rest, tables_with

Settle = Callable[[], Awaitable[None]]


async def leave_traces(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, texts: Texts, dialogue: FakeDialogue
) -> str:
    """Write in every way there is; returns the counsellor's id."""
    with database.transaction() as session:
        staff, _ = add_staff(
            session, username="maria", display_name="Maria", roles=["counsellor"], municipalities=[], now=clock()
        )
    youth.send(f"hej {WORD}, ring {PHONE}", channel_message_id="m1")
    dialogue.slots = {"municipality": "Motala", "goal": WORD}
    await settle()
    youth.send(f"{WORD} igen, ring {PHONE}", kind=InboundKind.EDIT, channel_message_id="m1")
    youth.send(None, kind=InboundKind.OTHER, detail="voice")
    youth.send(None, kind=InboundKind.STICKER)
    await settle()
    youth.send("/minadata")
    youth.send("/integritet")
    await settle()
    youth.press("Läs mer")
    await settle()
    conversation = youth.conversation.id
    Booking(database, clock).book(
        conversation_id=conversation, municipality="Motala", topic=WORD, how=ContactHow.PHONE,
        starts_at=Booking(database, clock).free_times("Motala")[0].starts_at, call_me=WORD,
        contact="<phone_number_1>", request_key="canary",
    )  # fmt: skip
    handover = Handover(database, clock, texts)
    handover.request(conversation_id=conversation, reason=Reason.ASKED, request_key="ask")
    request = handover.queue([])[0].handover_id
    handover.claim(request, staff.id)
    handover.reply(request, staff.id, f"Hej {WORD}, jag ringer {PHONE}", "reply-1")
    youth.send(f"tack, mejla {WORD}@example.se", channel_message_id="m2")
    await settle()
    with database.transaction() as session:
        held = outbox.lock_conversation(session, conversation)
        assert held is not None
        session.add(
            Note(conversation_id=conversation, staff_id=staff.id, text=StaffWords(f"om {WORD}"), created_at=clock())
        )
        outbox.queue(
            session, held, key="later", bubble=Bubble(f"påminnelse {WORD}", (), None), now=clock(),
            author=Author.COUNSELLOR, due_at=clock(),
        )  # fmt: skip
        own_copy.make_link(session, held, Language.SV, clock())
    fill_the_rest(database, conversation, youth.conversation.person_id, clock())
    return staff.id


async def test_after_erasure_no_table_holds_a_word_of_the_person(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, texts: Texts, dialogue: FakeDialogue
) -> None:
    await leave_traces(youth, settle, database, clock, texts, dialogue)
    conversation = youth.conversation
    before = {place.split(".")[0] for place in tables_with(database, *MARKS)}
    # The canary really sat everywhere, or its absence would prove nothing.
    assert before >= {"inbound_message", "outbound_message", "turn", "vault_value", "booking", "note"}

    youth.send("/radera")
    await settle()
    youth.press("Ja, ta bort det")
    await settle()
    assert await Eraser(database, dialogue, clock).work_once()
    with database.transaction() as session:
        (waiting,) = waiting_receipts(session, "test")
        said = receipt(texts, waiting).text
        receipt_was_sent(session, waiting.id, clock())

    assert tables_with(database, *MARKS) == set()
    assert dialogue.deleted == [conversation.id]
    left = tables_with(database, conversation.id, conversation.person_id, youth.address)
    # The content-free receipt and the record of who read what stay, by the random number alone.
    assert left <= {"erasure.conversation_id", "access_log.conversation_id"}
    assert "bokningar: 1" in said


async def test_the_traces_lie_in_every_table_of_a_person(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, texts: Texts, dialogue: FakeDialogue
) -> None:
    await leave_traces(youth, settle, database, clock, texts, dialogue)
    counted = {}
    with database.reading() as session:
        for table in data_map.tables_of_a_person():
            counted[table.name] = session.scalar(select(func.count()).select_from(table))
    assert [name for name, rows in counted.items() if not rows] == [], "a table without traces proves nothing"


async def test_what_belongs_to_a_report_stays_and_the_receipt_says_so(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, texts: Texts, dialogue: FakeDialogue
) -> None:
    staff_id = await leave_traces(youth, settle, database, clock, texts, dialogue)
    with database.transaction() as session:
        preserve.mark(session, youth.conversation, staff_id=staff_id, municipality="Motala", now=clock())
    youth.send("det sista jag skriver är viktigt")
    await settle()
    youth.send("/radera")
    await settle()
    youth.press("Ja, ta bort det")
    await settle()
    await Eraser(database, dialogue, clock).work_once()

    with database.reading() as session:
        (kept,) = preserve.records(session)
        said = receipt(texts, session.scalars(select(Erasure)).one()).text
    assert {place.split(".")[0] for place in tables_with(database, *MARKS)} == {"preserved_record"}
    assert tables_with(database, "det sista jag skriver är viktigt") == {"preserved_record.document"}
    assert kept.registered_at is None
    assert "så säger lagen" in said


async def test_a_message_that_comes_while_everything_goes_is_a_new_persons(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock
) -> None:
    youth.send(f"hej {WORD}")
    await settle()
    youth.send("/radera")
    await settle()
    # Both are due at once: the erasure first, then a text by somebody whom nobody knows any more.
    youth.press("Ja, ta bort det")
    youth.send("ett ord till")
    await settle()

    assert tables_with(database, WORD) == set()


def test_a_table_nobody_has_classified_counts_as_words_of_a_youth() -> None:
    entry = data_map.entry_of("a_table_of_tomorrow")
    assert (entry.about, entry.blank) == ("youth", data_map.Blank.DELETE)


def test_every_table_and_column_is_classified_and_what_is_sensitive_lies_encrypted() -> None:
    assert data_map.problems() == []
