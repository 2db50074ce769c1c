"""Linking a counsellor's own Telegram account, and where else they want to be reached."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.alerts.models import LinkCode, MessageState, Path, StaffContact, StaffMessage
from bot.console.models import Staff
from bot.console.permissions import Permission, permissions_of
from bot.people.vault import Vault

CODE_LIFE = timedelta(minutes=10)
# Without letters and digits that look alike; 8 of 30 are 39 bits for ten minutes.
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ2345679"
_LENGTH = 8
_EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]+\.[^@\s<>,;\"]+")
_CONTEXT = "staff:telegram"


class ContactError(ValueError):
    """What was given cannot be; the text says what to do, in Swedish."""


@dataclass(frozen=True)
class Reach:
    """How somebody of the staff is reached, for their own eyes."""

    linked_at: datetime | None
    show_text: bool
    email: str | None
    email_on: bool


def may_answer(staff: Staff | None) -> bool:
    """Whether somebody may do by phone what the console lets a counsellor do: asked at each press, not at the link."""
    return staff is not None and staff.active and Permission.ANSWER_CHATS in permissions_of(staff.roles)


def new_code(session: Session, vault: Vault, staff_id: str, now: datetime) -> str:
    """Make the code that links a phone; an earlier one is void. Only its keyed hash is kept."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    session.merge(LinkCode(staff_id=staff_id, fingerprint=vault.fingerprint(code, "link"), expires_at=now + CODE_LIFE))
    session.flush()
    return f"{code[:4]}-{code[4:]}"


def link(session: Session, vault: Vault, code: str, address: str, now: datetime) -> Staff | None:
    """Tie a Telegram account to whom the code was shown to; None when the code is wrong, old or used."""
    typed = re.sub(r"[^A-Z0-9]", "", code.upper())
    row = session.scalar(
        select(LinkCode).where(LinkCode.fingerprint == vault.fingerprint(typed, "link")).with_for_update()
    )
    staff = session.get(Staff, row.staff_id) if row is not None and row.expires_at > now else None
    if row is None or staff is None or not may_answer(staff):
        return None
    session.delete(row)
    fingerprint = vault.fingerprint(address, _CONTEXT)
    for other in session.scalars(select(StaffContact).where(StaffContact.fingerprint == fingerprint)):
        other.fingerprint = other.address = other.linked_at = None
    session.flush()
    contact = _contact(session, staff.id)
    contact.fingerprint, contact.address, contact.linked_at = fingerprint, address, now
    session.flush()
    return staff


def unlink(session: Session, staff_id: str) -> bool:
    """Take the link away; False when there was none."""
    contact = session.get(StaffContact, staff_id)
    if contact is None or contact.fingerprint is None:
        return False
    contact.fingerprint = contact.address = contact.linked_at = None
    session.flush()
    return True


def cut_off(session: Session, staff_id: str) -> None:
    """Take every way to the phone away: the link, a code that would link it anew, and what waits to be sent there."""
    unlink(session, staff_id)
    session.execute(delete(LinkCode).where(LinkCode.staff_id == staff_id))
    session.execute(
        update(StaffMessage)
        .where(
            StaffMessage.staff_id == staff_id,
            StaffMessage.path == Path.TELEGRAM,
            StaffMessage.state == MessageState.QUEUED,
        )
        .values(state=MessageState.NOT_NEEDED)
        .execution_options(synchronize_session=False)
    )


def staff_at(session: Session, vault: Vault, address: str) -> Staff | None:
    """Return the active member of staff whose phone this is."""
    return session.scalar(
        select(Staff)
        .join(StaffContact, StaffContact.staff_id == Staff.id)
        .where(StaffContact.fingerprint == vault.fingerprint(address, _CONTEXT), Staff.active.is_(True))
    )


def reach_of(session: Session, staff_id: str) -> Reach:
    """Return how somebody is reached now."""
    row = session.get(StaffContact, staff_id)
    if row is None:
        return Reach(None, show_text=False, email=None, email_on=True)
    return Reach(row.linked_at, row.show_text, row.email, row.email_on)


def set_reach(session: Session, staff_id: str, *, show_text: bool, email: str, email_on: bool) -> None:
    """Set what may stand on a lock screen, and the address for alerts by e-mail (empty: none).

    Raises:
        ContactError: the address is no e-mail address.
    """
    typed = email.strip()
    if typed and (len(typed) > 200 or not _EMAIL.fullmatch(typed)):
        raise ContactError("E-postadressen ser inte rätt ut. Skriv den som namn@kommun.se.")
    contact = _contact(session, staff_id)
    contact.show_text, contact.email, contact.email_on = show_text, typed or None, email_on
    session.flush()


def forget_old_codes(session: Session, now: datetime) -> None:
    """Remove codes that are void."""
    session.execute(delete(LinkCode).where(LinkCode.expires_at <= now))


def _contact(session: Session, staff_id: str) -> StaffContact:
    contact = session.get(StaffContact, staff_id, with_for_update=True)
    if contact is None:
        contact = StaffContact(staff_id=staff_id, show_text=False, email_on=True)
        session.add(contact)
        session.flush()
    return contact
