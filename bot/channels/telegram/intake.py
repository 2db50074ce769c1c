"""From an update to the inbox, the same for polling and webhook: stored once, or said why not."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum

from bot import bell as bells
from bot.alerts.phone import Phone
from bot.catalogue.service import Catalogue
from bot.channels.telegram.place import with_place
from bot.channels.telegram.receive import replied_to, to_incoming, update_id_of
from bot.conversations.models import Conversation, InboundKind
from bot.conversations.who_answers import Answerer, who_answers
from bot.db.session import DATABASE_DOWN
from bot.errors import PersonErased
from bot.handover.service import Handover
from bot.log import get_logger
from bot.wiring import Services

log = get_logger(__name__)

# An update that fails so often for a reason of ours is let go: Telegram would repeat it for a day
# and hold back everything behind it.
TRIES = 3
_REMEMBERED = 1_000


class End(StrEnum):
    """What became of an update."""

    STORED = "stored"
    """Committed, now or earlier."""
    IGNORED = "ignored"
    DATABASE_DOWN = "database down"
    """Nothing is stored; Telegram keeps the update and gives it again."""
    FAILED = "failed"
    """A fault of ours; to be tried again."""
    LET_GO = "let go"
    """A fault of ours, for the last time."""


@dataclass(frozen=True)
class Taken:
    """The outcome of one update."""

    end: End
    bot_answers: bool = False
    """A reply of the bot's is on its way: worth a "typing"."""

    @property
    def done(self) -> bool:
        """Whether Telegram may forget the update."""
        return self.end in (End.STORED, End.IGNORED, End.LET_GO)


class Intake:
    """Takes updates; called in a thread."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._failures: OrderedDict[int, int] = OrderedDict()
        handovers = Handover(services.db, services.clock, services.texts, services.bell)
        self._catalogue = Catalogue(services.db, services.clock)
        self._phone = Phone(services.db, services.vault, services.clock, handovers, services.bell)

    def take(self, update: object) -> Taken:
        """Store one update in the inbox and wake whoever goes on with it."""
        incoming = to_incoming(update)
        if incoming is None:
            return Taken(End.IGNORED)
        try:
            if self._phone.take(incoming, replied_to(update)):
                return Taken(End.STORED)
            incoming = with_place(update, incoming, self._catalogue.place_at)
            received = self._services.inbox.receive(incoming)
            answers = not received.crisis and self._bot_answers(received.conversation_id)
        except PersonErased:
            log.info("telegram.ignored", reason="erased")
            return Taken(End.IGNORED)
        except DATABASE_DOWN as error:
            log.warning("telegram.database_down", error=type(error).__name__)
            return Taken(End.DATABASE_DOWN)
        except Exception as error:  # noqa: BLE001 - logged below, with its count
            return self._failed(update_id_of(update) or 0, error)
        self._services.bell.ring(bells.WORK, bells.SEND, bells.STAFF, f"chat:{received.conversation_id}")
        spoken = incoming.kind not in (InboundKind.LEFT, InboundKind.RETURNED)
        return Taken(End.STORED, bot_answers=answers and spoken and not received.repeated)

    def _bot_answers(self, conversation_id: str) -> bool:
        with self._services.db.reading() as session:
            conversation = session.get(Conversation, conversation_id)
            return conversation is not None and who_answers(conversation.state) is Answerer.BOT

    def _failed(self, update_id: int, error: Exception) -> Taken:
        count = self._failures.pop(update_id, 0) + 1
        if count >= TRIES:
            log.exception("telegram.update_let_go", update_id=update_id, error=type(error).__name__)
            return Taken(End.LET_GO)
        self._failures[update_id] = count
        while len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)
        log.exception("telegram.update_failed", update_id=update_id, error=type(error).__name__)
        return Taken(End.FAILED)
