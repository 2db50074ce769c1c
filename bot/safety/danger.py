"""The closed sets that screening answers with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.safety.subject import About


class Risk(StrEnum):
    """What the danger is; the names are those of `bot safety screen`."""

    SELF_HARM = "self_harm"
    VIOLENCE = "violence"
    NONE = "none"


class Kind(StrEnum):
    """What the danger is more closely, for choosing the answer and whom to alert."""

    SUICIDE = "suicide"
    SELF_INJURY = "self_injury"
    ABUSE = "abuse"
    HONOUR = "honour"
    FEAR = "fear"
    THREAT_TO_OTHERS = "threat_to_others"

    @property
    def risk(self) -> Risk:
        """The wider class of the kind."""
        return Risk.SELF_HARM if self in (Kind.SUICIDE, Kind.SELF_INJURY) else Risk.VIOLENCE


@dataclass(frozen=True)
class Danger:
    """One sign of danger that the phrases found in a message."""

    kind: Kind
    about: About
    urgent: bool
    # Not enough by itself: counts where the model over meanings sees danger too.
    doubtful: bool
    # The words say outright who it is about: "me", "herself", "my sister".
    explicit: bool
    # Which words of the message it stands on.
    start: int
    end: int
