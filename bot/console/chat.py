"""Chatt: the packet, the thread as it grows, taking over, answering, giving back, notes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot import bell as bells
from bot.console.access import may_open, owns, place_of, record_opening
from bot.console.desk import Refused, Visit, not_found
from bot.console.events import live_address
from bot.console.models import Note, Staff
from bot.conversations.models import Conversation
from bot.handover.counsellor import MAX_REPLY, Gone, LostTo, NotOwner
from bot.handover.labels import SLOTS
from bot.handover.models import EndReason, Handover, HandoverState, Reason
from bot.handover.queue import Entry, entry_of
from bot.handover.rules import CLAIMABLE
from bot.handover.summary import last_slots, summary_of
from bot.people.models import Person

# Why a counsellor gives a chat back; the other reasons are not a person's choice.
REASONS = (
    EndReason.COUNSELLOR_CLOSED, EndReason.BOOKED_MEETING, EndReason.TRANSFERRED_EXTERNAL,
    EndReason.YOUTH_SILENT,
)  # fmt: skip
MAX_NOTE = 2_000


@dataclass(frozen=True)
class NoteLine:
    """A note of the staff."""

    id: str
    name: str
    text: str
    created_at: datetime


@dataclass(frozen=True)
class Packet:
    """What a counsellor needs before the first line. No name and no number of the youth."""

    conversation_id: str
    state: str
    channel: str
    language: str
    municipality: str | None
    risk: str
    risk_at: datetime | None
    created_at: datetime
    unreachable_since: datetime | None
    summary: str
    slots: tuple[tuple[str, object], ...]
    entry: Entry | None
    owner_name: str | None
    mine: bool
    claimable: bool


def index(visit: Visit) -> Response:
    """Show the chat that waits for me most; without any, say how to get one."""
    mine = visit.desk.handover.mine(visit.visitor.staff_id)
    if mine:
        return visit.go(f"/console/chats/{mine[0].conversation_id}")
    return visit.page("chats.html")


def show(visit: Visit) -> Response:
    """One conversation, live."""
    desk, visitor = visit.desk, visit.visitor
    live = live_address(desk.services.db, visit.path("conversation"))
    with desk.services.db.reading() as session:
        packet = _packet(session, visit, _conversation(session, visit))
        notes = _notes(session, packet.conversation_id)
    what = "chat_real" if packet.mine else "chat"
    record_opening(desk.services.db, visitor, packet.conversation_id, what, visit.now, live=visit.live)
    return visit.page(
        "chat.html",
        live=live,
        packet=packet,
        notes=notes,
        lines=desk.handover.thread(packet.conversation_id, real=packet.mine),
        my_chats=desk.handover.mine(visitor.staff_id),
        reasons=REASONS,
        form_key=secrets.token_urlsafe(12),
        max_reply=MAX_REPLY,
        max_note=MAX_NOTE,
    )


def _conversation(session: Session, visit: Visit) -> Conversation:
    conversation = session.get(Conversation, visit.path("conversation"))
    if conversation is None or not may_open(session, visit.visitor, conversation):
        raise not_found()
    return conversation


def _packet(session: Session, visit: Visit, conversation: Conversation) -> Packet:
    row = session.scalar(
        select(Handover)
        .where(Handover.conversation_id == conversation.id)
        .order_by(Handover.requested_at.desc())
        .limit(1)
    )
    owner = session.get(Staff, row.owner) if row is not None and row.owner else None
    slots = last_slots(session, conversation.id)
    return Packet(
        conversation_id=conversation.id,
        state=conversation.state,
        channel=conversation.channel,
        language=conversation.language,
        municipality=place_of(session, conversation.id),
        risk=conversation.risk,
        risk_at=conversation.risk_at,
        created_at=conversation.created_at,
        unreachable_since=session.get_one(Person, conversation.person_id).unreachable_since,
        summary=(row.summary if row is not None else None) or summary_of(session, conversation),
        slots=tuple((SLOTS[name], slots[name]) for name in SLOTS if name != "municipality" and slots.get(name)),
        entry=entry_of(session, row) if row is not None else None,
        owner_name=owner.display_name if owner is not None else None,
        mine=owns(session, visit.visitor, conversation.id),
        claimable=row is not None and row.state in CLAIMABLE,
    )


def _notes(session: Session, conversation_id: str) -> list[NoteLine]:
    rows = session.execute(
        select(Note, Staff.display_name)
        .join(Staff, Staff.id == Note.staff_id)
        .where(Note.conversation_id == conversation_id)
        .order_by(Note.created_at)
    )
    return [NoteLine(note.id, name, note.text, note.created_at) for note, name in rows]


def claim(visit: Visit) -> Response:
    """Take a chat that waits."""
    row = _request(visit)
    return _after_claim(visit, row.id, row.conversation_id)


def take(visit: Visit) -> Response:
    """Write to somebody in danger who has not asked for a person: ask on their behalf and take it."""
    with visit.desk.services.db.reading() as session:
        conversation = _conversation(session, visit)
        if conversation.risk == "none":
            raise Refused(409, "Det går inte", "Bara den unga kan be om en människa, om det inte är fara.")
    visit.desk.handover.request(
        conversation_id=conversation.id,
        reason=Reason.CRISIS,
        request_key=f"take:{visit.form.one('key')[:60]}",
    )
    with visit.desk.services.db.reading() as session:
        row_id = session.scalar(
            select(Handover.id).where(
                Handover.conversation_id == conversation.id, Handover.state != HandoverState.CLOSED
            )
        )
    return _after_claim(visit, row_id or "", conversation.id)


def _after_claim(visit: Visit, handover_id: str, conversation_id: str) -> Response:
    result = visit.desk.handover.claim(handover_id, visit.visitor.staff_id)
    if isinstance(result, LostTo):
        raise Refused(409, f"{result.display_name} hann före", f"{result.display_name} har redan tagit chatten.")
    if isinstance(result, Gone):
        raise Refused(409, "Chatten är slut", "Den unga väntar inte längre.")
    return visit.go(f"/console/chats/{conversation_id}")


def reply(visit: Visit) -> Response:
    """Say something to the youth."""
    row = _request(visit)
    text, key = visit.form.one("text"), visit.form.one("key")
    if not text.strip():
        raise Refused(422, "Meddelandet är tomt", "Skriv något innan du skickar.")
    if len(text) > MAX_REPLY:
        raise Refused(422, "Meddelandet är för långt", f"Skriv högst {MAX_REPLY} tecken, eller dela upp det.")
    _check(visit.desk.handover.reply(row.id, visit.visitor.staff_id, text, key or secrets.token_urlsafe(9)))
    return visit.go(f"/console/chats/{row.conversation_id}")


def hand_back(visit: Visit) -> Response:
    """Give the chat back to the bot."""
    row = _request(visit)
    chosen = visit.form.one("reason")
    if chosen not in set(REASONS):
        raise Refused(422, "Välj en anledning", "Säg varför du avslutar chatten.")
    _check(visit.desk.handover.hand_back(row.id, visit.visitor.staff_id, EndReason(chosen)))
    return visit.go("/console/")


def put_back(visit: Visit) -> Response:
    """Give the chat back to the queue."""
    row = _request(visit)
    _check(visit.desk.handover.put_back(row.id, visit.visitor.staff_id))
    return visit.go("/console/")


def add_note(visit: Visit) -> Response:
    """Keep a note for colleagues. It lies in a table of its own, which nothing ever sends."""
    text = visit.form.one("note").strip()
    if not 0 < len(text) <= MAX_NOTE:
        raise Refused(422, "Anteckningen går inte att spara", f"Skriv 1 till {MAX_NOTE} tecken.")
    with visit.desk.services.db.transaction() as session:
        conversation = _conversation(session, visit)
        session.add(
            Note(
                conversation_id=conversation.id,
                staff_id=visit.visitor.staff_id,
                text=text,
                created_at=visit.now,
            )
        )
    visit.desk.ring(bells.STAFF)
    return visit.go(f"/console/chats/{conversation.id}")


def _request(visit: Visit) -> Handover:
    with visit.desk.services.db.reading() as session:
        row = session.get(Handover, visit.path("handover"))
        conversation = session.get(Conversation, row.conversation_id) if row is not None else None
        if row is None or conversation is None or not may_open(session, visit.visitor, conversation):
            raise not_found()
        return row


def _check(result: object) -> None:
    if isinstance(result, NotOwner):
        raise Refused(409, "Chatten är inte din", "En kollega har tagit den, eller så väntar den i kön igen.")
    if isinstance(result, Gone):
        raise Refused(409, "Chatten är slut", "Den unga är hos boten igen. Det du skrev är inte skickat.")
