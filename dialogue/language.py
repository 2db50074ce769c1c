"""Which language to answer in: Swedish or English, with a memory, so that one word never flips it.

Used by turns.py before understanding. The memory is stored with the conversation.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Dict, Optional, Tuple

from dialogue.language_words import (
    ASK_ENGLISH,
    ASK_SWEDISH,
    DOMAIN,
    LEARNING,
    NEUTRAL,
    ONLY_ENGLISH,
    ONLY_OTHER,
    ONLY_SWEDISH,
    OTHERS,
)
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


@lru_cache(maxsize=1)
def _world() -> Any:
    """Knows the languages that people here write besides; trigrams alone, so 30 MB instead of 380."""
    from lingua import Language, LanguageDetectorBuilder

    languages = [getattr(Language, name) for name in ("SWEDISH", "ENGLISH", *OTHERS)]
    return LanguageDetectorBuilder.from_languages(*languages).with_low_accuracy_mode().build()


def guess(text: str) -> Guess:
    """Look at one message without any memory."""
    bare = _PLACEHOLDER.sub(" ", normalise(text))
    words = [word.lower() for word in _WORD.findall(bare)]
    if len(_OTHER_SCRIPT.findall(bare)) > sum(map(len, words)) / 2:
        return Guess(None, 0.0, len(words), other=True)
    telling = [word for word in words if word not in NEUTRAL and len(word) > 1]
    plain = [word for word in telling if not DOMAIN.search(word) and not _is_name(word)] or telling
    if not plain:
        return Guess(None, 0.0, len(words))
    chance = _swedish(plain)
    language, confidence = ("sv", chance) if chance >= 0.5 else ("en", 1 - chance)
    # A name that one asks about ("liljeholmens folkhögskola") is no foreign language.
    of_here = any(len(word) > 2 and (word in NEUTRAL or DOMAIN.search(word)) for word in words)
    foreign = _is_other(plain) and not (of_here and ONLY_OTHER.isdisjoint(plain))
    return Guess(language, confidence, len(words), other=foreign)


def _swedish(words: "list[str]") -> float:
    """How likely the words are Swedish rather than English, by letters, dictionaries and telling words."""
    from lingua import Language

    lettered = sum(1.5 if _known(word, "sv") else 0.7 for word in words if _SWEDISH_LETTER.search(word))
    only = sum((word in ONLY_SWEDISH) - (word in ONLY_ENGLISH) for word in words)
    known = sum(_known(word, "sv") - _known(word, "en") for word in words)
    # A place or school that no dictionary has must not outweigh the sentence around it.
    spoken = [word for word in words if not _SWEDISH_LETTER.search(word) or _known(word, "sv")] or words
    letters = _detector().compute_language_confidence(" ".join(spoken), Language.SWEDISH)
    weight = math.log(max(letters, 0.01) / max(1 - letters, 0.01)) + 1.6 * only + 0.7 * known + lettered
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, weight))))


def _is_other(words: "list[str]") -> bool:
    """Whether the words look like a third language: the letters say so and the dictionaries do not object."""
    from lingua import Language

    if len(words) < 2:
        return False
    ours = sum((word in ONLY_SWEDISH) + (word in ONLY_ENGLISH) for word in words)
    theirs = sum(word in ONLY_OTHER for word in words)
    if ours >= max(1, theirs):
        return False
    best = _world().compute_language_confidence_values(" ".join(words))[0]
    if best.language in (Language.SWEDISH, Language.ENGLISH):
        return theirs >= 2
    known = sum(1 for word in words if _known(word, "sv") or _known(word, "en")) / len(words)
    if theirs:
        return known <= 0.7
    if len(words) >= 4 and best.value >= 0.9 and not ours:
        return known <= 0.6
    return known <= (0.34 if len(words) >= 3 else 0.0) and best.value >= 0.6


@lru_cache(maxsize=8192)
def _known(word: str, language: str) -> bool:
    import simplemma

    return simplemma.is_known(word, lang=language)


@lru_cache(maxsize=8192)
def _is_name(word: str) -> bool:
    """Whether a dictionary has the word as a proper name alone: places and people decide nothing."""
    import simplemma

    lemmas = [simplemma.lemmatize(word, lang=language) for language in ("sv", "en") if _known(word, language)]
    return bool(lemmas) and not any(lemma.islower() for lemma in lemmas)


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
