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


def day_name(instant: datetime, language: Language) -> str:
    """Return a day in Sweden: `torsdag 26 november`."""
    local = instant.astimezone(STOCKHOLM)
    return f"{_DAYS[language][local.weekday()]} {local.day} {_MONTHS[language][local.month - 1]}"


def clock_time(instant: datetime, language: Language) -> str:
    """Return an instant in Stockholm wall time: `torsdag 26 november kl. 09.00`."""
    local = instant.astimezone(STOCKHOLM)
    if language == Language.SV:
        return f"{day_name(instant, language)} kl. {local:%H.%M}"
    return f"{day_name(instant, language)} at {local:%H:%M}"


def requested_bubble(texts: Texts, language: Language, status: HandoverStatus) -> Bubble:
    """Say how the request stands: the place in the queue, or when somebody is here."""
    response, values = how_it_stands(status, language)
    return texts.say(response, language, **values)


def how_it_stands(status: HandoverStatus, language: Language) -> tuple[Response, dict[str, object]]:
    """Return what says how a request stands, and its values."""
    match status.state:
        case HandoverState.REQUESTED if status.position is not None and status.minutes is not None:
            return Response.UTTER_HUMAN_REQUESTED_WAIT, {"position": status.position, "minutes": status.minutes}
        case HandoverState.REQUESTED if status.position is not None:
            return Response.UTTER_HUMAN_REQUESTED, {"position": status.position}
        case HandoverState.OFF_HOURS_QUEUED if status.opens_at is not None:
            return Response.UTTER_HUMAN_OFF_HOURS, {"opens": clock_time(status.opens_at, language)}
        case HandoverState.OFF_HOURS_QUEUED:
            return Response.UTTER_HUMAN_OFF_HOURS_OPEN, {}
        case HandoverState.TIMED_OUT:
            return Response.UTTER_HUMAN_TIMED_OUT, {}
        case HandoverState.CLOSED:
            return Response.UTTER_BACK_WITH_BOT, {}
        case _:
            return Response.UTTER_HUMAN_WAITING, {}


def moved_bubble(texts: Texts, language: Language, status: HandoverStatus) -> Bubble:
    """Say that the line has moved."""
    if status.minutes is None:
        return texts.say(Response.UTTER_HUMAN_POSITION, language, position=status.position)
    values = {"position": status.position, "minutes": status.minutes}
    return texts.say(Response.UTTER_HUMAN_POSITION_WAIT, language, **values)
