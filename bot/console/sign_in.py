"""Signing in and out: growing lock-out, sessions whose cookie is kept only as a hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.console import second_factor
from bot.console.accounts import normalise_username
from bot.console.models import Staff, StaffSession
from bot.console.passwords import hash_password, is_outdated, is_right
from bot.console.permissions import Permission, permissions_of
from bot.db.session import Database

# A session lasts a working day, and less when nobody touches it.
SESSION_LENGTH = timedelta(hours=12)
IDLE_LIMIT = timedelta(hours=4)
_SEEN_EVERY = timedelta(minutes=1)

# After so many wrong passwords in a row the account rests: a minute, then twice as long each time.
FREE_FAILURES = 5
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)
# So long the six digits are waited for after the password.
CODE_WAITS = timedelta(minutes=10)


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in."""

    staff_id: str
    username: str
    display_name: str
    roles: tuple[str, ...]
    municipalities: tuple[str, ...]
    must_change_password: bool
    csrf: str
    session_hash: str
    has_second_factor: bool = False
    municipal: bool = False
    """Signed in by the municipality, which asks for what it finds right."""

    @property
    def permissions(self) -> frozenset[Permission]:
        """What this person may do."""
        return permissions_of(self.roles)

    def may(self, permission: Permission) -> bool:
        """Whether this person may do something."""
        return permission in self.permissions


def sign_in(db: Database, username: str, password: str, now: datetime) -> str | None:
    """Return the cookie of a new session, or None: wrong, locked and unknown look and take the same."""
    name = normalise_username(username)
    with db.reading() as session:
        before = session.scalar(select(Staff).where(Staff.username == name))
    # Outside any transaction: this takes long on purpose, and SQLite has one writer.
    right = is_right(password, before.password_hash if before and before.active else None)
    if before is None:
        return None
    new_hash = hash_password(password) if right and is_outdated(before.password_hash) else None
    with db.transaction() as session:
        staff = session.get(Staff, before.id, with_for_update=True, populate_existing=True)
        if staff is None or not staff.active or (staff.locked_until is not None and staff.locked_until > now):
            return None
        if not right or staff.password_hash != before.password_hash:
            _count_failure(staff, now)
            return None
        if staff.totp_since is None:
            # With a second factor, only the whole sign-in clears the count: else digits could be guessed for ever.
            staff.failed_sign_ins, staff.locked_until = 0, None
        staff.password_hash = new_hash or staff.password_hash
        session.execute(delete(StaffSession).where(StaffSession.expires_at < now))
        return open_session(session, staff, now, awaits_code=staff.totp_since is not None)


def waiting_for_code(db: Database, token: str | None, now: datetime) -> str | None:
    """Return the form token of a session that still wants its six digits; None when there is no such session."""
    if not token:
        return None
    with db.reading() as session:
        row = session.get(StaffSession, hash_of(token))
    return row.csrf if row is not None and row.awaits_code and row.expires_at > now else None


def give_code(db: Database, token: str, code: str, now: datetime) -> str | None:
    """Take the six digits, or a paper code; return the cookie of the open session, None when it is wrong.

    Wrong codes count as wrong passwords do. The session gets a new cookie: the one from before is worthless.
    """
    with db.transaction() as session:
        row = session.get(StaffSession, hash_of(token), with_for_update=True)
        staff = session.get(Staff, row.staff_id, with_for_update=True) if row is not None else None
        if row is None or staff is None or not row.awaits_code or row.expires_at <= now or not staff.active:
            return None
        if staff.totp_secret is None or (staff.locked_until is not None and staff.locked_until > now):
            return None
        step = second_factor.step_of(staff.totp_secret, code, now, staff.totp_step)
        left = second_factor.without(code, staff.recovery_codes) if step is None else staff.recovery_codes
        if left is None:
            _count_failure(staff, now)
            return None
        staff.totp_step, staff.recovery_codes = step or staff.totp_step, left
        staff.failed_sign_ins, staff.locked_until = 0, None
        session.delete(row)
        session.flush()
        return open_session(session, staff, now)


def _count_failure(staff: Staff, now: datetime) -> None:
    staff.failed_sign_ins += 1
    over = staff.failed_sign_ins - FREE_FAILURES
    if over >= 0:
        staff.locked_until = now + min(FIRST_LOCK * 2 ** min(over, 12), LONGEST_LOCK)


def open_session(session: Session, staff: Staff, now: datetime, *, awaits_code: bool = False) -> str:
    """Open a session and return its cookie; one that awaits the six digits opens nothing yet."""
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            token_hash=hash_of(token),
            staff_id=staff.id,
            csrf=secrets.token_urlsafe(24),
            created_at=now,
            seen_at=now,
            expires_at=now + (CODE_WAITS if awaits_code else SESSION_LENGTH),
            awaits_code=awaits_code,
        )
    )
    return token


def find_visitor(db: Database, token: str | None, now: datetime, *, touch: bool = True) -> Visitor | None:
    """Return who is signed in with a cookie; None when nobody is, or no longer.

    Args:
        touch: count this as something the person did (a page that refreshes itself does not).
    """
    if not token:
        return None
    with db.reading() as session:
        row = session.get(StaffSession, hash_of(token))
        staff = session.get(Staff, row.staff_id) if row is not None else None
    if row is None or staff is None or not staff.active or row.awaits_code:
        return None
    if row.expires_at <= now or row.seen_at + IDLE_LIMIT <= now:
        return None
    if touch and row.seen_at + _SEEN_EVERY <= now:
        with db.transaction() as session:
            standing = session.get(StaffSession, row.token_hash)
            if standing is not None:
                standing.seen_at = now
    return Visitor(
        staff_id=staff.id,
        username=staff.username,
        display_name=staff.display_name,
        roles=tuple(staff.roles),
        municipalities=tuple(staff.municipalities),
        must_change_password=staff.must_change_password,
        csrf=row.csrf,
        session_hash=row.token_hash,
        has_second_factor=staff.totp_since is not None,
        municipal=staff.oidc_subject is not None,
    )


def sign_out(db: Database, visitor: Visitor) -> None:
    """End one session."""
    with db.transaction() as session:
        session.execute(delete(StaffSession).where(StaffSession.token_hash == visitor.session_hash))


def hash_of(token: str) -> str:
    """Return what is kept of a cookie."""
    return hashlib.sha256(token.encode()).hexdigest()
