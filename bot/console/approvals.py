"""Answers that a counsellor reads first: the decision on the chat's page, the topics on the page Tjänst."""

from __future__ import annotations

from starlette.responses import Response

from bot import bell as bells
from bot.approvals import service as approvals
from bot.approvals.models import HeldAnswer
from bot.approvals.service import Decision
from bot.console.access import may_open
from bot.console.desk import Refused, Visit, not_found
from bot.console.scope import need_county
from bot.conversations.models import Conversation


def send(visit: Visit) -> Response:
    """Let the bot say its answer."""
    return _decide(visit, send=True)


def refuse(visit: Visit) -> Response:
    """Keep the answer back; the youth hears that this is best asked of a person."""
    return _decide(visit, send=False)


def _decide(visit: Visit, *, send: bool) -> Response:
    services = visit.desk.services
    with services.db.transaction() as session:
        held = session.get(HeldAnswer, visit.path("held"))
        conversation = session.get(Conversation, held.conversation_id) if held is not None else None
        if held is None or conversation is None or not may_open(session, visit.visitor, conversation):
            raise not_found()
        conversation_id = conversation.id
        decision = approvals.decide(
            session, held.id, visit.visitor.staff_id, send=send, now=visit.now, texts=services.texts
        )
    if decision is Decision.TOO_LATE:
        raise Refused(409, "Det är redan avgjort", "En kollega hann före, tiden är ute, eller så har någon chatten.")
    visit.desk.ring(bells.SEND, bells.STAFF, f"chat:{conversation_id}")
    return visit.go(f"/console/chats/{conversation_id}")


def set_topics(visit: Visit) -> Response:
    """Choose the topics whose answers are read first, in the whole county."""
    need_county(visit.visitor)
    with visit.desk.services.db.transaction() as session:
        approvals.choose(session, visit.form.all("topics"), by=visit.visitor.staff_id, now=visit.now)
    return visit.go("/console/duty?said=topics")
