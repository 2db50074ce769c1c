"""Finds phone numbers, in digits and in words. Called by `bot.safety.redact`.

Helplines and other numbers that belong to no person (112, 020, 0771) are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from bot.safety.redaction.digits import RUN, Chunk, luhn, near, runs
from bot.safety.redaction.spans import Kind, Span

_REGION = "SE"
# Numbers that a caller does not pay in full or pays extra for, and short numbers: of services, never of a person.
_PUBLIC = ("020", "0200", "077", "0900", "0939", "0944", "112", "116", "11414", "11313", "1177", "90101")
# The volunteers' and churches' night lines have ordinary numbers.
_HELPLINES = frozenset({"+4687021680", "+4686449200", "+46317115400"})
_PHONE_WORD = re.compile(
    r"numm?e?r|\bnr\b|numret|\btele?|phone|mobil|\bring|\bcall\b|\bsms|\btext(?:a|ing)?\b|\bnås?\b|whats?app"
    r"|\bcell|\bswish|\bhär är det|reach me"
)
_CLOCK = re.compile(r"\d{1,2}\.\d\d\s*-\s*\d{1,2}(?:\.\d\d)?(?!\d)")
_DATE = re.compile(r"(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d\d))(?![\d])(?!\s?-\s?\d{3,})")
_TRUNK = re.compile(r"^(\+46)0+")
_UNITS = {
    word: str(digit)
    for digit, words in enumerate(
        (
            "noll zero oh", "ett en one", "två tva two", "tre three", "fyra four", "fem five", "sex six", "sju seven",
            "åtta atta eight", "nio nine",
        )
    )
    for word in words.split()
}  # fmt: skip
_TEENS = ["tio", "elva", "tolv", "tretton", "fjorton", "femton", "sexton", "sjutton", "arton", "nitton"]
_TENS = ["tjugo", "trettio", "fyrtio", "femtio", "sextio", "sjuttio", "åttio", "nittio"]
_WORD_VALUES = {
    **_UNITS,
    # "nollsju", "nollelva": how area codes are said.
    **{f"noll{word}": f"0{digit}" for word, digit in _UNITS.items() if digit != "0"},
    **{f"noll{word}": str(10 + index).zfill(3) for index, word in enumerate(_TEENS)},
    **{f"noll{word}": str(20 + 10 * index).zfill(3) for index, word in enumerate(_TENS)},
    **{word: str(10 + index) for index, word in enumerate(_TEENS)},
    **{word: str(20 + 10 * index) for index, word in enumerate(_TENS)},
    **{
        ten + unit: str(20 + 10 * index + int(value))
        for index, ten in enumerate(_TENS)
        for unit, value in _UNITS.items()
        if value != "0"
    },
}
_WORD = "|".join(sorted(_WORD_VALUES, key=len, reverse=True))
_SPOKEN = re.compile(
    rf"(?<!\w)(?:plus[\s]{{1,2}})?(?:{_WORD}|\d{{1,4}}+)(?:[\s,.\-]{{1,3}}+(?:{_WORD}|\d{{1,4}}+)(?!\w))++",
    re.IGNORECASE,
)
_SPOKEN_PART = re.compile(rf"(?:{_WORD}|\d+)", re.IGNORECASE)


def find_phones(text: str, lenient: bool = False) -> Iterator[Span]:
    """Find phone numbers with their E.164 value; `lenient` when the bot has just asked for one."""
    blocked = _blocked(text)
    for chunks in runs(text):
        first = 0
        while first < len(chunks):
            taken = None if chunks[first].start in blocked else _phone_from(text, chunks, first, blocked)
            if taken is None:
                first += 1
                continue
            value, after = taken
            yield Span(Kind.PHONE_NUMBER, value, _start(text, chunks[first].start), chunks[after - 1].end)
            first = after
    yield from _spoken(text)
    if lenient:
        yield from _bare(text)


def _blocked(text: str) -> frozenset[int]:
    """Return the positions inside dates and opening hours: no phone number starts or goes on there."""
    inside: set[int] = set()
    for pattern in (_CLOCK, _DATE):
        position = 0
        while match := pattern.search(text, position):
            before = text[match.start() - 1 : match.start()]
            if not (before.isdigit() or before in {"+", "-"}):
                inside.update(range(*match.span()))
            position = match.end()
    return frozenset(inside)


def _start(text: str, start: int) -> int:
    while start and text[start - 1] in "+(":
        start -= 1
    return start


def _phone_from(text: str, chunks: tuple[Chunk, ...], first: int, blocked: frozenset[int]) -> tuple[str, int] | None:
    start = chunks[first].start
    before = text[_start(text, start) : start]
    plus = "+" in before
    if first and not plus and text[chunks[first - 1].end : start].strip(" \t\r\n()+/"):
        # In the middle of something written with dashes or points.
        return None
    best: tuple[str, int] | None = None
    cued = _PHONE_WORD.search(near(text, start, start, 40)) is not None
    digits = ""
    for index in range(first, len(chunks)):
        if chunks[index].start in blocked or (
            index > first and "+" in text[chunks[index - 1].end : chunks[index].start]
        ):
            break
        digits += chunks[index].digits
        if len(digits) > 17:
            break
        value = _value(digits, plus=plus, cued=cued)
        if value is not None:
            best = (value, index + 1)
    if best is None and not _is_public("".join(chunk.digits for chunk in chunks[first : first + 6])):
        best = _by_shape(text, chunks, first, plus=plus)
    return best


def _is_public(digits: str) -> bool:
    return digits.startswith(_PUBLIC)


def _value(digits: str, *, plus: bool, cued: bool) -> str | None:
    """Return E.164 for digits that are a valid number of a person or an office, else None."""
    if plus:
        return _valid("+" + digits)
    if digits.startswith("00"):
        return _valid("+" + digits[2:])
    if digits.startswith("0"):
        return None if _is_public(digits) or len(digits) < 8 else _valid("+46" + digits[1:])
    if digits.startswith("46") and 10 <= len(digits) <= 13:
        return _valid("+" + digits)
    if len(digits) == 9 and digits[0] == "7" and digits[1] in "02369" and cued:
        return _valid("+46" + digits)
    return None


@lru_cache(maxsize=4096)
def _valid(number: str) -> str | None:
    number = _TRUNK.sub(r"\1", number)
    if not 8 <= len(number) <= 16 or number in _HELPLINES:
        return None
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _by_shape(text: str, chunks: tuple[Chunk, ...], first: int, *, plus: bool) -> tuple[str, int] | None:
    """Numbers with a digit too few or too many identify a person as well: judge by the form alone."""
    digits = ""
    best: tuple[str, int] | None = None
    for index in range(first, len(chunks)):
        digits += chunks[index].digits
        mobile = digits[:2] == "07" and digits[2:3] in set("02369") and 9 <= len(digits) <= 11
        dashed = (
            len(chunks[first].digits) in {2, 3, 4}
            and digits[0] == "0"
            and digits[1:2] != "0"
            and index > first
            and text[chunks[first].end : chunks[first + 1].start].strip() in {"-", "/"}
            and 8 <= len(digits) <= 10
        )
        foreign = (plus and 8 <= len(digits) <= 15) or (digits[:4] == "0046" and 11 <= len(digits) <= 15)
        if mobile or dashed or foreign:
            number = digits[2:] if digits[:2] == "00" else digits
            value = "+" + number if plus or digits[:2] == "00" else "+46" + digits[1:]
            best = (_TRUNK.sub(r"\1", value), index + 1)
        if len(digits) > 15:
            break
    return None if best is not None and best[0] in _HELPLINES else best


def _spoken(text: str) -> Iterator[Span]:
    for match in _SPOKEN.finditer(text):
        parts = _SPOKEN_PART.findall(match[0])
        words = [part for part in parts if not part.isdigit()]
        if len(words) < 3:
            continue
        digits = "".join(_WORD_VALUES.get(part.lower(), part) for part in parts)
        plus = match[0].lower().startswith("plus")
        value = _value(digits, plus=plus, cued=False) if len(digits) <= 17 else None
        if value is None and digits.startswith("07") and 9 <= len(digits) <= 11:
            value = "+46" + digits[1:]
        if value is not None:
            yield Span(Kind.PHONE_NUMBER, value, *match.span())


def _bare(text: str) -> Iterator[Span]:
    """An answer to "which number?": 7 to 15 digits are one, whatever they look like."""
    if len(text) > 80:
        return
    for match in RUN.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if (
            not 7 <= len(digits) <= 15
            or _is_public(digits)
            or (len(digits) in {10, 12} and luhn(digits[-10:]) and "-" in match[0])
        ):
            continue
        start = _start(text, match.start())
        if "+" in text[start : match.start()]:
            value = "+" + digits
        else:
            value = _valid("+46" + digits.lstrip("0")) or "+46" + digits.lstrip("0")
        yield Span(Kind.PHONE_NUMBER, value, start, match.end())
