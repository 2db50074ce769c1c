"""A poller that is killed after an erasure was carried out and before Telegram hears that the updates have come.

Run as a program by test_erased_updates. What the worker beside it does, it does itself at that moment.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from sqlalchemy import select

from bot.channels.telegram.polling import Poller
from bot.conversations.models import Conversation
from bot.people import erasure
from tests.channels.telegram.killed_sender import services_of


def main(texts: str, *given: str) -> None:
    """Poll until so many texts are stored, erase who wrote them, and die."""
    services, left = services_of(*given), [int(texts)]
    assert services.settings.telegram is not None
    move = Poller._move_offset

    def erase_and_die(self: Poller, offset: int) -> None:
        left[0] -= 1
        if left[0]:
            return move(self, offset)
        with services.db.transaction() as session:
            conversation = session.scalars(select(Conversation).with_for_update()).one()
            erasure.begin(session, conversation, services.clock())
        return os.kill(os.getpid(), signal.SIGKILL)

    Poller._move_offset = erase_and_die  # type: ignore[method-assign]
    asyncio.run(Poller(services, services.settings.telegram).run(asyncio.Event()))


if __name__ == "__main__":
    main(*sys.argv[1:])
