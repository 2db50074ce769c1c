"""Arithmetic with times of duty, without a database. All spans are instants in UTC, in order, not overlapping."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.booking.hours import Span


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the times that lie in any of the spans."""
    result: list[Span] = []
    for span in sorted(span for span in spans if span.starts_at < span.ends_at):
        if result and span.starts_at <= result[-1].ends_at:
            result[-1] = Span(result[-1].starts_at, max(result[-1].ends_at, span.ends_at))
        else:
            result.append(span)
    return result


def within(spans: Iterable[Span], frames: Iterable[Span]) -> list[Span]:
    """Return what of the spans lies within the frames."""
    limits = list(frames)
    return joined(
        Span(max(span.starts_at, limit.starts_at), min(span.ends_at, limit.ends_at))
        for span in spans
        for limit in limits
        if span.starts_at < limit.ends_at and limit.starts_at < span.ends_at
    )


def without(spans: Iterable[Span], cuts: Iterable[Span]) -> list[Span]:
    """Return what of the spans lies in none of the cuts."""
    left = joined(spans)
    for cut in cuts:
        left = [
            piece
            for span in left
            for piece in (
                Span(span.starts_at, min(span.ends_at, cut.starts_at)),
                Span(max(span.starts_at, cut.ends_at), span.ends_at),
            )
            if piece.starts_at < piece.ends_at
        ]
    return left


def open_time(spans: Iterable[Span], start: datetime, end: datetime) -> timedelta:
    """Return how much of a time lies within the open spans: a timer that is paused off hours."""
    if end <= start:
        return timedelta(0)
    return sum((part.ends_at - part.starts_at for part in within(spans, [Span(start, end)])), timedelta(0))


def due_after(spans: Iterable[Span], start: datetime, target: timedelta) -> datetime | None:
    """Return when so much open time has passed since `start`; None when the spans do not reach so far."""
    left = target
    for span in joined(spans):
        begins = max(span.starts_at, start)
        if begins >= span.ends_at:
            continue
        if span.ends_at - begins >= left:
            return begins + left
        left -= span.ends_at - begins
    return None
