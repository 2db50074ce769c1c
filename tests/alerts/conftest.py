"""Counsellors with phones, youths who wait, and what has been said to staff."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.alerts import contacts, planner
from bot.alerts.models import StaffMessage
from bot.alerts.phone import Phone
from bot.bell import Bell
from bot.clock import FakeClock
from bot.conversations.incoming import Incoming
from bot.conversations.models import InboundKind
from bot.db.session import Database
from bot.handover.service import Handover
from bot.people.vault import Vault
from tests.conversations.conftest import dialogue, make_youth, settle, worker, youth
from tests.handover.conftest import add_counsellor, handover, maria, omar, waiting

__all__ = [
    "add_counsellor", "dialogue", "handover", "make_youth", "maria", "omar", "settle", "waiting", "worker", "youth",
]  # fmt: skip


class Desk:
    """Staff away from the console: their phones, and what stands for them to be sent."""

    def __init__(self, database: Database, vault: Vault, clock: FakeClock, handover: Handover) -> None:
        self._db, self._vault, self._clock = database, vault, clock
        self.phone = Phone(database, vault, clock, handover, Bell())
        self._numbers = itertools.count(1)

    def link(self, staff_id: str, address: str, *, show_text: bool = False, email: str = "") -> None:
        """Link a phone as the console and the phone do it together."""
        with self._db.transaction() as session:
            code = contacts.new_code(session, self._vault, staff_id, self._clock())
            contacts.set_reach(session, staff_id, show_text=show_text, email=email, email_on=True)
        assert self.write(address, f"/koppla {code}")

    def write(self, address: str, text: str | None, *, reply_to: str | None = None, **values: object) -> bool:
        """Something comes from a Telegram account; False when it is a youth's."""
        fields: dict[str, object] = {"kind": InboundKind.TEXT, "update_id": str(next(self._numbers)), **values}
        return self.phone.take(
            Incoming(channel="telegram", address=address, text=text, **fields),
            reply_to,  # type: ignore[arg-type]
        )

    def press(self, address: str, title: str, **values: object) -> bool:
        """Press the latest button of this title, as Telegram tells of it."""
        token = next(
            button["token"] for row in reversed(self.messages()) for button in row.buttons if button["title"] == title
        )
        return self.write(address, None, kind=InboundKind.BUTTON, payload=token, **values)

    def plan(self) -> int:
        """Do what the program does every second."""
        return planner.plan(self._db, self._clock())

    def messages(self, staff_id: str | None = None, path: str | None = None) -> list[StaffMessage]:
        """Everything queued for staff, in order."""
        with self._db.reading() as session:
            rows = session.scalars(select(StaffMessage)).all()
        rows = sorted(rows, key=lambda row: (row.created_at, row.key))
        return [
            row for row in rows
            if (staff_id is None or row.staff_id == staff_id) and (path is None or row.path == path)
        ]  # fmt: skip

    def said(self, staff_id: str | None = None) -> list[str]:
        """The texts queued for somebody."""
        return [row.text for row in self.messages(staff_id)]

    def alerts(self, staff_id: str | None = None) -> list[str]:
        """The texts of alerts queued for somebody."""
        return [row.text for row in self.messages(staff_id) if row.alert_id is not None]


@pytest.fixture
def desk(database: Database, vault: Vault, clock: FakeClock, handover: Handover) -> Desk:
    """Staff away from the console."""
    return Desk(database, vault, clock, handover)


AddCounsellor = Callable[..., str]
