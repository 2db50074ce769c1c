"""What time does to handovers: leases lapse, we open and close, shifts end, somebody waits for long.

`Handover.sweep` runs this every few seconds; each request is one transaction, checked again under
the conversation's lock. Nothing expires without the youth hearing of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.booking.models import BookingRow, BookingState
from bot.console.models import Staff
from bot.conversations import outbox
from bot.conversations.models import Alert, AlertKind, Author, Conversation, ConversationState
from bot.db.session import Database
from bot.duty.plan import DutyPlan
from bot.handover import counsellor, rules, transfer
from bot.handover.models import EndReason, Handover, HandoverState
from bot.handover.queue import position_of
from bot.handover.requests import end, told
from bot.handover.transitions import CLOCK, call_staff, move, open_handover
from bot.handover.wording import moved_bubble
from bot.languages import Language
from bot.names import Response
from bot.texts import Texts

# A request of many days opens and closes every day; after this the youth is left in peace about it.
TELL_WITHIN = timedelta(days=5)


class _Pass:
    """What one pass over all requests looks up once."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.duty = DutyPlan(session, now)
        self._session = session
        self._booked: dict[str, datetime] | None = None
        self._positions: dict[str, int] = {}

    def booked_since(self, row: Handover) -> bool:
        """Whether the youth has booked a meeting after asking."""
        if self._booked is None:
            rows = self._session.execute(
                select(BookingRow.conversation_id, BookingRow.created_at).where(
                    BookingRow.state == BookingState.BOOKED,
                    BookingRow.conversation_id.in_(
                        select(Handover.conversation_id).where(Handover.state.in_(rules.CLAIMABLE))
                    ),
                )
            )
            self._booked = {}
            for found in rows:
                latest = self._booked.get(found.conversation_id, found.created_at)
                self._booked[found.conversation_id] = max(latest, found.created_at)
        at = self._booked.get(row.conversation_id)
        return at is not None and at > row.requested_at

    def position_of(self, row: Handover) -> int:
        """Return the place in the line."""
        if row.id not in self._positions:
            self._positions[row.id] = position_of(self._session, row)
        return self._positions[row.id]


def due(session: Session, now: datetime) -> list[str]:
    """Return the requests that time has changed; only reads."""
    look = _Pass(session, now)
    rows = session.scalars(
        select(Handover).where(Handover.state != HandoverState.CLOSED).order_by(Handover.requested_at)
    )
    return [row.id for row in rows if _change_of(session, row, look, now) is not None]


def sweep_one(db: Database, handover_id: str, now: datetime, texts: Texts) -> str | None:
    """Do what is due for one request; return what was done, for the log."""
    with db.transaction() as session:
        conversation_id = session.scalar(select(Handover.conversation_id).where(Handover.id == handover_id))
        conversation = outbox.lock_conversation(session, conversation_id) if conversation_id else None
        row = session.get(Handover, handover_id, populate_existing=True)
        if conversation is None or row is None:
            return None
        look = _Pass(session, now)
        change = _change_of(session, row, look, now)
        if change is not None:
            _do(session, conversation, row, change, look, now, texts)
        return change


def adrift(session: Session) -> list[str]:
    """Return the conversations that seem to be with people although no request is open; only reads."""
    open_requests = select(Handover.conversation_id).where(Handover.state != HandoverState.CLOSED)
    statement = select(Conversation.id).where(
        Conversation.state != ConversationState.BOT, Conversation.id.not_in(open_requests)
    )
    return list(session.scalars(statement))


def bring_home(db: Database, conversation_id: str, now: datetime) -> bool:
    """Give a conversation that nobody owns back to the bot. Only a fault of ours can bring one there."""
    with db.transaction() as session:
        conversation = outbox.lock_conversation(session, conversation_id)
        if conversation is None or open_handover(session, conversation_id) is not None:
            return False
        end(session, conversation, reason=EndReason.INTERNAL_ERROR, actor=CLOCK, now=now)
        return True


def _change_of(session: Session, row: Handover, look: _Pass, now: datetime) -> str | None:
    """Say what is due for a request, if anything."""
    if row.state == HandoverState.LIVE:
        return _change_of_live(session, row, look, now)
    if row.state == HandoverState.CLOSED:
        return None
    if look.booked_since(row):
        return "booked"
    if rules.has_expired(row, now):
        return "expired"
    here = look.duty.is_open(row.municipality)
    if row.state == HandoverState.OFF_HOURS_QUEUED:
        if here:
            return "opened"
        # The hours were changed after we had named a time: name the new one.
        return "opening_moved" if row.opens_at is not None and row.opens_at <= now else None
    if not here:
        return "closed_for_today"
    if row.state == HandoverState.TIMED_OUT:
        return "remind_staff" if _staff_were_called_long_ago(session, row, now) else None
    if rules.has_waited_long(row, now):
        return "timed_out"
    paused = row.told_at is not None and row.told_at + rules.POSITION_PAUSE <= now
    return "moved_up" if paused and row.told_position != look.position_of(row) else None


