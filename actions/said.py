"""What the bot said last, and what its buttons stand for. Used by actions that answer a yes, a no or "more"."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.names import Response


@dataclass(frozen=True)
class Payload:
    """What a button of ours stands for: an intent with entities, or a name of the bot program's (`bot:`)."""

    name: str
    entities: Mapping[str, str]

    @classmethod
    def read(cls, text: str) -> Payload:
        """Read a payload as it stands in the response files."""
        name, brace, rest = text.removeprefix("/").partition("{")
        try:
            values = json.loads(brace + rest) if brace else {}
        except ValueError:
            values = {}
        return cls(name, {key: str(value) for key, value in values.items()})

    def write(self) -> str:
        """Return the payload as a button carries it."""
        return f"/{self.name}{json.dumps(dict(self.entities), ensure_ascii=False)}"


@dataclass(frozen=True)
class Said:
    """What the bot said last before this message."""

    responses: tuple[str, ...] = ()
    payloads: tuple[Payload, ...] = ()
    """The buttons, in order."""
    text: str = ""

    def has(self, *responses: Response) -> bool:
        """Whether one of these was said."""
        return any(response in self.responses for response in responses)
