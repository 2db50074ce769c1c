"""What a visitor can do, as plain functions on the database: the page and the live routes call the same.

A visitor is the random address in their token. Opening the page stores nothing: the person and the
conversation come into being with the first message, through the inbox as in every channel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import bell as bells
from bot.channels.webchat import codes, timeline
from bot.channels.webchat.timeline import Choice, Item
from bot.channels.webchat.words import Words
from bot.console.models import Staff
from bot.conversations import outbox
from bot.conversations.incoming import Command, Incoming
from bot.conversations.models import (
    Conversation,
    ConversationState,
    InboundKind,
    OutboundMessage,
    OutboundState,
)  # fmt: skip
from bot.conversations.who_answers import Answerer, who_answers
from bot.errors import PersonErased
from bot.given import whole_number
from bot.handover.models import Handover, HandoverState
from bot.languages import Language
from bot.livechat.models import Side
from bot.livechat.typing import is_typing, note
from bot.names import Response
from bot.people.erasure import receipt, receipt_for, receipt_was_sent
from bot.people.models import Erasure
from bot.wiring import Services

CHANNEL = "web"
# Far above what the bot reads (2,000): longer texts get its friendly answer, not an error.
MAX_CHARACTERS = 8_000
# A button of the first message, before there is a chat: its number instead of a token.
FIRST = "first:"
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,40}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LANGUAGE_BUTTON = "bot:language_"


class With(StrEnum):
    """Who the youth is writing with."""

    BOT = "bot"
    QUEUE = "queue"
    PERSON = "person"


@dataclass(frozen=True)
class View:
    """What a chat is like at one moment."""

    conversation_id: str
    items: list[Item]
    typing: bool
    with_whom: With
    person_name: str | None
    language: Language


@dataclass(frozen=True)
class Gone:
    """The chat was erased. `text` is the receipt, once every store is empty."""

    erasure_id: str
    text: str | None


class NotStarted(Exception):
    """There is no chat at this address yet."""


class Refused(Exception):
    """The visitor cannot do that; `word` names the label that says what to do."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True)
class FirstBubble:
    """A bubble that the page shows before there is a chat; its buttons are numbered."""

    text: str
    choices: tuple[Choice, ...]


def first_message(services: Services, language: Language) -> list[FirstBubble]:
    """Return what the page shows before anything is written: the very words that the inbox queues
    for somebody new (and that the timeline leaves out, so they are not seen twice).

    Their language buttons are not shown: the page has a switch of its own.
    """
    bubbles, number = [], 0
    for name in (Response.UTTER_WELCOME, Response.UTTER_PRIVACY_SHORT):
        bubble, choices = services.texts.say(name, language), []
        for button in bubble.buttons:
            if not button.payload.startswith(_LANGUAGE_BUTTON):
                choices.append(Choice(button.title, f"{FIRST}{number}"))
            number += 1
        bubbles.append(FirstBubble(bubble.text, tuple(choices)))
    return bubbles


