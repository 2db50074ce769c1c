"""The bot can never speak over a person, whatever happens in whatever order (product.md 2.2, rule 2)."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.bell import Bell
from bot.clock import FakeClock
from bot.conversations.inbox import QUIET, Inbox
from bot.conversations.models import InboundKind, OutboundState
from bot.conversations.worker import Worker
from bot.db.base import new_id
from bot.db.session import Database
from bot.errors import DialogueFailed, DialogueUnavailable
from bot.handover.models import EndReason
from bot.handover.service import Handover
from bot.people.vault import Vault
from bot.texts import Texts
from tests.conftest import NOW
from tests.conversations.conftest import Youth
from tests.databases import make_database
from tests.fakes.dialogue import FakeDialogue
from tests.handover.conftest import add_counsellor_to
from tests.handover.steps import ask, requests_of

_ACTS = st.lists(
    st.sampled_from(["write", "voice", "edit", "ask", "claim", "claim meanwhile", "reply", "hand back", "put back",
                     "down", "broken", "late", "sweep"]),
    min_size=4, max_size=14,
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=_ACTS)
def test_while_a_person_has_the_chat_nothing_of_the_bot_goes_out(
    acts: list[str], tmp_path: Path, texts: Texts, vault: Vault
) -> None:
    for database in make_database("sqlite", tmp_path / new_id()):
        asyncio.run(_play(database, acts, texts, vault))


async def _play(database: Database, acts: list[str], texts: Texts, vault: Vault) -> None:
    clock, dialogue = FakeClock(NOW), FakeDialogue()
    handover = Handover(database, clock, texts)
    worker = Worker(database, dialogue, texts, clock, Bell(), name="worker")
    youth = Youth(Inbox(database, vault, texts, clock), database, clock, "anna")
    maria = add_counsellor_to(database, clock, "Maria")
    youth.send("hej", channel_message_id="first")
    live_from: int | None = None

    def request() -> str:
        rows = requests_of(database, youth)
        return rows[-1].id if rows else "none"

    def claim() -> None:
        handover.claim(request(), maria)

    for act in ["write", *acts]:
        dialogue.meanwhile = None
        match act:
            case "write" | "late":
                youth.send("vad är komvux?")
                clock.advance(seconds=0 if act == "late" else 10)
            case "voice":
                youth.send(None, kind=InboundKind.OTHER, detail="voice")
            case "edit":
                youth.send("hej igen", kind=InboundKind.EDIT, channel_message_id="first")
            case "ask":
                ask(handover, youth)
            case "claim":
                claim()
            case "claim meanwhile":
                ask(handover, youth)
                clock.advance(minutes=31)
                handover.sweep()
                dialogue.meanwhile = claim
                youth.send("och pengar?")
            case "reply":
                handover.reply(request(), maria, "Hej!", new_id())
            case "hand back":
                handover.hand_back(request(), maria, EndReason.COUNSELLOR_CLOSED)
            case "put back":
                handover.put_back(request(), maria)
            case "down":
                dialogue.errors.append(DialogueUnavailable("down"))
            case "broken":
                dialogue.errors.append(DialogueFailed("broken"))
            case "sweep":
                handover.sweep()
        clock.advance(seconds=QUIET.total_seconds())
        while await worker.work_once():
            pass
        live_from = _check(youth, live_from)


def _check(youth: Youth, live_from: int | None) -> int | None:
    """Return from which message on a person has the chat; fail if the bot has said anything since."""
    if youth.conversation.state != "LIVE":
        return None
    rows = youth.outbox()
    since = live_from if live_from is not None else max(
        row.seq for row in rows if row.key.startswith(("joined:", "transferred:"))
    )  # fmt: skip
    said = [row for row in rows if row.seq > since and row.author == "bot" and row.state != OutboundState.NOT_SENT]
    assert said == [], [row.key for row in said]
    return since
