"""Planen: a youth's goal and small steps, which the counsellor may add to and tick together with them."""

from __future__ import annotations

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot import bell as bells
from bot.clock import STOCKHOLM
from bot.console.access import may_open, owns, record_opening
from bot.console.desk import Refused, Visit, not_found
from bot.conversations.models import Conversation
from bot.given import whole_number
from bot.people.masking import Masking
from bot.people.vault import resolve
from bot.plan import service as plans


def show(visit: Visit) -> Response:
    """Show the plan; real names and numbers only to who has the chat now."""
    with visit.desk.services.db.reading() as session:
        conversation = _conversation(session, visit)
        plan = plans.plan_of(session, conversation.id)
        mine = owns(session, visit.visitor, conversation.id)

        masking, today = Masking(session, conversation.id), visit.now.astimezone(STOCKHOLM).date()

        def shown(text: str) -> str:
            # Also a goal in the youth's words may have been written anew by a counsellor, with names and numbers.
            return resolve(session, conversation.id, text) if mine else masking.hide(text, today)

        goal = shown(plan.goal) if plan.goal else ""
        steps = [(step, shown(step.text)) for step in plan.steps]
    what = "plan_real" if mine else "plan"
    record_opening(visit.desk.services.db, visit.visitor, conversation.id, what, visit.now)
    return visit.page(
        "plan.html",
        conversation_id=conversation.id,
        goal=goal,
        steps=steps,
        longest=plans.LONGEST,
        said=visit.query("said"),
        mine=mine,
    )


def set_goal(visit: Visit) -> Response:
    """Write down the goal that was agreed."""
    conversation_id, text = _of(visit), _line(visit, "goal")
    visit.desk.staff_actions.set_goal(conversation_id, text)
    return visit.go(f"/console/plans/{conversation_id}?said=goal")


def add_step(visit: Visit) -> Response:
    """Add a step; the youth hears of it, outside the quiet hours."""
    conversation_id, text = _of(visit), _line(visit, "step")
    try:
        visit.desk.staff_actions.add_step(conversation_id, text, visit.visitor.staff_id)
    except plans.PlanFull:
        raise Refused(
            409, "Planen är full", f"Det finns redan {plans.OPEN_STEPS} öppna steg. Bocka av något först."
        ) from None
    visit.desk.ring(bells.SEND)
    return visit.go(f"/console/plans/{conversation_id}?said=step")


def tick(visit: Visit) -> Response:
    """Tick a step, or take the tick away."""
    conversation_id, number = _of(visit), whole_number(visit.path("number"))
    if number is None or not visit.desk.staff_actions.tick(conversation_id, number, done=visit.form.one("done") == "1"):
        raise not_found()
    return visit.go(f"/console/plans/{conversation_id}")


def _conversation(session: Session, visit: Visit) -> Conversation:
    conversation = session.get(Conversation, visit.path("conversation"))
    if conversation is None or not may_open(session, visit.visitor, conversation):
        raise not_found()
    return conversation


def _of(visit: Visit) -> str:
    with visit.desk.services.db.reading() as session:
        return _conversation(session, visit).id


def _line(visit: Visit, name: str) -> str:
    text = visit.form.one(name).strip()
    if not 0 < len(text) <= plans.LONGEST:
        raise Refused(422, "Raden går inte att spara", f"Skriv 1 till {plans.LONGEST} tecken.")
    return text
