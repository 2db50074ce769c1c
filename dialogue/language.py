"""Which language to answer in: Swedish or English, with a memory, so that one word never flips it.

Used by turns.py before understanding. The memory is stored with the conversation.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Dict, Optional, Tuple

from dialogue.language_words import ASK_ENGLISH, ASK_SWEDISH, DOMAIN, LEARNING, NEUTRAL
from dialogue.nlu.normalise import normalise

SURE = 0.75
"""Confidence from which a message of three words or more may switch the language at once."""
HINTED = 0.9
"""Confidence that a first message needs to overrule what the channel says of its user."""
LANGUAGES_OF_SLOT = ("sv", "en")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_PLACEHOLDER = re.compile(r"<\w+>|https?://\S+|\S+@\S+")
_SWEDISH_LETTER = re.compile(r"[åäöÅÄÖ]")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u03ff\u0400-\u052f\u0590-\u06ff\u0700-\u1fff\u3040-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class Guess:
    """What one message looks like on its own."""

    language: Optional[str]
    confidence: float
    words: int
    other: bool = False
    """Neither Swedish nor English, as far as can be told."""


@dataclass(frozen=True)
class Choice:
    """The language of a turn, the memory to keep, and whether the message was in neither language."""

    language: str
    memory: Dict[str, Any]
    other: bool = False


@lru_cache(maxsize=1)
def _detector() -> Any:
    from lingua import Language, LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_languages(Language.SWEDISH, Language.ENGLISH).build()


def guess(text: str) -> Guess:
    """Look at one message without any memory."""
    bare = _PLACEHOLDER.sub(" ", normalise(text))
    if _OTHER_SCRIPT.search(bare):
        return Guess(None, 0.0, len(_WORD.findall(bare)), other=True)
    words = [word.lower() for word in _WORD.findall(bare)]
    telling = [word for word in words if word not in NEUTRAL and len(word) > 1]
    plain = [word for word in telling if not DOMAIN.search(word)] or telling
    if not plain:
        return Guess(None, 0.0, len(words))
    lettered = [word for word in plain if _SWEDISH_LETTER.search(word)]
    rest = [word for word in plain if word not in lettered] if lettered else plain
    # An English sentence may hold Swedish names of things: "my cousin does allmän kurs".
    if lettered and len(rest) < max(3, 2 * len(lettered)):
        return Guess("sv", 1.0, len(words))
    language, confidence = _detected(rest)
    if lettered and (language == "sv" or confidence < SURE):
        return Guess("sv", 1.0, len(words))
    return Guess(language, confidence, len(words), other=not lettered and _is_other(plain))


def _detected(words: "list[str]") -> Tuple[str, float]:
    from lingua import Language

    chances = {found.language: found.value for found in _detector().compute_language_confidence_values(" ".join(words))}
    swedish, english = chances.get(Language.SWEDISH, 0.0), chances.get(Language.ENGLISH, 0.0)
    return ("sv", swedish) if swedish >= english else ("en", english)


def _is_other(words: "list[str]") -> bool:
    """Whether most words are known in neither language; needs at least four to say so."""
    if len(words) < 4:
        return False
    known = sum(1 for word in words if _known(word))
    return known / len(words) < 0.4


@lru_cache(maxsize=4096)
def _known(word: str) -> bool:
    import simplemma

    return simplemma.is_known(word, lang=("sv", "en"))


def asked_for(text: str) -> Optional[str]:
    """The language that a message asks the bot to speak, if it does; learning a language is another matter."""
    if LEARNING.search(text):
        return None
    if ASK_ENGLISH.search(text):
        return "en"
    if ASK_SWEDISH.search(text):
        return "sv"
    return None


def choose(text: Optional[str], memory: Dict[str, Any], hint: Optional[str]) -> Choice:
    """Decide the language of a turn.

    Args:
        text: what was typed; None for a button, which keeps the language.
        memory: `current`, `doubt` and `hint` of the turns before; empty at the first.
        hint: what the channel says. A prior at first; later only a change of it counts, as a wish.
    """
    current, doubt = memory.get("current"), memory.get("doubt")
    if hint is not None and current is not None and memory.get("hint") not in (None, hint):
        current, doubt = hint, None
    if text is None:
        return _choice(current or hint or "sv", None, hint, memory)
    wish = asked_for(text)
    if wish is not None:
        return _choice(wish, None, hint, memory)
    seen = guess(text)
    if seen.language is None or seen.other:
        return _choice(current or hint or ("en" if seen.other else "sv"), doubt, hint, memory, other=seen.other)
    if current is None:
        return _choice(_first(seen, hint), None, hint, memory)
    if seen.language == current:
        return _choice(current, None, hint, memory)
    if (seen.words >= 3 and seen.confidence >= SURE) or doubt == seen.language:
        return _choice(seen.language, None, hint, memory)
    return _choice(current, seen.language if seen.confidence >= SURE else doubt, hint, memory)


def _first(seen: Guess, hint: Optional[str]) -> str:
    """The first message: its own language, unless it says little and the channel says something else."""
    assert seen.language is not None
    if hint is None or seen.language == hint:
        return seen.language
    enough = (seen.words >= 3 and seen.confidence >= SURE) or seen.confidence >= HINTED
    return seen.language if enough else hint


def _choice(
    language: str, doubt: Optional[str], hint: Optional[str], memory: Dict[str, Any], other: bool = False
) -> Choice:
    return Choice(language, {"current": language, "doubt": doubt, "hint": hint or memory.get("hint")}, other)


def detect(text: str, prior: Optional[str]) -> Tuple[str, bool]:
    """The language that a text which stands alone is written in, and whether it is in neither (POST /parse)."""
    seen = guess(text)
    if seen.language is None or seen.other:
        return prior or ("en" if seen.other else "sv"), seen.other
    return _first(seen, prior), False
