"""A database at which a program stops, as if it were killed: after so many of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from bot.db.session import Database


class Stopped(Exception):
    """The program was stopped here."""


class Stopping(Database):
    """Lets so many write transactions and overwritings through; the next one does not begin."""

    def __init__(self, of: Database, *, steps: int) -> None:
        super().__init__(of.engine.url.render_as_string(hide_password=False))
        self._left = steps
        self.overwritten = 0

    def _step(self) -> None:
        if not self._left:
            raise Stopped
        self._left -= 1

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a write transaction, or stop."""
        self._step()
        with super().transaction() as session:
            yield session

    def overwrite_freed(self, tables: Iterable[str]) -> bool:
        """Overwrite, or stop."""
        self._step()
        self.overwritten += 1
        return super().overwrite_freed(tables)
