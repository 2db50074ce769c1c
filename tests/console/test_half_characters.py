"""Half a character in what a youth wrote breaks no page, whether it came today or was kept before it was mended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from bot.clock import FakeClock
from bot.conversations.models import InboundMessage, OutboundMessage
from bot.db.session import Database
from bot.handover.models import Reason
from bot.handover.service import Handover
from bot.languages import Language
from bot.people.requests import export_of
from tests.console.conftest import Browser
from tests.conversations.conftest import Youth

Settle = Callable[[], Awaitable[None]]
WORDS = "min styvfar slår mig \ud83d"
SHOWN = "min styvfar slår mig \ufffd"


def keep_as_before(database: Database) -> None:
    """Put into the database what was kept there before words were mended on their way in."""
    with database.transaction() as session:
        for message in session.scalars(select(InboundMessage)):
            message.raw_text = message.text = WORDS
        for reply in session.scalars(select(OutboundMessage)):
            reply.text = "svar \ud83d"
            reply.buttons = [{"title": "Ja \ude00", "token": "x"}]


@pytest.mark.parametrize("before", [False, True])
async def test_every_page_of_the_chat_is_shown(
    maria: Browser, youth: Youth, settle: Settle, handover: Handover, database: Database, clock: FakeClock, before: bool
) -> None:
    youth.send(WORDS)
    await settle()
    conversation = youth.conversation.id
    handover.request(conversation_id=conversation, reason=Reason.ASKED, request_key="1")
    if before:
        keep_as_before(database)

    await maria.post(f"/chats/{conversation}/take")
    for path in (f"/chats/{conversation}", f"/logs/{conversation}", f"/plans/{conversation}"):
        page = await maria.get(path)
        assert page.status_code == 200, path
        assert SHOWN in page.text or path.startswith("/plans")
    await maria.post(f"/reports/{conversation}", on=f"/reports/{conversation}")
    record = (await maria.get("/reports")).text.split("/console/reports/")[1].split("/papers")[0]
    papers = await maria.post(f"/reports/{record}/papers", on="/reports")
    assert papers.status_code == 200
    assert SHOWN in papers.text
    assert SHOWN.encode() in export_of(database, conversation, Language.SV, clock()).encode()
