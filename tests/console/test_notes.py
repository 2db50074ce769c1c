"""Notes are for staff alone: no order of what staff and youths do lets one word of a note out."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from bot.channels.webchat import timeline
from bot.channels.webchat.words import Words
from bot.clock import FakeClock
from bot.console.accounts import add_staff
from bot.console.models import Note
from bot.conversations import outbox
from bot.conversations.inbox import Inbox
from bot.conversations.models import OutboundMessage
from bot.db.session import Database
from bot.db.staff_words import StaffWords
from bot.handover.models import EndReason
from bot.handover.service import Handover
from bot.languages import Language
from bot.livechat import scheduled
from bot.people.own_copy import as_bubbles
from bot.people.vault import Vault
from bot.texts import Bubble, Texts
from tests.conftest import NOW
from tests.conversations.conftest import Youth
from tests.databases import make_database
from tests.handover.steps import ask, requests_of

CANARY = "kanariefågel"
STEPS = ("note", "reply", "write", "ask", "claim", "hand_back", "put_back", "later", "sweep", "tomorrow")


class Office:
    """One youth, one counsellor, and everything they may do."""

    def __init__(self, db: Database, texts: Texts) -> None:
        self.db, self.texts, self.clock = db, texts, FakeClock(NOW)
        self.handover = Handover(db, self.clock, texts)
        self.youth = Youth(Inbox(db, Vault("a key"), texts, self.clock), db, self.clock, "y")
        self.youth.send("hej")
        with db.transaction() as session:
            staff, _ = add_staff(
                session, username="maria", display_name="Maria", roles=["counsellor"], municipalities=[], now=NOW
            )
        self.staff_id, self.done = staff.id, 0

    def do(self, step: str) -> None:
        """Do one thing, if it can be done now."""
        self.done += 1
        rows = requests_of(self.db, self.youth)
        request, conversation_id = rows[-1].id if rows else "none", self.youth.conversation.id
        match step:
            case "note":
                with self.db.transaction() as session:
                    words = StaffWords(f"{CANARY} {self.done}")
                    session.add(Note(conversation_id=conversation_id, staff_id=self.staff_id, text=words,
                                     created_at=self.clock()))  # fmt: skip
            case "reply":
                self.handover.reply(request, self.staff_id, f"svar {self.done}", str(self.done))
            case "write":
                self.youth.send(f"ord {self.done}")
            case "ask":
                ask(self.handover, self.youth)
            case "claim":
                self.handover.claim(request, self.staff_id)
            case "hand_back":
                self.handover.hand_back(request, self.staff_id, EndReason.COUNSELLOR_CLOSED)
            case "put_back":
                self.handover.put_back(request, self.staff_id)
            case "later":
                with self.db.transaction() as session:
                    conversation = outbox.lock_conversation(session, conversation_id)
                    assert conversation is not None
                    if scheduled.had_chat(session, conversation_id, self.staff_id):
                        at = self.clock().replace(hour=14)
                        if at > self.clock():
                            scheduled.plan(session, conversation, self.staff_id, "senare", at, self.clock())
            case "sweep":
                self.handover.sweep()
                scheduled.sweep(self.db, self.clock(), self.texts)
            case "tomorrow":
                self.clock.advance(days=1)

    def heard(self) -> str:
        """Everything that has a way to the youth: the outbox, the web page, the answer to what we have."""
        conversation = self.youth.conversation
        with self.db.reading() as session:
            texts = [str(row.text) for row in session.scalars(select(OutboundMessage))]
            items = timeline.whole(session, conversation, Words.load())
            bubbles = as_bubbles(session, conversation, self.texts, Language.SV, now=self.clock())
        return "\n".join([*texts, *(item.text for item in items), *(bubble.text for bubble in bubbles)])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=3, max_size=20))
def test_no_order_of_steps_lets_a_note_out(
    steps: list[str], texts: Texts, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for db in make_database("sqlite", tmp_path_factory.mktemp("notes")):
        office = Office(db, texts)
        for step in ["note", *steps]:
            office.do(step)
        assert CANARY not in office.heard()


def test_a_note_does_not_turn_into_a_text(database: Database, youth: Youth, clock: FakeClock) -> None:
    words = StaffWords(CANARY)
    for turn in (str, "{}".format, lambda one: f"{one}", lambda one: "%s" % one):  # noqa: UP031
        with pytest.raises(TypeError):
            turn(words)
    assert CANARY not in repr(words)

    youth.send("hej")
    conversation_id = youth.conversation.id

    def send_it() -> None:
        with database.transaction() as session:
            conversation = outbox.lock_conversation(session, conversation_id)
            assert conversation is not None
            outbox.queue(session, conversation, key="k", bubble=Bubble(words), now=clock())  # type: ignore[arg-type]

    with pytest.raises((StatementError, TypeError)):
        send_it()
    assert "k" not in [row.key for row in youth.outbox()]
