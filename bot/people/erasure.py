"""Erasing a person from every store, durably, with a receipt (`/radera`, `bot forget`, and retention).

`begin` takes the person's rows from every table in the worker's transaction, `blank` empties them and
keeps what statistics count. Both leave one row that drives the rest: the dialogue engine's store, the
pages that the database has freed, then the receipt. A crash at any point is taken up again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import anyio
from sqlalchemy import ColumnElement, Table, delete, or_, select, update
from sqlalchemy.orm import Session

from bot.alerts import removal
from bot.alerts.outbox import forget_account
from bot.clock import Clock
from bot.conversations.models import Conversation, ConversationState
from bot.db.base import Base
from bot.db.session import Database
from bot.dialogue_client import DialogueClient
from bot.errors import DialogueFailed, DialogueUnavailable
from bot.given import whole_number
from bot.languages import Language
from bot.log import get_logger
from bot.names import Response
from bot.people import data_map, preserve
from bot.people.data_map import SENSITIVE, Blank
from bot.people.models import ChannelIdentity, Erasure
from bot.texts import Bubble, Texts

log = get_logger(__name__)

RETRY = timedelta(seconds=5)
# A receipt waits this long to be fetched (a web chat that was closed never does).
RECEIPT_KEPT = timedelta(days=1)
# Of a column of numbers. The hash that a web chat has in the place of a number is far longer.
_LARGEST = 2**63 - 1

# The stores as a youth knows them; `data_map.yml` says which table belongs to which.
STORES = ("messages", "contact", "bookings", "reminders", "plan", "people")

YOUTH, RETENTION, STAFF = "youth", "retention", "staff"


def begin(
    session: Session, conversation: Conversation, now: datetime, *, by: str = YOUTH, receipt: bool = True
) -> Erasure:
    """Take every row of a person. The caller holds the conversation.

    With `receipt`, the person is told when every store is empty. That the conversation's row is gone
    voids every claim: whoever still works on it stores nothing. What belongs to a report of concern is
    brought up to date first and stays, and the receipt says so.
    """
    kept = preserve.bring_up_to_date(session, conversation, now)
    erasure = _record(session, conversation, now, by=by, receipt=receipt, kept=kept)
    _forget_account(session, conversation.person_id)
    removal.queue(session, conversation.id, now)
    _blank_reasons(session, conversation.id)
    ids = (conversation.id, conversation.person_id)
    session.flush()
    for table in data_map.tables_of_a_person():
        where = data_map.rows_of(table, *ids)
        if where is not None:
            erasure.counts = _add(erasure.counts, table, session.execute(delete(table).where(where)))
    # What the session still holds of the person has no row any more and must not be written back.
    session.flush()
    session.expunge_all()
    return erasure


def blank(session: Session, conversation: Conversation, now: datetime) -> Erasure:
    """Empty everything that says anything about a person, and keep the rows that statistics count.

    The caller holds the conversation. Nobody is told: this is the retention of a silent chat.
    """
    kept = preserve.bring_up_to_date(session, conversation, now)
    erasure = _record(session, conversation, now, by=RETENTION, receipt=False, kept=kept)
    _forget_account(session, conversation.person_id)
    conversation.blanked_at = now
    conversation.claim_no += 1
    conversation.claimed_by, conversation.claim_until, conversation.ready_at = None, None, None
    conversation.open_question = None
    ids = (conversation.id, conversation.person_id)
    session.flush()
    for table in data_map.tables_of_a_person():
        where = data_map.rows_of(table, *ids)
        if where is None:
            continue
        match data_map.entry_of(table.name).blank:
            case Blank.DELETE:
                erasure.counts = _add(erasure.counts, table, session.execute(delete(table).where(where)))
            case Blank.COLUMNS if empties := empty_values(table):
                session.execute(update(table).where(where).values(empties))
            case _:
                pass
    _settle(session, ids[0], now)
    session.flush()
    session.expunge_all()
    return erasure


def _forget_account(session: Session, person_id: str) -> None:
    """Take back what waits for their account outside the chat: it is tied to no conversation."""
    identity = session.get(ChannelIdentity, person_id)
    if identity is not None:
        forget_account(session, identity.address)


def _blank_reasons(session: Session, conversation_id: str) -> None:
    """Blank why staff wanted to see names and numbers. That they did stays, for who checks on them."""
    opened = Base.metadata.tables["access_log"]
    session.execute(update(opened).where(opened.c.conversation_id == conversation_id).values(reason=None))


def empty_values(table: Table) -> dict[str, Any]:
    """Return what to write into the columns of a table that hold content or contact."""
    return {column.name: _empty(column) for column in table.c if data_map.class_of(column) in SENSITIVE}


def _empty(column: Any) -> Any:
    if column.nullable:
        return None
    default = getattr(column.default, "arg", None)
    if callable(default):
        return {} if "dict" in getattr(default, "__name__", "") else []
    return ""


def _settle(session: Session, conversation_id: str, now: datetime) -> None:
    """Close what would call staff to a chat that holds nothing any more, and cut what leads back to the channel."""
    tables = Base.metadata.tables
    handover, alert, outbound = tables["handover"], tables["alert"], tables["outbound_message"]
    open_one: ColumnElement[bool] = handover.c.conversation_id == conversation_id
    session.execute(
        update(handover)
        .where(open_one, handover.c.state != "CLOSED")
        .values(state="CLOSED", end_reason="off_hours_expired", closed_at=now, owner=None, lease_until=None)
    )
    session.execute(
        update(alert)
        .where(alert.c.conversation_id == conversation_id, alert.c.acknowledged_at.is_(None))
        .values(acknowledged_at=now)
    )
    session.execute(
        update(outbound)
        .where(outbound.c.conversation_id == conversation_id, outbound.c.state.in_(["queued", "retry", "sending"]))
        .values(state="not_sent")
    )
    session.execute(update(Conversation).where(Conversation.id == conversation_id).values(state=ConversationState.BOT))
    # The channel's own numbers could lead the channel back to an account.
    inbound = tables["inbound_message"]
    session.execute(
        update(inbound)
        .where(inbound.c.conversation_id == conversation_id)
        .values(update_id=inbound.c.id, channel_message_id=None)
    )
    session.execute(
        update(outbound).where(outbound.c.conversation_id == conversation_id).values(channel_message_id=None)
    )


def _record(
    session: Session, conversation: Conversation, now: datetime, *, by: str, receipt: bool, kept: int
) -> Erasure:
    identity = session.get(ChannelIdentity, conversation.person_id)
    handover = Base.metadata.tables["handover"]
    erasure = Erasure(
        conversation_id=conversation.id,
        channel=conversation.channel,
        fingerprint=identity.fingerprint if identity and receipt else "",
        address=identity.address if identity and receipt else None,
        language=conversation.language,
        staff_id=session.scalar(
            select(handover.c.owner).where(handover.c.conversation_id == conversation.id, handover.c.state == "LIVE")
        ),
        by=by,
        kept=kept,
        last_update=_last_update(session, conversation.id) if receipt else None,
        counts=dict.fromkeys(STORES, 0),
        requested_at=now,
    )
    session.add(erasure)
    return erasure


def _last_update(session: Session, conversation_id: str) -> int | None:
    """Return the channel's highest number of what a person has sent; None where the channel does not count."""
    inbound = Base.metadata.tables["inbound_message"]
    ids = session.scalars(select(inbound.c.update_id).where(inbound.c.conversation_id == conversation_id))
    return max((number for one in ids if (number := whole_number(one, most=_LARGEST)) is not None), default=None)


