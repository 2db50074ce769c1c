"""A long conversation read backwards: every line once, in order, whatever is written meanwhile."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import delete

from bot.clock import FakeClock
from bot.conversations.models import InboundKind, OutboundMessage
from bot.db.session import Database
from bot.handover.thread import Before, Line, window_of
from tests.conversations.conftest import Youth
from tests.handover.steps import long_talk


def windows(database: Database, youth: Youth, limit: int) -> list[list[Line]]:
    """Read a conversation backwards to its beginning."""
    found: list[list[Line]] = []
    before: Before | None = None
    with database.reading() as session:
        while not found or before is not None:
            window = window_of(session, youth.conversation.id, before=before, limit=limit)
            found.insert(0, list(window.lines))
            before = window.earlier
    return found


@pytest.mark.parametrize("sides", ["yb" * 20, "y" * 25 + "b" * 25, "b" * 31 + "y", "y" * 30, "yyb" * 3, "mixed"])
def test_every_line_lies_in_exactly_one_window(database: Database, youth: Youth, clock: FakeClock, sides: str) -> None:
    youth.send("först")
    dice = random.Random(7)
    texts = long_talk(
        database, youth, clock, "".join(dice.choice("yyb") for _ in range(60)) if sides == "mixed" else sides
    )

    found = windows(database, youth, 10)

    assert [line.text for page in found for line in page][-len(texts) :] == texts
    assert "först" in [line.text for line in found[0]]
    assert all(0 < len(page) <= 10 for page in found)
    assert [len(page) for page in found[1:]] == [10] * (len(found) - 1), "only the first may be short"


def test_a_side_whose_lines_are_gone_hides_none_of_the_other(
    database: Database, youth: Youth, clock: FakeClock
) -> None:
    youth.send("först")
    long_talk(database, youth, clock, "y" * 25)
    with database.transaction() as session:
        session.execute(delete(OutboundMessage))

    assert [len(page) for page in windows(database, youth, 10)] == [6, 10, 10]


def test_lines_that_come_meanwhile_do_not_move_the_place(database: Database, youth: Youth, clock: FakeClock) -> None:
    youth.send("först")
    long_talk(database, youth, clock, "y" * 15)
    with database.reading() as session:
        place = window_of(session, youth.conversation.id, limit=10).earlier
        before = window_of(session, youth.conversation.id, before=place, limit=10)
    youth.send("nytt")

    with database.reading() as session:
        assert window_of(session, youth.conversation.id, before=place, limit=10) == before


async def test_a_line_that_was_changed_much_later_shows_it_where_it_stands(
    database: Database, youth: Youth, settle: Callable[[], Awaitable[None]], clock: FakeClock
) -> None:
    youth.send("jag är 17", channel_message_id="m1")
    await settle()
    long_talk(database, youth, clock, "y" * 15)
    youth.send("jag är 18", kind=InboundKind.EDIT, channel_message_id="m1")

    first = windows(database, youth, 10)[0]

    (line,) = [line for line in first if line.text.startswith("jag är 1")]
    assert (line.text, line.earlier, line.edited) == ("jag är 18", ("jag är 17",), True)


@pytest.mark.parametrize("text", ["", "1", "-1", "1-", "x-2", "1-2-3", "1" * 30 + "-1", "1.5-2", "١-٢"])
def test_a_place_that_is_none_is_read_as_none(text: str) -> None:
    assert Before.read(text) is None


def test_a_place_is_read_as_it_was_written() -> None:
    assert Before.read(str(Before(301, 7))) == Before(301, 7)
