"""Accounts of staff: adding, changing, choosing a password. Used by the console and `bot staff`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.console.models import Staff, StaffSession
from bot.console.passwords import fault_of, hash_password, is_right, new_password
from bot.console.permissions import Role
from bot.db.base import new_id
from bot.db.session import Database
from bot.errors import BotError

FIRST_USERNAME = "admin"


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
        failed_sign_ins=0,
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
    """Change what an account is for. Closing it signs it out everywhere.

    Raises:
        AccountError: something is missing, or nobody could manage staff any more.
    """
    _check(staff.username, display_name, roles)
    if not (active and Role.ADMIN in roles) and not _another_admin(session, staff.id):
        raise AccountError("Minst ett aktivt konto måste vara administratör.")
    staff.display_name = display_name.strip()
    staff.roles = list(dict.fromkeys(roles))
    staff.municipalities = list(municipalities)
    staff.active = active
    if not active:
        sign_out_everywhere(session, staff.id)


def reset_password(session: Session, staff: Staff) -> str:
    """Give an account a new first password and sign it out everywhere."""
    password = new_password()
    staff.password_hash = hash_password(password)
    staff.must_change_password = True
    staff.failed_sign_ins, staff.locked_until = 0, None
    sign_out_everywhere(session, staff.id)
    return password


def choose_password(session: Session, staff: Staff, *, old: str, new: str, keep: str | None = None) -> None:
    """Change one's own password; other browsers are signed out.

    Args:
        keep: hash of the session that stays signed in.

    Raises:
        AccountError: the old password is wrong, or the new one too weak.
    """
    if not is_right(old, staff.password_hash):
        raise AccountError("Ditt nuvarande lösenord stämmer inte.")
    fault = fault_of(new, username=staff.username, old=old)
    if fault is not None:
        raise AccountError(fault)
    staff.password_hash = hash_password(new)
    staff.must_change_password = False
    sign_out_everywhere(session, staff.id, keep=keep)


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


def _another_admin(session: Session, staff_id: str) -> bool:
    rows = session.scalars(select(Staff).where(Staff.active.is_(True), Staff.id != staff_id))
    return any(Role.ADMIN in row.roles for row in rows)
