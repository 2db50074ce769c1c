"""Signing in and out: guessing is slow (`guesses`), sessions whose cookie is kept only as a hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.console import second_factor
from bot.console.accounts import normalise_username
from bot.console.guesses import Caller, Guesses
from bot.console.models import Staff, StaffSession
from bot.console.passwords import hash_password, is_outdated, is_right
from bot.console.permissions import Permission, permissions_of
from bot.db.session import Database

# A session lasts a working day, and less when nobody touches it.
SESSION_LENGTH = timedelta(hours=12)
IDLE_LIMIT = timedelta(hours=4)
_SEEN_EVERY = timedelta(minutes=1)

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
    """This session was opened by the municipality, which asks for what it finds right."""

    @property
    def permissions(self) -> frozenset[Permission]:
        """What this person may do."""
        return permissions_of(self.roles)

    def may(self, permission: Permission) -> bool:
        """Whether this person may do something."""
        return permission in self.permissions


@dataclass(frozen=True)
class Opened:
    """A new session."""

    token: str
    """Its cookie."""
    staff: Staff
    awaits_code: bool = False
    """The six digits are still to come."""


def sign_in(
    db: Database, guesses: Guesses, caller: Caller, username: str, password: str, now: datetime
) -> Opened | None:
    """Open a session, or return None: for wrong, resting, closed and unknown alike.

    All of them do the same work, so that the time taken says nothing: one password is checked, the same rows are
    asked for in one write transaction, and an unknown name is counted, and rests, as a known one.
    """
    name = normalise_username(username)
    with db.reading() as session:
        before = session.scalar(select(Staff).where(Staff.username == name))
    # Outside any transaction: this takes long on purpose, and SQLite has one writer.
    right = is_right(password, before.password_hash if before and before.active else None)
    new_hash = hash_password(password) if before and right and is_outdated(before.password_hash) else None
    with db.transaction() as session:
        staff = session.get(Staff, before.id if before else "", with_for_update=True, populate_existing=True)
        tally = guesses.tally(name, caller, staff)
        if tally.rests(session, now):
            return None
        unchanged = before and staff and staff.active and staff.password_hash == before.password_hash
        if staff is None or not (right and unchanged):
            tally.count(session, now)
            return None
        awaits_code = staff.totp_since is not None
        if not awaits_code:
            # With a second factor, only the whole sign-in clears the count: else digits could be guessed for ever.
            tally.clear(session)
        staff.password_hash = new_hash or staff.password_hash
        session.execute(delete(StaffSession).where(StaffSession.expires_at < now))
        return Opened(open_session(session, staff, now, awaits_code=awaits_code), staff, awaits_code)


def waiting_for_code(db: Database, token: str | None, now: datetime) -> str | None:
    """Return the form token of a session that still wants its six digits; None when there is no such session."""
    if not token:
        return None
    with db.reading() as session:
        row = session.get(StaffSession, hash_of(token))
    return row.csrf if row is not None and row.awaits_code and row.expires_at > now else None


def give_code(db: Database, guesses: Guesses, caller: Caller, token: str, code: str, now: datetime) -> Opened | None:
    """Take the six digits, or a paper code; return the open session, None when it is wrong.

    Wrong codes count as wrong passwords do. The session gets a new cookie: the one from before is worthless.
    """
    with db.transaction() as session:
        waiting = session.get(StaffSession, hash_of(token))
        # The account is locked first, as everywhere: two that lock the other way round would wait for each other.
        staff = session.get(Staff, waiting.staff_id, with_for_update=True) if waiting is not None else None
        row = session.get(StaffSession, hash_of(token), with_for_update=True, populate_existing=True)
        if row is None or staff is None or not row.awaits_code or row.expires_at <= now or not staff.active:
            return None
        tally = guesses.tally(staff.username, caller, staff)
        if staff.totp_secret is None or tally.rests(session, now):
            return None
        step = second_factor.step_of(staff.totp_secret, code, now, staff.totp_step)
        left = second_factor.without(code, staff.recovery_codes) if step is None else staff.recovery_codes
        if left is None:
            tally.count(session, now)
            return None
        staff.totp_step, staff.recovery_codes = step or staff.totp_step, left
        tally.clear(session)
        session.delete(row)
        session.flush()
        return Opened(open_session(session, staff, now), staff)


def open_session(
    session: Session, staff: Staff, now: datetime, *, awaits_code: bool = False, municipal: bool = False
) -> str:
    """Open a session and return its cookie; one that awaits the six digits opens nothing yet.

    Args:
        municipal: the municipality said who this is, and no password of ours.
    """
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
            municipal=municipal,
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
        municipal=row.municipal,
    )


def sign_out(db: Database, visitor: Visitor) -> None:
    """End one session."""
    with db.transaction() as session:
        session.execute(delete(StaffSession).where(StaffSession.token_hash == visitor.session_hash))


def hash_of(token: str) -> str:
    """Return what is kept of a cookie."""
    return hashlib.sha256(token.encode()).hexdigest()
