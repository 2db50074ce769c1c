"""Övning: invented youths to practise with. No real conversation, queue or figure is touched."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot import bell as bells
from bot.console.desk import Refused, Visit, not_found
from bot.console.stamps import PRACTICE, live_address
from bot.handover.counsellor import MAX_REPLY
from bot.practice import service
from bot.practice.models import PracticeRound
from bot.practice.rules import Scenario


@dataclass(frozen=True)
class _Card:
    scenario: Scenario
    open_round: str | None
    done: int


def show(visit: Visit) -> Response:
    """List the invented youths, with what I have tried."""
    with visit.desk.services.db.reading() as session:
        rounds = session.scalars(select(PracticeRound).where(PracticeRound.staff_id == visit.visitor.staff_id)).all()
    cards = [
        _Card(
            scenario,
            next((row.id for row in rounds if row.scenario == scenario.name and row.ended_at is None), None),
            sum(row.scenario == scenario.name and row.ended_at is not None for row in rounds),
        )
        for scenario in _scenarios(visit).values()
    ]
    return visit.page("practice.html", cards=cards)


def start(visit: Visit) -> Response:
    """Begin a round with one of them."""
    scenario = _scenarios(visit).get(visit.form.one("scenario"))
    if scenario is None:
        raise not_found()
    with visit.desk.services.db.transaction() as session:
        row = service.start(session, visit.visitor.staff_id, scenario, visit.now)
    return visit.go(f"/console/practice/{row.id}")


def show_one(visit: Visit) -> Response:
    """One round, live."""
    round_id = visit.path("round")
    live = live_address(visit.desk.services.db, visit.now, f"{PRACTICE}{round_id}")
    with visit.desk.services.db.reading() as session:
        row, scenario = _mine(session, visit)
        seen = service.view(row, scenario, visit.visitor.display_name, visit.now)
    return visit.page("practice_round.html", live=live, refresh=True, round=seen, max_reply=MAX_REPLY)


def answer(visit: Visit) -> Response:
    """Say something to the invented youth."""
    text = visit.form.one("text").strip()
    if not 0 < len(text) <= MAX_REPLY:
        raise Refused(422, "Meddelandet går inte att skicka", f"Skriv 1 till {MAX_REPLY} tecken.")
    with visit.desk.services.db.transaction() as session:
        row, scenario = _mine(session, visit)
        if row.ended_at is not None:
            raise Refused(409, "Övningen är slut", "Börja en ny om du vill öva mer.")
        service.answer(session, row, scenario, text, visit.now)
    visit.desk.ring(bells.STAFF)
    return visit.go(f"/console/practice/{row.id}")


def end(visit: Visit) -> Response:
    """End a round and see how it went."""
    with visit.desk.services.db.transaction() as session:
        row, _ = _mine(session, visit)
        service.end(row, visit.now)
    return visit.go(f"/console/practice/{row.id}")


def _scenarios(visit: Visit) -> dict[str, Scenario]:
    return dict(service.all_scenarios(visit.desk.services.settings.data_dir))


def _mine(session: Session, visit: Visit) -> tuple[PracticeRound, Scenario]:
    row = session.get(PracticeRound, visit.path("round"))
    scenario = _scenarios(visit).get(row.scenario) if row is not None else None
    if row is None or scenario is None or row.staff_id != visit.visitor.staff_id:
        raise not_found()
    return row, scenario
