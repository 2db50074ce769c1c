"""Number words from ten to sixty-nine in Swedish and English, for ages."""

import re
from typing import Dict, Optional

from dialogue.nlu.normalise import fold

_SV_TEENS = ["tio", "elva", "tolv", "tretton", "fjorton", "femton", "sexton", "sjutton", "arton", "nitton"]
_EN_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_SV_TENS = {
    "tjugo": 20,
    "tjuge": 20,
    "trettio": 30,
    "trettie": 30,
    "fyrtio": 40,
    "femtio": 50,
    "sextio": 60,
    "tretti": 30,
    "fyrti": 40,
}
_EN_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60}
_SV_ONES = {"ett": 1, "en": 1, "tva": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6, "sju": 7, "atta": 8, "nio": 9}
_EN_ONES = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}

_SLIPS = {
    "aderton": 18, "arten": 18, "artan": 18, "sjuton": 17, "sjutton": 17, "sjuttan": 17, "shutton": 17, "nitto": 19,
    "nittan": 19, "sextan": 16, "sexten": 16, "femtan": 15, "fjortan": 14, "forteen": 14, "eightteen": 18,
    "eighten": 18, "seventen": 17, "sixten": 16, "ninteen": 19, "nineten": 19, "fiveteen": 15,
}  # fmt: skip


def _table() -> Dict[str, int]:
    table = {word: number for words in (_SV_TEENS, _EN_TEENS) for number, word in enumerate(words, 10)}
    table.update(_SLIPS)
    for tens, ones, joints in ((_SV_TENS, _SV_ONES, ("", " ")), (_EN_TENS, _EN_ONES, (" ", "-", ""))):
        for ten_word, ten in tens.items():
            table[ten_word] = ten
            table.update({ten_word + joint + word: ten + one for word, one in ones.items() for joint in joints})
    return table


WORDS = _table()
PATTERN = "|".join(sorted((re.escape(word) for word in WORDS), key=len, reverse=True))
"""Alternatives of a regular expression over folded text, the longest first."""

_SMALL = {**_SV_ONES, **_EN_ONES, "a": 1, "an": 1, "par": 2, "couple": 2}


def number(text: str) -> Optional[int]:
    """The number that digits or a word stand for, if they do."""
    folded = fold(text).strip()
    return int(folded) if folded.isdigit() else WORDS.get(folded)


def small_number(text: str) -> Optional[int]:
    """The number of days or weeks that a word stands for (1 to 9, and what `number` knows)."""
    folded = fold(text).strip()
    return _SMALL.get(folded, number(folded))
