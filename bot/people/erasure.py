"""Erasing a person from every store, durably, with a receipt (`/radera`).

`begin` empties the bot's own tables in the worker's transaction and leaves one row that drives the
rest: the dialogue engine's store, then the receipt. A crash at any point is taken up again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, text
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.conversations.models import Conversation
from bot.db.base import Base
from bot.db.session import Database
from bot.dialogue_client import DialogueClient
from bot.errors import DialogueFailed, DialogueUnavailable
from bot.languages import Language
from bot.log import get_logger
from bot.names import Response
from bot.people.models import ChannelIdentity, Erasure, Person, ResumeCode
from bot.texts import Bubble, Texts

log = get_logger(__name__)

RETRY = timedelta(seconds=5)
# A receipt waits this long to be fetched (a web chat that was closed never does).
RECEIPT_KEPT = timedelta(days=1)

# The stores as a youth knows them; the receipt says how much each one held.
_STORES = {
    "messages": ("inbound_message", "outbound_message", "turn", "button"),
    "contact_data": ("channel_identity", "vault_value", "resume_code"),
    "bookings": ("booking",),
    "reminders": ("reminder", "reminder_choice", "feedback"),
    "plan": ("plan", "plan_step"),
    "people": (
        "handover",
        "handover_event",
        "note",
        "alert",
        "staff_message",
        "read_up_to",
        "typing_sign",
        "scheduled_message",
    ),
}


def begin(session: Session, conversation: Conversation, now: datetime, *, receipt: bool = True) -> Erasure:
    """Empty the bot's tables of a person. The caller holds the conversation.

    With `receipt`, the person is told when every store is empty; the retention of a silent chat tells nobody.
    Deleting the conversation's row voids every claim: whoever still works on it stores nothing.
    """
    identity = session.get_one(ChannelIdentity, conversation.person_id)
    owner = session.scalar(
        text("SELECT owner FROM handover WHERE conversation_id = :id AND state = 'LIVE'").bindparams(id=conversation.id)
    )
    erasure = Erasure(
        conversation_id=conversation.id,
        channel=conversation.channel,
        fingerprint=identity.fingerprint,
        address=identity.address if receipt else None,
        language=conversation.language,
        staff_id=owner,
        counts=_counts(session, conversation),
        requested_at=now,
    )
    session.add(erasure)
    # Rows that hang on the conversation or the person go with them (ON DELETE CASCADE).
    session.execute(delete(ResumeCode).where(ResumeCode.person_id == conversation.person_id))
    session.execute(delete(Person).where(Person.id == conversation.person_id))
    session.flush()
    # What the session still holds of the person has no row any more and must not be written back.
    session.expunge_all()
    return erasure


def _counts(session: Session, conversation: Conversation) -> dict[str, int]:
    counts: dict[str, int] = {}
    for store, tables in _STORES.items():
        counts[store] = sum(_count(session, table, conversation) for table in tables)
    return counts


def _count(session: Session, name: str, conversation: Conversation) -> int:
    table = Base.metadata.tables[name]
    if "conversation_id" in table.c:
        where = table.c.conversation_id == conversation.id
    elif "person_id" in table.c:
        where = table.c.person_id == conversation.person_id
    else:
        parent = Base.metadata.tables["handover"]
        where = table.c.handover_id.in_(select(parent.c.id).where(parent.c.conversation_id == conversation.id))
    return session.scalar(select(func.count()).select_from(table).where(where)) or 0


def tables_of_a_person() -> Sequence[str]:
    """Return every table that hangs on a person or a conversation; a test holds the receipt to it."""
    return sorted(
        name for name, table in Base.metadata.tables.items()
        if {"conversation_id", "person_id"} & set(table.c.keys()) and name not in ("erasure", "access_log")
    )  # fmt: skip


class Eraser:
    """Takes erasures to their end, in the background."""

    def __init__(self, db: Database, dialogue: DialogueClient, clock: Clock) -> None:
        self._db = db
        self._dialogue = dialogue
        self._clock = clock

    async def work_once(self) -> bool:
        """Empty the engine's store for one erasure; False when none is due."""
        now = self._clock()
        with self._db.reading() as session:
            due = session.scalar(
                select(Erasure)
                .where(
                    Erasure.engine_done_at.is_(None),
                    or_(Erasure.next_attempt_at.is_(None), Erasure.next_attempt_at <= now),
                )
                .order_by(Erasure.requested_at)
                .limit(1)
            )
        if due is None:
            return False
        try:
            await self._dialogue.delete(due.conversation_id)
        except (DialogueUnavailable, DialogueFailed) as error:
            log.warning("erasure.engine_away", erasure=due.id, error=type(error).__name__)
            with self._db.transaction() as session:
                session.get_one(Erasure, due.id).next_attempt_at = now + RETRY
            return True
        with self._db.transaction() as session:
            session.get_one(Erasure, due.id).engine_done_at = now
        self._overwrite()
        log.info("erasure.done", erasure=due.id)
        return True

    def _overwrite(self) -> None:
        """On SQLite, fold the write-ahead log into the file, so that no old page lingers in it."""
        if self._db.is_sqlite:
            with self._db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                raw = connection.connection.dbapi_connection
                if raw is not None:
                    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def receipt(texts: Texts, erasure: Erasure) -> Bubble:
    """Return the receipt in the youth's language: what each store held, now gone."""
    language = Language(erasure.language)
    parts = {
        Language.SV: (
            "meddelanden",
            "kontaktuppgifter",
            "bokningar",
            "påminnelser",
            "rader i din plan",
            "anteckningar",
        ),
        Language.EN: ("messages", "contact details", "bookings", "reminders", "lines of your plan", "notes"),
    }[language]
    counts = [erasure.counts.get(store, 0) for store in _STORES]
    rows = ", ".join(f"{count} {part}" for count, part in zip(counts, parts, strict=True))
    return texts.say(Response.UTTER_DELETED, language, receipt=rows)


def waiting_receipts(session: Session, channel: str) -> Sequence[Erasure]:
    """Return the erasures of a channel whose receipt is to be sent."""
    return session.scalars(
        select(Erasure)
        .where(
            Erasure.channel == channel,
            Erasure.engine_done_at.is_not(None),
            Erasure.receipt_sent_at.is_(None),
            Erasure.address.is_not(None),
        )
        .order_by(Erasure.requested_at)
    ).all()


def receipt_for(session: Session, channel: str, fingerprint: str) -> Erasure | None:
    """Return the latest erasure of an address: a web chat fetches its receipt by it."""
    return session.scalar(
        select(Erasure)
        .where(Erasure.channel == channel, Erasure.fingerprint == fingerprint)
        .order_by(Erasure.requested_at.desc())
        .limit(1)
    )


def receipt_was_sent(session: Session, erasure_id: str, now: datetime) -> None:
    """Blank the address: nothing is left that leads to the person."""
    erasure = session.get(Erasure, erasure_id)
    if erasure is not None:
        erasure.receipt_sent_at = now
        erasure.address = None


def forget_old_receipts(session: Session, now: datetime) -> int:
    """Blank addresses and hashes of receipts that nobody fetched within a day."""
    rows = session.scalars(
        select(Erasure).where(Erasure.requested_at < now - RECEIPT_KEPT, Erasure.engine_done_at.is_not(None))
    ).all()
    old = [row for row in rows if row.address is not None or row.fingerprint]
    for row in old:
        row.address, row.fingerprint = None, ""
    return len(old)
