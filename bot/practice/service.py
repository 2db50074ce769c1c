"""Rounds of practice: start, answer, end. Each is one transaction on a table of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.base import new_id
from bot.handover.thread import Line, Voice
from bot.practice.models import PracticeRound
from bot.practice.rules import Finding, Scenario, answers_of, findings_of, scenarios

FILE = Path("practice") / "scenarios.yml"
# Rounds that ended so long ago are taken away when a new one begins.
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Round:
    """A round as its counsellor sees it."""

    id: str
    scenario: Scenario
    lines: tuple[Line, ...]
    typing: bool
    over: bool
    """The youth has said everything they have to say."""
    ended: bool
    findings: Sequence[Finding]
    started_at: datetime


def all_scenarios(data_dir: Path) -> Mapping[str, Scenario]:
    """Return the invented youths by name."""
    return scenarios(data_dir / FILE)


def start(session: Session, staff_id: str, scenario: Scenario, now: datetime) -> PracticeRound:
    """Begin a round; the youth has written what stands in the opening."""
    for old in session.scalars(select(PracticeRound).where(PracticeRound.ended_at < now - KEPT)):
        session.delete(old)
    began = now - timedelta(minutes=len(scenario.opening))
    lines = []
    for number, said in enumerate(scenario.opening):
        voice = Voice.YOUTH if "youth" in said else Voice.BOT
        lines.append(_line(voice, said[voice.value], began + timedelta(minutes=number), said.get("risk", "none")))
    row = PracticeRound(id=new_id(), staff_id=staff_id, scenario=scenario.name, lines=lines, started_at=now)
    session.add(row)
    session.flush()
    return row


def answer(session: Session, row: PracticeRound, scenario: Scenario, text: str, now: datetime) -> None:
    """Say something to the invented youth, who answers after a while."""
    answered = sum(line["voice"] == Voice.COUNSELLOR for line in row.lines)
    coming = [_line(Voice.YOUTH, said, at) for at, said in answers_of(scenario, answered, text, now)]
    # What was still being typed is said before the answer to it.
    before = [{**line, "at": min(line["at"], now.isoformat())} for line in row.lines]
    row.lines = [*before, _line(Voice.COUNSELLOR, text, now), *coming]
    session.flush()


def end(row: PracticeRound, now: datetime) -> None:
    """End a round."""
    row.ended_at = row.ended_at or now


def view(row: PracticeRound, scenario: Scenario, name: str, now: datetime) -> Round:
    """Return a round at one moment: what is not there yet is being typed.

    Args:
        name: the counsellor's own, as youths see it.
    """
    lines = [
        Line(
            id=f"{row.id}-{number}", at=at, voice=Voice(line["voice"]), text=line["text"],
            kind="text" if line["voice"] == Voice.YOUTH else "reply",
            name=name if line["voice"] == Voice.COUNSELLOR else None, state="sent", risk=line["risk"],
        )
        for number, line in enumerate(row.lines)
        if (at := datetime.fromisoformat(line["at"])) <= now
    ]  # fmt: skip
    answers = [line.text for line in lines if line.voice == Voice.COUNSELLOR]
    typing = len(lines) < len(row.lines)
    ended = row.ended_at is not None
    return Round(
        id=row.id, scenario=scenario, lines=tuple(lines), typing=typing and not ended,
        over=len(answers) >= len(scenario.steps) and not typing, ended=ended,
        findings=findings_of(scenario, name, answers) if ended else (), started_at=row.started_at,
    )  # fmt: skip


def stamp_of(session: Session, round_id: str, now: datetime) -> str:
    """Return what changes when a page of this round has to be drawn anew."""
    row = session.get(PracticeRound, round_id)
    if row is None:
        return "gone"
    there = sum(datetime.fromisoformat(line["at"]) <= now for line in row.lines)
    return f"{there}/{len(row.lines)}/{row.ended_at is not None}"


def _line(voice: Voice, text: str, at: datetime, risk: str = "none") -> dict[str, Any]:
    return {"voice": voice.value, "text": text, "at": at.isoformat(), "risk": risk}
