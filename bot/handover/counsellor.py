"""The counsellor's side of a handover: one atomic claim, replies, giving the chat back.

Functions on an open session. Each locks the conversation first, so nothing of the bot can slip
between a check here and what follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.alerts.outbox import phone_of, pseudonym, tell
from bot.console.models import Staff
from bot.conversations import outbox
from bot.conversations.models import Author, Conversation, ConversationState, OutboundMessage
from bot.handover.models import EndReason, Front, Handover, HandoverState
from bot.handover.requests import end, told, waiting_state
from bot.handover.rules import BETWEEN_REPLIES, CLAIMABLE, FIRST_REPLY, TurnMarker
from bot.handover.summary import summary_of
from bot.handover.transitions import call_about_danger_again, call_staff, move, record, settle_alert, staff_actor
from bot.handover.wording import requested_bubble
from bot.languages import Language
from bot.names import Response
from bot.texts import Bubble, Texts

# Telegram's limit is 4096 characters; the console says so before anything is lost.
MAX_REPLY = 4_000
# What was agreed is said in the bot's own bubble, so it is short.
MAX_AGREED = 160


@dataclass(frozen=True)
class Claimed:
    """The chat is ours until the lease lapses."""

    handover_id: str
    conversation_id: str
    lease_until: datetime


@dataclass(frozen=True)
class LostTo:
    """Somebody else was first."""

    display_name: str


@dataclass(frozen=True)
class Gone:
    """There is nothing to take or answer any more: ended, or erased by the youth."""


@dataclass(frozen=True)
class Sent:
    """The reply stands in the outbox."""

    message_id: str


@dataclass(frozen=True)
class NotOwner:
    """The chat is not (or no longer) this counsellor's; nothing was said."""


@dataclass(frozen=True)
class Done:
    """It is done."""


def claim(
    session: Session,
    handover_id: str,
    staff_id: str,
    *,
    now: datetime,
    texts: Texts,
    via: Front = Front.CONSOLE,
    event: str = "claimed",
) -> Claimed | LostTo | Gone:
    """Take a chat. Of any number who try at once, exactly one gets it (product.md 2.2, rule 1)."""
    conversation = lock(session, handover_id)
    if conversation is None:
        return Gone()
    before = session.scalar(select(Handover.state).where(Handover.id == handover_id))
    until = now + FIRST_REPLY
    result = session.execute(
        update(Handover)
        .where(Handover.id == handover_id, Handover.state.in_(CLAIMABLE), Handover.owner.is_(None))
        .values(
            state=HandoverState.LIVE,
            owner=staff_id,
            lease_until=until,
            version=Handover.version + 1,
            claimed_at=now,
            claimed_seq=conversation.inbound_seq,
            turn_marker=TurnMarker.WAITING_COUNSELLOR,
            via=via,
            asking=None,
        )
        .execution_options(synchronize_session=False)
    )
    row = fresh(session, handover_id)
    if row is None:
        return Gone()
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        if row.state != HandoverState.LIVE or row.owner is None:
            return Gone()
        if row.owner == staff_id:
            return Claimed(row.id, row.conversation_id, row.lease_until or until)
        return LostTo(display_name(session, row.owner))
    conversation.state = ConversationState.LIVE
    row.summary = summary_of(session, conversation)
    record(session, row, event=event, actor=staff_actor(staff_id), now=now, from_state=before)
    # Who is brought back by "Prata mer" has pressed nothing yet: danger is then still called about.
    settle_alert(session, conversation.id, staff_id, now, danger=event == "claimed")
    response = Response.UTTER_HUMAN_REOPENED if event == "reopened" else Response.UTTER_HUMAN_JOINED
    bubble = texts.say(response, Language(conversation.language), name=display_name(session, staff_id))
    outbox.queue(
        session,
        conversation,
        key=f"joined:{row.id}:{row.version}",
        bubble=bubble,
        now=now,
        author=Author.SYSTEM,
        staff_id=staff_id,
    )
    return Claimed(row.id, row.conversation_id, until)


def taken_by_another(session: Session, handover_id: str, staff_id: str) -> LostTo | None:
    """Return who has a chat already; None when it may still be free, or is one's own."""
    owner = session.scalar(select(Handover.owner).where(Handover.id == handover_id, Handover.owner.is_not(None),
                                                        Handover.state == HandoverState.LIVE))  # fmt: skip
    return LostTo(display_name(session, owner)) if owner is not None and owner != staff_id else None


def reply(
    session: Session,
    handover_id: str,
    staff_id: str,
    text: str,
    key: str,
    *,
    now: datetime,
    via: Front = Front.CONSOLE,
) -> Sent | NotOwner | Gone:
    """Say something to the youth. The same key twice says it once.

    Raises:
        ValueError: the text is empty or longer than MAX_REPLY.
    """
    if not text.strip() or len(text) > MAX_REPLY:
        raise ValueError(f"a reply has 1 to {MAX_REPLY} characters")
    conversation = lock(session, handover_id)
    row = fresh(session, handover_id)
    if conversation is None or row is None:
        return Gone()
    outbound_key = f"staff:{handover_id}:{key}"[:120]
    said = session.scalar(select(OutboundMessage.id).where(OutboundMessage.key == outbound_key))
    if said is not None:
        return Sent(said)
    if row.state == HandoverState.CLOSED:
        return Gone()
    if row.state != HandoverState.LIVE or row.owner != staff_id:
        return NotOwner()
    message = outbox.queue(
        session,
        conversation,
        key=outbound_key,
        bubble=Bubble(text.strip()),
        now=now,
        author=Author.COUNSELLOR,
        staff_id=staff_id,
    )
    row.first_reply_at = row.first_reply_at or now
    row.lease_until = now + BETWEEN_REPLIES
    row.turn_marker = TurnMarker.WAITING_YOUTH
    row.via = via
    row.version += 1
    settle_alert(session, conversation.id, staff_id, now)
    return Sent(message.id)


