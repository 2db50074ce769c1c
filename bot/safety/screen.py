"""Screens what a youth writes for danger to life and safety, before and independently of Rasa.

Called in the receive transaction for every message and edit, in every state of a conversation. It
needs no network and no database, takes a few milliseconds and never raises. Two layers: phrases
(bot/safety/phrases) and, where it is installed, a small model over sentence embeddings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.log import get_logger
from bot.safety import meaning
from bot.safety.normalise import Normaliser, shorten
from bot.safety.phrasebook import Hit
from bot.safety.rules import Rules, load_rules
from bot.safety.subject import About, leading_subject

__all__ = ["About", "Kind", "Risk", "Screening", "screen", "screen_record", "warm_up"]

log = get_logger(__name__)


class Risk(StrEnum):
    """What the danger is."""

    SELF_HARM = "self_harm"
    VIOLENCE = "violence"
    NONE = "none"
