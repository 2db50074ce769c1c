"""Small talk that answers a question: "jag älskar djur" after "vad låter mest som du?" is no praise for the bot.

Called by turns.py after a message was understood. A response whose metadata says `asks: own_words` is such a question:
then the action for bare answers sees the message first. What it cannot use, it answers as the small talk that it is,
for the ranking goes along unchanged.
"""

from typing import Any, Dict, Iterable, List, Mapping

SMALL_TALK = frozenset(["greet", "goodbye", "thank", "chitchat", "praise", "complain"])
ANSWER = "inform"


def as_answer(meaning: Dict[str, Any], said: Iterable[str], responses: Mapping[str, Any]) -> Dict[str, Any]:
    """Return what a message means to the dialogue, after the bot said these responses."""
    name = (meaning.get("intent") or {}).get("name")
    if name not in SMALL_TALK or not any(_asks(responses.get(response) or []) for response in said):
        return meaning
    return {**meaning, "intent": {**meaning["intent"], "name": ANSWER}}


def just_said(events: Iterable[Any]) -> List[str]:
    """Return the names of what the bot has said since the last message."""
    said: List[str] = []
    for event in reversed(list(events)):
        if event.type_name == "user":
            break
        if event.type_name == "bot":
            said.append(str((event.metadata or {}).get("utter_action")))
    return said[::-1]


def _asks(variations: Iterable[Mapping[str, Any]]) -> bool:
    return any((one.get("metadata") or {}).get("asks") == "own_words" for one in variations)
