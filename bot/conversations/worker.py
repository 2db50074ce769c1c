"""The worker: claims the conversation that has waited longest and answers it (steps 3 to 6).

Several workers may run, in one process or many; a conversation is in one hand at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import bell as bells
from bot.bell import Bell
from bot.clock import Clock
from bot.conversations import outbox, own_words, turns
from bot.conversations.claims import Claim, claim_next
from bot.conversations.incoming import MAX_TEXT
from bot.conversations.models import Conversation, InboundKind, InboundMessage, InboundStatus, Turn, TurnStatus
from bot.conversations.who_answers import Answerer, who_answers
from bot.db.session import DATABASE_DOWN, Database
from bot.dialogue_client import DialogueClient, TurnResult
from bot.errors import ClaimLost, ConversationErased, DialogueBusy, DialogueFailed, DialogueUnavailable
from bot.handover import service as handover
from bot.languages import Language
from bot.log import get_logger
from bot.names import Response
from bot.plan import chat as plan
from bot.texts import Bubble, Texts

log = get_logger(__name__)

# How long a look at the database may be late when a bell was lost.
POLL_SECONDS = 0.5
# Pauses after a failure of the turn itself; after the last one it is set aside.
FAILURE_PAUSES = (timedelta(seconds=1), timedelta(seconds=4))
# While the engine is away a turn is kept and tried again with growing pauses, so long at most.
OUTAGE_PAUSES = (timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8))
OUTAGE_LIMIT = timedelta(minutes=15)
# A restart of the engine that is shorter than this is not worth a message.
OUTAGE_NOTICE_AFTER = timedelta(seconds=4)


@dataclass(frozen=True)
class Plan:
    """What is to be done outside a transaction: one turn with the engine."""

    turn: turns.FrozenTurn


class Worker:
    """Answers conversations until it is stopped."""

    def __init__(
        self,
        db: Database,
        dialogue: DialogueClient,
        texts: Texts,
        clock: Clock,
        bell: Bell,
        *,
        name: str,
        public_url: str = "",
    ) -> None:
        self._db = db
        self._public_url = public_url
        self._dialogue = dialogue
        self._texts = texts
        self._clock = clock
        self._bell = bell
        self._name = name
        self._public_url = public_url

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set. A database that is down is waited for."""
        while not stop.is_set():
            try:
                worked = await self.work_once()
            except SQLAlchemyError as error:
                log.error("worker.database_down", error=type(error).__name__)
                worked = False
            except Exception as error:
                # A conversation that cannot even be set aside stays claimed until its lease is over: others go first.
                log.exception("worker.failed", error=type(error).__name__)
                worked = False
            if not worked:
                await self._bell.wait(bells.WORK, POLL_SECONDS)

    async def work_once(self) -> bool:
        """Claim one conversation and do what is due; False when nothing was."""
        claim = await anyio.to_thread.run_sync(claim_next, self._db, self._name, self._clock())
        if claim is None:
            return False
        with contextlib.suppress(ClaimLost):
            turn = await self._due_turn(claim)
            if turn is not None:
                await self._take_turn(claim, turn)
        self._bell.ring(bells.SEND, bells.STAFF, f"chat:{claim.conversation_id}")
        return True

    async def _due_turn(self, claim: Claim) -> turns.FrozenTurn | None:
        """Return the turn that needs the engine; what breaks us before there is one goes to people."""
        try:
            due = await anyio.to_thread.run_sync(self._plan, claim)
        except (ClaimLost, SQLAlchemyError):
            raise
        except Exception as error:
            log.exception("worker.set_aside", conversation=claim.conversation_id, error=type(error).__name__)
            await anyio.to_thread.run_sync(self._set_waiting_aside, claim)
            return None
        return due.turn if due is not None else None

    def _plan(self, claim: Claim) -> Plan | None:
        """Do all that needs only the database; return the turn that needs the engine."""
        now = self._clock()
        with self._db.transaction() as session:
            conversation = turns.held(session, claim)
            for message in turns.pending(session, conversation.id):
                if own_words.is_own(message) or plan.expects(conversation, message):
                    message.status = InboundStatus.ANSWERED
                    own_words.answer(session, conversation, message, self._texts, now, public_url=self._public_url)
                    if outbox.lock_conversation(session, claim.conversation_id) is None:
                        return None  # The youth has just erased everything.
            answerer = who_answers(conversation.state)
            if answerer != Answerer.BOT:
                self._leave_to_people(session, conversation, answerer, now)
                turns.release(session, conversation, now)
                return None
            turn = turns.open_turn_of(session, conversation.id)
            if turn is None:
                turn = self._freeze(session, conversation, now)
            if turn is None or (turn.next_attempt_at is not None and turn.next_attempt_at > now):
                turns.release(session, conversation, now)
                return None
            return Plan(turns.frozen(conversation, turn))

    def _freeze(self, session: Session, conversation: Conversation, now: datetime) -> Turn | None:
        waiting = turns.pending(session, conversation.id)
        if not waiting:
            return None
        if waiting[0].kind == InboundKind.BUTTON:
            return turns.freeze(session, conversation, waiting[:1], now)
        if turns.burst_ends(waiting) > now:
            return None
        burst = [row for row in waiting if row.kind in turns.TEXTS][: _first_other(waiting)]
        if self._answers_question(session, conversation, burst, now):
            return None
        unfit = self._unfit(burst)
        if unfit is not None:
            for row in burst:
                row.status = InboundStatus.ANSWERED
            bubble = self._texts.say(unfit, Language(conversation.language))
            outbox.queue(session, conversation, key=f"unfit:{burst[0].id}", bubble=bubble, now=now)
            return None
        return turns.freeze(session, conversation, burst, now)

    def _answers_question(
        self, session: Session, conversation: Conversation, burst: Sequence[InboundMessage], now: datetime
    ) -> bool:
        """Take a burst as the answer to what a youth who waits for a person was asked, if it is one."""
        texts = [row.text for row in burst if row.kind in turns.TEXTS and row.text]
        said = handover.take_answer(session, conversation, texts, self._texts, now) if texts else None
        if said is None:
            return False
        for row in burst:
            row.status = InboundStatus.FOR_PEOPLE
        conversation.waiting_ack_at = now
        outbox.queue_all(session, conversation, key=f"answered:{burst[0].id}", bubbles=said, now=now)
        return True

    @staticmethod
    def _unfit(burst: list[InboundMessage]) -> Response | None:
        """Name the answer to a text that the engine cannot read: empty, or very long."""
        length = sum(len(row.text or "") for row in burst)
        if not "".join(row.text or "" for row in burst).strip():
            return Response.UTTER_EMPTY_MESSAGE
        return Response.UTTER_LONG_MESSAGE if length > MAX_TEXT else None

    def _leave_to_people(self, session: Session, conversation: Conversation, answerer: Answerer, now: datetime) -> None:
        """Mark what waits for people; while nobody has come, acknowledge once a quiet period."""
        waiting = turns.pending(session, conversation.id)
        open_turn = turns.open_turn_of(session, conversation.id)
        if open_turn is not None:
            # A turn that the engine never finished: a person reads it now.
            open_turn.status = TurnStatus.CANCELLED
            waiting = [*waiting, *turns.messages_of(session, open_turn.id)]
        if not waiting:
            return
        for row in waiting:
            row.status = InboundStatus.FOR_PEOPLE
        if answerer == Answerer.COUNSELLOR:
            handover.youth_wrote(session, conversation, waiting, now)
        elif self._answers_question(session, conversation, waiting, now):
            return
        elif handover.acknowledgement_due(conversation, now):
            conversation.waiting_ack_at = now
            said = [self._texts.say(Response.UTTER_HUMAN_WAITING, Language(conversation.language))]
            asked = handover.open_handover(session, conversation.id)
            if asked is not None:
                said += handover.and_then(session, conversation, asked, self._texts, now)
            outbox.queue_all(session, conversation, key=f"waiting:{waiting[0].id}", bubbles=said, now=now)

    async def _take_turn(self, claim: Claim, turn: turns.FrozenTurn) -> None:
        """Do a turn. A fault that nobody thought of counts as its own: no turn comes first again for ever."""
        try:
            await self._ask_engine(claim, turn)
        except (ClaimLost, *DATABASE_DOWN):
            raise
        except Exception as error:
            log.exception("turn.broke", turn=turn.id, error=type(error).__name__)
            await anyio.to_thread.run_sync(self._after_failure, claim, turn, type(error).__name__)

    async def _ask_engine(self, claim: Claim, turn: turns.FrozenTurn) -> None:
        began = time.monotonic()
        try:
            result = await self._dialogue.turn(
                conversation=turn.conversation_id,
                message_id=turn.id,
                channel=turn.channel,
                language=turn.language,
                text=turn.text,
                button=turn.button,
                entities=turn.entities,
                session=turn.session,
            )
            if not turns.bubbles_of(result):
                raise DialogueFailed("an answer without words")
        except (DialogueUnavailable, DialogueBusy) as error:
            await anyio.to_thread.run_sync(self._after_outage, claim, turn, type(error).__name__)
        except ConversationErased:
            log.info("turn.erased", turn=turn.id)
        except DialogueFailed as error:
            await anyio.to_thread.run_sync(self._after_failure, claim, turn, str(error))
        else:
            latency_ms = int((time.monotonic() - began) * 1000)
            await anyio.to_thread.run_sync(self._after_result, claim, turn, result, latency_ms)

    def _after_result(self, claim: Claim, turn: turns.FrozenTurn, result: TurnResult, latency_ms: int) -> None:
        now = self._clock()
        state = turns.store_result(
            self._db,
            claim,
            turn.id,
            result,
            turns.bubbles_of(result),
            latency_ms=latency_ms,
            now=now,
            texts=self._texts,
        )
        # Neither whose turn nor what was meant: the line outlives an erasure, and must tell nothing of the person then.
        log.info("turn.answered", turn=turn.id, latency_ms=latency_ms, replayed=result.replayed, replies=state)

    def _after_outage(self, claim: Claim, turn: turns.FrozenTurn, error: str) -> None:
        now = self._clock()
        away = now - (turn.outage_since or now)
        if away > OUTAGE_LIMIT:
            with self._db.transaction() as session:
                conversation = turns.held(session, claim)
                notice = self._say(Response.UTTER_TECHNICAL_PROBLEM, turn)
                turns.set_aside(session, conversation, session.get_one(Turn, turn.id), notice, now)
                turns.release(session, conversation, now)
            return
        pause = next((pause for pause in OUTAGE_PAUSES if pause > away), OUTAGE_PAUSES[-1])
        late = None
        if away >= OUTAGE_NOTICE_AFTER:
            late = self._say(Response.UTTER_TECHNICAL_WAIT, turn)
        turns.store_outage(self._db, claim, turn.id, again_at=now + pause, now=now, notice=late)
        log.warning("turn.postponed", turn=turn.id, error=error, away_s=int(away.total_seconds()))

    def _after_failure(self, claim: Claim, turn: turns.FrozenTurn, error: str) -> None:
        gone = turns.store_failure(
            self._db,
            claim,
            turn.id,
            pauses=FAILURE_PAUSES,
            now=self._clock(),
            notice=self._say(Response.UTTER_SET_ASIDE, turn),
        )
        log.error("turn.set_aside" if gone else "turn.failed", turn=turn.id, error=error)

    def _set_waiting_aside(self, claim: Claim) -> None:
        now = self._clock()
        with self._db.transaction() as session:
            conversation = turns.held(session, claim)
            notice = self._texts.say(Response.UTTER_SET_ASIDE, Language(conversation.language))
            turns.set_waiting_aside(session, conversation, notice, now)
            turns.release(session, conversation, now)

    def _say(self, response: Response, turn: turns.FrozenTurn) -> Bubble:
        return self._texts.say(response, Language(turn.language))


def _first_other(waiting: Sequence[InboundMessage]) -> int:
    """Return how many messages stand before the first that is no text."""
    return next((number for number, row in enumerate(waiting) if row.kind not in turns.TEXTS), len(waiting))
