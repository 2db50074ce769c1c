"""The youth and worker of the conversation tests, and counsellors beside them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.clock import FakeClock
from bot.console.models import Staff
from bot.db.base import new_id
from bot.db.session import Database
from bot.handover.service import Handover
from bot.texts import Texts
from tests.conversations.conftest import Youth, dialogue, make_youth, settle, worker, youth
from tests.handover.steps import ask, request_of

__all__ = ["dialogue", "make_youth", "settle", "worker", "youth"]


def add_counsellor_to(
    database: Database, clock: FakeClock, name: str, *, municipalities: tuple[str, ...] = (), active: bool = True
) -> str:
    """Add a counsellor; returns the id."""
    with database.transaction() as session:
        row = Staff(
            id=new_id(),
            username=name.lower(),
            display_name=name,
            password_hash="-",
            roles=["counsellor"],
            municipalities=list(municipalities),
            active=active,
            created_at=clock(),
        )
        session.add(row)
        return row.id


@pytest.fixture
def handover(database: Database, clock: FakeClock, texts: Texts) -> Handover:
    """The handover on the test's database."""
    return Handover(database, clock, texts)


@pytest.fixture
def add_counsellor(database: Database, clock: FakeClock) -> Callable[..., str]:
    """Add a counsellor; returns the id."""

    def add(name: str, *, municipalities: tuple[str, ...] = (), active: bool = True) -> str:
        return add_counsellor_to(database, clock, name, municipalities=municipalities, active=active)

    return add


@pytest.fixture
def maria(add_counsellor: Callable[..., str]) -> str:
    """A counsellor of the whole county."""
    return add_counsellor("Maria")


@pytest.fixture
def omar(add_counsellor: Callable[..., str]) -> str:
    """Another one."""
    return add_counsellor("Omar")


@pytest.fixture
def waiting(youth: Youth, handover: Handover, database: Database) -> str:
    """A request in the queue."""
    youth.send("hej")
    ask(handover, youth)
    return request_of(database, youth).id
