"""The youth's own copy: everything, readable, in both languages, and only for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.bell import Bell
from bot.clock import FakeClock
from bot.conversations import outbox
from bot.conversations.models import Conversation
from bot.conversations.worker import Worker
from bot.db.session import Database
from bot.errors import BotError
from bot.languages import Language
from bot.people import export
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
        for number in range(12):
            bubble = Bubble(f"rad {number} {'ord ' * 300}")
            outbox.queue(session, held, key=f"long:{number}", bubble=bubble, now=clock())
    youth.send("/min_data")
    await settle()

    said = [row.text for row in youth.outbox() if row.response == "utter_my_data_here"]
    assert len(said) > 3
    assert all(len(part) <= 4096 for part in said)
    whole = "\n".join(said)
    assert [number for number in range(12) if f"rad {number} " not in whole] == []
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
        text = next(row.text for row in reversed(youth.outbox()) if row.response == "utter_my_data_link")
        return text.split("/my-data/")[1].split("?")[0]

    def use(secret: str) -> str | None:
        with database.transaction() as session:
            return export.use_link(session, secret, clock())

    youth.send(f"hej {WORD}")
    await settle_with_links()
    youth.send("/minadata")
    await settle_with_links()
    first = latest()
    assert tables_with(database, first) == {"outbound_message.text"}, "the secret stands in the message alone"
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
