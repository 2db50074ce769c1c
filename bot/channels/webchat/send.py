"""Sending where the youth fetches: in the web chat and the terminal, `sent` means `may be shown`.

Started by `bot.server`. Several may run: one update of the row decides.
"""

from __future__ import annotations

import asyncio

import anyio.to_thread
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from bot import bell as bells
from bot.bell import Bell
from bot.clock import Clock
from bot.conversations.models import Conversation, OutboundMessage, OutboundState
from bot.db.session import Database
from bot.log import get_logger

log = get_logger(__name__)

CHANNELS = ("web", "terminal")
POLL_SECONDS = 0.5
AT_ONCE = 500


class WebSender:
    """Moves what is due from queued to sent, in order within each chat, and rings the chat."""

    def __init__(self, db: Database, clock: Clock, bell: Bell) -> None:
        self._db = db
        self._clock = clock
        self._bell = bell

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; a database that is down is waited for."""
        while not stop.is_set():
            # Listened to before the look, so that no ring falls between the two.
            ring = asyncio.create_task(self._bell.wait(bells.SEND, POLL_SECONDS))
            try:
                await anyio.to_thread.run_sync(self.send_due)
            except SQLAlchemyError as error:
                log.warning("web_send.database_down", error=type(error).__name__)
            await ring

    def send_due(self) -> int:
        """Send all that is due now; return how many messages."""
        now = self._clock()
        due = (
            select(OutboundMessage.id)
            .join(Conversation, Conversation.id == OutboundMessage.conversation_id)
            .where(
                Conversation.channel.in_(CHANNELS),
                OutboundMessage.state == OutboundState.QUEUED,
                OutboundMessage.due_at <= now,
            )
            .order_by(OutboundMessage.conversation_id, OutboundMessage.seq)
            .limit(AT_ONCE)
        )
        with self._db.reading() as session:
            # Most looks find nothing; they should not take SQLite's write lock.
            if session.scalar(due.limit(1)) is None:
                return 0
        with self._db.transaction() as session:
            rows = session.execute(
                due.add_columns(OutboundMessage.conversation_id).with_for_update(skip_locked=True, of=OutboundMessage)
            ).all()
            session.execute(
                update(OutboundMessage)
                .where(OutboundMessage.id.in_([row.id for row in rows]))
                .values(state=OutboundState.SENT, sent_at=now)
            )
        self._bell.ring(*{f"chat:{row.conversation_id}" for row in rows}, bells.STAFF)
        return len(rows)
