"""Meetings with a counsellor: free times, booking, moving, cancelling. Each method is one transaction.

Called by the actions with the turn's id as request key, so a repeated turn books once; the key of
the table of quarter-hours decides between two who want the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.booking import times
from bot.booking.availability import rules_of
from bot.booking.models import BookingCell, BookingRow, BookingState, ContactHow, Outcome
from bot.booking.rota import covers
from bot.booking.rules import TimeWindow, cells_of
from bot.booking.times import closest_free, first_free, free_at
from bot.booking.views import Booked, Meeting, MeetingTime, NobodyAvailable, Taken
from bot.clock import Clock
from bot.console.models import Staff
from bot.conversations import outbox
from bot.db.session import Database
from bot.errors import ConversationErased
from bot.log import get_logger

__all__ = ["Booked", "Booking", "ContactHow", "Meeting", "MeetingTime", "NobodyAvailable", "Taken"]

log = get_logger(__name__)

_SHOWN = 3
# No meeting is longer (the form of the rules holds to it); how far back a running one can have begun.
LONGEST = timedelta(minutes=120)


class Booking:
    """Books times with counsellors who cover the youth's municipality."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def free_times(
        self,
        municipality: str | None,
        limit: int = 3,
        after: datetime | None = None,
        *,
        window: TimeWindow | None = None,
        how: ContactHow | None = None,
    ) -> tuple[MeetingTime, ...]:
        """Return the first free times, each instant once.

        Args:
            municipality: official name; None asks for any counsellor of the county.
            after: only times strictly later than this instant.
            window: only times within what was asked for.
            how: only with counsellors who meet so.
        """
        with self._db.reading() as session:
            return first_free(session, municipality, self._clock(), limit=limit, how=how, after=after, window=window)

    def closest_times(
        self, municipality: str | None, wanted: datetime, limit: int = 3, *, how: ContactHow | None = None
    ) -> tuple[MeetingTime, ...]:
        """Return the free times that lie closest to a wanted one, in order of time."""
        with self._db.reading() as session:
            return closest_free(session, municipality, self._clock(), wanted, limit=limit, how=how)

    def ways(self, municipality: str | None) -> tuple[ContactHow, ...]:
        """Return how one can meet somebody who covers a municipality; empty when nobody does."""
        with self._db.reading() as session:
            return times.ways(session, municipality)

    def book(
        self,
        *,
        conversation_id: str,
        municipality: str | None,
        topic: str,
        how: ContactHow,
        starts_at: datetime,
        call_me: str,
        contact: str | None,
        request_key: str,
    ) -> Booked | Taken | NobodyAvailable:
        """Book a time. The same key twice, or the same time twice by one youth, is one meeting.

        Args:
            call_me, contact: as given, or placeholders of the vault; kept encrypted.

        Raises:
            ConversationErased: the youth has erased everything meanwhile.
        """
        now = self._clock()
        with self._db.transaction() as session:
            _hold(session, conversation_id)
            earlier = _by_key(session, request_key) or _standing_at(session, conversation_id, starts_at)
            if earlier is not None:
                return _booked(session, earlier)
            row = BookingRow(
                request_key=request_key,
                conversation_id=conversation_id,
                municipality=municipality,
                topic=topic,
                how=how,
                starts_at=starts_at,
                minutes=0,
                call_me=call_me,
                contact=contact,
                state=BookingState.BOOKED,
                created_at=now,
            )
            if _take(session, row, now):
                log.info("booking.booked", booking=row.id)
                return _booked(session, row)
            free = closest_free(session, municipality, now, starts_at, limit=_SHOWN, how=how)
            return Taken(free) if free else NobodyAvailable()

    def current(self, conversation_id: str) -> Booked | None:
        """Return the next meeting of a youth; a meeting counts until it is over."""
        with self._db.reading() as session:
            row = _current(session, conversation_id, self._clock())
            return _booked(session, row) if row else None

    def cancel(self, conversation_id: str, request_key: str) -> Booked | None:
        """Cancel the next meeting and return what it was; None when there is none."""
        now = self._clock()
        with self._db.transaction() as session:
            _hold(session, conversation_id)
            done = session.scalar(select(BookingRow).where(BookingRow.changed_key == request_key))
            if done is not None:
                return _booked(session, done)
            row = _current(session, conversation_id, now)
            if row is None:
                return None
            cancel_row(session, row, now, request_key)
            return _booked(session, row)

    def set_topic(self, conversation_id: str, topic: str) -> Booked | None:
        """Note what the next meeting is about; None when there is none."""
        with self._db.transaction() as session:
            _hold(session, conversation_id)
            row = _current(session, conversation_id, self._clock())
            if row is None:
                return None
            row.topic = topic
            return _booked(session, row)

    def move(self, conversation_id: str, starts_at: datetime, request_key: str) -> Booked | Taken | None:
        """Move the next meeting; None when there is none. When the new time is taken, the old one stands."""
        now = self._clock()
        with self._db.transaction() as session:
            _hold(session, conversation_id)
            done = _by_key(session, request_key)
            if done is not None:
                return _booked(session, done)
            old = _current(session, conversation_id, now)
            if old is None:
                return None
            if old.starts_at == starts_at:
                return _booked(session, old)
            row = BookingRow(
                request_key=request_key,
                conversation_id=conversation_id,
                municipality=old.municipality,
                topic=old.topic,
                how=old.how,
                starts_at=starts_at,
                minutes=0,
                call_me=old.call_me,
                contact=old.contact,
                state=BookingState.BOOKED,
                created_at=now,
                uid=old.uid,
                sequence=old.sequence + 1,
                token=old.token,
            )
            # Its own quarters are free for it: a meeting can be moved by half of its length.
            kept = _let_go(session, old)
            if not _take(session, row, now, rather=old.staff_id):
                session.execute(insert(BookingCell).values(kept))
                how = ContactHow(old.how)
                return Taken(closest_free(session, old.municipality, now, starts_at, limit=_SHOWN, how=how))
            old.state, old.changed_at, old.changed_key = BookingState.MOVED, now, request_key
            log.info("booking.moved", booking=row.id)
            return _booked(session, row)

    def upcoming(
        self, municipalities: Sequence[str] = (), *, staff_id: str | None = None, limit: int = 200
    ) -> tuple[Meeting, ...]:
        """Return the meetings to come, for somebody who covers these municipalities (empty: all).

        Args:
            staff_id: only the meetings of this counsellor.
        """
        now = self._clock()
        with self._db.reading() as session:
            statement = (
                select(BookingRow, Staff.display_name)
                .join(Staff, Staff.id == BookingRow.staff_id)
                .where(BookingRow.state == BookingState.BOOKED, BookingRow.starts_at > now - LONGEST)
                .order_by(BookingRow.starts_at, Staff.display_name)
            )
            if staff_id is not None:
                statement = statement.where(BookingRow.staff_id == staff_id)
            rows = [
                (row, name)
                for row, name in session.execute(statement)
                if _ends(row) > now and (staff_id is not None or covers(municipalities, row.municipality))
            ]
            return tuple(_meeting(row, name) for row, name in rows[:limit])

    def lately(self, staff_id: str, since: timedelta = timedelta(days=14)) -> tuple[Meeting, ...]:
        """Return a counsellor's meetings that are over, the latest first, so that they note what became of them."""
        now = self._clock()
        with self._db.reading() as session:
            rows = session.execute(
                select(BookingRow, Staff.display_name)
                .join(Staff, Staff.id == BookingRow.staff_id)
                .where(
                    BookingRow.staff_id == staff_id,
                    BookingRow.state == BookingState.BOOKED,
                    BookingRow.starts_at.between(now - since, now),
                )
                .order_by(BookingRow.starts_at.desc())
            )
            return tuple(_meeting(row, name) for row, name in rows if _ends(row) <= now)

    def note_outcome(self, booking_id: str, staff_id: str, outcome: Outcome) -> bool:
        """Note what became of a meeting of one's own; False when it is none, or not over."""
        now = self._clock()
        with self._db.transaction() as session:
            row = session.get(BookingRow, booking_id, with_for_update=True)
            if row is None or row.staff_id != staff_id or row.state != BookingState.BOOKED or _ends(row) > now:
                return False
            row.outcome, row.outcome_at = outcome, now
            return True


