"""Finds Swedish personal and coordination numbers, payment cards and dates of birth.

Called by `bot.safety.redact`. Rules: Skatteverket on personnummer and samordningsnummer (day of birth plus 60).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bot.safety.redaction.digits import Chunk, luhn, near, runs
from bot.safety.redaction.spans import Kind, Span

_PERSONAL_WORD = re.compile(
    r"person\s?-?n|pnr|p-nr|\bssn\b|personal (?:identity )?num|social security|samordning|födelsen"
)
_PHONE_WORD = re.compile(r"\btel|phone|mobil|ring|\bcall\b|\bsms|\btext\b|\bnås?\b|whatsapp|\bcell")
_BIRTH_WORD = re.compile(
    r"\bföd|\bfodd|\bfyll|\bborn\b|birth|\bdob\b|\bbday|\bb-day|person\s?-?n|\bpnr\b|\bp-nr\b|fyllde|\bfödd"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january", "feb februari february", "mar mars march", "apr april", "maj may", "jun juni june",
            "jul juli july", "aug augusti august", "sep sept september", "okt oktober oct october",
            "nov november", "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d\-./])(?P<y>(?:19|20)\d\d)(?P<s>[-./ ]?)(?P<m>\d\d)(?P=s)(?P<d>\d\d)(?![\d]|[-/]\d)",
        r"(?<![\d\-./])(?P<y>(?:19|20)\d\d)[-./](?P<m>\d{1,2})[-./](?P<d>\d{1,2})(?![\d]|[-/]\d)",
        r"(?<![\d\-./])(?P<d>\d{1,2})\s?[-./]\s?(?P<m>\d{1,2})\s?[-./ ]\s?(?:-\s?)?(?P<y>(?:19|20)\d\d|\d\d)(?![\d])",
        r"(?<![\d\-./])(?P<y>\d\d)(?P<s>[-./ ]?)(?P<m>\d\d)(?P=s)(?P<d>\d\d)(?![\d]|[-/.]\d)",
        rf"(?<!\d)(?P<d>\d{{1,2}})(?::?[ea]|st|nd|rd|th)?\s?(?:of\s)?(?P<m>{_MONTH})[ .,]{{0,3}}(?P<y>(?:19"
        rf"|20)\d\d|['’-]?\d\d)(?!\d)",
        rf"\b(?P<m>{_MONTH})\s?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ ,]{{1,3}}(?P<y>(?:19|20)\d\d)(?!\d)",
    )
)
_MASKED_END = re.compile(r"\s?[-+]\s?(?:[xX*]{4}|[A-Za-z]\d{3})(?!\w)")
# A wrong check digit is a slip of the pen: what is written like this tells the date of birth all the same.
_SHAPES = frozenset({(6, 4), (8, 4), (12,), (4, 2, 2, 4), (2, 2, 2, 4), (2, 2, 2, 2, 4)})
YOUNGEST, OLDEST = 5, 100
# "14 mars 2006" with nothing beside it: a date of birth where it gives the age of one who writes here.
_WRITTEN_OUT = 4
_USUAL_AGES = range(13, 31)


def find_personal_numbers(text: str) -> Iterator[Span]:
    """Find numbers with a right date and check digit, and those that only look like one in form."""
    for chunks in runs(text):
        first = 0
        while first < len(chunks):
            taken = _personal_from(text, chunks, first)
            if taken is None:
                first += 1
                continue
            value, after = taken
            yield Span(Kind.PERSONAL_NUMBER, value, chunks[first].start, chunks[after - 1].end)
            first = after


def _personal_from(text: str, chunks: tuple[Chunk, ...], first: int) -> tuple[str, int] | None:
    digits = ""
    ends: dict[int, int] = {}
    for index in range(first, len(chunks)):
        digits += chunks[index].digits
        if len(digits) > 12:
            break
        ends[len(digits)] = index + 1
    for length in (12, 10):
        if length not in ends:
            continue
        after = ends[length]
        number = digits[:length]
        if not _born(number) or text[max(0, chunks[first].start - 1) : chunks[first].start] == "+":
            continue
        shape = tuple(len(chunk.digits) for chunk in chunks[first:after])
        right = luhn(number[-10:]) and _plausible(shape)
        written_so = shape in _SHAPES
        if (right or written_so) and not (length == 10 and _rather_phone(text, chunks[first:after], shape)):
            return _written(
                number, text[chunks[after - 2].end : chunks[after - 1].start] if len(shape) > 1 else "-"
            ), after
    return None


def _plausible(shape: tuple[int, ...]) -> bool:
    """Whether the gaps stand where people write them: around year, month and day, and before the last four.

    "jag är 17 076 720 75 18" holds ten digits with a right check digit too, cut elsewhere.
    """
    if len(shape) == 1 or set(shape) == {1}:
        return True
    before = [sum(shape[:index]) for index in range(1, len(shape))]
    birth = sum(shape) - 4
    if birth not in before or any(gap % 2 for gap in before if gap < birth):
        return False
    return shape[-1] == 4 or before[0] == birth


def _born(number: str) -> date | None:
    day = int(number[-6:-4])
    century = (number[:2],) if len(number) == 12 else ("20", "19")
    if len(number) == 12 and number[:2] not in {"18", "19", "20"}:
        return None
    for hundreds in century:
        born = _date(int(hundreds + number[-10:-8]), int(number[-8:-6]), day - 60 if day > 60 else day)
        if born is not None:
            return born
    return None


def _rather_phone(text: str, chunks: tuple[Chunk, ...], shape: tuple[int, ...]) -> bool:
    """Ten digits such as 0701234567 may be both: the notation decides, then the words before."""
    if chunks[0].digits[0] != "0" or shape in {(6, 4), (2, 2, 2, 4)}:
        return False
    around = near(text, chunks[0].start, chunks[-1].end, 30, 24)
    if _PERSONAL_WORD.search(around):
        return False
    return bool(_PHONE_WORD.search(around)) or shape != (10,) or chunks[0].digits.startswith("070")


def _written(number: str, between: str) -> str:
    sign = "+" if "+" in between else "-"
    return f"{number[:-4]}{sign}{number[-4:]}"


def find_cards(text: str) -> Iterator[Span]:
    """Find 13 to 19 digits with a right check digit, in one piece or in the groups of a card."""
    for chunks in runs(text):
        first = 0
        while first < len(chunks):
            after = _card_from(chunks, first)
            if after:
                number = "".join(chunk.digits for chunk in chunks[first:after])
                yield Span(Kind.CARD, number, chunks[first].start, chunks[after - 1].end)
            first = after or first + 1


def _card_from(chunks: tuple[Chunk, ...], first: int) -> int | None:
    digits = ""
    for index in range(first, len(chunks)):
        digits += chunks[index].digits
        if len(digits) > 19:
            return None
        shape = tuple(len(chunk.digits) for chunk in chunks[first : index + 1])
        grouped = len(shape) == 1 or set(shape[:-1]) == {4} or shape in {(4, 6, 5), (4, 6, 4)}
        if len(digits) >= 13 and grouped and digits[0] in "23456" and luhn(digits):
            return index + 1
    return None


def find_birth_dates(text: str, today: date) -> Iterator[Span]:
    """Find full dates of birth: any date beside a word of birth, else year first and an age of 5 to 100."""
    for place, pattern in enumerate(_DATES):
        for match in pattern.finditer(text):
            month = match["m"].lower()
            number = _MONTHS[month] if month in _MONTHS else int(month)
            year = match["y"].strip("'’-")
            short = len(year) == 2
            born = _date(int(year) + (2000 if short else 0), number, int(match["d"]))
            if born is not None and short and born > today:
                born = _date(born.year - 100, born.month, born.day)
            if born is None or not YOUNGEST <= age(born, today) <= OLDEST:
                continue
            end = match.end()
            masked = _MASKED_END.match(text, end)
            beside = _BIRTH_WORD.search(near(text, match.start(), end, 40, 20))
            written_out = place >= _WRITTEN_OUT and age(born, today) in _USUAL_AGES
            if beside or masked or (not short and (place <= 1 or written_out)):
                yield Span(Kind.BIRTH_DATE, born.isoformat(), match.start(), masked.end() if masked else end)


def age(born: date, today: date) -> int:
    """Return whole years from a birth to a day."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
