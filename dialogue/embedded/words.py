"""Chooses the words of a response, and fails the turn when there are none.

Rasa says nothing when no variation fits, which looks like a turn that worked (M2).
"""

from typing import Any, Dict, Optional

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.trackers import DialogueStateTracker

from dialogue.errors import TurnError

MAY_BE_SILENT = ("utter_restart", "utter_default", "utter_ask_rephrase")
"""Rasa asks for these in any case and means them to be optional."""


class ResponseMissing(TurnError):
    """A response that is asked for is not written, or not for this language."""

    error = "response_missing"
    next = "Write the response in data/responses, in both languages, and train again."


class Words(TemplatedNaturalLanguageGenerator):
    """Rasa's own choice among the variations in data/responses."""

    def __init__(self) -> None:
        super().__init__({})

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Optional[Dict[str, Any]]:
        """Return the response. Raises ResponseMissing."""
        found = await super().generate(utter_action, tracker, output_channel, **kwargs)
        if found is None and utter_action not in MAY_BE_SILENT:
            raise ResponseMissing(utter_action)
        return found
