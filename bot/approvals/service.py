"""Approve before send: on chosen topics a counsellor reads the bot's answer first.

The youth hears at once that a person reads it, and always hears something in the end: the answer, or that
this is best asked of a person. Signs of danger and everything outside the chosen topics never wait.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.approvals.models import ApprovalTopic, HeldAnswer, HeldState
from bot.conversations import outbox
from bot.conversations.models import Alert, AlertKind, Conversation, ConversationState, OutboundState, Turn
from bot.db.session import Database
from bot.duty.plan import DutyPlan
from bot.handover.summary import known_municipality
from bot.languages import Language
from bot.log import get_logger
from bot.names import Response
from bot.texts import Bubble, ButtonText, Texts

log = get_logger(__name__)

# Money and law: where a wrong answer costs most. Danger is never among them.
TOPICS = (
    "ask_study_finance", "ask_csn_absence", "ask_travel_and_housing", "ask_study_with_children",
    "ask_must_attend", "ask_kaa", "ask_age_limit", "ask_residence_status",
)  # fmt: skip
# So long a youth waits for an answer that the bot could have given at once.
READ_WITHIN = timedelta(minutes=10)


class Decision(StrEnum):
    """What came of a press in the console."""

    SENT = "sent"
    REFUSED = "refused"
    TOO_LATE = "too_late"
    """Somebody else has decided, the time is up, or a counsellor has the chat."""


def chosen(session: Session) -> set[str]:
    """Return the topics whose answers are read first."""
    return set(session.scalars(select(ApprovalTopic.intent)))


def choose(session: Session, topics: Collection[str], *, by: str, now: datetime) -> None:
    """Set the topics whose answers are read first; others than `TOPICS` are not taken."""
    session.execute(delete(ApprovalTopic))
    session.add_all(ApprovalTopic(intent=one, chosen_at=now, chosen_by=by) for one in TOPICS if one in topics)
    session.flush()


def hold(
    session: Session, conversation: Conversation, turn: Turn, bubbles: Sequence[Bubble], *, now: datetime, texts: Texts
) -> bool:
    """Keep an answer for a counsellor to read, if its topic was chosen; False: it is to be said as ever.

    The caller holds the conversation. When nobody is there to read, the youth hears at once that this is
    best asked of a person.
    """
    if turn.intent not in TOPICS or session.get(ApprovalTopic, turn.intent) is None:
        return False
    if outbox.unless_live(conversation) == OutboundState.NOT_SENT:
        return False
    place = turn.municipality or known_municipality(session, conversation.id)
    somebody = bool(DutyPlan(session, now).on_duty(place))
    held = HeldAnswer(
        conversation_id=conversation.id,
        turn_id=turn.id,
        intent=turn.intent,
        bubbles=[
            {"text": one.text, "response": one.response, "buttons": [[b.title, b.payload] for b in one.buttons]}
            for one in bubbles
        ],
        state=HeldState.WAITING,
        created_at=now,
        due_at=now + READ_WITHIN,
    )
    session.add(held)
    session.flush()
    if not somebody:
        _say_neutral(session, conversation, held, now, texts)
        _end(session, held, HeldState.LAPSED, now)
        return True
    minutes = int(READ_WITHIN.total_seconds() // 60)
    notice = texts.say(Response.UTTER_ANSWER_HELD, Language(conversation.language), minutes=minutes)
    outbox.queue(session, conversation, key=f"held:{held.id}", bubble=notice, now=now, turn_id=turn.id)
    session.add(
        Alert(kind=AlertKind.APPROVAL, conversation_id=conversation.id, detail=turn.intent[:64], created_at=now)
    )
    return True


def waiting_in(session: Session, conversation: Conversation) -> HeldAnswer | None:
    """Return the oldest answer of a conversation that a counsellor may still decide about."""
    if conversation.state == ConversationState.LIVE:
        return None
    return session.scalar(
        select(HeldAnswer)
        .where(HeldAnswer.conversation_id == conversation.id, HeldAnswer.state == HeldState.WAITING)
        .order_by(HeldAnswer.created_at)
        .limit(1)
    )


def decide(session: Session, held_id: str, staff_id: str, *, send: bool, now: datetime, texts: Texts) -> Decision:
    """Say the answer, or say instead that this is best asked of a person. Who decides first has decided."""
    conversation_id = session.scalar(select(HeldAnswer.conversation_id).where(HeldAnswer.id == held_id))
    conversation = outbox.lock_conversation(session, conversation_id) if conversation_id else None
    held = session.get(HeldAnswer, held_id, populate_existing=True)
    if conversation is None or held is None or held.state != HeldState.WAITING or held.due_at <= now:
        return Decision.TOO_LATE
    if conversation.state == ConversationState.LIVE:
        return Decision.TOO_LATE
    if send:
        for number, bubble in enumerate(bubbles_of(held)):
            outbox.queue(
                session, conversation, key=f"turn:{held.turn_id}:{number}", bubble=bubble, now=now, turn_id=held.turn_id
            )
    else:
        _say_neutral(session, conversation, held, now, texts)
    _end(session, held, HeldState.APPROVED if send else HeldState.REFUSED, now, staff_id)
    return Decision.SENT if send else Decision.REFUSED


def sweep(db: Database, now: datetime, texts: Texts) -> int:
    """Say something neutral where nobody has read an answer in time; how many were settled."""
    with db.reading() as session:
        due = session.execute(
            select(HeldAnswer.id, HeldAnswer.conversation_id).where(
                HeldAnswer.state == HeldState.WAITING, HeldAnswer.due_at <= now
            )
        ).all()
    return sum(_lapse(db, row.id, row.conversation_id, now, texts) for row in due)


def _lapse(db: Database, held_id: str, conversation_id: str, now: datetime, texts: Texts) -> bool:
    with db.transaction() as session:
        conversation = outbox.lock_conversation(session, conversation_id)
        held = session.get(HeldAnswer, held_id, populate_existing=True)
        if conversation is None or held is None or held.state != HeldState.WAITING:
            return False
        live = conversation.state == ConversationState.LIVE
        if not live:
            _say_neutral(session, conversation, held, now, texts)
        _end(session, held, HeldState.OVERTAKEN if live else HeldState.LAPSED, now)
        log.info("approval.lapsed", held=held.id, state=held.state)
        return True


def bubbles_of(held: HeldAnswer) -> list[Bubble]:
    """Return what the bot wanted to say."""
    return [
        Bubble(row["text"], tuple(ButtonText(title, payload) for title, payload in row["buttons"]), row["response"])
        for row in held.bubbles
    ]


def _say_neutral(session: Session, conversation: Conversation, held: HeldAnswer, now: datetime, texts: Texts) -> None:
    bubble = texts.say(Response.UTTER_ASK_A_PERSON, Language(conversation.language))
    outbox.queue(session, conversation, key=f"held_end:{held.id}", bubble=bubble, now=now, turn_id=held.turn_id)


def _end(session: Session, held: HeldAnswer, state: HeldState, now: datetime, staff_id: str | None = None) -> None:
    held.state, held.decided_at, held.decided_by = state, now, staff_id
    session.flush()
    left = session.scalar(
        select(HeldAnswer.id)
        .where(HeldAnswer.conversation_id == held.conversation_id, HeldAnswer.state == HeldState.WAITING)
        .limit(1)
    )
    if left is None:
        session.execute(
            update(Alert)
            .where(
                Alert.conversation_id == held.conversation_id,
                Alert.kind == AlertKind.APPROVAL,
                Alert.acknowledged_at.is_(None),
            )
            .values(acknowledged_at=now, acknowledged_by=staff_id)
            .execution_options(synchronize_session="fetch")
        )
