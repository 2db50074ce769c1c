"""Accounts of staff: adding, changing, choosing a password. Used by the console and `bot staff`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.alerts import contacts
from bot.calendars import export
from bot.console.models import Staff, StaffSession
from bot.console.passwords import fault_of, hash_password, is_right, new_password
from bot.console.permissions import Permission, Role, permissions_of
from bot.console.proofs import count_proof
from bot.db.base import new_id
from bot.db.session import Database
from bot.errors import BotError

FIRST_USERNAME = "admin"
_WRONG_OLD = "Ditt nuvarande lösenord stämmer inte."


class AccountError(BotError):
    """An account cannot be like that; the message says in Swedish what to change."""


def add_staff(
    session: Session,
    *,
    username: str,
    display_name: str,
    roles: Sequence[str],
    municipalities: Sequence[str],
    password: str | None = None,
    now: datetime,
) -> tuple[Staff, str]:
    """Add an account and return it with its password.

    Args:
        display_name: what youths see when this person writes.
        municipalities: official names; none means the whole county.
        password: without one a first password is made, which must be changed at the first sign-in.

    Raises:
        AccountError: the name is taken, or something is missing.
    """
    username = normalise_username(username)
    _check(username, display_name, roles)
    if session.scalar(select(Staff.id).where(Staff.username == username)) is not None:
        raise AccountError(f"Användarnamnet {username} finns redan. Välj ett annat.")
    chosen = password or new_password()
    staff = Staff(
        id=new_id(),
        username=username,
        display_name=display_name.strip(),
        password_hash=hash_password(chosen),
        roles=list(dict.fromkeys(roles)),
        municipalities=list(municipalities),
        active=True,
        must_change_password=password is None,
        created_at=now,
    )
    session.add(staff)
    session.flush()
    return staff, chosen


def first_account(db: Database, now: datetime) -> tuple[str, str] | None:
    """Make the first account (all roles, the whole county) when there is no staff at all.

    Returns:
        User name and first password, or None when somebody is there already.
    """
    try:
        with db.transaction() as session:
            if session.scalar(select(Staff.id).limit(1)) is not None:
                return None
            _, password = add_staff(
                session,
                username=FIRST_USERNAME,
                display_name="Vägledare",
                roles=list(Role),
                municipalities=[],
                now=now,
            )
            return FIRST_USERNAME, password
    except IntegrityError:
        return None  # Another process made it at this very moment, and has shown its password.


def change_staff(
    session: Session,
    staff: Staff,
    *,
    display_name: str,
    roles: Sequence[str],
    municipalities: Sequence[str],
    active: bool,
) -> None:
    """Change what an account is for. Closing it signs it out everywhere; the phone and the calendar go with the role.

    Raises:
        AccountError: something is missing, or nobody could manage staff any more.
    """
    _check(staff.username, display_name, roles)
    if not (active and Role.ADMIN in roles and _reaches(municipalities, staff)) and not _another_admin(session, staff):
        raise AccountError("Minst ett aktivt konto måste vara administratör, och ett av dem för hela länet.")
    staff.display_name = display_name.strip()
    staff.roles = list(dict.fromkeys(roles))
    staff.municipalities = list(municipalities)
    staff.active = active
    if not active:
        sign_out_everywhere(session, staff.id)
    kept = permissions_of(staff.roles) if active else frozenset()
    if Permission.ANSWER_CHATS not in kept:
        contacts.cut_off(session, staff.id)
    if Permission.SEE_BOOKINGS not in kept:
        export.close(session, staff.id)


def reset_password(session: Session, staff: Staff, password_hash: str) -> None:
    """Give an account a new first password; every way in that the old one opened is closed.

    An account that was tied to the municipality's sign-in is so no longer: the password counts, and the second
    factor that `STAFF_SECOND_FACTOR` asks for. The person may sign in at the municipality again, which ties it anew.

    Args:
        password_hash: made before the transaction began (`passwords.hash_password` takes long on purpose).
    """
    staff.password_hash, staff.oidc_subject = password_hash, None
    staff.must_change_password = True
    sign_out_everywhere(session, staff.id)
    contacts.cut_off(session, staff.id)
    export.close(session, staff.id)


def choose_password(db: Database, staff_id: str, session_hash: str, *, old: str, new: str) -> Staff | None:
    """Change one's own password; other browsers are signed out.

    Args:
        session_hash: of the session that asks, which stays signed in.

    Returns:
        The account as it is now; None when the session is at its end (`proofs`).

    Raises:
        AccountError: the old password is wrong, or the new one too weak.
    """
    with db.reading() as session:
        before = session.get_one(Staff, staff_id)
    # Outside any transaction: this takes long on purpose, and SQLite has one writer.
    right = is_right(old, before.password_hash)
    fault = fault_of(new, username=before.username, old=old) if right else _WRONG_OLD
    new_hash = hash_password(new) if fault is None else None
    with db.transaction() as session:
        staff = session.get_one(Staff, staff_id, with_for_update=True)
        if staff.password_hash != before.password_hash:
            right, fault, new_hash = False, _WRONG_OLD, None
        stands = count_proof(session, session_hash, right=right)
        if stands and new_hash is not None:
            staff.password_hash, staff.must_change_password = new_hash, False
            sign_out_everywhere(session, staff.id, keep=session_hash)
    if stands and fault is not None:
        raise AccountError(fault)
    return staff if stands else None


def sign_out_everywhere(session: Session, staff_id: str, keep: str | None = None) -> None:
    """End all sessions of an account, but for one."""
    session.execute(
        delete(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.token_hash != (keep or ""))
    )


def normalise_username(username: str) -> str:
    """Return a user name as it is kept: case and outer blanks do not count."""
    return username.strip().lower()


def _check(username: str, display_name: str, roles: Iterable[str]) -> None:
    if not 2 <= len(username) <= 120 or any(letter.isspace() for letter in username):
        raise AccountError("Skriv ett användarnamn med minst två tecken och utan mellanslag.")
    if not 1 <= len(display_name.strip()) <= 80:
        raise AccountError("Skriv det namn som de unga ska se.")
    chosen = set(roles)
    if not chosen or not chosen <= set(Role):
        raise AccountError("Välj minst en roll.")


def _reaches(municipalities: Sequence[str], staff: Staff) -> bool:
    """Whether a scope still is the whole county, where that of an account is: only such a one manages the others."""
    return not municipalities or bool(staff.municipalities)


def _another_admin(session: Session, staff: Staff) -> bool:
    rows = session.scalars(select(Staff).where(Staff.active.is_(True), Staff.id != staff.id))
    return any(Role.ADMIN in row.roles and _reaches(row.municipalities, staff) for row in rows)