class Chats:
    """The visitors' chats."""

    def __init__(self, services: Services, words: Words) -> None:
        self._services = services
        self._words = words

    def write(self, address: str, message_id: str, text: str, language: Language) -> str:
        """Take a text; return the conversation.

        Raises:
            Refused: empty, too long, or the chat is erased.
            sqlalchemy.exc.OperationalError: the database is down.
        """
        if not text.strip():
            raise Refused("empty")
        if len(text) > MAX_CHARACTERS:
            raise Refused("too_long")
        return self._receive(address, message_id, InboundKind.TEXT, language, text=text)

    def press(self, address: str, message_id: str, token: str, language: Language) -> str:
        """Take the press of a button; return the conversation.

        Raises:
            Refused: no button of ours ever had such a token.
        """
        if token.startswith(FIRST):
            token = self._token_of_first(address, token.removeprefix(FIRST), language)
        if not _TOKEN.fullmatch(token):
            raise Refused("malformed")
        return self._receive(address, message_id, InboundKind.BUTTON, language, token=token)

    def ask_for_human(self, address: str, message_id: str, language: Language) -> str:
        """Take the wish to talk to a person; return the conversation."""
        return self._receive(address, message_id, InboundKind.TEXT, language, text=f"/{Command.HUMAN}")

    def choose_language(self, address: str, language: Language) -> None:
        """Switch the bot's language with the page's; nothing is said."""
        with self._services.db.transaction() as session:
            known = self._conversation(session, address)
            conversation = outbox.lock_conversation(session, known.id) if known else None
            if conversation is not None:
                conversation.language, conversation.language_chosen = language, True

    def look(self, address: str, after: int | None) -> View | Gone:
        """Return what a chat is like; its whole timeline, or what was said since number `after`.

        Raises:
            NotStarted: nothing has been written at this address.
        """
        with self._services.db.reading() as session:
            conversation = self._conversation(session, address)
            if conversation is None:
                gone = self._gone(session, address)
                if gone is None:
                    raise NotStarted
                return gone
            # Looked at before the timeline: what ends the sign of writing must not be missing from what was said.
            works = self._bot_works(session, conversation)
            if after is None:
                items = timeline.whole(session, conversation, self._words)
            else:
                items = timeline.said_after(session, conversation, after, self._words)
            whom, name = _with_whom(session, conversation)
            person_types = is_typing(session, conversation, Side.STAFF, self._services.clock())
            return View(
                conversation.id, items, person_types or works, whom, name,
                Language(conversation.language),
            )  # fmt: skip

    def receipt_was_shown(self, gone: Gone) -> None:
        """Blank what still led to the erased visitor."""
        with self._services.db.transaction() as session:
            receipt_was_sent(session, gone.erasure_id, self._services.clock())

    def is_typing(self, address: str) -> None:
        """Note that the visitor types, while a person is there to see it. Nothing of the text is taken."""
        services = self._services
        with services.db.reading() as session:
            conversation = self._conversation(session, address)
        if conversation is None or conversation.state != ConversationState.LIVE:
            return
        with services.db.transaction() as session:
            note(session, conversation.id, Side.YOUTH, services.clock())
        services.bell.ring(bells.STAFF)

    def new_code(self, address: str) -> str:
        """Make the code that takes this chat up again; an earlier one is dead from now on.

        Raises:
            Refused: there is no chat yet.
        """
        code = codes.new_code()
        with self._services.db.transaction() as session:
            conversation = self._conversation(session, address)
            if conversation is None:
                raise Refused("not_started")
            now = self._services.clock()
            self._services.vault.add_resume_code(session, conversation.person_id, code, now)
        return codes.shown(code)

    def by_code(self, typed: str) -> str:
        """Return the address of the chat that a code belongs to.

        Raises:
            Refused: no chat has this code.
        """
        code = codes.read(typed)
        if code is not None:
            with self._services.db.reading() as session:
                person = self._services.vault.person_by_resume_code(session, code)
                if person is not None and person.channel == CHANNEL:
                    address = self._services.vault.address_of(session, person.id)
                    if address is not None:
                        return address
        raise Refused("wrong_code")

    def _bot_works(self, session: Session, conversation: Conversation) -> bool:
        """Whether an answer of the bot's is on its way. A postponed turn (engine away) is not."""
        if who_answers(conversation.state) is not Answerer.BOT or conversation.outage_told_at is not None:
            return False
        if conversation.claimed_by is not None or conversation.ready_at is not None:
            return True
        leaving = select(OutboundMessage.id).where(
            OutboundMessage.conversation_id == conversation.id,
            OutboundMessage.state == OutboundState.QUEUED, OutboundMessage.due_at <= self._services.clock(),
        )  # fmt: skip
        return session.scalar(leaving.limit(1)) is not None

    def _receive(
        self,
        address: str,
        message_id: str,
        kind: InboundKind,
        language: Language,
        *,
        text: str | None = None,
        token: str | None = None,
    ) -> str:
        if not _MESSAGE_ID.fullmatch(message_id):
            raise Refused("malformed")
        services = self._services
        incoming = Incoming(
            channel=CHANNEL,
            # The address is the visitor's only secret: outside the vault it stands as a hash.
            update_id=services.vault.fingerprint(f"{address}:{message_id}", "web update"),
            address=address,
            kind=kind,
            text=text,
            payload=token,
            channel_message_id=message_id,
            language_hint=language,
            address_ends=True,
        )
        try:
            received = services.inbox.receive(incoming)
        except PersonErased:
            raise Refused("erased") from None
        services.bell.ring(bells.WORK, bells.SEND, bells.STAFF, f"chat:{received.conversation_id}")
        return received.conversation_id

    def _token_of_first(self, address: str, number: str, language: Language) -> str:
        """Return the token of a button of the first message, which the page showed before it existed.

        "Returned" is the one kind of update that makes a person, a conversation and the first
        message without asking for an answer: the press that follows is what gets one.
        """
        conversation_id = self._receive(address, "arrival-1", InboundKind.RETURNED, language)
        with self._services.db.reading() as session:
            rows = timeline.notice(session, conversation_id)
            buttons = [button for row in rows for button in row.buttons]
        place = whole_number(number, most=len(buttons) - 1)
        if place is None:
            raise Refused("malformed")
        return str(buttons[place]["token"])

    def _conversation(self, session: Session, address: str) -> Conversation | None:
        person = self._services.vault.find_person(session, CHANNEL, address)
        if person is None:
            return None
        return session.scalar(select(Conversation).where(Conversation.person_id == person.id))

    def _gone(self, session: Session, address: str) -> Gone | None:
        fingerprint = self._services.vault.fingerprint(address, f"channel:{CHANNEL}")
        erasure: Erasure | None = receipt_for(session, CHANNEL, fingerprint)
        if erasure is None:
            return None
        done = erasure.engine_done_at is not None
        return Gone(erasure.id, receipt(self._services.texts, erasure).text if done else None)


def _with_whom(session: Session, conversation: Conversation) -> tuple[With, str | None]:
    match ConversationState(conversation.state):
        case ConversationState.LIVE:
            name = session.scalar(
                select(Staff.display_name)
                .join(Handover, Handover.owner == Staff.id)
                .where(Handover.conversation_id == conversation.id, Handover.state == HandoverState.LIVE)
            )
            return With.PERSON, name
        case ConversationState.REQUESTED:
            return With.QUEUE, None
        case _:
            return With.BOT, None
