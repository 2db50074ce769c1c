"""How long the texts of the catalogue may be: what its columns hold. PostgreSQL refuses a row with a longer one.

Used by `files` for every layer, and by the console's forms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import String, inspect

from bot.catalogue.models import LocalityRow, MunicipalityRow, ProgrammeRow, ProviderProgrammeRow, ProviderRow
from bot.catalogue.rows import Row
from bot.db.base import Base

OFFERS = "programmes of a provider"
_TABLES: Mapping[str, type[Base]] = {
    "municipalities": MunicipalityRow,
    "localities": LocalityRow,
    "programmes": ProgrammeRow,
    "providers": ProviderRow,
    OFFERS: ProviderProgrammeRow,
}


def _lengths(table: type[Base]) -> dict[str, int]:
    columns = inspect(table).columns
    return {
        column.key: column.type.length
        for column in columns
        if isinstance(column.type, String) and column.type.length is not None
    }


# By kind of row, as in `rows.KINDS`; a text that is not here may have any length.
LONGEST: Mapping[str, Mapping[str, int]] = {kind: _lengths(table) for kind, table in _TABLES.items()}


def too_long(kind: str, row: Row) -> Iterator[str]:
    """Yield what is wrong with the texts of a row that the table cannot hold."""
    for name, most in LONGEST[kind].items():
        value = row.get(name)
        if isinstance(value, str) and len(value) > most:
            yield f"{name} has {len(value)} characters, at most {most} can be kept; shorten it"
