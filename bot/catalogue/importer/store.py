"""Keeps imports in the database and says which one counts. Functions of one transaction, the caller's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from bot.catalogue.models import CatalogueImport, CatalogueImportedRow
from bot.clock import STOCKHOLM

# The active import and the one before it, to go back to.
KEPT = 2

Rows = Sequence[Mapping[str, Any]]


def active_import(session: Session) -> CatalogueImport | None:
    """Return the import that counts."""
    chosen = select(CatalogueImport).where(CatalogueImport.active).order_by(CatalogueImport.id.desc()).limit(1)
    return session.scalar(chosen)


def imported_rows(session: Session, import_id: int) -> tuple[dict[str, Any], ...]:
    """Return the rows of an import, by id."""
    rows = select(CatalogueImportedRow.data).where(CatalogueImportedRow.import_id == import_id)
    return tuple(session.scalars(rows.order_by(CatalogueImportedRow.provider_id)))


def content_hash(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return what changes whenever a row would."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(row, sort_keys=True, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()


def apply(
    session: Session, rows: Rows, *, fetched: datetime, now: datetime, notes: list[str], counts: Mapping[str, Any]
) -> bool:
    """Make these rows the import that counts; False when it already said the same.

    The same content on a later day only moves the day it was read: the register still says so.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE catalogue_import IN EXCLUSIVE MODE"))
    digest = content_hash(rows)
    running = active_import(session)
    if running is not None and running.content_hash == digest:
        if fetched.astimezone(STOCKHOLM).date() > running.fetched_at.astimezone(STOCKHOLM).date():
            running.fetched_at = fetched
            return True
        return False
    if running is not None:
        running.active = False
    made = CatalogueImport(
        fetched_at=fetched, applied_at=now, content_hash=digest, active=True, notes=notes, counts=dict(counts)
    )
    session.add(made)
    session.flush()
    session.add_all(CatalogueImportedRow(import_id=made.id, provider_id=row["id"], data=dict(row)) for row in rows)
    session.flush()
    _forget_old(session)
    return True


def go_back(session: Session) -> CatalogueImport | None:
    """Make the import before the active one count again; None when there is none."""
    running = active_import(session)
    earlier = select(CatalogueImport).order_by(CatalogueImport.id.desc())
    if running is not None:
        earlier = earlier.where(CatalogueImport.id != running.id)
    found = session.scalar(earlier.limit(1))
    if found is None:
        return None
    if running is not None:
        running.active = False
    found.active = True
    session.flush()
    return found


def _forget_old(session: Session) -> None:
    ids = session.scalars(select(CatalogueImport.id).order_by(CatalogueImport.active.desc(), CatalogueImport.id.desc()))
    old = list(ids)[KEPT:]
    session.execute(delete(CatalogueImportedRow).where(CatalogueImportedRow.import_id.in_(old)))
    session.execute(delete(CatalogueImport).where(CatalogueImport.id.in_(old)))
