"""One turn with Rasa: from a message and a tracker to events and replies. No storing, no channels, no timers.

Used by engine.py. Differs from Rasa's MessageProcessor where that one hides failures.
"""

import logging
from typing import Any, Dict, List, Optional

import rasa.core.actions.action
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import LockStore
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import TrackerStore
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.events import ActionExecutionRejected, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from dialogue.errors import TurnError
from dialogue.store.events import trimmed

logger = logging.getLogger(__name__)


class EndlessTurn(TurnError):
    """The dialogue did not come to listen again: rules that follow each other in a circle."""

    error = "endless_turn"
    next = "Find the rules that lead back to each other; the log names the conversation."


class NoStore(TrackerStore):
    """Stands where Rasa wants a tracker store. Storing is done outside; being asked is a fault."""

    def __init__(self) -> None:
        super().__init__(None)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """Never called."""
        raise TurnError("Rasa asked for a tracker by itself")

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Never called."""
        raise TurnError("Rasa saved a tracker by itself")

    async def keys(self) -> List[str]:
        """Never called."""
        raise TurnError("Rasa listed trackers by itself")


class NoLocks(LockStore):
    """Stands where Rasa wants a lock store."""

    def get_lock(self, conversation_id: str) -> Any:
        """Never called."""
        raise TurnError("Rasa locked a conversation by itself")

    save_lock = delete_lock = get_lock


class TurnProcessor(MessageProcessor):
    """Rasa's processor, cut down to one turn, with failures that are seen."""

    def parse_all(self, messages: List[UserMessage]) -> List[Dict[str, Any]]:
        """Understand messages, many at once; safe to call from any thread."""
        if not messages:
            return []
        tracker = DialogueStateTracker.from_events("parse", [])
        target = self.model_metadata.nlu_target
        results = self.graph_runner.run(
            inputs={PLACEHOLDER_MESSAGE: messages, PLACEHOLDER_TRACKER: tracker}, targets=[target]
        )
        empty: Dict[str, Any] = {"text": "", "intent": {"name": None, "confidence": 0.0}, "entities": []}
        return [{**empty, **parsed.as_dict(only_output_properties=True)} for parsed in results[target]]

    async def answer(self, tracker: DialogueStateTracker, message: UserMessage, parsed: Dict[str, Any]) -> None:
        """Let the dialogue react to an understood message; the tracker gets the events, the channel the replies."""
        kept = {**trimmed(parsed), "message_id": message.message_id, "metadata": message.metadata}
        tracker.update(
            UserUttered(
                message.text,
                kept["intent"],
                kept["entities"],
                kept,
                input_channel=message.input_channel,
                message_id=message.message_id,
                metadata=message.metadata,
            ),
            self.domain,
        )
        self.on_circuit_break = _give_up
        tracker = await self.run_action_extract_slots(message.output_channel, tracker)
        await self._run_prediction_loop(message.output_channel, tracker)

    async def _run_action(
        self,
        action: rasa.core.actions.action.Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        """As in Rasa, except that an exception ends the turn instead of being logged and forgotten."""
        try:
            temporary = tracker.copy()
            temporary.update_with_events(prediction.events, self.domain)
            events = await action.run(output_channel, nlg, temporary, self.domain)
        except rasa.core.actions.action.ActionExecutionRejection:
            rejected = ActionExecutionRejected(action.name(), prediction.policy_name, prediction.max_confidence)
            tracker.update(rejected)
            return self.should_predict_another_action(action.name())
        self._log_action_on_tracker(tracker, action, events, prediction)
        if any(isinstance(event, UserUttered) for event in events or []):
            tracker = await self.run_action_extract_slots(output_channel, tracker)
        await self._send_bot_messages(events or [], tracker, output_channel)
        return self.should_predict_another_action(action.name())

    async def execute_side_effects(
        self, events: List[Event], tracker: DialogueStateTracker, output_channel: OutputChannel
    ) -> None:
        """Only the replies: reminders of Rasa are kept in memory and lost, so there are none."""
        await self._send_bot_messages(events, tracker, output_channel)


def _give_up(tracker: DialogueStateTracker, _channel: OutputChannel, _nlg: NaturalLanguageGenerator) -> None:
    logger.error("turn.endless", extra={"fields": {"conversation": tracker.sender_id}})
    raise EndlessTurn
