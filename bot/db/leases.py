"""Named leases: who alone may do a thing for now, such as the one active sender."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.db.base import Base
from bot.db.session import Database


class Lease(Base):
    """Who holds a lease, and until when."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime]


def hold_lease(db: Database, name: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Take or keep a named lease; True while it is ours. Used by the one sender and the one poller."""
    try:
        with db.transaction() as session:
            lease = session.get(Lease, name, with_for_update=True)
            if lease is None:
                session.add(Lease(name=name, holder=holder, until=now + length))
                return True
            if lease.holder != holder and lease.until > now:
                return False
            lease.holder, lease.until = holder, now + length
            return True
    except IntegrityError:
        return False


def drop_lease(session: Session, name: str, holder: str) -> None:
    """Give a lease back at once, so that a stand-by need not wait for it to lapse."""
    lease = session.get(Lease, name, with_for_update=True)
    if lease is not None and lease.holder == holder:
        session.delete(lease)
