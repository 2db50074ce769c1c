"""Runs one action on a hand-made turn and tells what it said, remembered and asked for next."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.base import BotAction
from actions.knowledge import Knowledge
from actions.services import Services, use_services
from bot.clock import STOCKHOLM, FakeClock
from bot.names import Entity, Form, Intent, Response, Slot
from tests.actions.catalogue import FakeCatalogue
from tests.actions.fakes import FakeBooking, FakeHandover, FakeReminders
from tests.data.project_files import ROOT

# A Monday; the free times below are on the Thursday and Friday after it.
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=STOCKHOLM)
THURSDAY_14 = datetime(2026, 11, 26, 14, 0, tzinfo=STOCKHOLM)
THURSDAY_15 = datetime(2026, 11, 26, 15, 0, tzinfo=STOCKHOLM)
FRIDAY_10 = datetime(2026, 11, 27, 10, 0, tzinfo=STOCKHOLM)
FRIDAY_11 = datetime(2026, 11, 27, 11, 0, tzinfo=STOCKHOLM)


@dataclass
class Outcome:
    """What came of one action."""

    messages: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def said(self) -> list[str]:
        """The responses, in order."""
        return [message["response"] for message in self.messages]

    def values(self, response: Response) -> dict[str, Any]:
        """What a response was filled with."""
        return next(message for message in self.messages if message["response"] == response)

    @property
    def slots(self) -> dict[str, Any]:
        """The slots that were set, with their last values."""
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}

    @property
    def next_question(self) -> str | None:
        """The slot that the form asks for next."""
        assert "requested_slot" in self.slots, "the form was not told what to ask"
        return self.slots["requested_slot"]

    @property
    def follow_up(self) -> str | None:
        """The action or form that comes next in the same turn."""
        return next((event["name"] for event in self.events if event["event"] == "followup"), None)

    @property
    def left_to_the_rules(self) -> bool:
        """Whether a form declined the message."""
        return any(event["event"] == "action_execution_rejected" for event in self.events)


@cache
def knowledge() -> Knowledge:
    """The project's own tables, read once."""
    return Knowledge.load(ROOT / "data" / "knowledge")


@dataclass
class World:
    """The services of one test."""

    catalogue: FakeCatalogue = field(default_factory=FakeCatalogue)
    booking: FakeBooking = field(default_factory=lambda: FakeBooking(THURSDAY_14, THURSDAY_15, FRIDAY_10, FRIDAY_11))
    handover: FakeHandover = field(default_factory=FakeHandover)
    reminders: FakeReminders = field(default_factory=FakeReminders)
    now: datetime = NOW
    known: Knowledge | None = None
    """The project's own tables when none is given."""

    def services(self) -> Services:
        """Put them together."""
        return Services(
            self.catalogue, self.booking, self.handover, self.known or knowledge(), FakeClock(self.now), self.reminders
        )  # fmt: skip

    def run(
        self,
        action: type[BotAction],
        text: str = "",
        *,
        intent: Intent = Intent.INFORM,
        entities: Mapping[str, str] | None = None,
        slots: Mapping[str, Any] | None = None,
        filled: Mapping[str, Any] | None = None,
        form: Form | None = None,
        asked: Slot | None = None,
        said: Sequence[Response] = (),
        payloads: Sequence[str] = (),
        said_text: str = "",
        earlier: Sequence[Intent] = (),
        ranking: Mapping[Intent, float] | None = None,
        message_id: str = "turn-1",
        other_language: bool = False,
        before: Sequence[dict[str, Any]] = (),
    ) -> Outcome:
        """Run one action.

        Args:
            filled: slots that this message filled, as a form's check sees them.
            said: what the bot said in the turn before, the last with these buttons.
            earlier: what the messages before this one meant, oldest first.
            before: events that came first, made by `heard` and `began`.
        """
        message: dict[str, Any] = {
            "text": text,
            "intent": {"name": str(intent)},
            "entities": [{"entity": name, "value": value} for name, value in (entities or {}).items()],
            "intent_ranking": [{"name": str(name), "confidence": sure} for name, sure in (ranking or {}).items()],
            "metadata": {"message_id": message_id, "other_language": other_language},
        }
        events: list[dict[str, Any]] = list(before)
        events += [_user(name) for name in (*earlier, *([Intent.GREET] if said else []))]
        for number, response in enumerate(said, start=1):
            buttons = [{"title": "x", "payload": payload} for payload in payloads] if number == len(said) else None
            events.append({
                "event": "bot", "text": said_text, "metadata": {"utter_action": str(response)},
                "data": {"buttons": buttons},
            })  # fmt: skip
        this = {
            "event": "user",
            "text": text,
            "parse_data": {"intent": message["intent"], "entities": message["entities"]},
        }
        events += [this, {"event": "action", "name": "x"}]
        events += [{"event": "slot", "name": str(name), "value": value} for name, value in (filled or {}).items()]
        values = {**(slots or {}), **(filled or {}), "requested_slot": str(asked) if asked else None}
        tracker = Tracker(
            "conversation-1",
            {str(name): value for name, value in values.items()},
            message,
            events,
            False,
            None,
            {"name": str(form)} if form else {},
            "action_listen",
        )
        use_services(self.services())
        dispatcher = CollectingDispatcher()
        produced = asyncio.run(action().run(dispatcher, tracker, {}))
        return Outcome(dispatcher.messages, produced)


def _user(intent: Intent) -> dict[str, Any]:
    return {"event": "user", "parse_data": {"intent": {"name": str(intent)}}}


def heard(text: str, place: str | None = None, written: str = "") -> dict[str, Any]:
    """An earlier message; `place`: the municipality in it, which it names as `written`."""
    entities: list[dict[str, Any]] = []
    if place is not None:
        start = text.index(written or place)
        end = start + len(written or place)
        entities = [{"entity": str(Entity.MUNICIPALITY), "value": place, "start": start, "end": end}]
    return {"event": "user", "text": text, "parse_data": {"intent": {"name": "inform"}, "entities": entities}}


def began(form: Form) -> dict[str, Any]:
    """A form begins, with the message before it."""
    return {"event": "active_loop", "name": str(form)}
