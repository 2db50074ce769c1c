"""What was said before: by the bot, with what its buttons stand for, and by the person.

Used by actions that answer a yes, a no or "more", and by the search.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.names import Entity, Form, Response


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


@dataclass(frozen=True)
class Heard:
    """One message of the person."""

    text: str
    place_in_words: str | None
    """The place that it names, as it was written: "Borensberg", where the entity's value is "Motala"."""

    @classmethod
    def read(cls, event: Mapping[str, Any]) -> Heard:
        """Read an event of Rasa's tracker."""
        text = str(event.get("text") or "")
        rows = (event.get("parse_data") or {}).get("entities") or []
        places = [row for row in rows if row.get("entity") == Entity.MUNICIPALITY]
        if not places:
            return cls(text, None)
        last = places[-1]
        written = text[last["start"] : last["end"]] if "end" in last and not text.startswith("/") else ""
        return cls(text, written or str(last["value"]))

    @property
    def is_typed(self) -> bool:
        """Whether it was written, and not a button pressed."""
        return not self.text.startswith("/")


def heard_since(events: Iterable[Mapping[str, Any]], form: Form) -> tuple[Heard, ...]:
    """Return the messages since a form last began, with the one that began it; the last alone when it never did."""
    said: list[Heard] = []
    begun = 0
    for event in events:
        if event.get("event") == "user":
            said.append(Heard.read(event))
        elif event.get("event") == "active_loop" and event.get("name") == form:
            begun = len(said)
    return tuple(said[begun - 1 :])
