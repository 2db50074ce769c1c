"""A place that a youth shares becomes the name of the nearest town or village, as if they had written it.

Where somebody is, is personal: the coordinates are read from the update, rounded to that name, and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.catalogue.rules import Point
from bot.conversations.incoming import Incoming
from bot.conversations.models import InboundKind

# What Telegram calls a place: a point, or a point with the name of a shop or the like.
_SHARED = ("location", "venue")

PlaceOf = Callable[[Point], str | None]


def with_place(update: object, incoming: Incoming, place_of: PlaceOf) -> Incoming:
    """Return what an update means, a shared place as its name; outside the county it stays what it was."""
    if incoming.kind != InboundKind.OTHER or incoming.detail not in _SHARED:
        return incoming
    point = _point(update)
    name = place_of(point) if point else None
    return replace(incoming, kind=InboundKind.TEXT, text=name) if name else incoming


def _point(update: object) -> Point | None:
    message = update.get("message") if isinstance(update, Mapping) else None
    shared: Any = message.get("location") if isinstance(message, Mapping) else None
    if not isinstance(shared, Mapping):
        return None
    lat, lon = shared.get("latitude"), shared.get("longitude")
    if not isinstance(lat, int | float) or not isinstance(lon, int | float):
        return None
    return Point(float(lat), float(lon)) if abs(lat) <= 90 and abs(lon) <= 180 else None
