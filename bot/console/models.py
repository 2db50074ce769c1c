"""Tables of staff: accounts, sign-in sessions and failures, notes, and who opened which conversation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, EncryptedText, new_id
from bot.db.staff_words import EncryptedStaffWords, StaffWords


class Staff(Base):
    """An account in the console. Names of staff are shown to youths and stand in the clear."""

    __tablename__ = "staff"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(120), unique=True)
    display_name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200))
    roles: Mapped[list[str]]
    """Any of `permissions.Role`."""
    municipalities: Mapped[list[str]]
    """Official names; empty means the whole county."""
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText("staff.totp_secret"))
    """Of the app that shows the six digits; in force from ``totp_since`` on."""
    totp_since: Mapped[datetime | None]
    totp_step: Mapped[int] = mapped_column(default=0)
    """The last time step that was used, so that no code counts twice."""
    recovery_codes: Mapped[list[str]] = mapped_column(default=list)
    """Hashes of the codes that still stand in for the app."""
    oidc_subject: Mapped[str | None] = mapped_column(String(255), unique=True, index=True)
    """Who this is at the municipality's own sign-in (`sub`), once tied."""
    created_at: Mapped[datetime]


class StaffSession(Base):
    """A signed-in browser; only the hash of its cookie is kept."""

    __tablename__ = "staff_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    awaits_code: Mapped[bool] = mapped_column(default=False)
    """The password was right, the six digits are still to come: nothing is open yet."""
    municipal: Mapped[bool] = mapped_column(default=False)
    """Opened by the municipality's own sign-in, not by a password of ours."""
    wrong_proofs: Mapped[int] = mapped_column(default=0)
    """How often the old password, or a last code, was wrong in this session; see `proofs`."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class FailedSignIn(Base):
    """A wrong password or code; see `guesses`. Keyed hashes alone, gone with the next day's retention."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (Index("ix_failed_sign_in_account", "account", "at"), Index("ix_failed_sign_in_at", "at"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    account: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(64))
    """The account together with the network, or with the browser that it is known by."""
    stranger: Mapped[bool]
    """Not from a browser that has signed in to the account before."""
    at: Mapped[datetime]


class Note(Base):
    """A note of staff about a conversation. Has no way into the outbox."""

    __tablename__ = "note"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[StaffWords] = mapped_column(EncryptedStaffWords("note.text"))
    created_at: Mapped[datetime]


class AccessLog(Base):
    """Who opened which conversation, when and why. Stands longer than the conversation."""

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_at", "at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    at: Mapped[datetime]
    staff_id: Mapped[str] = mapped_column(String(36))
    conversation_id: Mapped[str] = mapped_column(String(36))
    what: Mapped[str] = mapped_column(String(24))
    municipality: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(EncryptedText("access_log.reason"))
    """Why names and numbers were shown (unmasking), in the words of who asked for it."""
