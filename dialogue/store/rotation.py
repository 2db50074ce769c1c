"""Sealing everything anew with the first key in force, while the engine runs.

Called by `python -m dialogue.rotate`. What is of the first key already is passed over, so a run that was broken off
goes on where it was; a value that a turn changes meanwhile is left as that turn wrote it.
"""

from dataclasses import dataclass
from typing import Any, List, Optional, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dialogue.store import tables
from dialogue.store.sealing import Seal, Undecipherable
from dialogue.store.tables import conversation, event, turn

SEALED: Tuple[Tuple[sa.Table, Tuple[str, ...]], ...] = (
    (conversation, ("before_window", "language")),
    (event, ("data",)),
    (turn, ("reply",)),
)
"""Every column that tells something of a person."""


@dataclass
class Rotation:
    """What was done."""

    changed: int = 0
    unreadable: int = 0
    """Values of a key that is not in force: nothing was done to them."""


def rotate(url: str, seal: Seal, batch: int = 200) -> Rotation:
    """Bring every sealed value of the database to the first key.

    Args:
        url: TRACKER_URL.
        batch: rows of one transaction.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be reached or written; what was done stays done.
    """
    engine, schema = tables.connect(url)
    done = Rotation()
    try:
        tables.make_tables(engine, schema)
        for table, columns in SEALED:
            after: Optional[Sequence[Any]] = None
            while True:
                with tables.writing(engine) as connection, connection.begin():
                    rows = _next_rows(connection, table, columns, after, batch)
                    for row in rows:
                        _renew(connection, table, columns, row, seal, done)
                if len(rows) < batch:
                    break
                after = rows[-1][: len(table.primary_key.columns)]
        tables.overwrite_freed(engine)
    finally:
        engine.dispose()
    return done


def _next_rows(
    connection: Connection, table: sa.Table, columns: Sequence[str], after: Optional[Sequence[Any]], batch: int
) -> List[Any]:
    keys = list(table.primary_key.columns)
    statement = sa.select(*keys, *(table.c[name] for name in columns)).order_by(*keys).limit(batch)
    if after is not None:
        statement = statement.where(sa.tuple_(*keys) > sa.tuple_(*(sa.literal(value) for value in after)))
    return list(connection.execute(statement).all())


def _renew(
    connection: Connection, table: sa.Table, columns: Sequence[str], row: Any, seal: Seal, done: Rotation
) -> None:
    keys = list(table.primary_key.columns)
    identity = [key == value for key, value in zip(keys, row)]
    for name, value in zip(columns, row[len(keys) :]):
        if value is None or seal.is_current(value):
            continue
        try:
            anew = seal.close(seal.open(value))
        except Undecipherable:
            done.unreadable += 1
            continue
        unchanged = sa.and_(*identity, table.c[name] == value)
        done.changed += connection.execute(table.update().where(unchanged).values({name: anew})).rowcount