def _change_of_live(session: Session, row: Handover, look: _Pass, now: datetime) -> str | None:
    if rules.lease_has_lapsed(row, now):
        return "lease_lapsed"
    if rules.youth_fell_silent(row, now):
        return "youth_silent"
    if not _owner_works_here(session, row):
        return "owner_left"
    if rules.transfer_lapsed(row, now):
        return "transfer_lapsed"
    if row.owner is not None and not look.duty.works_now(row.owner) and _not_told_of_the_end(session, row, now):
        return "shift_over"
    return None


def _do(
    session: Session,
    conversation: Conversation,
    row: Handover,
    change: str,
    look: _Pass,
    now: datetime,
    texts: Texts,
) -> None:
    match change:
        case "lease_lapsed" | "owner_left":
            counsellor.return_to_queue(session, conversation, row, event=change, actor=CLOCK, now=now, texts=texts)
            return
        case "youth_silent":
            counsellor.say_left(session, conversation, row, now=now, texts=texts)
            end(session, conversation, reason=EndReason.YOUTH_SILENT, actor=CLOCK, now=now)
            return
        case "transfer_lapsed":
            transfer.take_back(session, conversation, row, event=change, now=now)
            return
        case "shift_over":
            alert = Alert(kind=AlertKind.SHIFT, conversation_id=conversation.id, detail=change, created_at=now)
            alert.staff_id = row.owner
            session.add(alert)
            return
        case "booked":
            _end_and_say(session, conversation, row, EndReason.BOOKED_MEETING, now, texts)
            return
        case "expired":
            parked = row.state == HandoverState.OFF_HOURS_QUEUED
            reason = EndReason.OFF_HOURS_EXPIRED if parked else EndReason.CLAIM_TIMEOUT
            _end_and_say(session, conversation, row, reason, now, texts)
            return
        case "moved_up":
            _say_moved(session, conversation, row, now, texts)
            return
        case "remind_staff":
            call_staff(session, conversation.id, "still_waiting", now)
            return
        case "opened":
            to = HandoverState.REQUESTED
            call_staff(session, conversation.id, change, now)
        case "timed_out":
            to = HandoverState.TIMED_OUT
            call_staff(session, conversation.id, change, now)
        case _:
            to = HandoverState.OFF_HOURS_QUEUED
            row.opens_at = look.duty.next_opening(row.municipality)
    move(session, conversation, row, to, event=change, actor=CLOCK, now=now)
    session.flush()
    if row.requested_at + TELL_WITHIN > now:
        counsellor.tell_status(session, conversation, row, now=now, texts=texts)


def _end_and_say(
    session: Session, conversation: Conversation, row: Handover, reason: EndReason, now: datetime, texts: Texts
) -> None:
    booked = reason == EndReason.BOOKED_MEETING
    response = Response.UTTER_HUMAN_BOOKED_INSTEAD if booked else Response.UTTER_HUMAN_EXPIRED
    outbox.queue(
        session,
        conversation,
        key=f"ended:{row.id}",
        bubble=texts.say(response, Language(conversation.language)),
        now=now,
        author=Author.SYSTEM,
    )
    end(session, conversation, reason=reason, actor=CLOCK, now=now)


def _say_moved(session: Session, conversation: Conversation, row: Handover, now: datetime, texts: Texts) -> None:
    status = told(session, row, now)
    outbox.queue(
        session,
        conversation,
        key=f"moved:{row.id}:{now.isoformat()}",
        bubble=moved_bubble(texts, Language(conversation.language), status),
        now=now,
        author=Author.SYSTEM,
    )


def _owner_works_here(session: Session, row: Handover) -> bool:
    person = session.get(Staff, row.owner) if row.owner else None
    return person is None or person.active


def _not_told_of_the_end(session: Session, row: Handover, now: datetime) -> bool:
    """Whether this chat's owner has not yet been told that their shift is over."""
    told_so = session.scalar(
        select(Alert.id)
        .where(
            Alert.conversation_id == row.conversation_id,
            Alert.kind == AlertKind.SHIFT,
            Alert.staff_id == row.owner,
            Alert.created_at >= (row.claimed_at or now),
        )
        .limit(1)
    )
    return told_so is None


def _staff_were_called_long_ago(session: Session, row: Handover, now: datetime) -> bool:
    last = session.scalar(
        select(Alert)
        .where(Alert.conversation_id == row.conversation_id, Alert.kind == AlertKind.HANDOVER)
        .order_by(Alert.created_at.desc())
        .limit(1)
    )
    if last is None:
        return True
    return last.acknowledged_at is not None and last.acknowledged_at + rules.REMIND_STAFF < now
