"""The list of conversations: in pages, latest first, with a fixed number of queries however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from bot.booking.rota import active_counsellors
from bot.console.models import Staff
from bot.console.sign_in import Visitor
from bot.conversations.models import Conversation, InboundMessage, Turn, TurnStatus
from bot.handover.models import Handover, HandoverState
from bot.people.models import Person

PAGE = 30
MISSED = ("nlu_fallback", "out_of_scope")


@dataclass(frozen=True)
class Row:
    """One conversation in a list. Holds no words of the youth."""

    conversation_id: str
    at: datetime
    channel: str
    language: str
    state: str
    risk: str
    municipality: str | None
    messages: int
    missed: int
    last_intent: str | None
    confidence: float | None
    owner: str | None
    owner_name: str | None
    unreachable: bool


def page_of(session: Session, conditions: Sequence[ColumnElement[bool]], page: int) -> tuple[list[Row], bool]:
    """Return one page of the conversations that meet all conditions, and whether there are more.

    Args:
        page: from 1.
    """
    found = session.scalars(
        select(Conversation)
        # Every conversation begins with a message; the test keeps the index usable on both databases.
        # What retention has emptied counts in the statistics; there is nothing to read in it.
        .where(Conversation.last_inbound_at.is_not(None), Conversation.blanked_at.is_(None), *conditions)
        .order_by(Conversation.last_inbound_at.desc(), Conversation.id)
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    ).all()
    return rows_of(session, found[:PAGE]), len(found) > PAGE


def rows_of(session: Session, conversations: Sequence[Conversation]) -> list[Row]:
    """Return what the list shows of these conversations, in the same order."""
    ids = [one.id for one in conversations]
    turns, places, owners = _last_turns(session, ids), _places(session, ids), _owners(session, ids)
    nothing = _LastTurn()
    messages = _count(session, InboundMessage.conversation_id, InboundMessage.conversation_id.in_(ids))
    missed = _count(session, Turn.conversation_id, Turn.conversation_id.in_(ids), Turn.intent.in_(MISSED))
    blocked = set(
        session.scalars(
            select(Person.id).where(
                Person.id.in_([one.person_id for one in conversations]), Person.unreachable_since.is_not(None)
            )
        )
    )
    return [
        Row(
            conversation_id=one.id,
            at=one.last_inbound_at or one.created_at,
            channel=one.channel,
            language=one.language,
            state=one.state,
            risk=one.risk,
            municipality=places.get(one.id) or turns.get(one.id, nothing).municipality,
            messages=messages.get(one.id, 0),
            missed=missed.get(one.id, 0),
            last_intent=turns.get(one.id, nothing).intent,
            confidence=turns.get(one.id, nothing).confidence,
            owner=owners.get(one.id, (None, None))[0],
            owner_name=owners.get(one.id, (None, None))[1],
            unreachable=one.person_id in blocked,
        )
        for one in conversations
    ]


@dataclass(frozen=True)
class _LastTurn:
    intent: str | None = None
    confidence: float | None = None
    municipality: str | None = None


def _last_turns(session: Session, ids: Sequence[str]) -> dict[str, _LastTurn]:
    number = func.row_number().over(
        partition_by=Turn.conversation_id, order_by=(Turn.created_at.desc(), Turn.first_seq.desc())
    )
    ranked = (
        select(Turn.conversation_id, Turn.intent, Turn.confidence, Turn.municipality, number.label("number"))
        .where(Turn.conversation_id.in_(ids), Turn.status == TurnStatus.DONE)
        .subquery()
    )
    rows = session.execute(select(ranked).where(ranked.c.number == 1))
    return {row.conversation_id: _LastTurn(row.intent, row.confidence, row.municipality) for row in rows}


def _places(session: Session, ids: Sequence[str]) -> dict[str, str]:
    rows = session.execute(
        select(Handover.conversation_id, Handover.municipality)
        .where(Handover.conversation_id.in_(ids))
        .order_by(Handover.requested_at)
    )
    # The latest request comes last; one without a municipality says nothing.
    latest = {row.conversation_id: row.municipality for row in rows}
    return {key: place for key, place in latest.items() if place}


def _owners(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    rows = session.execute(
        select(Handover.conversation_id, Staff.id, Staff.display_name)
        .join(Staff, Staff.id == Handover.owner)
        .where(Handover.conversation_id.in_(ids), Handover.state == HandoverState.LIVE)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _count(session: Session, key: object, *conditions: ColumnElement[bool]) -> dict[str, int]:
    rows = session.execute(select(key, func.count()).where(*conditions).group_by(key))  # type: ignore[call-overload]
    return {row[0]: row[1] for row in rows}


def in_scope(session: Session, municipalities: Sequence[str]) -> list[ColumnElement[bool]]:
    """What lies in somebody's municipalities, as conditions of the database; none for the whole county."""
    if not municipalities:
        return []
    asked = (
        select(Handover.municipality)
        .where(Handover.conversation_id == Conversation.id)
        .order_by(Handover.requested_at.desc())
        .limit(1)
        .correlate(Conversation)
        .scalar_subquery()
    )
    known = (
        select(Turn.municipality)
        .where(Turn.conversation_id == Conversation.id, Turn.status == TurnStatus.DONE)
        .order_by(Turn.created_at.desc(), Turn.first_seq.desc())
        .limit(1)
        .correlate(Conversation)
        .scalar_subquery()
    )
    place = func.coalesce(asked, known)
    scopes = [person.municipalities for person in active_counsellors(session)]
    conditions = [Conversation.risk != "none", place.is_(None), place.in_(list(municipalities))]
    if all(scopes):
        # Nobody covers the whole county: what no counsellor covers is everybody's.
        conditions.append(place.not_in(sorted({name for scope in scopes for name in scope})))
    return [or_(*conditions)]


def may_open_where(session: Session, visitor: Visitor) -> ColumnElement[bool]:
    """The rule of `access.may_open` as one condition: what lies in scope, and live chats one has or is offered."""
    mine = exists().where(
        Handover.conversation_id == Conversation.id,
        Handover.state == HandoverState.LIVE,
        or_(Handover.owner == visitor.staff_id, Handover.transfer_to == visitor.staff_id),
    )
    return or_(and_(true(), *in_scope(session, visitor.municipalities)), mine)
