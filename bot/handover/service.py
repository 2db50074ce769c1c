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
from bot.handover import counsellor, questions, requests, shift, sweep, transfer
from bot.handover.counsellor import Claimed, Done, Gone, LostTo, NotOwner, Sent
from bot.handover.models import EndReason, Front, Reason
from bot.handover.questions import Question, and_then, take_answer
from bot.handover.questions import button as press
from bot.handover.queue import Entry, mine_of, offered_to, queue_of
from bot.handover.reopen import reopen
from bot.handover.requests import HandoverStatus, acknowledgement_due, end, request, youth_wrote
from bot.handover.shift import HasChats
from bot.handover.summary import summary_of
from bot.handover.thread import Before, Line, Window, thread_of, window_of
from bot.handover.transfer import Offered, ReceiverOff
from bot.handover.transitions import open_handover
from bot.log import get_logger
from bot.texts import Texts

__all__ = [
    "Claimed", "Done", "Entry", "Front", "Gone", "Handover", "HandoverStatus", "HasChats", "Line", "LostTo", "NotOwner",
    "Offered", "Question", "ReceiverOff", "Sent", "acknowledgement_due", "and_then", "end", "open_handover", "press",
    "reopen", "request", "summary_of", "take_answer", "youth_wrote",
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
        # Not why: a sign of danger must not stand beside the chat in a line that outlives its erasure.
        log.info("handover.requested", conversation=conversation_id, state=status.state)
        return status

    def follow_up(self, conversation_id: str) -> Question | None:
        """Return what to ask after saying how a request stands: the place, or whether the summary is right."""
        with self._db.transaction() as session:
            conversation = outbox.lock_conversation(session, conversation_id)
            row = open_handover(session, conversation_id) if conversation is not None else None
            if conversation is None or row is None:
                return None
            return questions.next_question(session, conversation, row, self._texts, self._clock())

    def claim(self, handover_id: str, staff_id: str, via: Front = Front.CONSOLE) -> Claimed | LostTo | Gone:
        """Take a chat; exactly one of all who try gets it."""
        with self._db.reading() as session:
            # Who comes late need not queue up to write; only the update below decides who comes first.
            late = counsellor.taken_by_another(session, handover_id, staff_id)
        if late is not None:
            return late
        with self._db.transaction() as session:
            result = counsellor.claim(session, handover_id, staff_id, now=self._clock(), texts=self._texts, via=via)
        if isinstance(result, Claimed):
            self._ring(result.conversation_id)
        log.info("handover.claim", handover=handover_id, staff=staff_id, result=type(result).__name__)
        return result

    def reply(
        self, handover_id: str, staff_id: str, text: str, key: str, via: Front = Front.CONSOLE
    ) -> Sent | NotOwner | Gone:
        """Say something to the youth; `key` makes a double submit harmless.

        Raises:
            ValueError: the text is empty or too long.
        """
        with self._db.transaction() as session:
            result = counsellor.reply(session, handover_id, staff_id, text, key, now=self._clock(), via=via)
        self._ring()
        return result

    def hand_back(self, handover_id: str, staff_id: str, reason: EndReason, agreed: str = "") -> Done | NotOwner | Gone:
        """Give the chat back to the bot; `agreed` is said to the youth and stands in the next packet.

        Raises:
            ValueError: `agreed` is too long.
        """
        with self._db.transaction() as session:
            result = counsellor.hand_back(
                session, handover_id, staff_id, reason, now=self._clock(), texts=self._texts, agreed=agreed
            )
        self._ring()
        log.info("handover.hand_back", handover=handover_id, reason=reason, result=type(result).__name__)
        return result

    def offer(self, handover_id: str, staff_id: str, to: str) -> Offered | ReceiverOff | NotOwner | Gone:
        """Ask a colleague to take the chat over; it stays mine until they say yes."""
        with self._db.transaction() as session:
            result = transfer.offer(session, handover_id, staff_id, to, now=self._clock())
        self._ring()
        log.info("handover.transfer_offered", handover=handover_id, result=type(result).__name__)
        return result

    def accept(self, handover_id: str, staff_id: str, via: Front = Front.CONSOLE) -> Claimed | Gone:
        """Take a chat over that a colleague has offered me."""
        with self._db.transaction() as session:
            result = transfer.accept(session, handover_id, staff_id, via=via, now=self._clock(), texts=self._texts)
        self._ring(*([result.conversation_id] if isinstance(result, Claimed) else []))
        log.info("handover.transfer_accepted", handover=handover_id, result=type(result).__name__)
        return result

    def refuse(self, handover_id: str, staff_id: str) -> Done | Gone:
        """Say no to a chat that a colleague has offered me; they keep it."""
        with self._db.transaction() as session:
            result = transfer.refuse(session, handover_id, staff_id, now=self._clock())
        self._ring()
        return result

    def leave_shift(self, staff_id: str) -> Done | HasChats:
        """Go off duty; refused while chats of mine are open."""
        with self._db.transaction() as session:
            result = shift.leave(session, staff_id, now=self._clock())
        self._ring()
        log.info("duty.leave", staff=staff_id, result=type(result).__name__)
        return result

    def be_away(self, staff_id: str, starts_at: datetime, ends_at: datetime) -> Done | HasChats:
        """Note that I am away; refused while chats of mine are open, if it begins now.

        Raises:
            DutyError: the times cannot be.
        """
        with self._db.transaction() as session:
            return shift.be_away(session, staff_id, starts_at=starts_at, ends_at=ends_at, now=self._clock())

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
            waiting, lost = sweep.due(session, now), sweep.adrift(session)
        changes = 0
        for conversation_id in lost:
            if sweep.bring_home(self._db, conversation_id, now):
                changes += 1
                log.error("handover.adrift", conversation=conversation_id)
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
            return queue_of(session, municipalities, self._clock())

    def mine(self, staff_id: str) -> tuple[Entry, ...]:
        """Return the live chats of one counsellor."""
        with self._db.reading() as session:
            return mine_of(session, staff_id)

    def offered(self, staff_id: str) -> tuple[Entry, ...]:
        """Return the chats that colleagues ask somebody to take over."""
        with self._db.reading() as session:
            return offered_to(session, staff_id)

    def thread(self, conversation_id: str, since: datetime | None = None, *, real: bool = False) -> tuple[Line, ...]:
        """Return a conversation's lines, both ways in one order; `real` is for its counsellor alone."""
        with self._db.reading() as session:
            return thread_of(session, conversation_id, since=since, real=real)

    def window(self, conversation_id: str, before: Before | None = None, *, real: bool = False) -> Window:
        """Return the last lines before a place in a conversation, or the latest; `real` as for `thread`."""
        with self._db.reading() as session:
            return window_of(session, conversation_id, before=before, real=real)

    def _ring(self, *conversation_ids: str) -> None:
        if self._bell is not None:
            self._bell.ring(bells.SEND, bells.STAFF, *(f"chat:{one}" for one in conversation_ids))
