"""The inbox: three views of the same conversations, what is unread, who types."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event, select

from bot.clock import FakeClock
from bot.console.chatlist import page_of
from bot.db.session import Database
from bot.handover.models import Handover as Request
from bot.handover.models import Reason
from bot.handover.service import Handover
from bot.livechat import typing
from bot.livechat.models import Side, TypingSign
from tests.console.conftest import Browser
from tests.conversations.conftest import Youth
from tests.handover.steps import ask, request_of

Open = Callable[[], Browser]
Add = Callable[..., str]


@pytest.fixture
async def chat(maria: Browser, youth: Youth, handover: Handover, database: Database) -> str:
    """The address of a live chat of Maria's, which she has open."""
    youth.send("hej")
    ask(handover, youth, municipality="Motala")
    await maria.post(f"/handovers/{request_of(database, youth).id}/claim")
    return f"/chats/{youth.conversation.id}"


async def test_each_view_shows_its_own(
    maria: Browser, youth: Youth, make_youth: Callable[[str], Youth], handover: Handover, chat: str
) -> None:
    waiting, alone = make_youth("waiting"), make_youth("alone")
    waiting.send("hallå")
    ask(handover, waiting, municipality="Mjölby")
    alone.send("hej hej")

    mine, queue, everything = [await maria.text(f"/chats?view={view}") for view in ("mine", "waiting", "all")]

    assert "Motala" in mine
    assert "Mjölby" not in mine
    assert "Mjölby" in queue
    assert "Motala" not in queue
    assert all(place in everything for place in ("Motala", "Mjölby", "Okänd kommun"))
    assert "hos mig" in everything


async def test_a_list_holds_no_words_of_the_youth(maria: Browser, youth: Youth, chat: str) -> None:
    youth.send("det här är mina egna ord")

    for view in ("mine", "waiting", "all"):
        assert "egna ord" not in await maria.text(f"/chats?view={view}")


async def test_the_whole_list_is_that_of_ones_municipalities(
    open_browser: Open, add_account: Add, youth: Youth, handover: Handover, chat: str
) -> None:
    add_account("omar", municipalities=("Ydre",))
    omar = open_browser()
    await omar.sign_in("omar")

    assert "Motala" not in await omar.text("/chats?view=all")


async def test_what_comes_while_the_page_is_hidden_stays_unread_until_it_is_seen(
    maria: Browser, youth: Youth, chat: str
) -> None:
    await maria.get(chat)
    assert "oläst" not in await maria.text("/chats?view=mine")
    youth.send("är du där?")
    youth.send("hallå")

    await maria.get(chat, headers={"X-Live": "1", "X-Hidden": "1"})
    assert "2 olästa" in await maria.text("/chats?view=mine")

    await maria.get(chat, headers={"X-Live": "1"})
    assert "oläst" not in await maria.text("/chats?view=mine")


async def test_only_the_owner_is_seen_typing_and_the_sign_fades(
    maria: Browser, open_browser: Open, add_account: Add, youth: Youth, database: Database, chat: str, clock: FakeClock
) -> None:
    add_account("omar")
    omar = open_browser()
    await omar.sign_in("omar")

    def seen() -> bool:
        with database.reading() as session:
            return typing.is_typing(session, youth.conversation, Side.STAFF, clock())

    assert (await omar.post(f"{chat}/typing")).status_code == 409
    assert not seen()
    assert (await maria.post(f"{chat}/typing")).status_code == 204
    assert seen()
    clock.advance(seconds=typing.FADES.total_seconds())
    assert not seen()


async def test_a_message_takes_the_sign_of_typing_down(
    maria: Browser, youth: Youth, database: Database, chat: str, clock: FakeClock
) -> None:
    await maria.post(f"{chat}/typing")
    await maria.post(f"/handovers/{request_of(database, youth).id}/reply", {"text": "hej", "key": "k"})
    with database.transaction() as session:
        assert session.scalars(select(TypingSign)).all() == []
    clock.advance(seconds=1)
    conversation_id = youth.conversation.id
    with database.transaction() as session:
        assert typing.note(session, conversation_id, Side.YOUTH, clock())
    assert "Den unga skriver" in await maria.text(chat)

    clock.advance(seconds=1)
    youth.send("så")

    assert "Den unga skriver" not in await maria.text(chat)


async def test_nobody_is_seen_typing_to_the_bot(youth: Youth, database: Database, clock: FakeClock) -> None:
    youth.send("hej")
    conversation_id = youth.conversation.id
    with database.transaction() as session:
        assert not typing.note(session, conversation_id, Side.YOUTH, clock())
        assert session.scalars(select(TypingSign)).all() == []


