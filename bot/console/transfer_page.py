"""Lämna över: asking a colleague to take a chat, and saying yes or no to one."""

from __future__ import annotations

from starlette.responses import Response

from bot.console.access import may_open
from bot.console.desk import Refused, Visit, not_found
from bot.conversations.models import Conversation
from bot.handover.counsellor import Claimed, Gone, NotOwner
from bot.handover.models import Handover
from bot.handover.transfer import ReceiverOff


def offer(visit: Visit) -> Response:
    """Ask a colleague; the chat stays mine until they say yes."""
    handover_id, to = visit.path("handover"), visit.form.one("to")
    conversation_id = _conversation_of(visit, handover_id)
    result = visit.desk.handover.offer(handover_id, visit.visitor.staff_id, to)
    if isinstance(result, ReceiverOff):
        raise Refused(409, "Kollegan är inte på plats", f"{result.display_name} är inte i tjänst nu. Fråga en annan.")
    if isinstance(result, NotOwner):
        raise Refused(409, "Chatten är inte din", "Bara den som har chatten kan lämna över den.")
    if isinstance(result, Gone):
        raise Refused(409, "Chatten är slut", "Den unga är hos boten igen.")
    return visit.go(f"/console/chats/{conversation_id}")


def accept(visit: Visit) -> Response:
    """Take a chat over that I have been asked about."""
    result = visit.desk.handover.accept(visit.path("handover"), visit.visitor.staff_id)
    if not isinstance(result, Claimed):
        raise Refused(409, "Frågan gäller inte längre", "Kollegan har ångrat sig, eller så är chatten slut.")
    return visit.go(f"/console/chats/{result.conversation_id}")


def refuse(visit: Visit) -> Response:
    """Say no; the colleague keeps the chat and is told."""
    visit.desk.handover.refuse(visit.path("handover"), visit.visitor.staff_id)
    return visit.go("/console/")


def _conversation_of(visit: Visit, handover_id: str) -> str:
    with visit.desk.services.db.reading() as session:
        row = session.get(Handover, handover_id)
        conversation = session.get(Conversation, row.conversation_id) if row is not None else None
        if conversation is None or not may_open(session, visit.visitor, conversation):
            raise not_found()
        return conversation.id
