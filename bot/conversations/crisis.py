"""What happens at a sign of danger: one answer at once, a flag, and a call to staff.

Runs in the transaction that stores the message, so it needs neither Rasa nor the worker, and a
repeated update cannot answer twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations import outbox
from bot.conversations.models import Alert, AlertKind, Conversation, ConversationState, Turn
from bot.duty.service import somebody_answers_now
from bot.given import whole_number
from bot.handover.summary import known_municipality
from bot.languages import Language
from bot.names import Response
from bot.safety.screen import About, Kind, Risk, Screening
from bot.texts import Texts

# A second message within this time gets a shorter answer: the numbers already stand above.
STILL_HERE = timedelta(minutes=15)
# Bris is for those under 18; the line for men answers between these hours (data/knowledge: number_bris, number_men).
ADULT = 18
MEN_FROM, MEN_TO = time(7), time(21)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
_UNDER_18 = "bot:safe_under18"


def response_for(screening: Screening, *, age: int | None, now: datetime) -> Response:
    """Choose the one answer that fits what was written, the age where it is known, and the hour."""
    minor = age is not None and age < ADULT
    if screening.risk == Risk.SELF_HARM:
        if screening.about == About.OTHER:
            return Response.UTTER_CRISIS_SELF_HARM_OTHER
        if screening.urgent:
            return Response.UTTER_CRISIS_SELF_HARM_NOW
        return Response.UTTER_CRISIS_SELF_HARM_MINOR if minor else Response.UTTER_CRISIS_SELF_HARM
    if screening.kind == Kind.THREAT_TO_OTHERS:
        return Response.UTTER_CRISIS_THREAT
    if screening.about == About.OTHER:
        return Response.UTTER_CRISIS_VIOLENCE_OTHER
    if screening.urgent:
        return Response.UTTER_CRISIS_VIOLENCE_NOW
    if screening.kind == Kind.HONOUR:
        return Response.UTTER_CRISIS_HONOUR
    if minor:
        return Response.UTTER_CRISIS_VIOLENCE_MINOR
    by_day = MEN_FROM <= now.astimezone(STOCKHOLM).time() < MEN_TO
    return Response.UTTER_CRISIS_VIOLENCE if by_day else Response.UTTER_CRISIS_VIOLENCE_NIGHT


def known_age(session: Session, conversation: Conversation) -> int | None:
    """Return the age the youth has told in this session of the dialogue; None when it is not known."""
    turns = session.scalars(
        select(Turn)
        .where(Turn.conversation_id == conversation.id, Turn.session == conversation.session)
        .order_by(Turn.first_seq.desc())
        .limit(5)
    )
    for turn in turns:
        told = str((turn.slots or {}).get("age") or "")
        if (age := whole_number(told)) is not None:
            return age
    return None


def respond(
    session: Session,
    conversation: Conversation,
    texts: Texts,
    *,
    screening: Screening,
    key: str,
    language: Language,
    now: datetime,
) -> None:
    """Answer, flag the conversation and call staff. The caller holds the conversation."""
    recent = conversation.risk_at is not None and now - conversation.risk_at < STILL_HERE
    same = recent and conversation.risk == screening.risk and not screening.urgent
    age = known_age(session, conversation)
    response = Response.UTTER_CRISIS_STILL_HERE if same else response_for(screening, age=age, now=now)
    bubble = texts.say(response, language)
    if age is not None and age >= ADULT:
        # Bris would have to send them on.
        bubble = replace(bubble, buttons=tuple(b for b in bubble.buttons if b.payload != _UNDER_18))
    if not recent and not _somebody_comes(session, conversation, now):
        # In the same bubble: there is one answer to a cry for help.
        alone = texts.say(Response.UTTER_CRISIS_NOBODY_HERE, language)
        bubble = replace(bubble, text=f"{bubble.text}\n\n{alone.text}")
    outbox.queue(session, conversation, key=f"crisis:{key}", bubble=bubble, now=now)
    raise_flag(session, conversation, risk=screening.risk, detail=str(screening.kind), now=now)


def _somebody_comes(session: Session, conversation: Conversation, now: datetime) -> bool:
    """Whether an alert reaches somebody now. If not, the youth hears it plainly, once."""
    if conversation.state == ConversationState.LIVE:
        return True
    municipality = known_municipality(session, conversation.id)
    return somebody_answers_now(session, municipality, now)


def raise_flag(session: Session, conversation: Conversation, *, risk: str, detail: str, now: datetime) -> None:
    """Mark the conversation and make sure that an unacknowledged alert stands for it."""
    conversation.risk = risk
    conversation.risk_at = now
    standing = session.scalar(
        select(Alert.id).where(
            Alert.conversation_id == conversation.id,
            Alert.kind == AlertKind.CRISIS,
            Alert.acknowledged_at.is_(None),
        )
    )
    if standing is None:
        session.add(Alert(kind=AlertKind.CRISIS, conversation_id=conversation.id, detail=detail[:64], created_at=now))
