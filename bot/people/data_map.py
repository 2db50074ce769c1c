"""The data map: what each table and column holds. Drives erasure, retention, export and docs/privacy/data-map.md.

`data_map.yml` says it; `problems` finds what it does not say, and what it says wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Boolean, Column, ColumnElement, Date, DateTime, Float, Integer, MetaData, Table, or_, select

from bot.db.base import Base, UtcDateTime

_FILE = Path(__file__).with_name("data_map.yml")


class Class(StrEnum):
    """What a column holds; `data_map.yml` explains each."""

    KEY = "key"
    TECHNICAL = "technical"
    METRIC = "metric"
    CONTENT = "content"
    CONTACT = "contact"
    STAFF = "staff"
    SECRET = "secret"  # noqa: S105 - the name of a class
    PUBLIC = "public"


SENSITIVE = frozenset({Class.CONTENT, Class.CONTACT})


class Blank(StrEnum):
    """What retention does to a silent chat's rows."""

    COLUMNS = "columns"
    DELETE = "delete"
    KEEP = "keep"


@dataclass(frozen=True)
class TableEntry:
    """What the map says of a table."""

    name: str
    holds: str
    about: str
    document_type: str
    store: str | None
    blank: Blank
    columns: Mapping[str, Class]
    apart: bool = False


# A table that nobody has classified yet: treated as the most sensitive there is.
_UNKNOWN = TableEntry("", "", "youth", "chat", "messages", Blank.DELETE, {})


@lru_cache(maxsize=1)
def load() -> Mapping[str, TableEntry]:
    """Return the entries by table."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {
        name: TableEntry(
            name=name,
            holds=row["holds"],
            about=row["about"],
            document_type=row["type"],
            store=row.get("store"),
            blank=Blank(row.get("blank", "keep")),
            columns={column: Class(kind) for column, kind in row["columns"].items()},
            apart=bool(row.get("apart")),
        )
        for name, row in content["tables"].items()
    }


@lru_cache(maxsize=1)
def _public() -> Sequence[str]:
    return tuple(yaml.safe_load(_FILE.read_text(encoding="utf-8"))["public"])


def is_public(table: str) -> bool:
    """Whether a table holds public facts only."""
    return table.startswith(tuple(_public()))


def entry_of(table: str) -> TableEntry:
    """Return what the map says of a table; an unknown one counts as a youth's words."""
    return load().get(table, _UNKNOWN)


def class_of(column: Column[Any]) -> Class | None:
    """Return the class of a column: what the map says, else what its type says; None when neither does."""
    table = column.table.name
    if is_public(table):
        return Class.PUBLIC
    said = entry_of(table).columns.get(column.name)
    if said is not None:
        return said
    if column.foreign_keys or column.name == "id" or column.name.endswith("_id"):
        return Class.KEY
    if isinstance(column.type, (UtcDateTime, DateTime, Date, Integer, Boolean, Float)):
        return Class.TECHNICAL
    return None


def is_sealed(column: Column[Any]) -> bool:
    """Whether a column lies encrypted, bound to its own place."""
    return getattr(column.type, "context", None) == f"{column.table.name}.{column.name}"


def problems(metadata: MetaData = Base.metadata) -> list[str]:
    """Return what is missing or wrong in the map, each with what to do."""
    found = []
    for table in metadata.sorted_tables:
        if is_public(table.name):
            continue
        if table.name not in load():
            found.append(f"{table.name}: describe the table in {_FILE.name}.")
            continue
        entry = entry_of(table.name)
        for column in table.c:
            kind = class_of(column)
            if kind is None:
                found.append(f"{table.name}.{column.name}: give it a class in {_FILE.name}.")
            elif kind in SENSITIVE and not is_sealed(column):
                found.append(f"{table.name}.{column.name} is {kind}: make it EncryptedText or EncryptedJson.")
        found += [f"{table.name}.{name}: there is no such column." for name in entry.columns if name not in table.c]
        if entry.about == "youth" and belongs_to_a_person(table) and entry.store is None:
            found.append(f"{table.name}: name the `store` under which a receipt counts it.")
    found += [f"{name}: there is no such table." for name in load() if name not in metadata.tables]
    return found


def belongs_to_a_person(table: Table) -> bool:
    """Whether the rows of a table belong to a conversation or a person, through whatever tables lie between."""
    if table.name in ("person", "conversation"):
        return True
    if entry_of(table.name).apart:
        return False
    return any(
        column.name in _IDS
        or any(key.column.table is not table and belongs_to_a_person(key.column.table) for key in column.foreign_keys)
        for column in table.c
    )


_IDS = ("conversation_id", "person_id")


def rows_of(table: Table, conversation_id: str, person_id: str) -> ColumnElement[bool] | None:
    """Return the condition that picks a person's rows of a table; None when it has none of anybody's."""
    if table.name in ("person", "conversation"):
        return table.c.id == (person_id if table.name == "person" else conversation_id)
    if entry_of(table.name).apart:
        return None
    conditions: list[ColumnElement[bool]] = []
    for column in table.c:
        if column.name in _IDS:
            conditions.append(column == (person_id if column.name == "person_id" else conversation_id))
            continue
        for key in column.foreign_keys:
            parent = key.column.table
            where = rows_of(parent, conversation_id, person_id) if parent is not table else None
            if where is not None:
                conditions.append(column.in_(select(key.column).where(where)))
    return or_(*conditions) if conditions else None


def tables_of_a_person(metadata: MetaData = Base.metadata) -> list[Table]:
    """Return every table whose rows belong to a person, the ones that point at others first."""
    return [table for table in reversed(metadata.sorted_tables) if belongs_to_a_person(table)]
