"""A dialogue server that says what a test wants, or fails as a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bot.dialogue_client import DialogueClient, Reply, TurnResult


class FakeDialogue(DialogueClient):
    """Answers each turn with `Svar: <text>`; remembers what it was asked, and repeats itself on a repeat."""

    def __init__(self) -> None:
        self.turns: list[dict[str, Any]] = []
        self.deleted: list[str] = []
        self.errors: list[Exception] = []
        """Raised one by one before anything is answered."""
        self.meanwhile: Callable[[], None] | None = None
        """Called while a turn is under way, from another thread as in life."""
        self.intent = "greet"
        self.slots: dict[str, Any] = {}
        self.language: str | None = None
        self._answered: dict[str, TurnResult] = {}

    async def turn(self, **request: Any) -> TurnResult:
        """Do one turn."""
        self.turns.append(request)
        if self.errors:
            raise self.errors.pop(0)
        if self.meanwhile is not None:
            await asyncio.to_thread(self.meanwhile)
        text = request["text"] if request["button"] is None else request["button"]
        result = TurnResult(
            replies=(Reply(f"Svar: {text}", (("Ja", "/affirm"),)),),
            language=self.language or request["language"] or "sv",
            intent=self.intent,
            confidence=0.9,
            ranking=[{"name": self.intent, "confidence": 0.9}],
            slots=self.slots,
            model="fake",
        )
        return self._answered.setdefault(request["message_id"], result)

    async def delete(self, conversation: str) -> None:
        """Erase a conversation."""
        if self.errors:
            raise self.errors.pop(0)
        self.deleted.append(conversation)

    async def health(self) -> dict[str, Any]:
        """Always ready."""
        return {"ready": True}

    async def close(self) -> None:
        """Nothing to close."""
