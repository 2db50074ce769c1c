"""Words for staff alone, as a type of their own: they are no text, so nothing that takes a text can send them.

The outbox takes a `Bubble` whose text is a `str`; the type check refuses a `StaffWords` there, and at run
time it neither turns into a text nor fits into the outbox's column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy import Dialect

from bot.db.base import EncryptedText


@dataclass(frozen=True)
class StaffWords:
    """What staff wrote for each other."""

    for_staff: str
    """The words, for a page that only staff open."""

    def __str__(self) -> NoReturn:
        raise TypeError("words for staff do not turn into a text; a staff page reads `for_staff`")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("words for staff do not turn into a text; a staff page reads `for_staff`")

    def __repr__(self) -> str:
        return "StaffWords(…)"


class EncryptedStaffWords(EncryptedText):
    """Words for staff that lie encrypted in the database."""

    cache_ok = True

    def process_bind_param(self, value: StaffWords | None, dialect: Dialect) -> bytes | None:  # type: ignore[override]
        return None if value is None else super().process_bind_param(value.for_staff, dialect)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> StaffWords | None:  # type: ignore[override]
        words = super().process_result_value(value, dialect)
        return None if words is None else StaffWords(words)
