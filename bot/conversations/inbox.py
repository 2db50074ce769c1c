"""The inbox: stores an update once, screened and redacted, before anybody says 'received'.

Called by every channel's receiver. Step 1 and 2 of a turn (architecture).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.conversations import crisis, outbox
from bot.conversations.incoming import Incoming, parse_command
from bot.conversations.models import Conversation, InboundKind, InboundMessage, InboundStatus
from bot.conversations.who_answers import Answerer, who_answers
from bot.db.base import new_id
from bot.db.session import Database
from bot.errors import PersonErased
from bot.languages import Language, language_or_default
from bot.names import Response
from bot.people.models import Erasure, Person
from bot.people.vault import ConversationNumbering, Vault
from bot.safety.redact import redact
from bot.safety.screen import Risk, screen
from bot.texts import Texts

# Short messages in a burst become one turn: so much quiet, and at most so long (product.md 4.1).
QUIET = timedelta(seconds=3)
BURST_CAP = timedelta(seconds=30)
# Texts become one turn however many they are. Presses, commands and the like are each answered at once, so beyond
# so many of them in a minute they are only kept.
PRESSES_IN_A_MINUTE = 30
# Fragments of one thought are screened together ("jag vill" / "inte leva").
BURST_MEMORY = timedelta(seconds=60)

_TYPED = (InboundKind.TEXT, InboundKind.EDIT)

# The bot has just asked for this slot: a bare answer to it is such a value, whatever it looks like.
_EXPECTED = {"call_me": "person_name", "contact_value": "phone_number"}


@dataclass(frozen=True)
class Received:
    """What became of an update."""

    conversation_id: str
    person_id: str
    repeated: bool
    crisis: bool = False


class Inbox:
    """Stores updates of all channels."""

    def __init__(self, db: Database, vault: Vault, texts: Texts, clock: Clock) -> None:
        self._db = db
        self._vault = vault
        self._texts = texts
        self._clock = clock

    def receive(self, incoming: Incoming) -> Received:
        """Store one update in one transaction; a repeat changes nothing.

        Raises:
            PersonErased: it belongs to somebody who has been erased, or says that a stranger left; nothing is stored.
            sqlalchemy.exc.OperationalError: the database is down; the caller says 503.
        """
        try:
            return self._receive(incoming)
        except IntegrityError:
            # The same update, or the first two messages of a new person, came in twice at
            # once: the other one is committed now, and this time we find its rows.
            return self._receive(incoming)

    def _receive(self, incoming: Incoming) -> Received:
        now = self._clock()
        with self._db.transaction() as session:
            known = session.scalar(
                select(InboundMessage).where(
                    InboundMessage.channel == incoming.channel, InboundMessage.update_id == incoming.update_id
                )
            )
            if known is not None:
                conversation = session.get_one(Conversation, known.conversation_id)
                return Received(conversation.id, conversation.person_id, repeated=True)
            conversation = self._conversation_of(session, incoming, now)
            return self._store(session, conversation, incoming, now)

    def _conversation_of(self, session: Session, incoming: Incoming, now: datetime) -> Conversation:
        person = self._vault.find_person(session, incoming.channel, incoming.address)
        found = session.scalar(select(Conversation.id).where(Conversation.person_id == person.id)) if person else None
        # Locked before anything of the person is written: an erasure under way is waited for, and takes both away.
        conversation = outbox.lock_conversation(session, found) if found else None
        # Asked now, in this transaction: before the lock the erasure might not have been there to see.
        self._refuse_erased(session, incoming)
        if person is not None and conversation is not None:
            person.last_seen_at = now
            return conversation
        if incoming.known_only or incoming.kind == InboundKind.LEFT:
            # Whoever erases everything and then blocks the bot must not be written down anew.
            raise PersonErased("nobody is known at this address")
        person = Person(id=new_id(), channel=incoming.channel, created_at=now, last_seen_at=now)
        session.add(person)
        session.flush()
        self._vault.add_identity(session, person, incoming.address)
        conversation = Conversation(
            id=new_id(),
            person_id=person.id,
            channel=incoming.channel,
            created_at=now,
            language=language_or_default(incoming.language_hint),
            inbound_seq=0,
            outbound_seq=0,
            claim_no=0,
            session=0,
            state="BOT",
            risk="none",
        )
        session.add(conversation)
        session.flush()
        return conversation

    def _refuse_erased(self, session: Session, incoming: Incoming) -> None:
        """Keep out what an erasure has taken: all at an address that ends with it, else what had come before it."""
        fingerprint = self._vault.fingerprint(incoming.address, f"channel:{incoming.channel}")
        erasures = session.scalars(
            select(Erasure.last_update).where(Erasure.channel == incoming.channel, Erasure.fingerprint == fingerprint)
        ).all()
        before = incoming.number is not None and any(last is not None and incoming.number <= last for last in erasures)
        if before or (incoming.address_ends and erasures):
            raise PersonErased("the person was erased")

    def _store(self, session: Session, conversation: Conversation, incoming: Incoming, now: datetime) -> Received:
        conversation.inbound_seq += 1
        conversation.last_inbound_at = now
        message = InboundMessage(
            id=new_id(),
            channel=incoming.channel,
            update_id=incoming.update_id,
            conversation_id=conversation.id,
            seq=conversation.inbound_seq,
            kind=incoming.kind,
            channel_message_id=incoming.channel_message_id,
            detail=incoming.detail,
            received_at=now,
            status=InboundStatus.PENDING,
            entities=[],
            risk=Risk.NONE,
        )
        in_crisis = False
        match incoming.kind:
            case InboundKind.TEXT | InboundKind.EDIT:
                in_crisis = self._take_text(session, conversation, message, incoming.text or "", now)
            case InboundKind.BUTTON:
                message.payload = outbox.payload_of(session, conversation.id, incoming.payload or "", now)
            case InboundKind.LEFT | InboundKind.RETURNED:
                person = session.get_one(Person, conversation.person_id)
                person.unreachable_since = now if incoming.kind == InboundKind.LEFT else None
                message.status = InboundStatus.NOTED
            case _:
                pass
        if message.kind not in _TYPED and message.status == InboundStatus.PENDING:
            self._hold_back(session, conversation, message, now)
        session.add(message)
        if message.kind != InboundKind.LEFT and not in_crisis:
            self.ensure_notice(session, conversation, now)
        self._schedule(conversation, message, now)
        return Received(conversation.id, conversation.person_id, repeated=False, crisis=in_crisis)

    def _take_text(
        self, session: Session, conversation: Conversation, message: InboundMessage, text: str, now: datetime
    ) -> bool:
        """Screen, redact and, at a sign of danger, answer at once. True when it was a crisis."""
        command = parse_command(text) if message.kind == InboundKind.TEXT else None
        if command is not None:
            message.kind = InboundKind.COMMAND
            message.payload = command
            return False
        screening = screen(text, self._fragments(session, conversation, now))
        redaction = redact(
            text,
            numbering=ConversationNumbering(session, self._vault, conversation.id, now),
            expecting=_EXPECTED.get(conversation.open_question or ""),
            today=now.date(),
        )
        message.raw_text = text
        message.text = redaction.text
        message.entities = [{"entity": entity.entity, "value": entity.value} for entity in redaction.entities]
        message.risk = screening.risk
        if message.kind == InboundKind.EDIT:
            self._place_edit(session, conversation, message, now)
        if screening.risk == Risk.NONE:
            return False
        message.status = InboundStatus.ANSWERED
        for earlier in self._pending_texts(session, conversation):
            # Answering "hej" after a cry for help would be deaf: the one answer covers the burst.
            earlier.status = InboundStatus.ANSWERED
        crisis.respond(
            session,
            conversation,
            self._texts,
            screening=screening,
            key=message.id,
            language=Language(conversation.language),
            now=now,
        )
        return True

    def _hold_back(self, session: Session, conversation: Conversation, message: InboundMessage, now: datetime) -> None:
        """In a flood of presses, keep one without an answer, and say so once a minute. A person sees them all."""
        if who_answers(conversation.state) != Answerer.BOT:
            return
        lately = session.scalar(
            select(func.count())
            .select_from(InboundMessage)
            .where(
                InboundMessage.conversation_id == conversation.id,
                InboundMessage.received_at > now - timedelta(minutes=1),
                InboundMessage.kind.not_in(_TYPED),
                InboundMessage.status != InboundStatus.NOTED,
            )
        )
        if (lately or 0) < PRESSES_IN_A_MINUTE:
            return
        message.status = InboundStatus.NOTED
        bubble = self._texts.say(Response.UTTER_SLOW_DOWN, Language(conversation.language))
        key = f"slow:{conversation.id}:{now:%Y-%m-%dT%H:%M}"
        outbox.queue(session, conversation, key=key, bubble=bubble, now=now)

    def _place_edit(self, session: Session, conversation: Conversation, edit: InboundMessage, now: datetime) -> None:
        """Decide what an edit changes: a message still waiting, the last one, or nothing.

        Only the last message is understood again; older ones keep their answer and the edit is
        kept beside them (feature 13 of the product).
        """
        texts = session.scalars(
            select(InboundMessage)
            .where(
                InboundMessage.conversation_id == edit.conversation_id,
                InboundMessage.kind.in_(_TYPED),
            )
            .order_by(InboundMessage.seq.desc())
        ).all()
        originals = [row for row in texts if row.channel_message_id == edit.channel_message_id]
        if not originals:
            return
        original = originals[0]
        original.edited_at = now
        if original.status == InboundStatus.PENDING:
            original.raw_text, original.text, original.entities = edit.raw_text, edit.text, edit.entities
            edit.status = InboundStatus.NOTED
        elif original is not texts[0]:
            edit.status = InboundStatus.NOTED
            if who_answers(conversation.state) == Answerer.BOT and edit.risk == Risk.NONE:
                bubble = self._texts.say(Response.UTTER_EDITED_NOTED, Language(conversation.language))
                outbox.queue(session, conversation, key=f"edit:{edit.id}", bubble=bubble, now=now)

    def _fragments(self, session: Session, conversation: Conversation, now: datetime) -> list[str]:
        rows = session.scalars(
            select(InboundMessage)
            .where(
                InboundMessage.conversation_id == conversation.id,
                InboundMessage.received_at > now - BURST_MEMORY,
                InboundMessage.kind == InboundKind.TEXT,
                InboundMessage.risk == Risk.NONE,
            )
            .order_by(InboundMessage.seq.desc())
            .limit(6)
        ).all()
        return [row.raw_text for row in reversed(rows) if row.raw_text]

    def _pending_texts(self, session: Session, conversation: Conversation) -> list[InboundMessage]:
        return list(
            session.scalars(
                select(InboundMessage).where(
                    InboundMessage.conversation_id == conversation.id,
                    InboundMessage.status == InboundStatus.PENDING,
                    InboundMessage.kind == InboundKind.TEXT,
                )
            )
        )

    def ensure_notice(self, session: Session, conversation: Conversation, now: datetime) -> None:
        """Say once who we are and what is kept, before anything else is said."""
        person = session.get_one(Person, conversation.person_id)
        if person.notice_shown_at is not None:
            return
        person.notice_shown_at = now
        language = Language(conversation.language)
        bubbles = [
            self._texts.say(Response.UTTER_WELCOME, language),
            self._texts.say(Response.UTTER_PRIVACY_SHORT, language),
        ]
        outbox.queue_all(session, conversation, key=f"notice:{conversation.id}", bubbles=bubbles, now=now)

    def _schedule(self, conversation: Conversation, message: InboundMessage, now: datetime) -> None:
        """Say when a worker should look: after some quiet for text, at once for the rest."""
        if message.status != InboundStatus.PENDING:
            return
        if conversation.waiting_since is None:
            conversation.waiting_since = now
        if message.kind in _TYPED:
            due = min(now + QUIET, conversation.waiting_since + BURST_CAP)
            standing = conversation.ready_at
            # A command that is due at once stays due at once.
            conversation.ready_at = standing if standing is not None and standing <= now else max(due, now)
        else:
            conversation.ready_at = now
