"""What the tests of the handover do and look at."""

from __future__ import annotations

import itertools
from datetime import datetime

from sqlalchemy import select

from bot.clock import STOCKHOLM, FakeClock
from bot.conversations.models import (
    Alert,
    AlertKind,
    Author,
    Conversation,
    InboundKind,
    InboundMessage,
    OutboundMessage,
    OutboundState,
)  # fmt: skip
from bot.db.session import Database
from bot.handover.models import Handover as Row
from bot.handover.models import HandoverEvent, Reason
from bot.handover.service import Handover, HandoverStatus
from tests.conversations.conftest import Youth

_numbers = itertools.count(1)


def stockholm(text: str) -> datetime:
    """Return an instant given in Swedish wall time."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


def ask(handover: Handover, youth: Youth, *, municipality: str | None = None) -> HandoverStatus:
    """Ask for a person, as the dialogue does."""
    return handover.request(
        conversation_id=youth.conversation.id,
        reason=Reason.ASKED,
        request_key=f"turn-{next(_numbers)}",
        municipality=municipality,
    )


def requests_of(database: Database, youth: Youth) -> list[Row]:
    """Return all requests of a youth, oldest first."""
    with database.reading() as session:
        return list(
            session.scalars(select(Row).where(Row.conversation_id == youth.conversation.id).order_by(Row.requested_at))
        )


def request_of(database: Database, youth: Youth) -> Row:
    """Return the latest request of a youth."""
    return requests_of(database, youth)[-1]


def events_of(database: Database, youth: Youth) -> list[tuple[str, str]]:
    """Return the transitions of the latest request: what, and to which state."""
    row = request_of(database, youth)
    with database.reading() as session:
        events = session.scalars(select(HandoverEvent).where(HandoverEvent.handover_id == row.id)).all()
    ordered = sorted(events, key=lambda event: event.at)
    return [(event.event, event.to_state) for event in ordered]


def calls_to_staff(database: Database, *, standing: bool = True) -> list[str | None]:
    """Return the reasons of the alerts about requests."""
    with database.reading() as session:
        statement = select(Alert).where(Alert.kind == AlertKind.HANDOVER).order_by(Alert.created_at)
        rows = session.scalars(statement).all()
    return [row.detail for row in rows if not standing or row.acknowledged_at is None]


def long_talk(database: Database, youth: Youth, clock: FakeClock, sides: str) -> list[str]:
    """Write a conversation of so many lines, a letter each: y(outh) or b(ot); returns the texts in order."""
    conversation_id, texts = youth.conversation.id, [f"rad {number}" for number in range(len(sides))]
    with database.transaction() as session:
        conversation = session.get_one(Conversation, conversation_id)
        for side, text in zip(sides, texts, strict=True):
            clock.advance(seconds=1)
            number = next(_numbers)
            if side == "y":
                conversation.inbound_seq += 1
                session.add(
                    InboundMessage(
                        conversation_id=conversation_id, channel="test", update_id=f"{youth.address}:long-{number}",
                        seq=conversation.inbound_seq, kind=InboundKind.TEXT, text=text, received_at=clock(),
                        channel_message_id=f"long-{number}", entities=[],
                    )
                )  # fmt: skip
            else:
                conversation.outbound_seq += 1
                session.add(
                    OutboundMessage(
                        conversation_id=conversation_id, key=f"long-{number}", seq=conversation.outbound_seq,
                        author=Author.BOT, text=text, buttons=[], state=OutboundState.SENT, created_at=clock(),
                        due_at=clock(),
                    )
                )  # fmt: skip
    clock.advance(seconds=1)
    return texts