def hand_back(
    session: Session,
    handover_id: str,
    staff_id: str,
    reason: EndReason,
    *,
    now: datetime,
    texts: Texts,
    agreed: str = "",
) -> Done | NotOwner | Gone:
    """Give the chat back to the bot; the youth hears who writes now, and what was agreed.

    Raises:
        ValueError: what was agreed is longer than MAX_AGREED.
    """
    if len(agreed.strip()) > MAX_AGREED:
        raise ValueError(f"what was agreed has at most {MAX_AGREED} characters")
    found = owned(session, handover_id, staff_id)
    if not isinstance(found, tuple):
        return found
    conversation, row = found
    row.agreed = _sentence(agreed)
    say_left(session, conversation, row, now=now, texts=texts)
    end(session, conversation, reason=reason, actor=staff_actor(staff_id), now=now)
    return Done()


def put_back(
    session: Session, handover_id: str, staff_id: str, *, now: datetime, texts: Texts
) -> Done | NotOwner | Gone:
    """Give the chat back to the queue, at its top, for a colleague; the youth is told."""
    found = owned(session, handover_id, staff_id)
    if not isinstance(found, tuple):
        return found
    conversation, row = found
    return_to_queue(session, conversation, row, event="put_back", actor=staff_actor(staff_id), now=now, texts=texts)
    return Done()


def return_to_queue(
    session: Session,
    conversation: Conversation,
    row: Handover,
    *,
    event: str,
    actor: str,
    now: datetime,
    texts: Texts,
) -> None:
    """Let a live chat wait for the next counsellor; the youth and the staff are told."""
    _say_gone(session, conversation, row, now=now, texts=texts)
    if row.owner is not None and event == "lease_lapsed" and phone_of(session, row.owner) is not None:
        said = f"Chatten med {pseudonym(conversation.id)} gick tillbaka till kön: det gick för lång tid."
        tell(session, row.owner, said, key=f"lapsed:{row.id}:{row.version}", now=now, conversation_id=conversation.id)
    to, row.opens_at = waiting_state(session, row.municipality, now)
    move(session, conversation, row, to, event=event, actor=actor, now=now)
    call_staff(session, conversation.id, event, now)
    if row.claimed_at is not None:
        call_about_danger_again(session, conversation.id, row.claimed_at, now)
    session.flush()
    tell_status(session, conversation, row, now=now, texts=texts)


def tell_status(session: Session, conversation: Conversation, row: Handover, *, now: datetime, texts: Texts) -> None:
    """Tell the youth how the request stands now; once for each change."""
    bubble = requested_bubble(texts, Language(conversation.language), told(session, row, now))
    outbox.queue(
        session,
        conversation,
        key=f"status:{row.id}:{row.version}",
        bubble=bubble,
        now=now,
        author=Author.SYSTEM,
    )


def say_left(session: Session, conversation: Conversation, row: Handover, *, now: datetime, texts: Texts) -> None:
    """Tell the youth that the person has left and the bot writes again."""
    name, language = display_name(session, row.owner), Language(conversation.language)
    if row.agreed:
        bubble = texts.say(Response.UTTER_HUMAN_LEFT_AGREED, language, name=name, agreed=row.agreed)
    else:
        bubble = texts.say(Response.UTTER_HUMAN_LEFT, language, name=name)
    outbox.queue(
        session,
        conversation,
        key=f"left:{row.id}:{row.version}",
        bubble=bubble,
        now=now,
        author=Author.SYSTEM,
        staff_id=row.owner,
    )


def _say_gone(session: Session, conversation: Conversation, row: Handover, *, now: datetime, texts: Texts) -> None:
    name = display_name(session, row.owner)
    outbox.queue(
        session,
        conversation,
        key=f"gone:{row.id}:{row.version}",
        bubble=texts.say(Response.UTTER_HUMAN_GONE, Language(conversation.language), name=name),
        now=now,
        author=Author.SYSTEM,
        staff_id=row.owner,
    )


def _sentence(text: str) -> str | None:
    said = " ".join(text.split())
    if not said:
        return None
    return said if said[-1] in ".!?" else f"{said}."


def display_name(session: Session, staff_id: str | None) -> str:
    """Return the name a youth sees; a general word when the account is gone."""
    person = session.get(Staff, staff_id) if staff_id else None
    return person.display_name if person else "Vägledaren"


def lock(session: Session, handover_id: str) -> Conversation | None:
    """Take the conversation of a request for this transaction; None when it is gone."""
    conversation_id = session.scalar(select(Handover.conversation_id).where(Handover.id == handover_id))
    return outbox.lock_conversation(session, conversation_id) if conversation_id else None


def fresh(session: Session, handover_id: str) -> Handover | None:
    """Return a request as it stands in the database now."""
    return session.get(Handover, handover_id, populate_existing=True)


def owned(session: Session, handover_id: str, staff_id: str) -> tuple[Conversation, Handover] | NotOwner | Gone:
    """Return a live chat of this counsellor with its conversation under lock, or why not."""
    conversation = lock(session, handover_id)
    row = fresh(session, handover_id)
    if conversation is None or row is None or row.state == HandoverState.CLOSED:
        return Gone()
    if row.state != HandoverState.LIVE or row.owner != staff_id:
        return NotOwner()
    return conversation, row
