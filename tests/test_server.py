"""The bot program keeps its tasks alive: one that dies is started again, sooner when it had been well."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot import server


def test_the_pause_grows_while_a_task_dies_at_once_and_begins_anew_when_it_was_well() -> None:
    soon = timedelta(seconds=0)
    pauses = [server.FIRST_PAUSE]
    for _ in range(7):
        pauses.append(server._next_pause(pauses[-1], ran=soon))

    assert [pause.total_seconds() for pause in pauses] == [1, 2, 4, 8, 16, 30, 30, 30]
    assert server._next_pause(pauses[-1], ran=server.HEALTHY) == server.FIRST_PAUSE
    assert server._next_pause(None, ran=soon) == server.FIRST_PAUSE


async def test_a_task_that_dies_is_started_again() -> None:
    stop, starts = asyncio.Event(), 0

    async def fragile(_: asyncio.Event) -> None:
        nonlocal starts
        starts += 1
        if starts == 1:
            raise RuntimeError

    await asyncio.wait_for(server._keep("fragile", fragile, stop), timeout=20)

    assert starts == 2
