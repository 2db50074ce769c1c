"""The youth's own copy: everything, readable, in both languages, and only for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.alerts.outbox import tell
from bot.bell import Bell
from bot.clock import FakeClock
from bot.console.models import AccessLog
from bot.console.words import ACCESS
from bot.conversations import outbox
from bot.conversations.models import Conversation
from bot.conversations.worker import Worker
from bot.db.session import Database
from bot.errors import BotError
from bot.handover.thread import thread_of
from bot.languages import Language
from bot.people import own_copy, preserve
from bot.people.requests import NoSuchConversation, export_of, forget_person, write_private
from bot.texts import Bubble, Texts
from tests.conversations.conftest import Youth
from tests.fakes.dialogue import FakeDialogue
from tests.people.canary import PHONE, WORD, tables_with
from tests.people.test_canary import leave_traces

Settle = Callable[[], Awaitable[None]]


@pytest.mark.parametrize("language", list(Language))
async def test_the_copy_holds_every_store(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, texts: Texts, dialogue: FakeDialogue,
    language: Language,
) -> None:  # fmt: skip
    await leave_traces(youth, settle, database, clock, texts, dialogue)
    copy = export_of(database, youth.conversation.id, language, clock())

    for wanted in (
        f"hej {WORD}, ring {PHONE}", f"Hej {WORD}, jag ringer {PHONE}", "voice", "Motala", f"goal: {WORD}",
        "phone_number_1", "greet", "/my_data", "Maria",
    ):  # fmt: skip
        assert wanted in copy
    # Notes are for colleagues; the copy says that there is one, and whom to ask.
    assert f"om {WORD}" not in copy
    assert f"om {WORD}" in export_of(database, youth.conversation.id, language, clock(), with_notes=True)


async def test_every_table_that_is_added_is_in_the_copy(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, texts: Texts, dialogue: FakeDialogue
) -> None:
    await leave_traces(youth, settle, database, clock, texts, dialogue)
    copy = export_of(database, youth.conversation.id, Language.SV, clock())

    # `alert` and `handover_event` have no section of their own.
    assert "handover_event – " in copy


async def test_where_nobody_can_follow_a_link_the_copy_comes_in_parts_that_fit(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock
) -> None:
    youth.send("hej")
    with database.transaction() as session:
        held = outbox.lock_conversation(session, youth.conversation.id)
        assert held is not None
        for number in range(60):
            bubble = Bubble(f"rad {number} {'ord ' * 300}")
            outbox.queue(session, held, key=f"long:{number}", bubble=bubble, now=clock())
    youth.send("/min_data")
    await settle()

    said = [row.text for row in youth.outbox() if row.response == "utter_my_data_here"]
    assert len(said) > 20
    assert all(len(part) <= 4096 for part in said)
    whole = "\n".join(said)
    assert [number for number in range(60) if f"rad {number} " not in whole] == []
    youth.send("/mydata")
    await settle()
    again = [row.text for row in youth.outbox() if row.response == "utter_my_data_here"]
    assert len(again) < 2 * len(said) + 3, "a copy does not hold the copies before it"


@pytest.fixture
def settle_with_links(database: Database, dialogue: FakeDialogue, texts: Texts, clock: FakeClock) -> Settle:
    """Let a worker work whose pages people can reach."""
    worker = Worker(database, dialogue, texts, clock, Bell(), name="w", public_url="https://chatt.example.se")

    async def run() -> None:
        clock.advance(seconds=3)
        while await worker.work_once():
            pass

    return run


async def test_a_link_works_once_and_for_an_hour(
    youth: Youth, settle_with_links: Settle, database: Database, clock: FakeClock
) -> None:
    def latest() -> str:
        text = next(text for text in reversed(youth.heard()) if "/my-data/" in text)
        return text.split("/my-data/")[1].split("?")[0]

    def use(secret: str) -> str | None:
        with database.transaction() as session:
            return own_copy.use_link(session, secret, clock())

    youth.send(f"hej {WORD}")
    await settle_with_links()
    youth.send("/minadata")
    await settle_with_links()
    first = latest()
    assert tables_with(database, first) == set(), "the secret stands nowhere"
    youth.send("/minadata")
    await settle_with_links()
    second = latest()

    assert use(first) is None, "a newer link makes the older worthless"
    copy = use(second)
    assert copy is not None
    assert WORD in copy
    assert use(second) is None
    youth.send("/minadata")
    await settle_with_links()
    clock.advance(hours=1, seconds=1)
    assert use(latest()) is None
    assert use("nonsense") is None


@pytest.mark.parametrize("public", [True, False])
@pytest.mark.parametrize("real", [True, False])
async def test_nobody_but_the_youth_reads_the_answer(
    youth: Youth, settle: Settle, settle_with_links: Settle, database: Database, public: bool, real: bool
) -> None:
    run = settle_with_links if public else settle
    youth.send(f"hej {WORD}, ring {PHONE}")
    await run()
    youth.send("/minadata")
    await run()

    with database.reading() as session:
        lines = thread_of(session, youth.conversation.id, real=real)
    shown = [line.text for line in lines if (line.response or "").startswith("utter_my_data_")]
    assert shown
    assert set(shown) == {"[En kopia av allt som är sparat. Den visas bara för den unga.]"}
    assert not any("/my-data/" in line.text for line in lines)


async def test_what_the_bot_took_for_danger_is_said_kindly(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock
) -> None:
    youth.send("hej")
    await settle()
    assert "tecken" not in export_of(database, youth.conversation.id, Language.SV, clock())
    youth.send("jag vill inte leva längre")
    await settle()

    sv, en = (export_of(database, youth.conversation.id, language, clock()) for language in Language)
    assert "Boten har läst något du skrev som ett tecken på att du kanske mår så dåligt" in sv
    assert "jag vill inte leva längre [boten läste det här som ett tecken på att du kanske mår så dåligt" in sv
    assert "as a sign that you may feel so bad" in en
    assert "self_harm" not in sv + en


async def test_a_record_that_the_law_keeps_is_said_with_whom_to_ask(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock
) -> None:
    youth.send("hej")
    await settle()
    with database.transaction() as session:
        preserve.mark(session, youth.conversation, staff_id="s", municipality="Motala", now=clock())

    assert "Fråga kommunen om du vill veta mer" in export_of(database, youth.conversation.id, Language.SV, clock())


@pytest.mark.parametrize("language", list(Language))
async def test_every_opening_by_staff_is_said_in_words(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, language: Language
) -> None:
    youth.send("hej")
    await settle()
    with database.transaction() as session:
        for what in ACCESS:
            session.add(AccessLog(at=clock(), staff_id="s", conversation_id=youth.conversation.id, what=what))

    copy = export_of(database, youth.conversation.id, language, clock())
    assert [what for what in ACCESS if f": {what}\n" in copy] == []


async def test_an_account_of_staff_is_never_in_the_copy(youth: Youth, database: Database, clock: FakeClock) -> None:
    youth.send("hej")
    with database.transaction() as session:
        tell(session, None, "x", key="x", now=clock(), conversation_id=youth.conversation.id, address="4711004711")

    for with_notes in (True, False):
        copy = export_of(database, youth.conversation.id, Language.SV, clock(), with_notes=with_notes)
        assert "4711004711" not in copy


async def test_staff_can_erase_and_give_a_copy_on_request(
    youth: Youth, settle: Settle, database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    youth.send(f"hej {WORD}")
    await settle()
    conversation = youth.conversation.id
    out = tmp_path / "copy.txt"
    write_private(out, export_of(database, conversation, Language.SV, clock()))
    assert WORD in out.read_text(encoding="utf-8")
    assert out.stat().st_mode & 0o077 == 0
    with pytest.raises(BotError, match="another file"):
        write_private(out, "x")

    done = forget_person(database, conversation, clock())
    assert (done.by, done.address) == ("staff", "anna")
    assert tables_with(database, WORD) == set()
    with database.reading() as session:
        assert session.scalars(select(Conversation)).all() == []
    for work in (
        lambda: forget_person(database, conversation, clock()),
        lambda: export_of(database, conversation, Language.SV, clock()),
    ):
        with pytest.raises(NoSuchConversation, match="console"):
            work()