async def test_what_came_before_is_told_beside_the_chat(
    maria: Browser, youth: Youth, handover: Handover, database: Database, chat: str, clock: FakeClock
) -> None:
    await maria.post(f"/handovers/{request_of(database, youth).id}/hand-back", {"reason": "booked_meeting"})
    clock.advance(hours=1)
    handover.request(conversation_id=youth.conversation.id, reason=Reason.ASKED, request_key="again")

    assert "bad om en människa, Maria En tid är bokad" in await maria.text(chat)


def test_a_list_asks_the_database_as_often_for_many_as_for_few(
    database: Database, make_youth: Callable[[str], Youth]
) -> None:
    def statements() -> int:
        count = 0

        def note(*_: object) -> None:
            nonlocal count
            count += 1

        event.listen(database.engine, "before_cursor_execute", note)
        with database.reading() as session:
            rows, _ = page_of(session, [], 1)
        event.remove(database.engine, "before_cursor_execute", note)
        assert rows
        return count

    make_youth("first").send("hej")
    few = statements()
    for number in range(12):
        make_youth(f"y{number}").send("hej")

    assert statements() == few


async def test_a_colleague_is_asked_sees_the_chat_and_takes_it_over(
    maria: Browser, open_browser: Open, add_account: Add, youth: Youth, database: Database, chat: str
) -> None:
    omar_id = add_account("omar", municipalities=("Ydre",))
    omar = open_browser()
    await omar.sign_in("omar")
    request = request_of(database, youth).id
    assert (await omar.get(chat)).status_code == 404, "not his municipality, and nobody has asked him"

    assert (await maria.post(f"/handovers/{request}/offer", {"to": omar_id})).status_code == 303
    assert "Du har frågat Omar" in await maria.text(chat)
    assert "En kollega undrar om du kan ta över: Motala" in await omar.text("/")
    assert "Maria undrar om du kan ta över chatten" in await omar.text(chat)

    await omar.post(f"/handovers/{request}/accept")

    assert request_of(database, youth).owner == omar_id
    assert "Omar har chatten" in await maria.text(chat)
    assert (await maria.post(f"/handovers/{request}/offer", {"to": omar_id})).status_code == 409


async def test_a_colleague_who_says_no_leaves_the_chat_where_it_is(
    maria: Browser, open_browser: Open, add_account: Add, youth: Youth, database: Database, chat: str
) -> None:
    omar_id = add_account("omar")
    omar = open_browser()
    await omar.sign_in("omar")
    request = request_of(database, youth)
    await maria.post(f"/handovers/{request.id}/offer", {"to": omar_id})

    await omar.post(f"/handovers/{request.id}/refuse")

    assert request_of(database, youth).owner == request.owner
    assert (await omar.post(f"/handovers/{request.id}/accept")).status_code == 409


async def test_what_was_agreed_is_said_to_the_youth(
    maria: Browser, youth: Youth, database: Database, chat: str
) -> None:
    request = request_of(database, youth).id
    long = {"reason": "counsellor_closed", "agreed": "a" * 161}
    assert (await maria.post(f"/handovers/{request}/hand-back", long)).status_code == 422

    await maria.post(f"/handovers/{request}/hand-back", {"reason": "counsellor_closed", "agreed": "Vi hörs på fredag"})

    assert "Vi hörs på fredag" in youth.heard()[-1]


async def test_own_words_for_the_counsellor_stand_in_the_chat_and_in_no_list(
    maria: Browser, youth: Youth, handover: Handover, database: Database
) -> None:
    youth.send("hej")
    ask(handover, youth, municipality="Motala")
    request = request_of(database, youth).id
    with database.transaction() as session:
        session.get_one(Request, request).youth_words = "jag orkar inte med stora klasser"

    for page in ("/", "/chats?view=waiting"):
        assert "stora klasser" not in await maria.text(page)
    assert "Egna ord : jag orkar inte med stora klasser" in await maria.text(f"/chats/{youth.conversation.id}")


async def test_a_queue_says_by_when_to_answer_and_what_is_overdue(
    maria: Browser, youth: Youth, handover: Handover, clock: FakeClock
) -> None:
    youth.send("hej")
    ask(handover, youth, municipality="Motala")
    chat = f"/chats/{youth.conversation.id}"

    for page in ("/", "/chats?view=waiting", chat):
        assert "Svar senast 10.30" in await maria.text(page)

    clock.advance(minutes=31)
    for page in ("/", "/chats?view=waiting", chat):
        assert "Skulle ha fått svar 10.30" in await maria.text(page)

    await maria.post(f"/handovers/{handover.queue([])[0].handover_id}/claim")
    assert "ha fått svar" not in await maria.text(chat)
