"""Loads and saves conversations: two narrow reads, one transaction per turn, and a check that nobody was faster.

Called by turns.py, in threads. A failing database raises; nothing ever falls back to memory.
"""

import json
import logging
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Dict, Iterator, List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from dialogue.errors import Busy, Deleted, Malformed, TrackerUnreachable
from dialogue.store import tables
from dialogue.store.sealing import Seal, Undecipherable
from dialogue.store.tables import conversation, event, turn

logger = logging.getLogger(__name__)
ID = re.compile(r"^[A-Za-z0-9-]{1,64}$")
_HEAD = (
    "id", "version", "asked_session", "session_place", "window_place", "next_place", "turns", "window_turns",
    "last_turn_at",
)  # fmt: skip
KEEP_REPLIES_SECONDS = 14 * 24 * 3600.0
"""How long a repeated message_id gets its recorded reply; `bot` repeats a turn within minutes."""


@dataclass(frozen=True)
class Row:
    """One stored event as text, with its place in the conversation."""

    place: int
    data: str


@dataclass(frozen=True)
class Stored:
    """What the database holds of a conversation; a new one has version 0 and nothing else."""

    id: str
    version: int = 0
    asked_session: int = 0
    session_place: int = 0
    window_place: int = 0
    next_place: int = 0
    turns: int = 0
    window_turns: int = 0
    last_turn_at: float = 0.0
    before_window: Optional[List[Dict[str, Any]]] = None
    language: Dict[str, Any] = field(default_factory=dict)
    rows: List[Row] = field(default_factory=list)
    reply: Optional[Dict[str, Any]] = None
    """The recorded reply to the asked message_id, when this turn was done before."""


@dataclass(frozen=True)
class Update:
    """What a turn changes: written together or not at all."""

    before: Stored
    message_id: str
    reply: Dict[str, Any]
    events: List[str]
    asked_session: int
    session_place: int
    window_place: int
    turns: int
    window_turns: int
    at: float
    before_window: Optional[List[Dict[str, Any]]]
    language: Dict[str, Any]


def checked_id(text: Any, what: str) -> str:
    """Return an identifier that is one. Raises Malformed."""
    if not isinstance(text, str) or not ID.match(text):
        raise Malformed(f"{what} must be 1 to 64 of A-Z a-z 0-9 and -.")
    return text


