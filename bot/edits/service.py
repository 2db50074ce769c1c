"""Keeping edits and undoing them; each is one transaction of the caller's. Called by the console and the loader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.clock import STOCKHOLM
from bot.edits.models import Edit
from bot.edits.rules import EditRefused, Kind, Made, Overrides, checked_source, folded


class EditedMeanwhile(EditRefused):
    """Somebody else has changed the row since the form was opened."""

    def __init__(self) -> None:
        super().__init__(
            "Någon annan har ändrat samma sak medan du skrev. Titta på det nya och ändra igen om det behövs."
        )


@dataclass(frozen=True)
class Editor:
    """Who edits."""

    staff_id: str
    name: str


def state(session: Session) -> str:
    """Return what changes whenever another edit counts."""
    last, undone = session.execute(select(func.max(Edit.id), func.count(Edit.undone_at))).one()
    return f"{last or 0}.{undone}"


def overrides(session: Session, kind: Kind) -> dict[str, Overrides]:
    """Return what counts of the edits of a kind, by key."""
    made: defaultdict[str, list[Made]] = defaultdict(list)
    for row in session.scalars(select(Edit).where(Edit.kind == kind).order_by(Edit.number)):
        made[row.key].append(Made(row.changes, row.source, row.source_date, row.undone_at is not None))
    return {key: found for key, edits in made.items() if (found := folded(edits))}


def history(session: Session, kind: Kind, key: str) -> list[Edit]:
    """Return the edits of a row, latest first, undone ones too."""
    return list(session.scalars(select(Edit).where(Edit.kind == kind, Edit.key == key).order_by(Edit.number.desc())))


def last_number(session: Session, kind: Kind, key: str) -> int:
    """Return how often a row has been changed; a form carries it, so that nobody overwrites what they have not seen."""
    return session.scalar(select(func.max(Edit.number)).where(Edit.kind == kind, Edit.key == key)) or 0


def make_edit(
    session: Session,
    kind: Kind,
    key: str,
    *,
    changes: Mapping[str, Any],
    before: Mapping[str, Any],
    source: str,
    source_date: str,
    seen: int,
    by: Editor,
    now: datetime,
) -> Edit:
    """Keep an edit. Without changes it says that somebody has looked and all is still true.

    Args:
        seen: `last_number` when the form was opened.

    Raises:
        EditedMeanwhile: the row was changed since.
        EditRefused: source or date is missing or wrong.
    """
    named, day = checked_source(source, source_date, now.astimezone(STOCKHOLM).date())
    if last_number(session, kind, key) != seen:
        raise EditedMeanwhile
    edit = Edit(
        kind=kind, key=key, number=seen + 1, at=now, staff_id=by.staff_id, staff_name=by.name[:80],
        changes=dict(changes), before=dict(before), source=named, source_date=day,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(edit)
            session.flush()
    except IntegrityError:
        raise EditedMeanwhile from None
    return edit


def undo(session: Session, edit_id: int, *, by: Editor, now: datetime) -> Edit:
    """Take an edit back; what counted before it counts again. A second time changes nothing.

    Raises:
        EditRefused: there is no such edit.
    """
    edit = session.get(Edit, edit_id, with_for_update=True)
    if edit is None:
        raise EditRefused("Ändringen finns inte längre. Ladda om sidan.")
    if edit.undone_at is None:
        edit.undone_at, edit.undone_by = now, by.name[:80]
        session.flush()
    return edit
