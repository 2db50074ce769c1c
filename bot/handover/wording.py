"""How a youth hears what became of asking for a person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bot.clock import STOCKHOLM
from bot.handover.models import HandoverState
from bot.languages import Language
from bot.names import Response
from bot.texts import Bubble, Texts

if TYPE_CHECKING:
    from bot.handover.requests import HandoverStatus

_DAYS = {
    Language.SV: ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    Language.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    Language.SV: (
        "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober",
        "november", "december",
    ),
    Language.EN: (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ),
}  # fmt: skip


def clock_time(instant: datetime, language: Language) -> str:
    """Return an instant in Stockholm wall time: `torsdag 26 november kl. 09.00`."""
    local = instant.astimezone(STOCKHOLM)
    day, month = _DAYS[language][local.weekday()], _MONTHS[language][local.month - 1]
    if language == Language.SV:
        return f"{day} {local.day} {month} kl. {local:%H.%M}"
    return f"{day} {local.day} {month} at {local:%H:%M}"


def requested_bubble(texts: Texts, language: Language, status: HandoverStatus) -> Bubble:
    """Say how the request stands: the place in the queue, or when somebody is here."""
    match status.state:
        case HandoverState.REQUESTED if status.position is not None:
            return texts.say(Response.UTTER_HUMAN_REQUESTED, language, position=status.position)
        case HandoverState.OFF_HOURS_QUEUED if status.opens_at is not None:
            return texts.say(Response.UTTER_HUMAN_OFF_HOURS, language, opens=clock_time(status.opens_at, language))
        case HandoverState.OFF_HOURS_QUEUED | HandoverState.TIMED_OUT:
            return texts.say(Response.UTTER_HUMAN_OFF_HOURS_OPEN, language)
        case HandoverState.CLOSED:
            return texts.say(Response.UTTER_BACK_WITH_BOT, language)
        case _:
            return texts.say(Response.UTTER_HUMAN_WAITING, language)
