"""Queues messages to staff. Functions on an open session; the senders take it from there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import LargeBinary, delete, select, type_coerce
from sqlalchemy.orm import Session

from bot.alerts.contacts import may_answer
from bot.alerts.models import MessageState, Path, StaffContact, StaffMessage
from bot.console.access import ONE_OPENING, note_opening
from bot.console.models import Staff
from bot.db.base import keyring, new_id
from bot.safety.crypto import UndecipherableError

Button = tuple[str, str]
"""Title and command."""


def pseudonym(conversation_id: str) -> str:
    """Return how a youth is called towards staff: says nothing about them, and is the same everywhere."""
    return f"Ung {conversation_id[:4].upper()}"


def tell(
    session: Session,
    staff_id: str | None,
    text: str,
    *,
    key: str,
    now: datetime,
    path: Path = Path.TELEGRAM,
    buttons: Sequence[Button] = (),
    conversation_id: str | None = None,
    handover_id: str | None = None,
    alert_id: str | None = None,
    address: str | None = None,
) -> bool:
    """Queue a message, once under its key; False when it was queued before."""
    if session.scalar(select(StaffMessage.id).where(StaffMessage.key == key)) is not None:
        return False
    session.add(
        StaffMessage(
            id=new_id(),
            key=key,
            staff_id=staff_id,
            path=path,
            address=address,
            text=text,
            buttons=[{"title": title, "token": command} for title, command in buttons],
            conversation_id=conversation_id,
            handover_id=handover_id,
            alert_id=alert_id,
            state=MessageState.QUEUED,
            due_at=now,
            created_at=now,
        )
    )
    session.flush()
    return True


def forget_account(session: Session, address: str) -> None:
    """Take back what still waits to be said to an account that is linked to nobody: its owner is erased."""
    sealed = type_coerce(StaffMessage.address, LargeBinary)
    rows = session.execute(select(StaffMessage.id, sealed).where(StaffMessage.address.is_not(None))).all()
    theirs = [message_id for message_id, data in rows if _opened(data) == address]
    session.execute(delete(StaffMessage).where(StaffMessage.id.in_(theirs)))


def _opened(address: bytes) -> str | None:
    """Open an address; one that no key opens is nobody's, and must not keep anybody from being erased."""
    try:
        return keyring().decrypt(address, "staff_message.address")
    except UndecipherableError:
        return None


def phone_of(session: Session, staff_id: str | None) -> StaffContact | None:
    """Return the contact of somebody whose phone is linked, and who may answer chats from it."""
    contact = session.get(StaffContact, staff_id) if staff_id else None
    if contact is None or contact.fingerprint is None or not may_answer(session.get(Staff, staff_id)):
        return None
    return contact


def relay(
    session: Session,
    staff_id: str,
    *,
    handover_id: str,
    conversation_id: str,
    lines: Sequence[str],
    key: str,
    now: datetime,
) -> None:
    """Bring what a youth has just written to the phone their counsellor answers from.

    The words have placeholders; the real ones stand in the console alone. Without leave to show them on
    a lock screen only the pseudonym is said, with a button to read. Words that are sent are noted as an opening
    of the chat, a burst of messages as one.
    """
    contact = phone_of(session, staff_id)
    if contact is None:
        return
    name = pseudonym(conversation_id)
    quiet = f"Nytt från {name}."
    if contact.show_text:
        note_opening(session, staff_id, conversation_id, "chat_phone", now, once_in=ONE_OPENING)
    text = "\n".join([f"{name}:", *lines]) if contact.show_text else quiet
    buttons = () if contact.show_text else (("Läs", f"s:show:{handover_id}"),)
    tell(
        session,
        staff_id,
        text,
        key=key,
        now=now,
        buttons=buttons,
        conversation_id=conversation_id,
        handover_id=handover_id,
    )
