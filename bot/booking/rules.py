"""When a meeting can begin: rules of a counsellor, open times less what is taken. Pure, in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.booking.hours import HORIZON_DAYS, Period, Span, instant, spans_of
from bot.booking.models import ContactHow
from bot.clock import STOCKHOLM

CELL = timedelta(minutes=15)
# Meetings begin at full and half hours: times that are easy to remember.
GRID = timedelta(minutes=30)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Rules:
    """How a counsellor meets; the defaults hold until somebody has set their own."""

    minutes: int = 30
    buffer_minutes: int = 0
    notice_minutes: int = 120
    """A counsellor has time to read what it is about."""
    horizon_days: int = HORIZON_DAYS
    ways: tuple[ContactHow, ...] = (ContactHow.PHONE, ContactHow.VIDEO, ContactHow.MEET, ContactHow.CHAT)
    place: str | None = None
    video_link: str | None = None

    def where(self, how: ContactHow) -> str | None:
        """Return where a meeting of this kind is: a place, a link, or None when none is needed or known."""
        if how in (ContactHow.MEET, ContactHow.WALK):
            return self.place
        return self.video_link if how is ContactHow.VIDEO else None


@dataclass(frozen=True)
class Exceptional:
    """Days on which other times hold than in the week."""

    first_day: date
    last_day: date
    starts: time | None
    ends: time | None
    away: bool

    def on(self, day: date) -> Span | None:
        """Return the time that this is about on a day, None on other days."""
        if not self.first_day <= day <= self.last_day:
            return None
        if self.starts is None or self.ends is None:
            return Span(instant(day, time()), instant(day + timedelta(days=1), time()))
        return Span(instant(day, self.starts), instant(day, self.ends))


@dataclass(frozen=True)
class TimeWindow:
    """Times that somebody asked for, in Stockholm wall time: days, a part of the day, or both."""

    first_day: date | None = None
    last_day: date | None = None
    starts: time | None = None
    ends: time | None = None
    """Without an end, meetings that begin exactly at `starts`."""

    def holds(self, starts_at: datetime) -> bool:
        """Whether a meeting that begins then is what was asked for."""
        local = starts_at.astimezone(STOCKHOLM)
        if self.first_day is not None and local.date() < self.first_day:
            return False
        if self.last_day is not None and local.date() > self.last_day:
            return False
        if self.starts is None:
            return True
        if self.ends is None:
            return local.time() == self.starts
        return self.starts <= local.time() < self.ends

    def is_over(self, starts_at: datetime) -> bool:
        """Whether no later meeting can be what was asked for."""
        return self.last_day is not None and starts_at.astimezone(STOCKHOLM).date() > self.last_day

    def begins(self) -> datetime | None:
        """Return the first instant that it holds; None when it names no day."""
        return None if self.first_day is None else instant(self.first_day, self.starts or time())


def open_spans(day: date, hours: Sequence[Period], exceptions: Iterable[Exceptional]) -> list[Span]:
    """Return the times of a day on which somebody can be met, in order."""
    found = [(one, span) for one in exceptions if (span := one.on(day)) is not None]
    spans = [*spans_of(day, hours), *(span for one, span in found if not one.away)]
    return without(joined(spans), [span for one, span in found if one.away])


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return times in order, those that touch as one."""
    whole: list[Span] = []
    for span in sorted(spans):
        if whole and span.starts_at <= whole[-1].ends_at:
            whole[-1] = Span(whole[-1].starts_at, max(whole[-1].ends_at, span.ends_at))
        elif span.starts_at < span.ends_at:
            whole.append(span)
    return whole


def without(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """Return what is left of open times when others are taken out of them."""
    left = list(spans)
    for hole in holes:
        cut: list[Span] = []
        for span in left:
            if hole.ends_at <= span.starts_at or span.ends_at <= hole.starts_at:
                cut.append(span)
                continue
            if span.starts_at < hole.starts_at:
                cut.append(Span(span.starts_at, hole.starts_at))
            if hole.ends_at < span.ends_at:
                cut.append(Span(hole.ends_at, span.ends_at))
        left = cut
    return sorted(left)


def starts_in(span: Span, minutes: int) -> Iterator[datetime]:
    """Yield when a meeting of this length can begin within an open time."""
    start = span.starts_at.replace(second=0, microsecond=0)
    if start < span.starts_at:
        start += timedelta(minutes=1)
    start += timedelta(minutes=-start.minute % (GRID // timedelta(minutes=1)))
    while start + timedelta(minutes=minutes) <= span.ends_at:
        yield start
        start += GRID


def cells_of(starts_at: datetime, minutes: int) -> range:
    """Return the quarters of an hour that a meeting with its pause takes, begun ones as whole ones."""
    first = (starts_at - _EPOCH) // CELL
    last = -((_EPOCH - starts_at - timedelta(minutes=minutes)) // CELL)
    return range(first, last)
