"""Writes some examples once more as a thumb in a hurry, or somebody hiding a word, would type them.

Used by `train.py`: messages of danger come misspelt, without dots and rings, in numbers for letters and in letters
written apart, and nobody can write down all of that by hand.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.safety.train import Example

# Of all examples; letters are written apart in short ones only.
_HURRIED, _PLAIN, _NUMBERS, _APART = 0.10, 0.03, 0.03, 0.12
_MOST_WORDS_APART = 6
# Of the places between two letters, where somebody presses the space bar anywhere.
_GAPS = 0.25
# One slip in about so many letters.
_LETTERS_A_SLIP = 14
_KEYS = ("qwertyuiopå", "asdfghjklöä", "zxcvbnm")
_BARE = str.maketrans("åäöé", "aaoe")
_LEET = str.maketrans("ieao", "1340")


def mistyped(examples: Iterable[Example]) -> Iterator[Example]:
    """Yield a misspelt copy of some of the examples; the same examples always give the same copies."""
    for example in examples:
        chance = random.Random(example.text)
        drawn = chance.random()
        short = len(example.text.split()) <= _MOST_WORDS_APART
        for share, change in _WAYS:
            if change is _apart and not short:
                continue
            if drawn < share:
                text = change(example.text, chance)
                if text != example.text:
                    yield replace(example, text=text)
                break
            drawn -= share


def _hurried(text: str, chance: random.Random) -> str:
    letters = list(text)
    for _ in range(max(1, len(letters) // _LETTERS_A_SLIP)):
        at = chance.randrange(len(letters))
        if not letters[at].isalpha():
            continue
        slip = chance.choice(("drop", "double", "swap", "beside"))
        if slip == "drop":
            letters[at] = ""
        elif slip == "double":
            letters[at] *= 2
        elif slip == "swap" and at + 1 < len(letters) and letters[at + 1].isalpha():
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        else:
            letters[at] = _beside(letters[at], chance)
        letters = list("".join(letters)) or list(text)
    return "".join(letters)


def _beside(letter: str, chance: random.Random) -> str:
    row = next((row for row in _KEYS if letter in row), letter)
    at = row.index(letter)
    return chance.choice(row[max(0, at - 1) : at] + row[at + 1 : at + 2] or letter)


def _plain(text: str, _: random.Random) -> str:
    return text.translate(_BARE)


def _numbers(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    at = max(range(len(words)), key=lambda place: (len(words[place]), chance.random()))
    words[at] = words[at].translate(_LEET)
    return " ".join(words)


def _apart(text: str, chance: random.Random) -> str:
    if chance.random() < 1 / 3:
        return "".join(letter + (" " if chance.random() < _GAPS else "") for letter in text).strip()
    return chance.choice((" ", "  ")).join(" ".join(word) for word in text.split())


_WAYS: tuple[tuple[float, Callable[[str, random.Random], str]], ...] = (
    (_HURRIED, _hurried),
    (_PLAIN, _plain),
    (_NUMBERS, _numbers),
    (_APART, _apart),
)
