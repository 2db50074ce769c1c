"""The declarative base of all tables, and the column types that all features share."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, LargeBinary, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.given import storable
from bot.safety.crypto import Keyring

# Named constraints, so that a migration can drop them on both databases.
_NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Stored in UTC on both databases, aware in Python; a naive time is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was given to the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite drops the zone; what lies there is UTC.
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


class _KeyringHolder:
    """The keys in force in this process, set once by wiring before the first query."""

    keyring: Keyring | None = None


def use_keyring(keyring: Keyring) -> None:
    """Set the keys that EncryptedText columns use in this process."""
    _KeyringHolder.keyring = keyring


def keyring() -> Keyring:
    """Return the keys in force.

    Raises:
        RuntimeError: wiring has not set any.
    """
    if _KeyringHolder.keyring is None:
        raise RuntimeError("no encryption keys are set: build the program through bot.wiring")
    return _KeyringHolder.keyring


class EncryptedText(TypeDecorator[str]):
    """Text that lies encrypted in the database, bound to its table and column.

    What was kept before every word was mended on its way in is mended on its way out: it can be sent and shown.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring().encrypt(value, self.context)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(keyring().decrypt(value, self.context))


class EncryptedJson(TypeDecorator[Any]):
    """Values (lists, dicts) that lie encrypted as JSON in the database: entities and slots quote a person."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring().encrypt(json.dumps(value, ensure_ascii=False), self.context)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(storable(keyring().decrypt(value, self.context)))


class Base(DeclarativeBase):
    """All tables of the bot."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[dict[str, Any]]: JSON,
        list[str]: JSON,
    }


def new_id() -> str:
    """Return a random identifier that says nothing about a person (UUID 4)."""
    return str(uuid.uuid4())


class WrappedKey(Base):
    """A key of our own, encrypted by the keys in force: it outlives their rotation."""

    __tablename__ = "wrapped_key"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(EncryptedText("wrapped_key.value"))
