"""The steps of a turn that touch the database: freeze a burst, store its result, set it aside.

Each function is one transaction and checks that the claim is still ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.approvals import service as approvals
from bot.conversations import crisis, outbox
from bot.conversations.claims import Claim
from bot.conversations.inbox import BURST_CAP, QUIET
from bot.conversations.models import (
    Alert,
    AlertKind,
    Conversation,
    InboundKind,
    InboundMessage,
    InboundStatus,
    OutboundState,
    Turn,
    TurnStatus,
)  # fmt: skip
from bot.db.base import new_id
from bot.db.session import Database
from bot.dialogue_client import TurnResult
from bot.errors import ClaimLost
from bot.texts import Bubble, ButtonText, Texts

TEXTS = (InboundKind.TEXT, InboundKind.EDIT)

# What the model reads as danger although the screening before it did not (second line).
_CRISIS = {"crisis_self_harm": "self_harm", "crisis_violence": "violence"}


@dataclass(frozen=True)
class FrozenTurn:
    """What is sent to the dialogue server; a repeat sends exactly this again."""

    id: str
    conversation_id: str
    channel: str
    language: str
    session: int
    text: str | None
    button: str | None
    entities: list[dict[str, Any]]
    outage_since: datetime | None
    attempts: int


def held(session: Session, claim: Claim) -> Conversation:
    """Return the conversation under lock, if the claim is still ours.

    Raises:
        ClaimLost: it lapsed, was voided, or the conversation was erased.
    """
    conversation = outbox.lock_conversation(session, claim.conversation_id)
    if conversation is None or conversation.claim_no != claim.claim_no or conversation.claimed_by != claim.holder:
        raise ClaimLost("the conversation has another holder now")
    return conversation


def release(session: Session, conversation: Conversation, now: datetime) -> None:
    """Give the claim back and say when the conversation is due next."""
    conversation.claimed_by = None
    conversation.claim_until = None
    conversation.ready_at = next_due(session, conversation, now)
    if conversation.ready_at is None:
        conversation.waiting_since = None


def next_due(session: Session, conversation: Conversation, now: datetime) -> datetime | None:
    """Return when the next thing of a conversation is due; None when nothing waits."""
    open_turn = open_turn_of(session, conversation.id)
    waiting = pending(session, conversation.id)
    times = [open_turn.next_attempt_at or now] if open_turn else []
    if waiting and waiting[0].kind not in TEXTS:
        times.append(now)
    elif waiting and not open_turn:
        times.append(burst_ends(waiting))
    # Commands and buttons of ours need no engine: they do not wait behind a turn that does.
    if open_turn and any(row.kind not in TEXTS for row in waiting):
        times.append(now)
    return min(times) if times else None


def pending(session: Session, conversation_id: str) -> Sequence[InboundMessage]:
    """Return the messages that wait, in order."""
    return session.scalars(
        select(InboundMessage)
        .where(InboundMessage.conversation_id == conversation_id, InboundMessage.status == InboundStatus.PENDING)
        .order_by(InboundMessage.seq)
    ).all()


def burst_ends(waiting: Sequence[InboundMessage]) -> datetime:
    """Return when a burst is over: after some quiet, at the cap, or where something else follows."""
    burst = _burst(waiting)
    if len(burst) < len(waiting):
        return burst[-1].received_at
    return min(burst[-1].received_at + QUIET, burst[0].received_at + BURST_CAP)


def _burst(waiting: Sequence[InboundMessage]) -> list[InboundMessage]:
    burst: list[InboundMessage] = []
    for row in waiting:
        if row.kind not in TEXTS:
            break
        burst.append(row)
    return burst


def open_turn_of(session: Session, conversation_id: str) -> Turn | None:
    """Return the turn that is being worked on."""
    return session.scalar(select(Turn).where(Turn.conversation_id == conversation_id, Turn.status == TurnStatus.OPEN))


def freeze(session: Session, conversation: Conversation, rows: Sequence[InboundMessage], now: datetime) -> Turn:
    """Make one turn of these messages. From here on a replay repeats exactly this."""
    button = rows[0].payload if rows[0].kind == InboundKind.BUTTON else None
    turn = Turn(
        id=new_id(),
        conversation_id=conversation.id,
        status=TurnStatus.OPEN,
        button=button,
        text=None if button else "\n".join(row.text or "" for row in rows).strip(),
        sent_entities=[entity for row in rows for entity in row.entities],
        session=conversation.session,
        first_seq=rows[0].seq,
        created_at=now,
        attempts=0,
        ranking=[],
        entities=[],
        slots={},
    )
    session.add(turn)
    for row in rows:
        row.status = InboundStatus.IN_TURN
        row.turn_id = turn.id
    session.flush()
    return turn


def frozen(conversation: Conversation, turn: Turn) -> FrozenTurn:
    """Return the values of a turn that outlive the transaction."""
    return FrozenTurn(
        id=turn.id,
        conversation_id=conversation.id,
        channel=conversation.channel,
        language=conversation.language,
        session=turn.session,
        text=turn.text,
        button=turn.button,
        entities=turn.sent_entities,
        outage_since=turn.outage_since,
        attempts=turn.attempts,
    )


def store_result(
    db: Database,
    claim: Claim,
    turn_id: str,
    result: TurnResult,
    bubbles: Sequence[Bubble],
    *,
    latency_ms: int,
    now: datetime,
    texts: Texts,
) -> OutboundState:
    """Store a turn's result and queue its replies, unless a person took over meanwhile or reads them first.

    Returns:
        QUEUED, or NOT_SENT when the replies were withheld.

    Raises:
        ClaimLost: somebody else has the conversation; nothing was stored.
    """
    with db.transaction() as session:
        conversation = held(session, claim)
        turn = session.get_one(Turn, turn_id)
        # Checked here, in the transaction that queues: the bot can never speak over a person.
        state = outbox.unless_live(conversation)
        turn.status = TurnStatus.DONE
        turn.finished_at = now
        turn.language, turn.intent, turn.confidence = result.language, result.intent, result.confidence
        turn.ranking, turn.entities, turn.slots = result.ranking, result.entities, result.slots
        turn.municipality = str(result.slots["municipality"])[:40] if result.slots.get("municipality") else None
        if not approvals.hold(session, conversation, turn, bubbles, now=now, texts=texts):
            for number, bubble in enumerate(bubbles):
                outbox.queue(
                    session,
                    conversation,
                    key=f"turn:{turn.id}:{number}",
                    bubble=bubble,
                    now=now,
                    turn_id=turn.id,
                    state=state,
                )
        turn.model, turn.latency_ms, turn.replayed = result.model, latency_ms, result.replayed
        for row in messages_of(session, turn.id):
            row.status = InboundStatus.ANSWERED
        if not conversation.language_chosen or result.intent == "change_language":
            conversation.language = result.language
        conversation.open_question = result.slots.get("requested_slot")
        conversation.outage_told_at = None
        if result.intent in _CRISIS:
            crisis.raise_flag(session, conversation, risk=_CRISIS[result.intent], detail="model", now=now)
        release(session, conversation, now)
        return state


def store_outage(
    db: Database, claim: Claim, turn_id: str, *, again_at: datetime, now: datetime, notice: Bubble | None
) -> None:
    """Keep a turn for later: the engine cannot be reached. Tell the youth once."""
    with db.transaction() as session:
        conversation = held(session, claim)
        turn = session.get_one(Turn, turn_id)
        turn.outage_since = turn.outage_since or now
        turn.next_attempt_at = again_at
        if notice is not None and conversation.outage_told_at is None:
            conversation.outage_told_at = now
            state = outbox.unless_live(conversation)
            outbox.queue(session, conversation, key=f"outage:{turn.id}", bubble=notice, now=now, state=state)
        release(session, conversation, now)


def store_failure(
    db: Database, claim: Claim, turn_id: str, *, pauses: Sequence[timedelta], now: datetime, notice: Bubble
) -> bool:
    """Count a failure of the turn itself; at the last one set it aside and tell youth and staff.

    Returns:
        True when the turn was set aside.
    """
    with db.transaction() as session:
        conversation = held(session, claim)
        turn = session.get_one(Turn, turn_id)
        turn.attempts += 1
        gone = turn.attempts > len(pauses)
        if gone:
            set_aside(session, conversation, turn, notice, now)
        else:
            turn.next_attempt_at = now + pauses[turn.attempts - 1]
        release(session, conversation, now)
        return gone


def set_aside(session: Session, conversation: Conversation, turn: Turn, notice: Bubble, now: datetime) -> None:
    """Give a turn up: its messages stay for people, the conversation goes on."""
    turn.status = TurnStatus.SET_ASIDE
    turn.finished_at = now
    _leave_aside(session, conversation, messages_of(session, turn.id), turn.id, notice, now)


def set_waiting_aside(session: Session, conversation: Conversation, notice: Bubble, now: datetime) -> None:
    """Give up what waits, or else the turn that is open: it cannot even be made a turn. People read it."""
    waiting, open_turn = pending(session, conversation.id), open_turn_of(session, conversation.id)
    if waiting:
        _leave_aside(session, conversation, waiting, waiting[0].id, notice, now)
    elif open_turn is not None:
        set_aside(session, conversation, open_turn, notice, now)


def _leave_aside(
    session: Session, conversation: Conversation, rows: Sequence[InboundMessage], key: str, notice: Bubble,
    now: datetime,
) -> None:  # fmt: skip
    for row in rows:
        row.status = InboundStatus.SET_ASIDE
    session.add(Alert(kind=AlertKind.SET_ASIDE, conversation_id=conversation.id, detail="turn_failed", created_at=now))
    conversation.outage_told_at = None
    state = outbox.unless_live(conversation)
    outbox.queue(session, conversation, key=f"set_aside:{key}", bubble=notice, now=now, state=state)


def messages_of(session: Session, turn_id: str) -> Sequence[InboundMessage]:
    """Return the messages that a turn is made of."""
    return session.scalars(select(InboundMessage).where(InboundMessage.turn_id == turn_id)).all()


def bubbles_of(result: TurnResult) -> list[Bubble]:
    """Turn the engine's replies into bubbles."""
    return [
        Bubble(reply.text, tuple(ButtonText(title, payload) for title, payload in reply.buttons), reply.response)
        for reply in result.replies
        if reply.text
    ]
