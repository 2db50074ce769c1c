"""`bot demo`: an invented month in a database of its own, marked, and with somebody who waits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.conversations.models import Conversation, InboundMessage, InboundStatus, OutboundMessage, OutboundState
from bot.db.base import keyring, use_keyring
from bot.db.session import Database
from bot.demo.mark import is_demo
from bot.demo.month import DemoExists, make
from bot.handover.models import Handover, HandoverState
from bot.settings import load
from tests.conftest import NOW


@pytest.fixture(autouse=True)
def _same_keys() -> Iterator[None]:
    """The command sets the keys of its own machine; the other tests go on with theirs."""
    before = keyring()
    yield
    use_keyring(before)


@pytest.fixture
def said() -> list[str]:
    return []


def test_a_month_is_made_once_marked_and_settled(tmp_path: Path, said: list[str]) -> None:
    settings = replace(load({"VAR_DIR": str(tmp_path)}), clock=lambda: NOW)
    path = make(settings, 14, said.append)

    db = Database(f"sqlite:///{path}")
    with db.reading() as session:
        assert is_demo(session)
        assert session.scalar(select(func.count()).select_from(Conversation)) == 18
        states = set(session.scalars(select(Handover.state)))
        assert {HandoverState.REQUESTED, HandoverState.CLOSED} <= states
        assert set(session.scalars(select(OutboundMessage.state))) == {OutboundState.SENT}
        assert InboundStatus.PENDING not in set(session.scalars(select(InboundMessage.status)))
        assert session.scalar(select(func.max(InboundMessage.received_at))) <= NOW
        buttons = [button for row in session.scalars(select(OutboundMessage)) for button in row.buttons or ()]
        assert buttons
        assert not [button for button in buttons if "{" in button["title"]]
        assert "self_harm" in set(session.scalars(select(Conversation.risk)))
    db.close()
    assert not (tmp_path / "bot.db").exists(), "the real database is left alone"
    assert "password" in said[-1]
    with pytest.raises(DemoExists, match="Remove it"):
        make(settings, 14, said.append)


def test_a_real_database_is_not_marked(sqlite_database: Database) -> None:
    with sqlite_database.reading() as session:
        assert not is_demo(session)
