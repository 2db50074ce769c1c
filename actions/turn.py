"""One turn as an action sees it: who, in which language, what was said, and what to remember.

The only place that knows how Rasa's tracker looks inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.said import Heard, Payload, Said, heard_since
from bot.languages import Language, language_or_default
from bot.names import Action, Entity, Form, Intent, Response, Slot

REQUESTED_SLOT = "requested_slot"
# Below this the model's other ideas about a message are noise.
LIKELY = 0.05


class Turn:
    """The turn that an action works on."""

    def __init__(self, tracker: Tracker, dispatcher: CollectingDispatcher) -> None:
        self._tracker = tracker
        self._dispatcher = dispatcher
        self.events: list[dict[str, Any]] = []
        message = tracker.latest_message
        self.conversation_id = str(tracker.sender_id)
        self.text = str(message.get("text") or "")
        self.language: Language = language_or_default(tracker.slots.get(Slot.LANGUAGE))
        name = (message.get("intent") or {}).get("name")
        self.intent: Intent | None = Intent(name) if name in set(Intent) else None
        loop = tracker.active_loop_name
        self.form: Form | None = Form(loop) if loop in set(Form) else None

    @property
    def message_id(self) -> str:
        """The turn's own id, under which each service does its work at most once.

        Raises:
            KeyError: the engine did not send it; without it a repeat could book twice.
        """
        return str(self._tracker.latest_message["metadata"]["message_id"])

    @property
    def in_other_language(self) -> bool:
        """Whether the message was in neither Swedish nor English, as far as the engine can tell."""
        return bool((self._tracker.latest_message.get("metadata") or {}).get("other_language"))

    @property
    def is_typed(self) -> bool:
        """Whether the message was written, and not a button pressed."""
        return not self.text.startswith("/")

    def slot(self, slot: Slot) -> str | None:
        """Return the value of a text slot."""
        value = self._tracker.slots.get(slot)
        return None if value in (None, "") else str(value)

    def is_set(self, slot: Slot) -> bool:
        """Whether a yes-or-no slot is yes."""
        return self._tracker.slots.get(slot) is True

    def number(self, slot: Slot) -> int:
        """Return a number slot, 0 when unset."""
        return int(self._tracker.slots.get(slot) or 0)

    def names(self, slot: Slot) -> tuple[str, ...]:
        """Return a list slot."""
        return tuple(str(value) for value in self._tracker.slots.get(slot) or ())

    @property
    def age(self) -> int | None:
        """Whole years, if known."""
        value = self.slot(Slot.AGE) or ""
        return int(value) if value.isdecimal() else None

    @property
    def requested_slot(self) -> Slot | None:
        """The open question of the form."""
        name = self._tracker.slots.get(REQUESTED_SLOT)
        return Slot(name) if name in set(Slot) else None

    @property
    def candidates(self) -> Mapping[Slot, str]:
        """Slots that this message has just filled, for the form to look at."""
        filled = self._tracker.slots_to_validate()
        return {Slot(name): str(value) for name, value in filled.items() if name in set(Slot) and value is not None}

    def is_raw(self, slot: Slot) -> bool:
        """Whether a candidate is just the message as it was typed, so that nothing was recognised in it yet."""
        value = self.candidates.get(slot)
        return value == self.text and all(row.get("value") != value for row in self._entities())

    def entity(self, entity: Entity) -> str | None:
        """Return the last value that the message names of a kind."""
        values = [row["value"] for row in self._entities() if row.get("entity") == entity]
        return str(values[-1]) if values else None

    def _entities(self) -> list[dict[str, Any]]:
        return list(self._tracker.latest_message.get("entities") or [])

    @property
    def likely(self) -> tuple[Intent, ...]:
        """What the message may have meant, the likeliest first; what is next to impossible is left out."""
        rows = self._tracker.latest_message.get("intent_ranking") or []
        return tuple(
            Intent(row["name"]) for row in rows
            if row.get("name") in set(Intent) and float(row.get("confidence") or 0) >= LIKELY
        )  # fmt: skip

    @property
    def misses_in_row(self) -> int:
        """How many messages in a row, up to this one, were not understood."""
        count = 0
        for event in reversed(self._tracker.events):
            if event.get("event") != "user":
                continue
            name = ((event.get("parse_data") or {}).get("intent") or {}).get("name")
            if name != Intent.NLU_FALLBACK:
                break
            count += 1
        return count

    @property
    def last_said(self) -> Said:
        """What the bot said in the turn before this one."""
        said = list(self._before_this_message())
        responses = tuple(str(name) for event in said if (name := (event.get("metadata") or {}).get("utter_action")))
        buttons = [button for event in said for button in (event.get("data") or {}).get("buttons") or ()]
        payloads = tuple(Payload.read(str(button.get("payload") or "")) for button in buttons)
        return Said(responses, payloads, " ".join(str(event.get("text") or "") for event in said))

    def heard(self) -> Iterator[Heard]:
        """The messages so far, the newest first."""
        return (Heard.read(event) for event in reversed(self._tracker.events) if event.get("event") == "user")

    def heard_in(self, form: Form) -> tuple[Heard, ...]:
        """The messages since a form last began, with the one that began it; this one alone when it never did."""
        return heard_since(self._tracker.events, form)

    def _before_this_message(self) -> Iterator[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        users = 0
        for event in reversed(self._tracker.events):
            users += event.get("event") == "user"
            if users == 2:
                break
            if users == 1 and event.get("event") == "bot":
                found.append(event)
        return iter(found[::-1])

    def say(self, response: Response, **values: object) -> None:
        """Say one response; the engine picks the language and fills in the values."""
        texts: dict[str, Any] = {key: str(value) for key, value in values.items()}
        self._dispatcher.utter_message(response=str(response), **texts)

    def say_with_buttons(self, response: Response, buttons: Sequence[tuple[str, Payload]], **values: object) -> None:
        """Say one response with buttons of its own beside those in the files, where they depend on data."""
        rows = [{"title": title, "payload": payload.write()} for title, payload in buttons]
        texts: dict[str, Any] = {key: str(value) for key, value in values.items()}
        self._dispatcher.utter_message(response=str(response), buttons=rows, **texts)

    def remember(self, slot: Slot, value: str | bool | float | list[str] | None) -> None:
        """Set a slot, also for the rest of this action."""
        plain = str(value) if isinstance(value, str) else value
        self._tracker.slots[str(slot)] = plain
        self.events.append(SlotSet(str(slot), plain))

    def forget(self, *slots: Slot) -> None:
        """Empty slots."""
        for slot in slots:
            self.remember(slot, None)

    def ask_next(self, slot: Slot | None) -> None:
        """Make a slot the form's next question; None ends the form."""
        self.events.append(SlotSet(REQUESTED_SLOT, None if slot is None else str(slot)))

    def leave_form(self) -> None:
        """End the active form."""
        self.events += [ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)]

    def not_for_the_form(self, form: Form) -> None:
        """Let the rules answer this message; the form asks again afterwards."""
        self.events.append(ActionExecutionRejected(str(form)))

    def then(self, action: Action | Form) -> None:
        """Go on with another action or form in this turn."""
        self.events.append(FollowupAction(str(action)))
