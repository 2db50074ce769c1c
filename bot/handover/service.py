"""The handover as the rest of the bot uses it.

The functions work on an open session of somebody who holds the conversation (the worker); the class
does each step in a transaction of its own (console, actions, the program's sweeper).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot import bell as bells
from bot.bell import Bell
from bot.clock import Clock
from bot.conversations import outbox
from bot.db.session import Database
from bot.errors import ConversationErased
from bot.handover import counsellor, requests, sweep
from bot.handover.counsellor import Claimed, Done, Gone, LostTo, NotOwner, Sent
from bot.handover.models import EndReason, Reason
from bot.handover.queue import Entry, mine_of, queue_of
from bot.handover.requests import HandoverStatus, acknowledgement_due, end, request, youth_wrote
from bot.handover.summary import summary_of
from bot.handover.thread import Line, thread_of
from bot.log import get_logger
from bot.texts import Texts

__all__ = [
    "Claimed", "Done", "Entry", "Gone", "Handover", "HandoverStatus", "Line", "LostTo", "NotOwner", "Sent",
    "acknowledgement_due", "end", "request", "summary_of", "youth_wrote",
]  # fmt: skip

log = get_logger(__name__)


class Handover:
    """From bot to person and back; each method is one transaction."""

    def __init__(self, db: Database, clock: Clock, texts: Texts, bell: Bell | None = None) -> None:
        self._db = db
        self._clock = clock
        self._texts = texts
        self._bell = bell

    def request(
        self, *, conversation_id: str, reason: Reason, request_key: str, municipality: str | None = None
    ) -> HandoverStatus:
        """Ask for a person (see `bot.handover.requests.request`).

        Raises:
            ConversationErased: the youth has erased everything meanwhile.
        """
        with self._db.transaction() as session:
            conversation = outbox.lock_conversation(session, conversation_id)
            if conversation is None:
                raise ConversationErased("the conversation was erased")
            status = requests.request(
                session,
                conversation,
                reason=reason,
                request_key=request_key,
                now=self._clock(),
                municipality=municipality,
            )
        self._ring(conversation_id)
        log.info("handover.requested", conversation=conversation_id, reason=reason, state=status.state)
        return status

    def claim(self, handover_id: str, staff_id: str) -> Claimed | LostTo | Gone:
        """Take a chat; exactly one of all who try gets it."""
        with self._db.transaction() as session:
            result = counsellor.claim(session, handover_id, staff_id, now=self._clock(), texts=self._texts)
        if isinstance(result, Claimed):
            self._ring(result.conversation_id)
        log.info("handover.claim", handover=handover_id, staff=staff_id, result=type(result).__name__)
        return result

    def reply(self, handover_id: str, staff_id: str, text: str, key: str) -> Sent | NotOwner | Gone:
        """Say something to the youth; `key` makes a double submit harmless.

        Raises:
            ValueError: the text is empty or too long.
        """
        with self._db.transaction() as session:
            result = counsellor.reply(session, handover_id, staff_id, text, key, now=self._clock())
        self._ring()
        return result

    def hand_back(self, handover_id: str, staff_id: str, reason: EndReason) -> Done | NotOwner | Gone:
        """Give the chat back to the bot."""
        with self._db.transaction() as session:
            result = counsellor.hand_back(session, handover_id, staff_id, reason, now=self._clock(), texts=self._texts)
        self._ring()
        log.info("handover.hand_back", handover=handover_id, reason=reason, result=type(result).__name__)
        return result

    def put_back(self, handover_id: str, staff_id: str) -> Done | NotOwner | Gone:
        """Give the chat back to the queue for a colleague."""
        with self._db.transaction() as session:
            result = counsellor.put_back(session, handover_id, staff_id, now=self._clock(), texts=self._texts)
        self._ring()
        log.info("handover.put_back", handover=handover_id, result=type(result).__name__)
        return result

    def sweep(self) -> int:
        """Do what time has made due; return how many requests changed."""
        now = self._clock()
        with self._db.reading() as session:
            waiting = sweep.due(session, now)
        changes = 0
        for handover_id in waiting:
            change = sweep.sweep_one(self._db, handover_id, now, self._texts)
            if change is not None:
                changes += 1
                log.info("handover.swept", handover=handover_id, change=change)
        if changes:
            self._ring()
        return changes

    def queue(self, municipalities: Sequence[str]) -> tuple[Entry, ...]:
        """Return who waits, for somebody who covers these municipalities (empty: the whole county)."""
        with self._db.reading() as session:
            return queue_of(session, municipalities)

    def mine(self, staff_id: str) -> tuple[Entry, ...]:
        """Return the live chats of one counsellor."""
        with self._db.reading() as session:
            return mine_of(session, staff_id)

    def thread(self, conversation_id: str, since: datetime | None = None, *, real: bool = False) -> tuple[Line, ...]:
        """Return a conversation's lines, both ways in one order; `real` is for its counsellor alone."""
        with self._db.reading() as session:
            return thread_of(session, conversation_id, since=since, real=real)

    def _ring(self, *conversation_ids: str) -> None:
        if self._bell is not None:
            self._bell.ring(bells.SEND, bells.STAFF, *(f"chat:{one}" for one in conversation_ids))
