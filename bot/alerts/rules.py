"""Whom an alert is told to, and when again. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from bot.conversations.models import AlertKind

# A sign of danger is told again until somebody has acknowledged it (product.md feature 21: at most 2 minutes).
CRISIS_REPEAT = timedelta(minutes=2)
# A request that nobody takes goes to more people at each step: who is on duty for the place, then the
# county, then whoever is responsible.
STEPS: Mapping[str, tuple[timedelta, ...]] = {
    AlertKind.HANDOVER: tuple(timedelta(minutes=minutes) for minutes in (0, 5, 15, 30)),
    AlertKind.APPROVAL: (timedelta(0), timedelta(minutes=4)),
    AlertKind.TRANSFER: (timedelta(0), timedelta(minutes=2)),
    AlertKind.SHIFT: (timedelta(0),),
    AlertKind.DELIVERY: (timedelta(0),),
    AlertKind.UNREACHABLE: (timedelta(0),),
}


def step_due(kind: str, age: timedelta) -> int | None:
    """Return the latest step that is due for an alert of this age; None when its kind is for the console alone."""
    if kind == AlertKind.CRISIS:
        return int(age / CRISIS_REPEAT)
    steps = [number for number, at in enumerate(STEPS.get(kind, ())) if at <= age]
    return steps[-1] if steps else None


def told_at(step: int, circles: Sequence[Iterable[str]]) -> list[str]:
    """Return who is told at a step: the first circle with anybody in it, one more circle at each step.

    Args:
        circles: who is nearest first; ids.
    """
    known: dict[str, None] = {}
    filled = 0
    for circle in circles:
        new = [staff_id for staff_id in circle if staff_id not in known]
        if not new:
            continue
        known |= dict.fromkeys(new)
        filled += 1
        if filled > step:
            break
    return list(known)
