"""Brings the spelling of chat messages to one plain form before they are screened for danger.

Called by `bot.safety.phrases`. The result holds lower-case ASCII words with single spaces around
each and `.` where a sentence ends; it is for matching only and is never shown or stored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container
from functools import lru_cache

# A Telegram message has at most 4,096 characters; anything beyond this is cut in the middle.
LONGEST = 12_000

_LETTERS = str.maketrans(
    {
        "æ": "a", "ø": "o", "œ": "o", "ß": "ss", "đ": "d", "ł": "l", "ı": "i",
        # Letters of other alphabets that look the same.
        "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "і": "i", "ѕ": "s", "ј": "j",
        "к": "k", "м": "m", "т": "t", "в": "b", "н": "h", "α": "a", "ο": "o", "ε": "e", "ι": "i", "κ": "k",
        "’": "'", "‘": "'", "´": "'", "`": "'", "ʼ": "'",
    }
)  # fmt: skip
_EMOJI = {
    "🔪": "emojiknife", "🗡": "emojiknife", "🔫": "emojigun", "💊": "emojipills", "🩸": "emojiblood",
    "⚰": "emojigrave", "🪦": "emojigrave", "🪢": "emojirope", "💣": "emojibomb", "👊": "emojifist",
    "😂": "emojilaugh", "🤣": "emojilaugh", "😆": "emojilaugh", "😹": "emojilaugh", "😅": "emojilaugh",
    "💀": "emojilaugh", "☠": "emojilaugh", "😜": "emojilaugh", "🤪": "emojilaugh",
}  # fmt: skip
_LEET = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "€": "e"}
)

_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_SENTENCE_END = re.compile(r"(?:[.!?;:…\n\r]|\s[-–—]\s)+")
# d.ö.d, k-i-l-l, s_u_i: single letters held apart by one and the same mark.
_DOTTED = re.compile(r"(?<![^\W\d_])([^\W\d_])(?:([.\-_*·])([^\W\d_])(?![^\W\d_]))(?:\2([^\W\d_])(?![^\W\d_]))*")
# "j a g  v i l l": at least three single characters in a row.
_SPACED = re.compile(r"(?<!\S)\S(?:[ \t]+\S(?!\S)){2,}(?:[ \t]+\w(?=[.,!?;:]))?(?!\w)")
_WORD = re.compile(r"[^\W_]+|[.,]")
_MIXED = re.compile(r"(?=\S*[^\W\d_])(?=\S*[0134 57@$!€])[^\s.,?]+".replace(" ", ""))
_REPEATED = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"(.)\1+")


def fold(text: str) -> str:
    """Return the text in lower case without diacritics, invisible characters and look-alike letters."""
    text = unicodedata.normalize("NFKC", text).lower().translate(_LETTERS)
    kept = (
        char
        for char in unicodedata.normalize("NFD", text)
        # Mn: combining marks; Cf: zero-width and directional marks; Cs: stray surrogates.
        if unicodedata.category(char) not in ("Mn", "Cf", "Cs", "Me")
    )
    return "".join(kept).translate(_LETTERS)


def shorten(text: str) -> str:
    """Cut the middle out of an overlong text, keeping its beginning and its end."""
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return text[:half] + " . " + text[-half:]


def is_spaced(text: str) -> bool:
    """Whether letters of a word are written apart somewhere: "d ö", "k-i-l-l"."""
    return bool(_SPACED.search(text) or _DOTTED.search(text))


class Normaliser:
    """Turns text into matchable words, mending spellings towards a given vocabulary."""

    def __init__(self, vocabulary: Container[str], pieces: Container[str], mend: Callable[[str], str | None]) -> None:
        """`vocabulary` holds folded words; `mend` may map an unknown word to one of them.

        Letters written apart or run together are parted into words of `pieces`.
        """
        self._known = vocabulary
        self._pieces = pieces
        self._mend = mend
        self._word = lru_cache(maxsize=20_000)(self._mended_words)

    def words(self, text: str) -> list[str]:
        """Return the folded words of a text, with "." and "," as words of their own."""
        text = fold(shorten(text))
        for emoji, name in _EMOJI.items():
            if emoji in text:
                text = text.replace(emoji, f" {name} ")
        text = _SPACED.sub(lambda found: self._join_spaced(found.group()), text)
        text = _DOTTED.sub(lambda found: re.sub(r"[.\-_*·]", "", found.group()), text)
        text = _APOSTROPHE.sub("", text)
        text = _MIXED.sub(lambda found: self._without_leet(found.group()), text)
        text = self._unmask(text)
        text = _SENTENCE_END.sub(" . ", text)
        result: list[str] = []
        for word in _WORD.findall(text):
            result.extend(self._word(word))
        # The end of the message ends its sentence, so that a phrase can ask for it.
        if result and result[-1] != ".":
            result.append(".")
        return result

    def _join_spaced(self, run: str) -> str:
        # Wider gaps, where there are any, part the words.
        parts = re.split(r"[ \t]{2,}", run)
        joined = ["".join(part.split()).translate(_LEET) for part in parts]
        if len(joined) == 1 and joined[0] in self._known:
            return joined[0]
        if len(joined) == 1:
            split = self._split(joined[0], shortest=1)
            return " ".join(split) if split else run
        if all(len(word) <= 1 for word in joined):
            split = self._split("".join(joined), shortest=1)
            return " ".join(split) if split else run
        return " ".join(joined)

    def _without_leet(self, word: str) -> str:
        stripped = word.strip("!")
        plain = stripped.translate(_LEET)
        if plain in self._known:
            return plain
        return word

    def _unmask(self, text: str) -> str:
        """Fill in starred-out letters: s*icide, d*."""
        if "*" not in text:
            return text
        return re.sub(r"[^\W\d_]\w*\*+\w*", lambda found: self._filled(found.group()), text)

    def _filled(self, masked: str) -> str:
        if len(masked) > 20 or masked.count("*") > 3:
            return masked
        options = [masked]
        for _ in range(masked.count("*")):
            options = [option.replace("*", letter, 1) for option in options for letter in "aeiouy"]
        return next((option for option in options if option in self._known), masked)

    def _mended_words(self, word: str) -> tuple[str, ...]:
        if word in self._known or len(word) > 60:
            return (word,)
        for shape in (_REPEATED.sub(r"\1", word), _REPEATED.sub(r"\1\1", word), _DOUBLED.sub(r"\1", word)):
            if shape in self._known:
                return (shape,)
        mended = self._mend(word)
        if mended is not None:
            return (mended,)
        # Words run together: "killmyself", "#jagvilldö".
        if 6 <= len(word) <= 40:
            split = self._split(_REPEATED.sub(r"\1", word), shortest=2)
            if split and (len(split) >= 3 or min(map(len, split)) >= 4):
                return tuple(split)
        return (word,)

    def _split(self, joined: str, shortest: int) -> list[str] | None:
        """Part letters into the fewest known words; None where they do not all fit.

        Single letters are taken only as `i`, the Swedish and English word.
        """
        best: list[list[str] | None] = [[]] + [None] * len(joined)
        for end in range(1, len(joined) + 1):
            for start in range(max(0, end - 20), end):
                before = best[start]
                word = joined[start:end]
                if before is None or word not in self._pieces:
                    continue
                if len(word) < max(2, shortest) and word != "i":
                    continue
                current = best[end]
                if current is None or len(before) + 1 < len(current):
                    best[end] = [*before, word]
        return best[-1]
