"""Which slots belong to which task, and how a task is dropped. Used by the actions that end one."""

from __future__ import annotations

from actions.turn import Turn
from bot.names import Slot

SEARCH = (Slot.EDUCATION_TYPE, Slot.PROGRAMME, Slot.ANY_PLACE, Slot.ANY_PROGRAMME)
"""What is being looked for."""
LAST_LIST = (Slot.SEARCHED_KIND, Slot.SEARCHED_PLACE, Slot.SEARCHED_PROGRAMME, Slot.SHOWN_COUNT, Slot.LAST_SHOWN)
"""What was found last, so that it can be paged."""
BOOKING = (
    Slot.CONTACT_HOW, Slot.MEETING_TIME, Slot.TIMES_AFTER, Slot.CALL_ME, Slot.CONTACT_VALUE, Slot.ANY_PLACE,
    Slot.PROVIDER,
)  # fmt: skip
"""What a meeting is booked with."""


def clear_all_tasks(turn: Turn) -> None:
    """Forget everything but the person: language, municipality and age stay."""
    turn.forget(*dict.fromkeys((*SEARCH, *LAST_LIST, *BOOKING)))
