"""Meetings as iCalendar (RFC 5545): a counsellor's feed, and one meeting for a youth.

A moved meeting keeps its UID and gets a higher SEQUENCE; one that is off is said to be CANCELLED, so that
calendars which know it take it away. Discreet: other people look into calendars too.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event, vUri
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.booking.availability import rules_of
from bot.booking.models import BookingRow, BookingState, CalendarLink, ContactHow
from bot.console.access import note_opening
from bot.console.models import Staff
from bot.console.permissions import Permission, permissions_of
from bot.conversations.models import Conversation
from bot.db.session import Database
from bot.languages import Language
from bot.people.vault import resolve

KEPT = timedelta(days=60)
"""So long a meeting that is over, or off, stays in the feed."""
NOTED_ONCE_IN = timedelta(days=1)
"""A calendar program reads a feed with names by itself, all day: each name is one reading a day in the access log."""
_REFRESH = "PT15M"
_HOWS = {
    ContactHow.PHONE: "telefon", ContactHow.VIDEO: "video", ContactHow.MEET: "ses på plats",
    ContactHow.WALK: "promenad", ContactHow.CHAT: "chatt",
}  # fmt: skip
_YOUTHS = {Language.SV: "Tid", Language.EN: "Appointment"}


def link_of(session: Session, staff_id: str) -> CalendarLink:
    """Return somebody's calendar row, a new one when they have none yet."""
    row = session.get(CalendarLink, staff_id)
    if row is None:
        row = CalendarLink(staff_id=staff_id, discreet=True)
        session.add(row)
        session.flush()
    return row


def rotate(session: Session, staff_id: str) -> str:
    """Make a new secret address of the feed; the old one shows nothing any more. Returns the token."""
    row, token = link_of(session, staff_id), secrets.token_urlsafe(32)
    row.feed_token, row.feed_hash = token, _hash(token)
    return token


def close(session: Session, staff_id: str) -> None:
    """Take the feed away, if there is one."""
    row = session.get(CalendarLink, staff_id)
    if row is not None:
        row.feed_token = row.feed_hash = None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def feed(db: Database, token: str, now: datetime) -> bytes | None:
    """Return the calendar behind a secret address; None when there is none, or its owner may see no bookings now.

    Names that are shown are written down as read by the calendar's owner, before they are shown.
    """
    with db.reading() as session:
        link = _link_behind(session, token)
        if link is None:
            return None
        rows = _latest(session, link.staff_id, now)
        if link.discreet:
            return _feed(session, link, rows)
    with db.transaction() as session:
        for conversation_id in dict.fromkeys(row.conversation_id for row in rows):
            note_opening(session, link.staff_id, conversation_id, "calendar_real", now, once_in=NOTED_ONCE_IN)
        return _feed(session, link, rows)


def _link_behind(session: Session, token: str) -> CalendarLink | None:
    link = session.scalar(select(CalendarLink).where(CalendarLink.feed_hash == _hash(token)))
    staff = session.get(Staff, link.staff_id) if link is not None else None
    if staff is None or not staff.active or Permission.SEE_BOOKINGS not in permissions_of(staff.roles):
        return None
    return link


def _latest(session: Session, staff_id: str, now: datetime) -> list[BookingRow]:
    """Return each meeting of a counsellor as it stands last."""
    rows = session.scalars(
        select(BookingRow)
        .where(BookingRow.staff_id == staff_id, BookingRow.starts_at > now - KEPT)
        .order_by(BookingRow.starts_at, BookingRow.sequence)
    )
    latest: dict[str, BookingRow] = {}
    for row in rows:
        if row.uid not in latest or latest[row.uid].sequence <= row.sequence:
            latest[row.uid] = row
    return list(latest.values())


def _feed(session: Session, link: CalendarLink, rows: Iterable[BookingRow]) -> bytes:
    rules = rules_of(session, [link.staff_id])[link.staff_id]
    calendar = _calendar("Tillbaka")
    calendar.add("REFRESH-INTERVAL", _REFRESH, parameters={"VALUE": "DURATION"}, encode=False)
    calendar.add("X-PUBLISHED-TTL", _REFRESH)
    for row in rows:
        how = ContactHow(row.how)
        who = "" if link.discreet else resolve(session, row.conversation_id, row.call_me)
        event = _event(row, f"Möte: {who}" if who else "Möte")
        event.add("DESCRIPTION", f"{_HOWS[how]}, {row.municipality or 'länet'}")
        if (where := rules.where(how)) is not None:
            event.add("LOCATION", where)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def meeting(session: Session, token: str, public_url: str) -> bytes | None:
    """Return the one meeting behind a youth's address: when it is, and nothing else. None when there is none."""
    row = session.scalar(
        select(BookingRow).where(BookingRow.token == token).order_by(BookingRow.sequence.desc()).limit(1)
    )
    if row is None:
        return None
    language = Language(
        session.scalars(select(Conversation.language).where(Conversation.id == row.conversation_id)).one()
    )
    calendar = _calendar(None)
    event = _event(row, _YOUTHS[language])
    event.add("URL", vUri(f"{public_url}/chat"))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _calendar(name: str | None) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", "-//Tillbaka//SV")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    if name:
        calendar.add("X-WR-CALNAME", name)
    return calendar


def _event(row: BookingRow, summary: str) -> Event:
    stands = row.state == BookingState.BOOKED
    event = Event()
    event.add("UID", f"{row.uid}@tillbaka")
    event.add("DTSTAMP", row.changed_at or row.created_at)
    event.add("DTSTART", row.starts_at)
    event.add("DTEND", row.starts_at + timedelta(minutes=row.minutes))
    # The row of a meeting that moved on to a colleague has the number from before.
    event.add("SEQUENCE", row.sequence + (row.state == BookingState.MOVED))
    event.add("STATUS", "CONFIRMED" if stands else "CANCELLED")
    event.add("SUMMARY", summary)
    event.add("CLASS", "PRIVATE")
    return event
