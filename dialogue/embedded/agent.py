"""Rasa's Agent with our processor, our words and our action calls, and without stores, locks or channels.

Used by engine.py, on its thread.
"""

from pathlib import Path
from typing import Any, Optional, Union

from rasa.core.agent import Agent

from dialogue.embedded import patches
from dialogue.embedded.processor import NoLocks, NoStore, TurnProcessor
from dialogue.embedded.remote_action import ActionServer
from dialogue.embedded.words import Words


class EmbeddedAgent(Agent):
    """An Agent that does turns for `engine.py`; everything around them is ours."""

    processor: Optional[TurnProcessor]

    def __init__(self, actions: ActionServer, **named: Any) -> None:
        patches.apply()
        super().__init__(
            generator=Words(), tracker_store=NoStore(), lock_store=NoLocks(), action_endpoint=actions, **named
        )
        # Rasa has wrapped the store in one that falls back to memory; that must not exist here.
        self.tracker_store = NoStore()

    def load_model(self, model_path: Union[str, Path], fingerprint: Optional[str] = None) -> None:
        """Load exactly this file; the caller has checked that it is there (Rasa would take another)."""
        self.processor = TurnProcessor(
            model_path=str(model_path),
            tracker_store=self.tracker_store,
            lock_store=self.lock_store,
            action_endpoint=self.action_endpoint,
            generator=self.nlg,
        )
        self.domain = self.processor.domain
        self._set_fingerprint(fingerprint)
        self.nlg.responses = self.domain.responses  # type: ignore[union-attr]