def _hold(session: Session, conversation_id: str) -> None:
    if outbox.lock_conversation(session, conversation_id) is None:
        raise ConversationErased("the conversation was erased")


def _take(session: Session, row: BookingRow, now: datetime, rather: str | None = None) -> bool:
    """Put a meeting with the first counsellor who is free at its time; False when nobody is.

    Args:
        rather: the counsellor to try first (a moved meeting stays with the same person).
    """
    free = free_at(session, row.municipality, now, row.starts_at, ContactHow(row.how))
    for time in sorted(free, key=lambda time: time.staff_id != rather):
        rules = rules_of(session, [time.staff_id])[time.staff_id]
        row.staff_id, row.minutes = time.staff_id, rules.minutes
        cells = cells_of(row.starts_at, rules.minutes + rules.buffer_minutes)
        try:
            with session.begin_nested():
                session.add(row)
                session.flush()
                session.execute(insert(BookingCell).values([
                    {"staff_id": row.staff_id, "cell": cell, "booking_id": row.id} for cell in cells
                ]))  # fmt: skip
            return True
        except IntegrityError:
            # Another transaction took this counsellor's time between our look and our insert.
            continue
    return False


def _let_go(session: Session, row: BookingRow) -> list[dict[str, object]]:
    """Free the quarters of a meeting, and return them so that they can be taken back."""
    cells = [
        {"staff_id": cell.staff_id, "cell": cell.cell, "booking_id": row.id}
        for cell in session.scalars(select(BookingCell).where(BookingCell.booking_id == row.id))
    ]
    session.execute(delete(BookingCell).where(BookingCell.booking_id == row.id))
    return cells


