"""A turn from request to recorded reply, once, whoever repeats it and however often.

Called by server.py, on the engine's loop. Order: lock, load, language, understanding, dialogue, one save.
"""

import asyncio
import copy
import logging
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, AsyncIterator, Dict, List, Optional

from dialogue import own_words, questions
from dialogue.embedded.engine import Engine, understood
from dialogue.errors import Busy, EmptyTurn, Malformed, NoModel, TurnError
from dialogue.language import LANGUAGES_OF_SLOT, Choice, choose
from dialogue.request import TurnRequest
from dialogue.store.conversations import Conversations, Stored, Update

logger = logging.getLogger(__name__)
SESSION_MINUTES = 60
SESSION_TURNS = 60
SESSION_EVENTS = 300
HIDDEN_SLOTS = ("session_started_metadata",)
_COMMANDS = ("session_start", "back")
"""Intents by which Rasa itself is steered; no button of ours has them."""


@dataclass
class _Lane:
    """One conversation's turns in this process: first come, first served."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    message_id: Optional[str] = None
    waiting: int = 0


class Turns:
    """Does turns and deletions of all conversations."""

    def __init__(self, engine: Engine, conversations: Conversations) -> None:
        self._engine = engine
        self._conversations = conversations
        self._lanes: Dict[str, _Lane] = {}

    async def do(self, request: TurnRequest) -> Dict[str, Any]:
        """Do the turn and return the reply, or the recorded reply if it was done before.

        Raises:
            TurnError: of the kind that says why; then nothing of the turn is stored.
        """
        if not self._engine.ready:
            raise NoModel(self._engine.reason)
        lane = self._lanes.get(request.conversation)
        if lane and lane.message_id not in (None, request.message_id):
            raise Busy
        async with self._lane(request.conversation, request.message_id):
            return await self._once(request)

    async def delete(self, conversation: str) -> None:
        """Erase a conversation after its running turn; later turns find a tombstone."""
        async with self._lane(conversation, None):
            await self._engine.in_thread(self._conversations.delete, conversation)

    @asynccontextmanager
    async def _lane(self, conversation: str, message_id: Optional[str]) -> AsyncIterator[None]:
        lane = self._lanes.setdefault(conversation, _Lane())
        lane.waiting += 1
        if lane.message_id is None:
            lane.message_id = message_id
        try:
            async with lane.lock:
                lane.message_id = message_id
                try:
                    yield
                finally:
                    lane.message_id = None
        finally:
            lane.waiting -= 1
            if not lane.waiting:
                self._lanes.pop(conversation, None)

    async def _once(self, request: TurnRequest) -> Dict[str, Any]:
        began = time.monotonic()
        stored = await self._engine.in_thread(self._conversations.load, request.conversation, request.message_id)
        if stored.reply is not None:
            return {**stored.reply, "replayed": True}
        choice = choose(request.text, stored.language, request.language)
        update = await self._answer(request, stored, choice)
        reply = await self._engine.in_thread(self._conversations.save, update)
        # Neither whose turn nor what was meant: the line outlives an erasure, and must tell nothing of the person then.
        fields = {"turn": request.message_id, "milliseconds": round((time.monotonic() - began) * 1000)}
        logger.info("turn.answered", extra={"fields": fields})
        return reply

    async def _answer(self, request: TurnRequest, stored: Stored, choice: Choice) -> Update:
        """Let Rasa answer; returns what to store, nothing is stored yet."""
        from rasa.core.channels.channel import UserMessage
        from rasa.shared.core.events import SlotSet

        from dialogue.embedded.collector import Collector
        from dialogue.store import events as stored_events

        processor, domain = self._engine.processor, self._engine.processor.domain
        now = self._engine.clock().timestamp()
        history = stored_events.restored(stored, domain)
        if history.unreadable:
            fields = {"conversation": stored.id, "places": history.unreadable}
            logger.error("events.quarantined", extra={"fields": fields})
            await self._engine.in_thread(self._conversations.quarantine, stored.id, history.unreadable)
        tracker = _tracker(stored.id, history.events, domain)
        fresh = _needs_session(stored, request, now, tracker.active_loop_name is not None)
        if fresh:
            tracker_before, tracker = tracker, _tracker(stored.id, [], domain)
            for event in stored_events.session_start(stored_events.carried(tracker_before)):
                tracker.update(event, domain)
        loaded = 0 if fresh else len(history.events)
        if tracker.slots.get("language") is not None and tracker.get_slot("language") != choice.language:
            tracker.update(SlotSet("language", choice.language), domain)
        state_before = _state(tracker)

        metadata = self._engine.metadata(
            choice.language, message_id=request.message_id, channel=request.channel, other_language=choice.other
        )
        channel = Collector(request.channel)
        message = UserMessage(
            request.text or request.button.payload,  # type: ignore[union-attr]
            channel,
            request.conversation,
            input_channel=request.channel,
            message_id=request.message_id,
            metadata=metadata,
        )
        parsed, answered = await self._understand(request, message)
        if choice.other:
            parsed["intent"] = _in_other_language(parsed.get("intent") or {})
            answered = [(message, parsed)]
        elif request.button is None and tracker.active_loop_name is None:
            said = own_words.just_said(tracker.events)
            answered = [(part, own_words.as_answer(meaning, said, domain.responses)) for part, meaning in answered]
        try:
            for part, meaning in answered:
                await processor.answer(tracker, part, meaning)
        except TurnError as error:
            fields = {"turn": request.message_id, "error": error.error, "detail": str(error)}
            logger.error("turn.failed", extra={"fields": fields})
            raise
        if not channel.replies and _state(tracker) == state_before:
            raise EmptyTurn(str((parsed.get("intent") or {}).get("name")))

        slots = {name: value for name, value in tracker.current_slot_values().items() if name not in HIDDEN_SLOTS}
        language = choice.language
        if slots.get("language") in LANGUAGES_OF_SLOT and slots["language"] != language:
            language = slots["language"]  # an action switched it: that is a wish, too
        model = self._engine.model
        reply = {
            "replies": without_repeats(channel.replies),
            "language": language,
            **{name: value for name, value in understood(parsed).items() if name != "confidence"},
            "slots": slots,
            "model": model.id if model else None,
            "replayed": False,
        }
        memory = {**choice.memory, "current": language}
        new = list(tracker.events)[loaded:]
        update = Update(
            before=stored,
            message_id=request.message_id,
            reply=reply,
            events=[stored_events.dumped(event) for event in new],
            asked_session=max(stored.asked_session, request.session),
            session_place=stored.next_place if fresh else stored.session_place,
            window_place=stored.next_place if fresh else stored.window_place,
            turns=1 if fresh else stored.turns + 1,
            window_turns=1 if fresh else stored.window_turns + 1,
            at=now,
            before_window=None if fresh else stored.before_window,
            language=memory,
        )
        if update.window_turns >= stored_events.WINDOW_TURNS:
            places = ([] if fresh else history.places) + list(range(stored.next_place, stored.next_place + len(new)))
            update = _folded(update, list(tracker.events), places, domain)
        return update

    async def _understand(
        self, request: TurnRequest, message: Any
    ) -> "tuple[Dict[str, Any], List[tuple[Any, Dict[str, Any]]]]":
        """What the message means, and what is to be answered: the message, or two questions in it.

        A button means what it says, a text what the model makes of it; given entities come on top.
        """
        button = request.button
        if button is not None:
            known = self._engine.processor.domain.intents
            if button.intent not in known or button.intent in _COMMANDS:
                raise Malformed("button names an intent that this model does not have.")
            intent = {"name": button.intent, "confidence": 1.0}
            parsed = {
                "text": message.text,
                "intent": intent,
                "intent_ranking": [intent],
                "entities": with_given(list(button.entities), request.entities),
            }
            return parsed, [(message, parsed)]
        messages = [message, *(_part_of(message, text) for text in questions.parts(message.text))]
        parsed, *found = await self._engine.in_thread(self._engine.processor.parse_all, messages)
        for meaning in (parsed, *found):
            meaning["entities"] = with_given(meaning.get("entities") or [], request.entities)
        two = questions.both(parsed, found)
        if two is None:
            return parsed, [(message, parsed)]
        answered = [(messages[1 + found.index(meaning)], meaning) for meaning in two]
        names = [meaning["intent"]["name"] for meaning in two]
        return (parsed if parsed["intent"]["name"] in names else two[0]), answered


def _part_of(message: Any, text: str) -> Any:
    """The same message with a part of its text."""
    part = copy.copy(message)
    part.text = text
    return part


def without_repeats(replies: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """Replies of which each is said once, at its last place: a form asks again after each of two answers."""
    return [reply for place, reply in enumerate(replies) if reply not in replies[place + 1 :]]


def _in_other_language(intent: Dict[str, Any]) -> Dict[str, Any]:
    """A message in a third language is answered as not understood, unless the model sees danger in it."""
    if str(intent.get("name")).startswith("crisis_"):
        return intent
    return {"name": "nlu_fallback", "confidence": 1.0}


def with_given(found: List[Dict[str, Any]], given: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """Entities that the caller knows take the place of those found under the same name."""
    names = {entity["entity"] for entity in given}
    return [entity for entity in found if entity["entity"] not in names] + given


def _tracker(conversation: str, events: List[Any], domain: Any) -> Any:
    from rasa.shared.core.trackers import DialogueStateTracker

    return DialogueStateTracker.from_events(conversation, events, slots=domain.slots, domain=domain)


def _state(tracker: Any) -> Any:
    """What must have changed for a turn without a reply to have done anything."""
    return tracker.current_slot_values(), tracker.active_loop_name


def _needs_session(stored: Stored, request: TurnRequest, now: float, in_form: bool) -> bool:
    """Whether this turn begins a new session. In the middle of a form the limits of length are twice as wide."""
    if stored.version == 0 or not (stored.rows or stored.before_window):
        return True
    if request.session > stored.asked_session or now - stored.last_turn_at > SESSION_MINUTES * 60:
        return True
    factor = 2 if in_form else 1
    length = stored.next_place - stored.session_place
    return stored.turns >= SESSION_TURNS * factor or length >= SESSION_EVENTS * factor


def _folded(update: Update, events: List[Any], places: List[int], domain: Any) -> Update:
    """Fold the older turns of the window into what they amount to."""
    from dialogue.store import events as stored_events

    cut, stand_in = stored_events.folded(events, stored_events.WINDOW_KEEPS, domain)
    if cut == 0 or places[cut] < 0:
        return update
    return replace(update, window_place=places[cut], before_window=stand_in, window_turns=stored_events.WINDOW_KEEPS)
