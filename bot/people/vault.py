"""The vault: finds people by a keyed hash of their address, and values behind placeholders.

Nothing outside this module ties a pseudonym to an account, a name or a number.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.db.base import WrappedKey
from bot.people.models import ChannelIdentity, Person, ResumeCode, VaultValue

_FINGERPRINT_KEY = "fingerprint"
# Anybody may write one: its number must be one that a database can compare.
_PLACEHOLDER = re.compile(r"<([a-z_]+)_([0-9]{1,9})>")


def load_fingerprint_key(session: Session) -> str:
    """Return the key of the hashes, made at the first run and kept encrypted in the database."""
    row = session.get(WrappedKey, _FINGERPRINT_KEY)
    if row is None:
        row = WrappedKey(name=_FINGERPRINT_KEY, value=secrets.token_urlsafe(32))
        session.add(row)
        session.flush()
    return row.value


class Vault:
    """Looks up and stores identities and placeholder values."""

    def __init__(self, fingerprint_key: str) -> None:
        self._key = fingerprint_key.encode()

    def fingerprint(self, value: str, context: str) -> str:
        """Return a keyed hash (HMAC-SHA-256) that is equal for equal values of one context."""
        return hmac.new(self._key, f"{context}\x00{value}".encode(), hashlib.sha256).hexdigest()

    def find_person(self, session: Session, channel: str, address: str) -> Person | None:
        """Return the person at this address of this channel, if we know one."""
        return session.scalar(
            select(Person)
            .join(ChannelIdentity, ChannelIdentity.person_id == Person.id)
            .where(ChannelIdentity.channel == channel, ChannelIdentity.fingerprint == self._of(channel, address))
        )

    def add_identity(self, session: Session, person: Person, address: str) -> None:
        """Tie a person to an address."""
        session.add(
            ChannelIdentity(
                person_id=person.id,
                channel=person.channel,
                address=address,
                fingerprint=self._of(person.channel, address),
            )
        )

    def address_of(self, session: Session, person_id: str) -> str | None:
        """Return where a channel reaches a person; None once the person is erased."""
        identity = session.get(ChannelIdentity, person_id)
        return identity.address if identity else None

    def add_resume_code(self, session: Session, person_id: str, code: str, now: datetime) -> None:
        """Keep the hash of a code that takes an anonymous chat up again; replaces an earlier one."""
        for row in session.scalars(select(ResumeCode).where(ResumeCode.person_id == person_id)):
            session.delete(row)
        session.flush()
        session.add(ResumeCode(fingerprint=self.fingerprint(code, "resume"), person_id=person_id, created_at=now))

    def person_by_resume_code(self, session: Session, code: str) -> Person | None:
        """Return the person of a resume code."""
        row = session.get(ResumeCode, self.fingerprint(code, "resume"))
        return session.get(Person, row.person_id) if row else None

    def _of(self, channel: str, address: str) -> str:
        return self.fingerprint(address, f"channel:{channel}")


class ConversationNumbering:
    """Numbers the placeholders of one conversation: the same value keeps its number.

    The caller holds the conversation's row, so two messages cannot take the same number.
    """

    def __init__(self, session: Session, vault: Vault, conversation_id: str, now: datetime) -> None:
        self._session = session
        self._vault = vault
        self._conversation_id = conversation_id
        self._now = now

    def number(self, kind: str, value: str) -> int:
        """Return the number of a value, storing the value encrypted when it is new."""
        fingerprint = self._vault.fingerprint(value, f"{self._conversation_id}:{kind}")
        known = self._session.scalar(
            select(VaultValue.number).where(
                VaultValue.conversation_id == self._conversation_id,
                VaultValue.kind == kind,
                VaultValue.fingerprint == fingerprint,
            )
        )
        if known is not None:
            return known
        highest = self._session.scalar(
            select(func.max(VaultValue.number)).where(
                VaultValue.conversation_id == self._conversation_id, VaultValue.kind == kind
            )
        )
        number = (highest or 0) + 1
        self._session.add(
            VaultValue(
                conversation_id=self._conversation_id,
                kind=kind,
                number=number,
                fingerprint=fingerprint,
                value=value,
                created_at=self._now,
            )
        )
        self._session.flush()
        return number


def values_of(session: Session, conversation_id: str) -> list[tuple[str, str]]:
    """Return (placeholder, real value) of a conversation, for who has said why they must see it."""
    rows = session.scalars(
        select(VaultValue)
        .where(VaultValue.conversation_id == conversation_id)
        .order_by(VaultValue.kind, VaultValue.number)
    )
    return [(f"<{row.kind}_{row.number}>", row.value) for row in rows]


def resolve(session: Session, conversation_id: str, text: str) -> str:
    """Put the real values back for the eyes of the youth or their counsellor."""

    def value(match: re.Match[str]) -> str:
        row = session.scalar(
            select(VaultValue).where(
                VaultValue.conversation_id == conversation_id,
                VaultValue.kind == match[1],
                VaultValue.number == int(match[2]),
            )
        )
        return row.value if row else match[0]

    return _PLACEHOLDER.sub(value, text)
