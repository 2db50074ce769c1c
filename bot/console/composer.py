"""What stands around the box for an answer: ready-made replies with their gaps filled, what is set for later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.console.packet import Packet
from bot.console.sign_in import Visitor
from bot.duty.plan import DutyPlan
from bot.handover.wording import clock_time
from bot.languages import Language
from bot.livechat.canned import Offer, offers
from bot.livechat.models import ScheduledMessage
from bot.livechat.scheduled import had_chat, of_conversation


@dataclass(frozen=True)
class Composer:
    """Help for who writes in one chat."""

    offers: Sequence[Offer]
    draft: str
    """What stands in the box from the start: a ready-made reply that was chosen without script."""
    later: Sequence[ScheduledMessage]
    may_plan: bool


def composer_of(session: Session, visitor: Visitor, packet: Packet, chosen: str, now: datetime) -> Composer:
    """Return what helps to write.

    Args:
        chosen: id of a ready-made reply to begin with; empty for none.
    """
    language = Language(packet.language)
    opens = DutyPlan(session, now).next_opening(packet.municipality)
    values = {
        "namn": visitor.display_name,
        "kommun": packet.municipality,
        "öppnar": clock_time(opens, language) if opens is not None else None,
    }
    found = offers(session, language, values) if packet.mine else []
    return Composer(
        offers=found,
        draft=next((offer.text for offer in found if offer.id == chosen), ""),
        later=of_conversation(session, packet.conversation_id),
        may_plan=had_chat(session, packet.conversation_id, visitor.staff_id),
    )
