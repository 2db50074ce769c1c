"""Finds the placeholders that stand for what was redacted before the text came here.

The values lie in the bot's vault; the entity's value is the placeholder itself.
"""

import re
from typing import List

from dialogue.nlu.entities.words import Found

ENTITIES = ("person_name", "phone_number", "email")
_PLACEHOLDER = re.compile(rf"<({'|'.join(ENTITIES)})_\d{{1,4}}>")


def find(text: str) -> List[Found]:
    """One entity per placeholder."""
    return [Found(match.group(1), match.group(), match.start(), match.end()) for match in _PLACEHOLDER.finditer(text)]
