"""What we have about a person, for that person (`/minadata`)."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.booking.models import BookingRow, BookingState
from bot.conversations.models import Conversation, InboundMessage, OutboundMessage
from bot.languages import Language
from bot.names import Response
from bot.people.models import VaultValue
from bot.texts import Bubble, Texts

_LABELS = {
    Language.SV: ("meddelanden från dig", "svar till dig", "namn och nummer", "bokningar"),
    Language.EN: ("messages from you", "replies to you", "names and numbers", "bookings"),
}


def as_bubbles(session: Session, conversation: Conversation, texts: Texts, language: Language) -> list[Bubble]:
    """Return a readable summary of what every store holds about the person of this chat."""
    counts = (
        _count(session, InboundMessage, conversation.id),
        _count(session, OutboundMessage, conversation.id),
        _count(session, VaultValue, conversation.id),
        session.scalar(
            select(func.count())
            .select_from(BookingRow)
            .where(BookingRow.conversation_id == conversation.id, BookingRow.state == BookingState.BOOKED)
        )
        or 0,
    )
    rows = ", ".join(f"{count} {label}" for count, label in zip(counts, _LABELS[language], strict=True))
    return [texts.say(Response.UTTER_MY_DATA, language, items=rows)]


def _count(
    session: Session, table: type[InboundMessage] | type[OutboundMessage] | type[VaultValue], conversation_id: str
) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.conversation_id == conversation_id)) or 0