def _add(counts: dict[str, Any], table: Table, result: Any) -> dict[str, Any]:
    store = data_map.entry_of(table.name).store
    if table.name in ("person", "conversation") or store not in STORES:
        return counts
    return dict(Counter(counts) + Counter({store: result.rowcount})) | {
        name: counts[name] for name in counts if not counts[name] and name != store
    }


class Eraser:
    """Takes erasures to their end, in the background."""

    def __init__(self, db: Database, dialogue: DialogueClient, clock: Clock) -> None:
        self._db = db
        self._dialogue = dialogue
        self._clock = clock

    async def work_once(self) -> bool:
        """Empty the engine's store for one erasure and overwrite what was freed; False when none is due.

        Only when both are done is the erasure: a crash before, or a database that is in use, leaves it due.
        """
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
            return self._later(due, now)
        tables = [table.name for table in data_map.tables_of_a_person()]
        # In a thread: clearing dead rows can take a while.
        if not await anyio.to_thread.run_sync(self._db.overwrite_freed, tables):
            return self._later(due, now)
        with self._db.transaction() as session:
            session.get_one(Erasure, due.id).engine_done_at = now
        log.info("erasure.done", erasure=due.id)
        return True

    def _later(self, due: Erasure, now: datetime) -> bool:
        with self._db.transaction() as session:
            session.get_one(Erasure, due.id).next_attempt_at = now + RETRY
        return True


def receipt(texts: Texts, erasure: Erasure) -> Bubble:
    """Return the receipt in the youth's language: what each store held, now gone, and what must stay."""
    language = Language(erasure.language)
    bubble = texts.say(Response.UTTER_DELETED, language, **{store: erasure.counts.get(store, 0) for store in STORES})
    more = [Response.UTTER_DELETED_KEPT] if erasure.kept else []
    more.append(Response.UTTER_DELETED_READERS)
    # Only what staff had to do with can have reached a phone or a calendar of theirs.
    if erasure.counts.get("people") or erasure.counts.get("bookings"):
        more.append(Response.UTTER_DELETED_PHONES)
    more.append(Response.UTTER_DELETED_ELSEWHERE)
    words = [bubble.text, *(texts.say(response, language).text for response in more)]
    return Bubble("\n\n".join(words), (), bubble.response)


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
        select(Erasure).where(
            Erasure.requested_at < now - RECEIPT_KEPT,
            Erasure.engine_done_at.is_not(None),
            or_(Erasure.address.is_not(None), Erasure.fingerprint != ""),
        )
    ).all()
    for row in rows:
        row.address, row.fingerprint, row.last_update = None, "", None
    return len(rows)
