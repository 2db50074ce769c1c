"""What youths answered to "did it help?", put into the database as it would stand there."""

from __future__ import annotations

from datetime import datetime

from bot.clock import STOCKHOLM, FakeClock
from bot.conversations.models import Conversation
from bot.db.base import new_id
from bot.db.session import Database
from bot.people.models import Person
from bot.reminders.models import Feedback, ReminderKind


def youths(database: Database, clock: FakeClock, number: int) -> list[str]:
    """Add so many youths; returns their conversations."""
    made = []
    with database.transaction() as session:
        for _ in range(number):
            person = Person(id=new_id(), channel="test", created_at=clock(), last_seen_at=clock())
            session.add(person)
            session.flush()
            conversation = Conversation(
                id=new_id(), person_id=person.id, channel="test", created_at=clock(), language="sv",
                inbound_seq=0, outbound_seq=0, claim_no=0, session=0, state="BOT", risk="none",
            )  # fmt: skip
            session.add(conversation)
            made.append(conversation.id)
    return made


def answered(
    database: Database, conversations: list[str], answer: str | None, *, at: str = "2026-10-15T12:00",
    about: ReminderKind = ReminderKind.AFTER_CHAT,
) -> None:  # fmt: skip
    """Let each of them have been asked, and have answered."""
    asked = datetime.fromisoformat(at).replace(tzinfo=STOCKHOLM)
    with database.transaction() as session:
        for one in conversations:
            session.add(
                Feedback(
                    conversation_id=one, about=about, subject=new_id(), asked_at=asked, answer=answer, answered_at=asked
                )
            )
