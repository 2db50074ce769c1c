"""The plan's use cases, on an open session. The caller holds the conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.errors import BotError
from bot.plan.models import Plan, PlanStep

LONGEST = 160
# More is a list of demands, not a plan of small steps. Steps that are done do not count.
OPEN_STEPS = 8
YOUTH = "youth"


class PlanFull(BotError):
    """There are so many open steps already that another one would not help."""


@dataclass(frozen=True)
class Step:
    """A step as it is shown."""

    number: int
    text: str
    done: bool
    by_youth: bool


@dataclass(frozen=True)
class PlanView:
    """A plan as it is shown; both may be empty."""

    goal: str | None
    steps: tuple[Step, ...]

    @property
    def open_steps(self) -> tuple[Step, ...]:
        """What is still to be done."""
        return tuple(step for step in self.steps if not step.done)


def plan_of(session: Session, conversation_id: str) -> PlanView:
    """Return somebody's plan: what is open first, then what is done, each in the order it was added."""
    plan = session.get(Plan, conversation_id)
    rows = session.scalars(
        select(PlanStep).where(PlanStep.conversation_id == conversation_id).order_by(PlanStep.number)
    )
    steps = [Step(row.number, row.text, row.done_at is not None, row.added_by == YOUTH) for row in rows]
    return PlanView(plan.goal if plan else None, tuple(sorted(steps, key=lambda step: step.done)))


def set_goal(session: Session, conversation_id: str, goal: str, now: datetime) -> None:
    """Set the goal; an earlier one is replaced, the steps stay."""
    plan = session.get(Plan, conversation_id) or Plan(conversation_id=conversation_id)
    plan.goal, plan.changed_at = goal.strip()[:LONGEST], now
    session.add(plan)
    session.flush()


def add_step(session: Session, conversation_id: str, text: str, by: str, now: datetime) -> int:
    """Add a step and return its number; the same open step twice is one.

    Raises:
        PlanFull: there are many open steps already.
    """
    clean = " ".join(text.split())[:LONGEST]
    rows = session.scalars(select(PlanStep).where(PlanStep.conversation_id == conversation_id)).all()
    still = [row for row in rows if row.done_at is None]
    for row in still:
        if row.text == clean:
            return row.number
    if len(still) >= OPEN_STEPS:
        raise PlanFull("the plan has many open steps already")
    number = max((row.number for row in rows), default=0) + 1
    session.add(PlanStep(conversation_id=conversation_id, number=number, text=clean, added_by=by, created_at=now))
    session.flush()
    return number


def tick(session: Session, conversation_id: str, number: int, now: datetime, *, done: bool = True) -> bool:
    """Tick a step, or take the tick away again; False when there is no such step."""
    row = session.scalar(select(PlanStep).where(PlanStep.conversation_id == conversation_id, PlanStep.number == number))
    if row is None:
        return False
    row.done_at = (row.done_at or now) if done else None
    return True


def count_done(session: Session, conversation_id: str) -> int:
    """Return how many steps are done."""
    return session.scalar(
        select(func.count())
        .select_from(PlanStep)
        .where(PlanStep.conversation_id == conversation_id, PlanStep.done_at.is_not(None))
    ) or 0  # fmt: skip
