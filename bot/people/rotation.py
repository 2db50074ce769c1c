"""Encrypting everything anew with the first key in force (`bot keys rotate`).

In small transactions, while the programs run. What is of the first key already is passed over, so a run
that was broken off goes on where it was; a value that somebody changes meanwhile is left as they wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, and_, select, tuple_, type_coerce, update
from sqlalchemy.orm import Session

from bot.db.base import Base, keyring
from bot.db.session import Database
from bot.people.data_map import is_sealed
from bot.safety.crypto import UndecipherableError


@dataclass(frozen=True)
class Rotation:
    """What was done."""

    changed: int
    unreadable: int
    """Values of a key that is not in force: nothing was done to them."""
    overwritten: bool = True
    """Whether nothing of the older keys lingers on the disk either; else this must be run again."""


def sealed_columns() -> list[tuple[Table, list[Column[Any]]]]:
    """Return every table with the columns that lie encrypted."""
    found = [(table, [column for column in table.c if is_sealed(column)]) for table in Base.metadata.sorted_tables]
    return [(table, columns) for table, columns in found if columns]


def rotate(db: Database, *, batch: int = 200) -> Rotation:
    """Bring every encrypted value to the first key.

    Args:
        batch: rows of one transaction.
    """
    changed = unreadable = 0
    for table, columns in sealed_columns():
        after: Sequence[Any] | None = None
        while True:
            with db.transaction() as session:
                rows = _next_rows(session, table, columns, after, batch)
                for row in rows:
                    good, bad = _renew(session, table, columns, row)
                    changed, unreadable = changed + good, unreadable + bad
            if len(rows) < batch:
                break
            after = rows[-1][: len(table.primary_key.columns)]
    # Also after a run that found nothing to change: the one before it may not have come so far.
    return Rotation(changed, unreadable, db.overwrite_freed(table.name for table, _ in sealed_columns()))


def _next_rows(
    session: Session, table: Table, columns: Sequence[Column[Any]], after: Sequence[Any] | None, batch: int
) -> Sequence[Any]:
    keys = list(table.primary_key.columns)
    raw = [type_coerce(column, LargeBinary).label(column.name) for column in columns]
    statement = select(*keys, *raw).order_by(*keys).limit(batch)
    if after is not None:
        statement = statement.where(tuple_(*keys) > tuple_(*after))
    return session.execute(statement).all()


def _renew(session: Session, table: Table, columns: Sequence[Column[Any]], row: Any) -> tuple[int, int]:
    keys = list(table.primary_key.columns)
    identity = and_(*(key == value for key, value in zip(keys, row[: len(keys)], strict=True)))
    good = bad = 0
    for column, data in zip(columns, row[len(keys) :], strict=True):
        if data is None or keyring().is_current(data):
            continue
        context = f"{table.name}.{column.name}"
        try:
            anew = keyring().encrypt(keyring().decrypt(data, context), context)
        except UndecipherableError:
            bad += 1
            continue
        unchanged = type_coerce(column, LargeBinary) == bytes(data)
        # Sealed by hand: the column's own type would take the bytes for a text.
        value = {column.name: type_coerce(anew, LargeBinary)}
        good += session.execute(update(table).where(identity, unchanged).values(value)).rowcount  # type: ignore[attr-defined]
    return good, bad