def cancel_row(session: Session, row: BookingRow, now: datetime, request_key: str) -> None:
    """Cancel a meeting and free its time. The caller holds the conversation."""
    row.state, row.changed_at, row.changed_key = BookingState.CANCELLED, now, request_key
    row.sequence += 1
    _let_go(session, row)
    log.info("booking.cancelled", booking=row.id)


def _ends(row: BookingRow) -> datetime:
    return row.starts_at + timedelta(minutes=row.minutes)


def _by_key(session: Session, request_key: str) -> BookingRow | None:
    return session.scalar(select(BookingRow).where(BookingRow.request_key == request_key))


def _standing_at(session: Session, conversation_id: str, starts_at: datetime) -> BookingRow | None:
    return session.scalar(
        select(BookingRow).where(
            BookingRow.conversation_id == conversation_id,
            BookingRow.starts_at == starts_at,
            BookingRow.state == BookingState.BOOKED,
        )
    )


def _current(session: Session, conversation_id: str, now: datetime) -> BookingRow | None:
    rows = session.scalars(
        select(BookingRow)
        .where(
            BookingRow.conversation_id == conversation_id,
            BookingRow.state == BookingState.BOOKED,
            BookingRow.starts_at > now - LONGEST,
        )
        .order_by(BookingRow.starts_at)
    )
    return next((row for row in rows if _ends(row) > now), None)


def _booked(session: Session, row: BookingRow) -> Booked:
    person, how = session.get(Staff, row.staff_id), ContactHow(row.how)
    return Booked(
        booking_id=row.id,
        starts_at=row.starts_at,
        counsellor_name=person.display_name if person else "",
        how=how,
        municipality=row.municipality,
        minutes=row.minutes,
        where=rules_of(session, [row.staff_id])[row.staff_id].where(how),
    )


def _meeting(row: BookingRow, counsellor_name: str) -> Meeting:
    return Meeting(
        booking_id=row.id,
        conversation_id=row.conversation_id,
        staff_id=row.staff_id,
        counsellor_name=counsellor_name,
        starts_at=row.starts_at,
        minutes=row.minutes,
        how=ContactHow(row.how),
        municipality=row.municipality,
        topic=row.topic,
        call_me=row.call_me,
        contact=row.contact,
        coming=row.coming_at is not None,
        outcome=row.outcome,
    )
