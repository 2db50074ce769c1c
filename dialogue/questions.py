"""Two questions in one message: where to cut it, and when both parts are sure enough to be answered.

Called by turns.py after the whole message was understood. A wrong cut is worse than one answer, so a part must
look like a question, and the model must be sure of it by itself.
"""

import re
from typing import Any, Dict, List, Optional, Tuple

SURE = 0.55
"""How sure the model must be of each part. Parts are shorter than what it learned from, so not more."""
MOST_PARTS = 4
LAST = ("find_education", "book_counsellor")
"""These begin a form: they come last, so that the form's question is the last thing said."""
_ANSWERED = re.compile(r"^(ask_(?!if_bot$|for_help$|rephrase$)\w+|show_booking|find_education|book_counsellor)$")
_QUESTION_WORD = (
    r"(?:vad|hur|när|nar|var|vart|vem|vilken|vilket|vilka|varför|kan|får|far|måste|finns|är|har|ska|går|gäller|behöver|"
    r"what|how|when|where|who|which|why|can|could|do|does|is|are|must|should|may|am|will)"
)
_TOLD = re.compile(r"^(crisis|tell)_")
"""Somebody who tells something hard is heard; the message is not cut up."""
# A sentence ends; or a new question begins after "and" or a comma. What stands around "or" is one question.
_AND = r"(?:och|samt|men|sen|and|but|plus|also)"
_CUT = re.compile(
    rf"(?<=[.!?;])\s+|\n+|(?:\s*,)?\s+{_AND}\s+(?:(?:också|även|also|sen)\s+)?(?={_QUESTION_WORD}\b)|,\s*(?={_QUESTION_WORD}\b)",
    re.IGNORECASE,
)
_STARTS_AS_QUESTION = re.compile(rf"^\W*(?:(?:{_AND}|så|so|hej|hi|hey)\W+)?{_QUESTION_WORD}\b", re.IGNORECASE)


def parts(text: str) -> List[str]:
    """Return the parts of a message that may be questions of their own; empty unless there are at least two."""
    found = [part.strip(" ,;") for part in _CUT.split(text)]
    asked = [part for part in found if len(part.split()) >= 2 and _is_question(part)]
    return asked[:MOST_PARTS] if len(asked) >= 2 else []


def _is_question(part: str) -> bool:
    return part.endswith("?") or _STARTS_AS_QUESTION.match(part) is not None


def both(whole: Dict[str, Any], parsed: List[Dict[str, Any]]) -> Optional[Tuple[Dict[str, Any], Dict[str, Any]]]:
    """Return two parts to be answered one after the other, or None when the message is one question.

    Args:
        whole: how the message was understood.
        parsed: how each of its parts was understood.
    """
    if _TOLD.match(str((whole.get("intent") or {}).get("name"))):
        return None
    sure: Dict[str, Dict[str, Any]] = {}
    for part in parsed:
        intent = part.get("intent") or {}
        name = str(intent.get("name"))
        if _ANSWERED.match(name) and float(intent.get("confidence") or 0) >= SURE:
            sure.setdefault(name, part)
    chosen = sorted(list(sure.values())[:2], key=lambda part: part["intent"]["name"] in LAST)
    # Of two forms only one can begin.
    forms = sum(part["intent"]["name"] in LAST for part in chosen)
    return (chosen[0], chosen[1]) if len(chosen) == 2 and forms < 2 else None
