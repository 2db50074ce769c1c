"""Keeps busy times up to date: each counsellor's own calendar is read again every quarter of an hour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.booking.hours import HORIZON_DAYS
from bot.booking.models import BusySpan, CalendarLink
from bot.calendars.export import link_of
from bot.calendars.fetch import CalendarFault, Fetcher, checked
from bot.calendars.reading import busy_spans
from bot.clock import Clock
from bot.db.session import Database
from bot.log import get_logger

log = get_logger(__name__)

AGAIN = timedelta(minutes=15)


def set_import(session: Session, staff_id: str, url: str, now: datetime) -> None:
    """Read this address from now on; an empty one stops it and forgets what was read.

    Raises:
        CalendarFault: it is no https address.
    """
    if url:
        checked(url)
    row = link_of(session, staff_id)
    row.import_url = url or None
    row.import_due_at = now if url else None
    row.import_fault = row.imported_at = None
    session.execute(delete(BusySpan).where(BusySpan.staff_id == staff_id))


class CalendarReader:
    """Reads the calendars that are due."""

    def __init__(self, db: Database, clock: Clock, fetch: Callable[[str], bytes] | None = None) -> None:
        self._db = db
        self._clock = clock
        self._fetch = fetch or Fetcher()

    def read_due(self) -> int:
        """Read every calendar that is due; return how many were tried."""
        now = self._clock()
        with self._db.reading() as session:
            due = list(session.scalars(select(CalendarLink.staff_id).where(CalendarLink.import_due_at <= now)))
        return sum(self.read(staff_id) for staff_id in due)

    def read(self, staff_id: str) -> bool:
        """Read one calendar if it is due and nobody else is at it. What was read before stands until then."""
        now = self._clock()
        url = self._claim(staff_id, now)
        if url is None:
            return False
        fault, spans = None, []
        try:
            spans = busy_spans(self._fetch(url), now - timedelta(days=1), now + timedelta(days=HORIZON_DAYS + 1))
        except CalendarFault as error:
            fault = error.fault
            log.warning("calendar.not_read", staff=staff_id, fault=str(fault))
        with self._db.transaction() as session:
            row = session.get(CalendarLink, staff_id, with_for_update=True)
            if row is None or row.import_url != url:
                return True  # Changed while we read: the new address is due by itself.
            row.import_fault = fault
            if fault is None:
                row.imported_at = now
                session.execute(delete(BusySpan).where(BusySpan.staff_id == staff_id))
                session.add_all(
                    BusySpan(staff_id=staff_id, starts_at=span.starts_at, ends_at=span.ends_at) for span in spans
                )
        return True

    def _claim(self, staff_id: str, now: datetime) -> str | None:
        with self._db.transaction() as session:
            result = session.execute(
                update(CalendarLink)
                .where(CalendarLink.staff_id == staff_id, CalendarLink.import_due_at <= now)
                .values(import_due_at=now + AGAIN)
                .execution_options(synchronize_session=False)
            )
            if not isinstance(result, CursorResult) or result.rowcount != 1:
                return None
            return session.get_one(CalendarLink, staff_id).import_url
