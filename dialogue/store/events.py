"""Rasa's events as stored text and back, trimmed and bounded.

Called by turns.py. What cannot be read is reported, never fatal: Rasa's own store ends the process.
"""

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Tuple

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from dialogue.store.conversations import Stored

KEEP_RANKING = 4
"""Intents of a stored ranking: the fallback and the three likeliest; the whole one goes out with the reply."""
CARRIED_SLOTS = ("language", "municipality", "age")
"""What a new session knows of the old one: facts about the person, nothing of a task."""
WINDOW_TURNS = 16
WINDOW_KEEPS = 6
"""At 16 turns all but the last 6 are folded into what they amount to, so that no turn costs more than the first."""


def dumped(event: Event) -> str:
    """One event as ASCII JSON: neither NUL nor a lone surrogate reaches the database as such."""
    fields = event.as_dict()
    if isinstance(event, UserUttered):
        fields["parse_data"] = trimmed(fields["parse_data"])
    return json.dumps(fields, default=_plain)


def trimmed(parse_data: Dict[str, Any]) -> Dict[str, Any]:
    """The part of an NLU result that rules and actions look at."""
    kept = {name: parse_data.get(name) for name in ("intent", "entities", "text", "message_id", "metadata")}
    kept["intent_ranking"] = (parse_data.get("intent_ranking") or [])[:KEEP_RANKING]
    return kept


@dataclass(frozen=True)
class History:
    """What is replayed before a turn."""

    events: List[Event]
    places: List[int]
    """Where each event stands in the conversation; -1 for those that stand for folded turns."""
    unreadable: List[int]


def restored(stored: Stored, domain: Domain) -> History:
    """Read the events to replay; rows that cannot be read are named, not fatal.

    Slots and forms that the present model does not know are left out: an older model may know them.
    """
    history = History([], [], [])
    slots = {slot.name for slot in domain.slots}
    texts = [(-1, json.dumps(fields)) for fields in stored.before_window or []]
    for place, text in texts + [(row.place, row.data) for row in stored.rows]:
        try:
            event = Event.from_parameters(json.loads(text))
            if event is None:
                raise ValueError("no event")
        except (ValueError, TypeError, KeyError, AttributeError):
            history.unreadable.append(place)
            continue
        if _is_known(event, domain, slots):
            history.events.append(event)
            history.places.append(place)
    return history


def _is_known(event: Event, domain: Domain, slots: "set[str]") -> bool:
    if isinstance(event, SlotSet):
        return event.key in slots
    return not (isinstance(event, ActiveLoop) and event.name and event.name not in domain.form_names)


def session_start(carried: Dict[str, Any]) -> List[Event]:
    """How a session begins: Rasa's own start, with the final values of the carried slots only."""
    slots = [SlotSet(name, value) for name, value in sorted(carried.items())]
    return [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), *slots, ActionExecuted(ACTION_LISTEN_NAME)]


def carried(tracker: DialogueStateTracker) -> Dict[str, Any]:
    """Final values of the slots that outlive a session."""
    values = tracker.current_slot_values()
    return {name: values[name] for name in CARRIED_SLOTS if values.get(name) is not None}


def folded(events: List[Event], keep_turns: int, domain: Domain) -> Tuple[int, List[Dict[str, Any]]]:
    """Fold all but the last turns into what they amount to.

    Returns:
        How many of the events are folded, and the few that stand for them: slots and the active form.
    """
    starts = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(starts) <= keep_turns:
        return 0, []
    cut = starts[-keep_turns]
    while cut > 0 and isinstance(events[cut - 1], SlotSet) and events[cut - 1].key == "language":
        cut -= 1  # the language is set just before the message that it belongs to
    before = DialogueStateTracker.from_events("fold", events[:cut], slots=domain.slots, domain=domain)
    initial = {slot.name: slot.initial_value for slot in domain.slots}
    values = {name: value for name, value in before.current_slot_values().items() if value != initial.get(name)}
    stand_in = session_start(values)
    if before.active_loop_name:
        stand_in.insert(-1, ActiveLoop(before.active_loop_name))
    return cut, [json.loads(dumped(event)) for event in stand_in]


def _plain(value: Any) -> Any:
    """Numbers of numpy and the like as JSON knows them."""
    return value.item() if hasattr(value, "item") else str(value)
