"""Screens what a youth writes for danger to life and safety, before and independently of Rasa.

Called in the receive transaction for every message and edit, in every state of a conversation. It
needs no network and no database, takes some milliseconds and never raises. Two layers: phrases
(bot/safety/phrases) and, where it is installed, a small model over sentence embeddings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.log import get_logger
from bot.safety.danger import Danger, Kind, Risk
from bot.safety.meaning import Likeness, load_meaning
from bot.safety.rules import load_rules
from bot.safety.subject import About, leading_subject

__all__ = ["About", "Kind", "Risk", "Screening", "screen", "screen_record", "warm_up"]

log = get_logger(__name__)

# The model alone is believed above the first; a doubtful phrase is believed above the second.
# Chosen on labelled messages that neither layer was made from (docs/safety.md).
ALONE = 0.85
WITH_PHRASE = 0.5
_OTHER = 0.5


@dataclass(frozen=True)
class Screening:
    """What was found in a message."""

    risk: Risk
    about: About | None = None
    urgent: bool = False
    """Something happens now: the answer names 112 first."""
    kind: Kind | None = None


_CALM = Screening(Risk.NONE)


def screen(text: str, previous: Sequence[str] = ()) -> Screening:
    """Judge a message, alone and together with the earlier fragments of the same burst."""
    alone = _judge(text)
    if alone.risk != Risk.NONE or not previous:
        return alone
    return _judge(" ".join([*previous, text]))


def _judge(text: str) -> Screening:
    rules = load_rules()
    words = rules.words(text)
    dangers = rules.dangers(words)
    certain = [danger for danger in dangers if not danger.doubtful]
    if certain:
        return _of(certain, urgent=any(danger.urgent for danger in dangers))
    meaning = load_meaning()
    if meaning is None:
        return _CALM
    likeness = meaning.likeness(text)
    # A doubtful sign that is also urgent is a word of time ("tonight"): no danger by itself.
    doubtful = [danger for danger in dangers if not danger.urgent]
    if doubtful and likeness.danger > WITH_PHRASE:
        return _of(doubtful, urgent=any(danger.urgent for danger in dangers))
    return _like(likeness, words) if likeness.danger > ALONE else _CALM


def _of(dangers: Sequence[Danger], *, urgent: bool) -> Screening:
    """Return the gravest of several signs: danger to the writer's own life comes first."""
    worst = max(dangers, key=lambda danger: (danger.kind.risk == Risk.SELF_HARM, danger.about == About.SELF))
    return Screening(worst.kind.risk, worst.about, urgent, worst.kind)


def _like(likeness: Likeness, words: list[str]) -> Screening:
    if likeness.risk == Risk.SELF_HARM:
        kind = Kind.SUICIDE
    else:
        kind = Kind.THREAT_TO_OTHERS if likeness.threat else Kind.ABUSE
    about = About.OTHER if likeness.threat or likeness.other > _OTHER else leading_subject(words)
    return Screening(likeness.risk, about, urgent=False, kind=kind)


def screen_record(text: str) -> dict[str, Any]:
    """Return what `bot safety screen` prints for a text."""
    found = screen(text)
    return {"text": text, "risk": found.risk, "about": found.about}


def warm_up() -> None:
    """Load both layers, so that the first message of a process is not slower than the rest."""
    screen("hej")
