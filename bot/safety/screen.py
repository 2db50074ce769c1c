"""Screens what a youth writes for danger to life and safety, before and independently of Rasa.

Called in the receive transaction for every message and edit, in every state of a conversation. It
needs no network and no database, takes a few milliseconds and never raises. Two layers: phrases
(bot/safety/phrases) and, where it is installed, a model over sentence embeddings (bot/safety/meaning.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.log import get_logger
from bot.safety.danger import Danger, Kind, Risk
from bot.safety.meaning import Likeness, load_meaning
from bot.safety.normalise import is_spaced, shorten
from bot.safety.rules import Reading, load_rules
from bot.safety.subject import About, leading_subject

__all__ = ["About", "Kind", "Risk", "Screening", "screen", "screen_record", "warm_up"]

# Measured in docs/safety.md, where they were chosen on the first twelve sets.
ALONE = 0.20
WITH_DOUBTFUL_PHRASE = 0.15
# A plain phrase in words whose meaning is nowhere near danger ("that exam beat me") is a turn of speech.
AGAINST_PLAIN_PHRASE = 0.10
# So sure of danger, the model is also asked who is in it.
SURE = 0.90
SURELY_SELF = 0.25
SURELY_OTHER = 0.97
# The meaning of one or two words is a guess.
_FEWEST_WORDS = 3
_MOST_FRAGMENTS = 20
_TAILS = 3
_ORDER = (Kind.SUICIDE, Kind.SELF_INJURY, Kind.HONOUR, Kind.ABUSE, Kind.FEAR, Kind.THREAT_TO_OTHERS)

log = get_logger(__name__)


@dataclass(frozen=True)
class Screening:
    """What screening found: `about` and `kind` are None where there is no risk."""

    risk: Risk
    about: About | None = None
    urgent: bool = False
    kind: Kind | None = None


SAFE = Screening(Risk.NONE)


def screen(text: str, previous: Sequence[str] = ()) -> Screening:
    """Screen a message together with the earlier fragments of its burst, oldest first.

    Takes any string and never raises: if something here fails it is logged without the text and the
    answer is no risk, so that the message still reaches people.
    """
    try:
        alone = _screen_one(text)
        if not previous:
            return alone
        for first in _beginnings(len(previous)):
            together = _screen_one(" ".join([*previous[first:], text]))
            if together.risk is not Risk.NONE:
                return _worse(together, alone)
        return alone
    except Exception as error:  # noqa: BLE001 - the message must reach people even if screening breaks
        log.error("safety.screen.failed", reason=type(error).__name__)
        return SAFE


def _beginnings(fragments: int) -> list[int]:
    """Return where to begin: at the last fragments too, since "orkar inte" before a cry for help is no "not"."""
    tails = [fragments - size for size in range(1, min(fragments, _TAILS) + 1)]
    return tails if fragments <= _TAILS else [*tails, max(0, fragments - _MOST_FRAGMENTS)]


def screen_record(text: str) -> dict[str, str | None]:
    """Return a screening as `bot safety screen` prints it."""
    found = screen(text)
    return {"text": text, "risk": str(found.risk), "about": str(found.about) if found.about else None}


def warm_up() -> bool:
    """Load phrases and model before the first message; return whether the model is there."""
    screen("hej")
    return load_meaning() is not None


def _screen_one(text: str) -> Screening:
    text = shorten(text)
    reading = load_rules().read(text)
    certain = [danger for danger in reading.dangers if not danger.doubtful]
    hints = [danger for danger in reading.dangers if danger.doubtful]
    meaning = load_meaning()
    enough = sum(word.isalpha() for word in reading.words) >= _FEWEST_WORDS
    if meaning is None or not enough or reading.only_idioms:
        return _by_phrases(certain, hints) if certain else SAFE
    likeness = meaning.likeness(text, thorough=bool(reading.dangers))
    if reading.dangers and is_spaced(text):
        # As the phrases read it too: "v i l l  d ö" is no word to the model.
        likeness = max(
            likeness, meaning.likeness(" ".join(reading.words), thorough=True), key=lambda found: found.danger
        )
    if certain:
        # Who writes the letters of such a word apart means it.
        outweighed = likeness.danger < AGAINST_PLAIN_PHRASE and not is_spaced(text)
        return SAFE if outweighed else _settled(_by_phrases(certain, hints), likeness)
    if hints and likeness.danger >= WITH_DOUBTFUL_PHRASE:
        return _settled(_by_phrases(hints, []), likeness)
    if likeness.danger >= ALONE:
        return _by_meaning(likeness, reading)
    return SAFE


def _by_phrases(certain: list[Danger], hints: list[Danger]) -> Screening:
    # A wish to die is answered before anything else that the same message tells.
    self_harm = any(danger.kind.risk is Risk.SELF_HARM for danger in certain)
    risk = Risk.SELF_HARM if self_harm else Risk.VIOLENCE
    told = [danger for danger in certain if danger.kind.risk is risk]
    counts = Counter(danger.kind for danger in told)
    kind = max(_ORDER, key=lambda kind: (counts[kind], -_ORDER.index(kind)))
    urgent = any(danger.urgent for danger in [*told, *hints])
    return Screening(risk, _about(told), urgent, kind)


def _about(told: list[Danger]) -> About:
    """Return who is in danger: what is said outright counts before what is only likely."""
    for some in ([danger for danger in told if danger.explicit], told):
        if any(danger.about is About.SELF for danger in some):
            return About.SELF
        if some:
            return About.OTHER
    return About.SELF


def _settled(found: Screening, likeness: Likeness) -> Screening:
    """Who is in danger, where the model is sure and the grammar of a phrase says something else."""
    if likeness.danger < SURE:
        return found
    threat = found.kind is Kind.THREAT_TO_OTHERS
    if threat and not likeness.threat:
        risk = likeness.risk
        kind = Kind.SUICIDE if risk is Risk.SELF_HARM else Kind.ABUSE
        about = About.OTHER if likeness.other >= SURELY_OTHER else About.SELF
        return Screening(risk, about, found.urgent, kind)
    if likeness.threat and found.risk is Risk.VIOLENCE:
        return Screening(Risk.VIOLENCE, About.OTHER, found.urgent, Kind.THREAT_TO_OTHERS)
    if not threat and found.about is About.OTHER and likeness.other < SURELY_SELF:
        return Screening(found.risk, About.SELF, found.urgent, found.kind)
    if found.about is About.SELF and likeness.other >= SURELY_OTHER:
        return Screening(found.risk, About.OTHER, found.urgent, found.kind)
    return found


def _by_meaning(likeness: Likeness, reading: Reading) -> Screening:
    violence = Kind.THREAT_TO_OTHERS if likeness.threat else Kind.ABUSE
    kind = Kind.SUICIDE if likeness.risk is Risk.SELF_HARM else violence
    if (
        kind is Kind.THREAT_TO_OTHERS
        or likeness.other >= SURELY_OTHER
        or (leading_subject(list(reading.words)) is About.OTHER and likeness.other >= 0.5)
    ):
        about = About.OTHER
    else:
        about = About.SELF
    return Screening(likeness.risk, about, urgent=False, kind=kind)


def _worse(together: Screening, alone: Screening) -> Screening:
    """Of a burst and its last message, the worse; where both say the same, the message itself says who and how."""
    if alone.risk is Risk.NONE:
        return together
    urgent = together.urgent or alone.urgent
    said = together if together.risk is Risk.SELF_HARM and alone.risk is Risk.VIOLENCE else alone
    return Screening(said.risk, said.about, urgent, said.kind)
