"""Åtkomst and Gallring: what the data protection officer sees. No word of a youth stands on either."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.booking.rota import covers
from bot.clock import STOCKHOLM
from bot.console.access import place_of
from bot.console.desk import Visit, not_found
from bot.console.models import AccessLog, Staff
from bot.conversations.models import Conversation
from bot.given import whole_number
from bot.people import preserve, retention, retention_plan
from bot.people.models import Erasure, RetentionRun
from bot.small_numbers import suppressed

PAGE = 100
_MONTHS = 12
_RUNS = 30
# Openings that showed names and numbers as they are.
REAL = ("chat_real", "log_real", "plan_real", "booking", "calendar_real", "unmask", "preserve")
MAX_NUMBER = 80


@dataclass(frozen=True)
class Month:
    """How often staff read, in one month."""

    name: str
    openings: int
    unmaskings: int


def access(visit: Visit) -> Response:
    """Show who opened which conversation of one's municipalities and why, latest first, and how often by month."""
    page = whole_number(visit.query("page"), most=10_000) or 1
    only = visit.query("filter") if visit.query("filter") in ("unmask", "real") else ""
    staff_id = visit.query("staff")[:36]
    mine = _openings_for(visit)
    statement = (
        select(AccessLog, Staff.display_name, Staff.username)
        .join(Staff, Staff.id == AccessLog.staff_id, isouter=True)
        .where(mine)
        .order_by(AccessLog.at.desc(), AccessLog.id)
    )
    if only:
        statement = statement.where(AccessLog.what.in_(("unmask",) if only == "unmask" else REAL))
    if staff_id:
        statement = statement.where(AccessLog.staff_id == staff_id)
    with visit.desk.services.db.reading() as session:
        rows = session.execute(statement.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
        months = _months(session, mine)
        readers = select(AccessLog.staff_id).where(mine)
        people = session.execute(
            select(Staff.id, Staff.display_name).where(Staff.id.in_(readers)).order_by(Staff.display_name)
        ).all()
    return visit.page(
        "openings.html",
        rows=rows[:PAGE],
        months=months,
        people=people,
        chosen=only,
        staff_id=staff_id,
        page=page,
        more=len(rows) > PAGE,
    )


def _openings_for(visit: Visit) -> ColumnElement[bool]:
    """Return which openings somebody sees: as `covers` has it, asked of the database."""
    places = visit.visitor.municipalities
    return true() if not places else or_(AccessLog.municipality.is_(None), AccessLog.municipality.in_(places))


def _months(session: Session, mine: ColumnElement[bool]) -> list[Month]:
    openings: Counter[str] = Counter()
    unmaskings: Counter[str] = Counter()
    for at, what in session.execute(select(AccessLog.at, AccessLog.what).where(mine)):
        month = f"{at.astimezone(STOCKHOLM):%Y-%m}"
        openings[month] += 1
        unmaskings[month] += what == "unmask"
    return [Month(name, openings[name], unmaskings[name]) for name in sorted(openings, reverse=True)[:_MONTHS]]


def show_retention(visit: Visit) -> Response:
    """Show the plan, what today's run would take, what the runs took, and what stays for a report."""
    services = visit.desk.services
    plan = retention_plan.load(services.settings.data_dir)
    ahead = retention.run(services.db, visit.now, plan=plan, dry_run=True)
    with services.db.reading() as session:
        runs = session.scalars(select(RetentionRun).order_by(RetentionRun.at.desc()).limit(_RUNS)).all()
        erased = session.execute(select(Erasure.by, func.count()).group_by(Erasure.by)).tuples().all()
        records = records_of(session, visit)
        held = _held(session, visit)
    return visit.page(
        "retention.html", plan=plan, ahead=ahead.counts, runs=runs, erased=dict(erased), records=records, held=held,
        overdue=retention_overdue(runs, visit.now),
    )  # fmt: skip


def retention_overdue(runs: Sequence[RetentionRun], now: datetime) -> bool:
    """Whether no run has come to its end for two days: somebody must look at the program."""
    ends = [run.finished_at for run in runs if run.finished_at is not None]
    return not ends or (now - max(ends)).days >= 2


def _held(session: Session, visit: Visit) -> list[tuple[str, int | None]]:
    """How many chats are kept now by municipality; a number that could point at one person is not shown."""
    chats = session.scalars(select(Conversation.id).where(Conversation.blanked_at.is_(None))).all()
    places = [place_of(session, one) for one in chats]
    counts = Counter(place or "okänd kommun" for place in places if covers(visit.visitor.municipalities, place))
    return sorted(suppressed(counts).items())


def records_of(session: Session, visit: Visit) -> list[tuple[preserve.Record, str]]:
    names = dict(session.execute(select(Staff.id, Staff.display_name)).tuples().all())
    return [
        (record, names.get(record.made_by, "borttaget konto"))
        for record in preserve.records(session)
        if _concerns(visit, record)
    ]


def _concerns(visit: Visit, record: preserve.Record) -> bool:
    return covers(visit.visitor.municipalities, record.municipality)


def register(visit: Visit) -> Response:
    """Say under which number a record of a report stands in the municipality's own system."""
    number = visit.form.one("number").strip()
    if not 0 < len(number) <= MAX_NUMBER:
        with visit.desk.services.db.reading() as session:
            records = records_of(session, visit)
        fault = f"Skriv diarienumret, högst {MAX_NUMBER} tecken."
        return visit.page("reports.html", 422, records=records, said="", fault=fault)
    with visit.desk.services.db.transaction() as session:
        mine = [one for one in preserve.records(session) if one.record_id == visit.path("record")]
        if not mine or not _concerns(visit, mine[0]):
            raise not_found()
        preserve.register(session, mine[0].record_id, number=number, staff_id=visit.visitor.staff_id, now=visit.now)
    return visit.go("/console/reports?said=registered")
