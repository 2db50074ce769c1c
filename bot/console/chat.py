"""Chatt: the packet, the thread as it grows, taking over, answering, giving back, notes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot import bell as bells
from bot.approvals.service import bubbles_of, waiting_in
from bot.console.access import may_open, owns, record_opening
from bot.console.composer import composer_of
from bot.console.desk import Refused, Visit, not_found
from bot.console.inbox import rail_of
from bot.console.models import Note, Staff
from bot.console.packet import Packet, packet_of
from bot.console.stamps import live_address
from bot.conversations.models import Conversation
from bot.conversations.outbox import lock_conversation
from bot.db.staff_words import StaffWords
from bot.handover.counsellor import MAX_AGREED, MAX_REPLY, Gone, LostTo, NotOwner
from bot.handover.models import EndReason, Handover, HandoverState, Reason
from bot.handover.thread import Before
from bot.handover.transfer import colleagues
from bot.livechat.canned import unfilled
from bot.livechat.models import Side
from bot.livechat.reading import mark, read_up_to
from bot.livechat.typing import TOPIC, note, stop

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


def show(visit: Visit) -> Response:
    """One conversation, live."""
    desk, visitor = visit.desk, visit.visitor
    live = live_address(desk.services.db, visit.now, visit.path("conversation"))
    with desk.services.db.reading() as session:
        packet = packet_of(session, visitor, _conversation(session, visit), visit.now)
        notes = _notes(session, packet.conversation_id)
        others = colleagues(session, visitor.staff_id, visit.now) if packet.mine else []
        held = waiting_in(session, _conversation(session, visit))
        composer = composer_of(session, visitor, packet, visit.query("reply"), visit.now)
    what = "chat_real" if packet.mine else "chat"
    record_opening(desk.services.db, visitor, packet.conversation_id, what, visit.now, live=visit.live)
    before = Before.read(visit.query("before"))
    window = desk.handover.window(packet.conversation_id, before, real=packet.mine)
    if packet.mine and visit.on_screen and before is None:
        _mark_read(visit, packet)
    return visit.page(
        "chat.html",
        live=live,
        refresh=True,
        packet=packet,
        notes=notes,
        lines=window.lines,
        earlier=window.earlier,
        looks_back=before is not None,
        rail=rail_of(visit),
        composer=composer,
        held=held,
        held_bubbles=bubbles_of(held) if held is not None else [],
        colleagues=others,
        max_agreed=MAX_AGREED,
        reasons=REASONS,
        form_key=secrets.token_urlsafe(12),
        max_reply=MAX_REPLY,
        max_note=MAX_NOTE,
    )


def _mark_read(visit: Visit, packet: Packet) -> None:
    """Note that the owner has had everything on their screen."""
    db = visit.desk.services.db
    with db.reading() as session:
        if read_up_to(session, visit.visitor.staff_id, packet.conversation_id) == packet.inbound_seq:
            return
    with db.transaction() as session:
        # Erased meanwhile: nothing to note, and the page says so at its next look.
        if lock_conversation(session, packet.conversation_id) is not None:
            mark(session, visit.visitor.staff_id, packet.conversation_id, packet.inbound_seq)


def typing(visit: Visit) -> Response:
    """Note that the owner is typing. What they type stays on their page."""
    conversation_id = visit.path("conversation")
    with visit.desk.services.db.transaction() as session:
        if not owns(session, visit.visitor, conversation_id):
            raise Refused(409, "Chatten är inte din", "Bara den som har chatten syns skriva.")
        note(session, conversation_id, Side.STAFF, visit.now)
    visit.desk.ring(TOPIC, f"chat:{conversation_id}")
    return Response(status_code=204)


def _conversation(session: Session, visit: Visit) -> Conversation:
    conversation = session.get(Conversation, visit.path("conversation"))
    if conversation is None or not may_open(session, visit.visitor, conversation):
        raise not_found()
    return conversation


def _notes(session: Session, conversation_id: str) -> list[NoteLine]:
    rows = session.execute(
        select(Note, Staff.display_name)
        .join(Staff, Staff.id == Note.staff_id)
        .where(Note.conversation_id == conversation_id)
        .order_by(Note.created_at)
    )
    return [NoteLine(note.id, name, note.text.for_staff, note.created_at) for note, name in rows]


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
    if gaps := unfilled(text):
        raise Refused(422, "Något saknas i svaret", f"Fyll i {gaps[0]} eller ta bort det innan du skickar.")
    _check(visit.desk.handover.reply(row.id, visit.visitor.staff_id, text, key or secrets.token_urlsafe(9)))
    with visit.desk.services.db.transaction() as session:
        stop(session, row.conversation_id, Side.STAFF)
    return visit.go(f"/console/chats/{row.conversation_id}")


def hand_back(visit: Visit) -> Response:
    """Give the chat back to the bot."""
    row = _request(visit)
    chosen = visit.form.one("reason")
    if chosen not in set(REASONS):
        raise Refused(422, "Välj en anledning", "Säg varför du avslutar chatten.")
    agreed = visit.form.one("agreed").strip()
    if len(agreed) > MAX_AGREED:
        raise Refused(422, "Det är för långt", f"Skriv vad ni kom fram till med högst {MAX_AGREED} tecken.")
    _check(visit.desk.handover.hand_back(row.id, visit.visitor.staff_id, EndReason(chosen), agreed))
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
                text=StaffWords(text),
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