class Conversations:
    """The tracker database. Connects at first use, so that the server can start while it is away."""

    def __init__(self, url: str, seal: Seal) -> None:
        self._engine, self._schema = tables.connect(url)
        self._seal = seal
        self._ready = False
        self._making = threading.Lock()

    def make(self) -> None:
        """Make the tables, once. Raises TrackerUnreachable."""
        with self._making:
            if not self._ready:
                with _reachable():
                    tables.make_tables(self._engine, self._schema)
                self._ready = True

    def ping(self) -> None:
        """Raise TrackerUnreachable unless the database answers."""
        self.make()
        with _reachable(), self._engine.connect() as connection:
            connection.execute(sa.select(sa.literal(1)))

    def load(self, conversation_id: str, message_id: str) -> Stored:
        """Return the conversation and, if this message was answered before, the recorded reply.

        Raises:
            Deleted: there is a tombstone. TrackerUnreachable: the database is away.
        """
        checked_id(conversation_id, "conversation")
        self.make()
        join = conversation.outerjoin(
            turn, (turn.c.conversation_id == conversation.c.id) & (turn.c.message_id == message_id)
        )
        head = sa.select(conversation, turn.c.reply).select_from(join).where(conversation.c.id == conversation_id)
        with _reachable(), self._engine.connect() as connection, connection.begin():
            found = connection.execute(head).mappings().first()
            if found is None:
                return Stored(conversation_id)
            if found["deleted"]:
                raise Deleted
            stored = self._stored(found)
            if stored.reply is not None:
                return stored
            body = sa.select(event.c.place, event.c.data).where(
                event.c.conversation_id == conversation_id,
                event.c.place >= stored.window_place,
                event.c.quarantined == 0,
            )
            opened = [(place, self._opened(data)) for place, data in connection.execute(body.order_by(event.c.place))]
        return replace(stored, rows=[Row(place, data) for place, data in opened if data is not None])

    def save(self, update: Update) -> Dict[str, Any]:
        """Write a turn and return the reply that counts: ours, or the one recorded by whoever was faster.

        Raises:
            Busy: another turn of the conversation was saved meanwhile. Deleted: it was erased meanwhile.
            TrackerUnreachable: the database is away.
        """
        before = update.before
        values = {
            "version": before.version + 1,
            "asked_session": update.asked_session,
            "session_place": update.session_place,
            "window_place": update.window_place,
            "next_place": before.next_place + len(update.events),
            "turns": update.turns,
            "window_turns": update.window_turns,
            "last_turn_at": update.at,
            "before_window": self._closed(update.before_window) if update.before_window is not None else None,
            "language": self._closed(update.language),
        }
        rows = [
            {
                "conversation_id": before.id,
                "place": before.next_place + number,
                "quarantined": 0,
                "data": self._seal.close(data),
            }
            for number, data in enumerate(update.events)
        ]
        try:
            with _reachable(), tables.writing(self._engine) as connection, connection.begin():
                if not _claim(connection, before, values):
                    return self._lost(connection, before.id, update.message_id)
                connection.execute(event.insert(), rows)
                connection.execute(
                    turn.insert().values(
                        conversation_id=before.id,
                        message_id=update.message_id,
                        reply=self._closed(update.reply),
                        answered_at=update.at,
                    )
                )
                if update.session_place != before.session_place:
                    _forget_old(connection, update)
        except IntegrityError:
            with _reachable(), self._engine.connect() as connection, connection.begin():
                return self._lost(connection, before.id, update.message_id)
        return update.reply

    def quarantine(self, conversation_id: str, places: List[int]) -> None:
        """Set events aside that cannot be read; they are not loaded again."""
        chosen = event.update().where(event.c.conversation_id == conversation_id, event.c.place.in_(places))
        with _reachable(), tables.writing(self._engine) as connection, connection.begin():
            connection.execute(chosen.values(quarantined=1))

    def delete(self, conversation_id: str) -> None:
        """Erase all that is held of a conversation; a tombstone without content stays.

        Raises:
            TrackerUnreachable: the database is away and nothing is erased, or it is in use and what is erased may
                linger on the disk; to be asked again.
        """
        checked_id(conversation_id, "conversation")
        self.make()
        empty = {
            column.name: 0 for column in conversation.columns if column.name not in ("id", "before_window", "language")
        }
        empty.update(deleted=1, before_window=None, language=None)
        with _reachable(), tables.writing(self._engine) as connection, connection.begin():
            # A version that no running turn can hold: what it saves afterwards is refused.
            gone = conversation.update().where(conversation.c.id == conversation_id).values({**empty, "version": -1})
            if not connection.execute(gone).rowcount:
                try:
                    with connection.begin_nested():
                        connection.execute(
                            conversation.insert().values({**empty, "id": conversation_id, "version": -1})
                        )
                except IntegrityError:  # its first turn was saved at this very moment
                    connection.execute(gone)
            for table in (event, turn):
                connection.execute(table.delete().where(table.c.conversation_id == conversation_id))
        with _reachable():
            if not tables.overwrite_freed(self._engine):
                raise TrackerUnreachable("something still reads from the write-ahead log")

    def _lost(self, connection: Connection, conversation_id: str, message_id: str) -> Dict[str, Any]:
        """Somebody was faster: hand out what they recorded for the same message, or say so."""
        deleted = connection.execute(
            sa.select(conversation.c.deleted).where(conversation.c.id == conversation_id)
        ).scalar_one_or_none()
        if deleted:
            raise Deleted
        recorded = connection.execute(
            sa.select(turn.c.reply).where(turn.c.conversation_id == conversation_id, turn.c.message_id == message_id)
        ).scalar_one_or_none()
        if recorded is None:
            raise Busy
        reply = self._read(recorded)
        if reply is None:
            raise Busy
        return {**reply, "replayed": True}

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _stored(self, found: Any) -> Stored:
        numbers = {name: found[name] for name in _HEAD}
        return Stored(
            **numbers,
            before_window=self._read(found["before_window"]),
            language=self._read(found["language"]) or {},
            reply=self._read(found["reply"]),
        )

    def _closed(self, value: Any) -> str:
        return self._seal.close(json.dumps(value))

    def _read(self, sealed: Optional[str]) -> Any:
        """A sealed value; None where there is none, or where its key is gone: the talk then goes on without it."""
        text = self._opened(sealed) if sealed else None
        return json.loads(text) if text else None

    def _opened(self, sealed: str) -> Optional[str]:
        try:
            return self._seal.open(sealed)
        except Undecipherable:
            logger.error("tracker.undecipherable", extra={"fields": {"next": "is a key missing in ENCRYPTION_KEYS?"}})
            return None


def _claim(connection: Connection, before: Stored, values: Dict[str, Any]) -> bool:
    """Move the conversation to its next version; false when it is no longer where we read it."""
    if before.version == 0:
        connection.execute(conversation.insert().values(id=before.id, deleted=0, **values))
        return True
    still = (conversation.c.id == before.id) & (conversation.c.version == before.version)
    return connection.execute(conversation.update().where(still).values(**values)).rowcount == 1


def _forget_old(connection: Connection, update: Update) -> None:
    """A new session began: events of older ones are never read again, nor are old replies repeated."""
    old = event.c.place < update.session_place
    connection.execute(event.delete().where(event.c.conversation_id == update.before.id, old))
    stale = turn.c.answered_at < update.at - KEEP_REPLIES_SECONDS
    connection.execute(turn.delete().where(turn.c.conversation_id == update.before.id, stale))


@contextmanager
def _reachable() -> Iterator[None]:
    """Turn any failure of the database into one error; a lost race stays what it is."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, SQLAlchemyError, OSError) as error:
        raise TrackerUnreachable(type(error).__name__) from error
