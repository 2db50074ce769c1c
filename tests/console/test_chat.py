"""A chat from the queue to its end, over plain HTTP: answers and rows."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from bot.clock import FakeClock
from bot.console.access import ONE_OPENING
from bot.console.models import AccessLog, Note
from bot.conversations.models import InboundKind, OutboundMessage
from bot.conversations.outbox import lock_conversation
from bot.db.session import Database
from bot.handover.models import EndReason
from bot.handover.service import Handover
from bot.people import erasure
from tests.console.conftest import Browser, words
from tests.conversations.conftest import Youth
from tests.handover.steps import ask, long_talk, request_of

Open = Callable[[], Browser]
Add = Callable[..., str]
Settle = Callable[[], Awaitable[None]]


@pytest.fixture
def waiting(youth: Youth, handover: Handover, database: Database) -> str:
    """A request of somebody who gave their number."""
    youth.send("ring mig på 070-123 45 67")
    ask(handover, youth, municipality="Motala")
    return request_of(database, youth).id


def openings(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.scalars(select(AccessLog.what)))


def everything_queued(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(OutboundMessage.text)))


async def test_a_counsellor_sees_who_waits_and_why(maria: Browser, waiting: str) -> None:
    page = await maria.text("/")

    assert "Väntar på en människa 1" in page
    assert "Motala" in page
    assert "Bad om en människa · svenska" in page
    assert "Senast" in page
    assert "070" not in page


async def test_taking_a_chat_shows_the_real_words_and_tells_the_youth(
    maria: Browser, youth: Youth, waiting: str, database: Database
) -> None:
    chat = f"/chats/{youth.conversation.id}"
    before = await maria.text(chat)
    assert "<phone_number_1>" in before
    assert "070-123" not in before

    taken = await maria.post(f"/handovers/{waiting}/claim")

    assert (taken.status_code, taken.headers["location"]) == (303, f"/console{chat}")
    assert "ring mig på 070-123 45 67" in await maria.text(chat)
    assert request_of(database, youth).state == "LIVE"
    assert youth.said()[-1] == "utter_human_joined"
    assert openings(database) == ["chat", "chat_real"]


async def test_two_who_press_take_over_at_once_are_one_winner_and_one_who_hears_who_it_was(
    maria: Browser, open_browser: Open, add_account: Add, waiting: str
) -> None:
    add_account("omar")
    omar = open_browser()
    await omar.sign_in("omar")

    answers = await asyncio.gather(*(one.post(f"/handovers/{waiting}/claim") for one in (maria, omar)))

    assert sorted(answer.status_code for answer in answers) == [303, 409]
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert re.search(r"(Maria|Omar) hann före", words(loser))


async def test_a_reply_reaches_the_outbox_once_however_often_it_is_sent(
    maria: Browser, youth: Youth, waiting: str, database: Database
) -> None:
    await maria.post(f"/handovers/{waiting}/claim")
    page = await maria.get(f"/chats/{youth.conversation.id}")
    key = re.search(r'name="key" value="([^"]+)"', page.text)
    assert key is not None

    for _ in range(2):
        sent = await maria.post(f"/handovers/{waiting}/reply", {"text": "Hej!\r\nHur är det?", "key": key[1]})
        assert sent.status_code == 303

    assert youth.heard().count("Hej!\nHur är det?") == 1
    assert request_of(database, youth).turn_marker == "WAITING_YOUTH"
    assert "Hej! Hur är det?" in await maria.text(f"/chats/{youth.conversation.id}")


@pytest.mark.parametrize(("text", "status"), [("", 422), ("  ", 422), ("a" * 4001, 422)])
async def test_an_unfit_reply_is_refused_and_nothing_is_said(
    maria: Browser, youth: Youth, waiting: str, text: str, status: int
) -> None:
    await maria.post(f"/handovers/{waiting}/claim")
    before = len(youth.outbox())

    answer = await maria.post(f"/handovers/{waiting}/reply", {"text": text, "key": "k"})

    assert answer.status_code == status
    assert len(youth.outbox()) == before


async def test_only_the_owner_can_answer_or_end_a_chat(
    maria: Browser, open_browser: Open, add_account: Add, youth: Youth, waiting: str, database: Database
) -> None:
    await maria.post(f"/handovers/{waiting}/claim")
    add_account("omar")
    omar = open_browser()
    await omar.sign_in("omar")

    page = await omar.text(f"/chats/{youth.conversation.id}")
    assert "Maria har chatten." in page
    assert "070-123" not in page
    for form, data in (
        ("reply", {"text": "hej", "key": "k"}),
        ("hand-back", {"reason": "counsellor_closed"}),
        ("put-back", {}),
    ):
        assert (await omar.post(f"/handovers/{waiting}/{form}", data)).status_code == 409
    assert request_of(database, youth).state == "LIVE"
    assert "hej" not in youth.heard()


async def test_handing_back_ends_the_chat_with_its_reason(
    maria: Browser, youth: Youth, waiting: str, database: Database
) -> None:
    await maria.post(f"/handovers/{waiting}/claim")
    assert (await maria.post(f"/handovers/{waiting}/hand-back", {"reason": "bad"})).status_code == 422
    internal = await maria.post(f"/handovers/{waiting}/hand-back", {"reason": "internal_error"})
    assert internal.status_code == 422

    done = await maria.post(f"/handovers/{waiting}/hand-back", {"reason": "booked_meeting"})

    assert done.headers["location"] == "/console/"
    assert request_of(database, youth).end_reason == EndReason.BOOKED_MEETING
    assert youth.conversation.state == "BOT"
    assert "070-123" not in await maria.text(f"/chats/{youth.conversation.id}"), "the words are hidden again"


async def test_a_chat_can_be_put_back_for_a_colleague(
    maria: Browser, youth: Youth, waiting: str, database: Database
) -> None:
    await maria.post(f"/handovers/{waiting}/claim")
    assert (await maria.post(f"/handovers/{waiting}/put-back")).status_code == 303

    assert request_of(database, youth).state == "REQUESTED"
    assert "lagd tillbaka i kön" in await maria.text("/")


async def test_notes_are_kept_for_staff_and_never_reach_the_outbox(
    maria: Browser, youth: Youth, waiting: str, database: Database, handover: Handover
) -> None:
    chat = f"/chats/{youth.conversation.id}"
    notes = [
        "CANARY ring skolan",
        "/start CANARY",
        "bot:human CANARY",
        "CANARY {name} %s",
        "<phone_number_1> CANARY",
    ]
    await maria.post(f"/handovers/{waiting}/claim")
    for note in notes:
        assert (await maria.post(f"{chat}/notes", {"note": note, "text": note, "key": "k"})).status_code == 303
    await maria.post(f"/handovers/{waiting}/hand-back", {"reason": "counsellor_closed"})

    with database.reading() as session:
        assert sorted(one.for_staff for one in session.scalars(select(Note.text))) == sorted(notes)
    assert not [text for text in everything_queued(database) if "CANARY" in text]
    assert "CANARY ring skolan" in await maria.text(chat)
    assert (await maria.post(f"{chat}/notes", {"note": " "})).status_code == 422


async def test_every_opening_leaves_a_row_and_a_page_that_refreshes_itself_one_per_spell(
    maria: Browser, youth: Youth, waiting: str, database: Database, clock: FakeClock
) -> None:
    chat = f"/chats/{youth.conversation.id}"
    await maria.get(chat)
    for _ in range(5):
        await maria.get(chat, headers={"X-Live": "1"})
    assert openings(database) == ["chat"]

    await maria.get(chat)
    assert openings(database) == ["chat", "chat"]
    clock.advance(seconds=ONE_OPENING.total_seconds() + 1)
    await maria.get(chat, headers={"X-Live": "1"})
    assert openings(database) == ["chat"] * 3


async def test_somebody_in_danger_who_has_not_asked_can_be_written_to(
    maria: Browser, youth: Youth, database: Database
) -> None:
    youth.send("jag vill inte leva längre")
    chat = f"/chats/{youth.conversation.id}"
    assert "Tecken på fara" in await maria.text("/")
    assert "Ta kontakt med den unga" in await maria.text(chat)

    assert (await maria.post(f"{chat}/take", {"key": "k"})).status_code == 303

    assert request_of(database, youth).reason == "crisis"
    assert request_of(database, youth).state == "LIVE"


async def test_somebody_who_is_well_with_the_bot_is_left_in_peace(maria: Browser, youth: Youth) -> None:
    youth.send("hej")
    assert (await maria.post(f"/chats/{youth.conversation.id}/take", {"key": "k"})).status_code == 409
    assert youth.conversation.state == "BOT"


async def test_an_erased_chat_leaves_a_stub_without_content(
    maria: Browser, youth: Youth, waiting: str, database: Database, clock: FakeClock
) -> None:
    await maria.post(f"/handovers/{waiting}/claim")
    chat = f"/chats/{youth.conversation.id}"
    with database.transaction() as session:
        conversation = lock_conversation(session, youth.conversation.id)
        assert conversation is not None
        erasure.begin(session, conversation, clock())

    assert (await maria.get(chat)).status_code == 404
    assert (await maria.post(f"/handovers/{waiting}/reply", {"text": "hej", "key": "k"})).status_code == 404
    page = await maria.text("/")
    assert "raderades av den unga" in page
    assert "Motala" not in page


async def test_an_edit_stands_in_the_thread_with_what_it_replaced(
    maria: Browser, youth: Youth, waiting: str, settle: Settle
) -> None:
    youth.send("jag är 17", channel_message_id="m1")
    await settle()
    youth.send("jag är 18", kind=InboundKind.EDIT, channel_message_id="m1")
    await settle()

    page = await maria.text(f"/chats/{youth.conversation.id}")
    assert "jag är 18 Stod tidigare jag är 17" in page


async def test_a_long_chat_is_read_backwards_by_plain_links_and_back_again(
    maria: Browser, youth: Youth, waiting: str, database: Database, clock: FakeClock
) -> None:
    long_talk(database, youth, clock, "yb" * 160)
    for path in (f"/chats/{youth.conversation.id}", f"/logs/{youth.conversation.id}"):
        latest = await maria.get(path)
        link = re.search(r'href="/console([^"]+)#last-line">Visa tidigare', latest.text)
        assert link is not None
        assert ("rad 19 " not in words(latest), "rad 319 " in words(latest)) == (True, True)

        earlier = await maria.get(link[1])

        assert ("rad 319 " in words(earlier), "rad 0 " in words(earlier)) == (False, True)
        assert "ring mig på" in words(earlier)
        assert "Visa tidigare" not in earlier.text
        back = re.search(r'id="last-line"><a href="/console([^"]+)">Till det senaste', earlier.text)
        assert back is not None, "the link leads to where the reader was: the end of these lines"
        assert back[1] == path
    assert (await maria.get(f"/chats/{youth.conversation.id}?before=%00")).status_code == 200


async def test_who_reads_backwards_has_not_read_what_is_new(
    maria: Browser, youth: Youth, waiting: str, clock: FakeClock, database: Database
) -> None:
    await maria.post(f"/handovers/{waiting}/claim")
    chat = f"/chats/{youth.conversation.id}"
    await maria.get(chat)
    long_talk(database, youth, clock, "y" * 3)

    page = await maria.text(f"{chat}?before=2-1")
    assert "Gå till det senaste för att svara" in page
    assert "Ditt svar till den unga" not in page
    assert "3 olästa" in await maria.text("/chats?view=mine")

    await maria.get(chat)
    assert "olästa" not in await maria.text("/chats?view=mine")
