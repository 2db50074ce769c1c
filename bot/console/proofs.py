"""Proving again, while signed in, who one is: what was wrong counts in the session, and ends it after some."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.console.models import StaffSession

# A stolen session has so many guesses at the password or the code of its owner, and is then worth nothing.
WRONG_PROOFS = 5


def count_proof(session: Session, session_hash: str, *, right: bool) -> bool:
    """Count a password or code that was given inside a session; return whether the session still stands.

    A right one clears nothing: who knows the one could else guess the other for ever.
    """
    row = session.get(StaffSession, session_hash, with_for_update=True, populate_existing=True)
    if row is None:
        return False
    row.wrong_proofs += not right
    if row.wrong_proofs < WRONG_PROOFS:
        return True
    session.delete(row)
    return False
