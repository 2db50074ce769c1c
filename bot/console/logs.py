"""Loggar: conversations as reviewers read them, with what the model made of each turn.

Texts hold placeholders; only the counsellor who has the chat right now sees what stands behind them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.access import may_open, owns, place_of, record_opening
from bot.console.chatlist import MISSED, in_scope, page_of
from bot.console.desk import Visit, not_found
from bot.console.models import AccessLog, Staff
from bot.conversations.models import Conversation, Turn
from bot.given import whole_number
from bot.handover.models import Handover
from bot.handover.thread import Before, Line, Voice, window_of

_RANKED = 5
FILTERS = {
    "": "Alla",
    "unclear": "Boten förstod inte",
    "risk": "Tecken på fara",
    "people": "Med en vägledare",
}


@dataclass(frozen=True)
class TurnView:
    """What the model made of a turn."""

    intent: str | None
    confidence: float | None
    ranking: tuple[tuple[str, float], ...]
    entities: tuple[tuple[str, str], ...]
    model: str | None
    latency_ms: int | None
    language: str | None
    status: str
    replayed: bool


@dataclass(frozen=True)
class Entry:
    """A line of a conversation, with the turn it completes."""

    line: Line
    turn: TurnView | None


def show(visit: Visit) -> Response:
    """List conversations, latest first."""
    chosen = visit.query("filter") if visit.query("filter") in FILTERS else ""
    language = visit.query("language") if visit.query("language") in ("sv", "en") else ""
    page = whole_number(visit.query("page"), most=10_000) or 1
    with visit.desk.services.db.reading() as session:
        rows, more = page_of(session, _where(session, visit, chosen, language), page)
    return visit.page(
        "logs.html",
        rows=rows,
        filters=FILTERS,
        chosen=chosen,
        language=language,
        page=page,
        more=more,
    )


def _where(session: Session, visit: Visit, chosen: str, language: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen == "unclear":
        conditions.append(exists().where(Turn.conversation_id == Conversation.id, Turn.intent.in_(MISSED)))
    if chosen == "risk":
        conditions.append(Conversation.risk != "none")
    if chosen == "people":
        conditions.append(exists().where(Handover.conversation_id == Conversation.id))
    if language:
        conditions.append(Conversation.language == language)
    return [*conditions, *in_scope(session, visit.visitor.municipalities)]


def show_one(visit: Visit) -> Response:
    """One conversation, turn by turn."""
    desk, visitor = visit.desk, visit.visitor
    with desk.services.db.reading() as session:
        conversation = session.get(Conversation, visit.path("conversation"))
        if conversation is None or not may_open(session, visitor, conversation):
            raise not_found()
        real = owns(session, visitor, conversation.id)
    record_opening(desk.services.db, visitor, conversation.id, "log_real" if real else "log", visit.now)
    before = Before.read(visit.query("before"))
    with desk.services.db.reading() as session:
        window = window_of(session, conversation.id, before=before, real=real)
        entries = _entries(session, window.lines, conversation.id)
        place = place_of(session, conversation.id)
        openings = session.execute(
            select(AccessLog, Staff.display_name)
            .join(Staff, Staff.id == AccessLog.staff_id, isouter=True)
            .where(AccessLog.conversation_id == conversation.id)
            .order_by(AccessLog.at.desc())
            .limit(20)
        ).all()
    return visit.page(
        "log.html",
        conversation=conversation,
        entries=entries,
        earlier=window.earlier,
        looks_back=before is not None,
        real=real,
        municipality=place,
        openings=openings,
    )


def _entries(session: Session, lines: Sequence[Line], conversation_id: str) -> list[Entry]:
    turns = {
        turn.id: _turn(turn) for turn in session.scalars(select(Turn).where(Turn.conversation_id == conversation_id))
    }
    last_line = {line.turn_id: line.id for line in lines if line.voice == Voice.YOUTH and line.turn_id}
    return [
        Entry(line, turns.get(line.turn_id) if line.turn_id and last_line.get(line.turn_id) == line.id else None)
        for line in lines
    ]


def _turn(turn: Turn) -> TurnView:
    return TurnView(
        intent=turn.intent,
        confidence=turn.confidence,
        ranking=tuple(
            (str(row.get("name")), float(row.get("confidence") or 0)) for row in (turn.ranking or [])[:_RANKED]
        ),
        entities=tuple(_entity(row) for row in [*(turn.sent_entities or []), *(turn.entities or [])]),
        model=turn.model,
        latency_ms=turn.latency_ms,
        language=turn.language,
        status=turn.status,
        replayed=turn.replayed,
    )


def _entity(row: dict[str, Any]) -> tuple[str, str]:
    return str(row.get("entity")), str(row.get("value"))
