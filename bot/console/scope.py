"""What somebody may manage: accounts, duty, catalogue and access of their own municipalities, and nothing beyond."""

from __future__ import annotations

from collections.abc import Sequence

from bot.console.desk import Refused
from bot.console.sign_in import Visitor
from bot.duty.models import COUNTY


def governs(visitor: Visitor, municipalities: Sequence[str]) -> bool:
    """Whether a scope lies wholly within somebody's own. An empty one is the whole county, on either side."""
    own = visitor.municipalities
    return not own or (bool(municipalities) and set(municipalities) <= set(own))


def governs_place(visitor: Visitor, place: str) -> bool:
    """Whether a municipality, or the county (COUNTY), is somebody's to manage."""
    return governs(visitor, [] if place == COUNTY else [place])


def need_county(visitor: Visitor) -> None:
    """Let only those pass whose account is for the whole county.

    Raises:
        Refused: it is for some municipalities.
    """
    if not governs_place(visitor, COUNTY):
        raise Refused(403, "Det gäller hela länet", "Det ändrar bara den som har ett konto för hela länet.")
