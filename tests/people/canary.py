"""A word that stands in every kind of thing a person leaves behind, and the search for it in all tables and files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, LargeBinary, func, insert, select, type_coerce
from sqlalchemy.orm import Session

from bot.db.base import Base, EncryptedJson, UtcDateTime, keyring
from bot.db.session import Database
from bot.people.data_map import is_sealed, tables_of_a_person
from bot.safety.crypto import UndecipherableError

# A name that redaction does not take for one, so that it stays in the masked text too; a number that it masks.
WORD = "kanariefågeln"
PHONE = "070-174 06 05"
MARKS = (WORD, PHONE, "0701740605", "+46701740605")


def tables_with(db: Database, *marks: str) -> set[str]:
    """Return `table.column` of every value, decrypted, in which a mark stands."""
    return {place for place, value in _values(db) if any(mark in value for mark in marks)}


def _values(db: Database) -> Iterator[tuple[str, str]]:
    with db.reading() as session:
        for table in Base.metadata.sorted_tables:
            raw = [type_coerce(c, LargeBinary).label(c.name) if is_sealed(c) else c for c in table.c]
            for row in session.execute(select(*raw)):
                for column, value in zip(table.c, row, strict=True):
                    yield f"{table.name}.{column.name}", _text(column, value)


def _text(column: Any, value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        try:
            return keyring().decrypt(bytes(value), f"{column.table.name}.{column.name}")
        except UndecipherableError:
            return ""
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def fill_the_rest(db: Database, conversation_id: str, person_id: str, now: datetime) -> set[str]:
    """Put a row with the canary into every table of a person that is still empty: also into one added tomorrow."""
    filled = set()
    with db.transaction() as session:
        for table in reversed(tables_of_a_person()):
            if session.scalar(select(func.count()).select_from(table)):
                continue
            values = {c.name: _value(session, c, conversation_id, person_id, now) for c in table.c}
            session.execute(insert(table).values({name: value for name, value in values.items() if value is not None}))
            filled.add(table.name)
    return filled


def _value(session: Session, column: Any, conversation_id: str, person_id: str, now: datetime) -> Any:
    for key in column.foreign_keys:
        target = key.column.table
        ids = {"conversation": conversation_id, "person": person_id}
        return ids.get(target.name) or session.scalar(select(key.column).limit(1))
    if is_sealed(column):
        return [{"said": WORD}] if isinstance(column.type, EncryptedJson) else WORD
    if isinstance(column.type, UtcDateTime):
        return now
    if isinstance(column.type, JSON):
        return []
    return {int: 1, bool: False, float: 1.0}.get(column.type.python_type, f"fill-{column.name}"[:8])


def files_with(folder: Path, *marks: str) -> set[str]:
    """Return every file in whose bytes a mark stands, in any usual encoding."""
    wanted = {mark.encode(encoding) for mark in marks for encoding in ("utf-8", "utf-16-le", "latin-1")}
    wanted |= {json.dumps(mark)[1:-1].encode() for mark in marks}
    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if any(mark in content for mark in wanted):
                found.add(str(path.relative_to(folder)))
    return found
