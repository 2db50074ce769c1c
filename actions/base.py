"""The frame of every action: one typed turn in, events out; blocking work runs beside the server's loop.

A failing service raises: the server answers an error, and the engine fails the turn instead of
saying that something worked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import anyio.to_thread
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.services import Services, services
from actions.turn import Turn
from bot import names
from bot.log import get_logger

log = get_logger(__name__)


class BotAction(Action, ABC):
    """One thing that the dialogue can do."""

    action_name: ClassVar[names.Action]

    def name(self) -> str:
        """Return the name in domain.yml."""
        return str(self.action_name)

    @property
    def services(self) -> Services:
        """What the action server was started with."""
        return services()

    @abstractmethod
    def act(self, turn: Turn) -> None:
        """Do it: call a service, say the outcome, remember what the next turn needs."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Called by rasa-sdk for each turn that reaches this action."""
        turn = Turn(tracker, dispatcher)
        await anyio.to_thread.run_sync(self.act, turn)
        log.info("action.done", action=self.name(), conversation=turn.conversation_id)
        return turn.events
