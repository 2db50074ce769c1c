"""Finds the day that a message means, in Swedish and English, seen from today.

Used by times.py. A day is a date; a week or a weekend is a pair of dates.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Callable, List, Optional, Tuple

from dialogue.nlu.entities.numbers import small_number
from dialogue.nlu.normalise import fold


@dataclass(frozen=True)
class Days:
    """A day, or the first and last day of a stretch, and where in the text it stands."""

    first: date
    last: date
    start: int
    end: int


_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "mandag mandagen man monday mon",
            "tisdag tisdagen tisda tis tuesday tuseday tue tues",
            "onsdag onsdagen onsda ons wednesday wendsday wensday wed weds",
            "torsdag torsdagen torsda tors thursday thurday thu thur thurs",
            "fredag fredagen freda fre friday fri",
            "lordag lordagen lorda lor saturday sat",
            "sondag sondagen sonda son sunday sun",
        )
    )
    for name in names.split()
}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari jan january",
            "februari feb february",
            "mars mar march",
            "april apr",
            "maj may",
            "juni jun june",
            "juli jul july",
            "augusti aug august",
            "september sep sept",
            "oktober okt october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
_DAY = "(?P<day>" + "|".join(sorted((name for name in _WEEKDAYS if len(name) > 3), key=len, reverse=True)) + ")"
_SHORT_DAY = "(?P<day>" + "|".join(sorted(_WEEKDAYS, key=len, reverse=True)) + ")"
_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"
_ORDINALS = {
    name: number
    for number, names in enumerate(
        (
            "forsta first", "andra second", "tredje third", "fjarde fourth", "femte fifth", "sjatte sixth",
            "sjunde seventh", "attonde eighth", "nionde ninth", "tionde tenth", "elfte eleventh", "tolfte twelfth",
            "trettonde thirteenth", "fjortonde fourteenth", "femtonde fifteenth",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_ORDINAL = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_PAST = re.compile(r"\b(?:i|forra|last|i forra veckans|sen i|since last|since) $")
_NEXT_TO_TIME = r"(?=,? (?:kl\.?|klockan|vid|at|after|efter|fore|before|runt|around|mellan|between|from|fran|halv|kvart|\d{1,2}(?:[:.]\d\d|\b)|morgon|formiddag|eftermiddag|kvall|morning|afternoon|evening|el |eller |or ))"
_COUNT = r"(?P<n>\d{1,2}|en|ett|tva|tre|fyra|fem|sex|sju|atta|nio|tio|ett par|one|two|three|four|five|six|seven|eight|ten|a couple of|a|an)"

Maker = Callable[[re.Match, date], Optional[Tuple[date, date]]]


def _day_number(said: str) -> int:
    return int(said) if said.isdigit() else _ORDINALS[said]


def _one(day: Optional[date]) -> Optional[Tuple[date, date]]:
    return (day, day) if day else None


def _weekday(match: re.Match, today: date) -> Optional[Tuple[date, date]]:
    """The coming one; said on that very day, the one in a week."""
    ahead = (_WEEKDAYS[match.group("day")] - today.weekday()) % 7
    return _one(today + timedelta(days=ahead or 7))


def _weekday_next_week(match: re.Match, today: date) -> Optional[Tuple[date, date]]:
    monday = today + timedelta(days=7 - today.weekday())
    return _one(monday + timedelta(days=_WEEKDAYS[match.group("day")]))


def _ahead(match: re.Match, today: date, unit: int) -> Optional[Tuple[date, date]]:
    count = small_number(match.group("n").replace("a couple of", "couple").replace("ett par", "par"))
    return _one(today + timedelta(days=unit * count)) if count else None


def _week(today: date, weeks: int) -> Tuple[date, date]:
    monday = today + timedelta(days=7 * weeks - today.weekday())
    return monday, monday + timedelta(days=6)


def _numbered_week(match: re.Match, today: date) -> Optional[Tuple[date, date]]:
    number, year = int(match.group("n")), today.isocalendar()[0]
    if not 1 <= number <= 53:
        return None
    if number < today.isocalendar()[1]:
        year += 1
    try:
        monday = date.fromisocalendar(year, number, 1)
    except ValueError:
        return None
    return monday, monday + timedelta(days=6)


def _weekend(today: date, weeks: int) -> Tuple[date, date]:
    saturday = today + timedelta(days=7 * weeks + 5 - today.weekday())
    return saturday, saturday + timedelta(days=1)


def _calendar(match: re.Match, today: date) -> Optional[Tuple[date, date]]:
    """A day and a month, with a year or without: without, the next time it comes."""
    groups = match.groupdict()
    month = _MONTHS[groups["month"]] if not groups["month"].isdigit() else int(groups["month"])
    year = int(groups["year"]) if groups.get("year") else today.year
    year += 2000 if year < 100 else 0
    try:
        found = date(year, month, _day_number(groups["dom"]))
        if not groups.get("year") and found < today:
            found = date(year + 1, month, _day_number(groups["dom"]))
    except ValueError:
        return None
    return _one(found)


def _month_ahead(match: re.Match, today: date) -> Optional[Tuple[date, date]]:
    """The same day some months on, or the last of that month where it is shorter."""
    count = small_number(match.group("n").replace("a couple of", "couple").replace("ett par", "par"))
    if not count:
        return None
    year, month = today.year + (today.month - 1 + count) // 12, (today.month - 1 + count) % 12 + 1
    return _one(date(year, month, min(today.day, monthrange(year, month)[1])))


def _next_month(today: date) -> Tuple[date, date]:
    year, month = today.year + today.month // 12, today.month % 12 + 1
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _day_of_month(match: re.Match, today: date) -> Optional[Tuple[date, date]]:
    """ "den 12:e": in this month if it is still to come, else in the next."""
    for months in (0, 1, 2):
        year, month = today.year + (today.month - 1 + months) // 12, (today.month - 1 + months) % 12 + 1
        try:
            found = date(year, month, _day_number(match.group("dom")))
        except ValueError:
            continue
        if found >= today:
            return _one(found)
    return None


_RULES: List[Tuple[re.Pattern, Maker]] = [
    (re.compile(pattern), maker)
    for pattern, maker in (
        (r"\b(?P<year>20\d\d)-(?P<month>\d\d)-(?P<dom>\d\d)\b", _calendar),
        (
            rf"(?:\b{_DAY},? )?\b(?:den |the )?(?P<dom>\d{{1,2}}|{_ORDINAL})(?::?e|:?a|st|nd|rd|th)?(?: of)? {_MONTH}\b(?:,? (?P<year>20\d\d)(?!:))?",
            _calendar,
        ),
        (
            rf"(?:\b{_DAY},? )?\b{_MONTH} (?:the )?(?P<dom>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year>20\d\d))?(?!:)",
            _calendar,
        ),
        (
            rf"(?:\b{_DAY},? )?(?:\bden )?(?<![+*=/] )(?<![+*=/])\b(?!24/7\b(?! kl))(?P<dom>\d{{1,2}})/(?P<month>\d{{1,2}})(?:[-/ ](?P<year>20\d\d|\d\d)(?![:.]))?\b(?! ?[-+*=])",
            _calendar,
        ),
        (
            r"\b(?:i ?over ?morgon|overmorgon|(?:the )?day after (?:tomorrow|tmrw|tmr))\b",
            lambda m, t: _one(t + timedelta(days=2)),
        ),
        (
            r"\b(?:i ?morgon|imorn|imorron|i morron|imor|tomorrow|tmrw|tmr|tomoz|tomorow|tommorow|tommorrow)\b",
            lambda m, t: _one(t + timedelta(days=1)),
        ),
        (
            r"\b(?:idag|i dag|ida|ikvall|i kvall|i eftermiddag|today|tonight|this (?:afternoon|morning|evening))\b",
            lambda m, t: _one(t),
        ),
        (rf"\b{_DAY} (?:i )?(?:nasta vecka|next week)\b", _weekday_next_week),
        (rf"\b(?:nasta vecka|next week),? (?:pa |on )?{_DAY}\b", _weekday_next_week),
        (rf"\b(?:nasta|next) {_SHORT_DAY}\b", _weekday_next_week),
        (rf"\b(?:pa|on|this|nu pa|fram till|till|coming|kommande) {_SHORT_DAY}\b", _weekday),
        (rf"\b{_SHORT_DAY}\.?{_NEXT_TO_TIME}", _weekday),
        (rf"^{_SHORT_DAY}\W*$", _weekday),
        (rf"\b{_DAY}\b", _weekday),
        (rf"\b(?:om|in) {_COUNT} (?:vecka|veckor|weeks?)\b", lambda m, t: _ahead(m, t, 7)),
        (rf"\b(?:om|in) {_COUNT} (?:dag|dagar|dar|days?)\b", lambda m, t: _ahead(m, t, 1)),
        (rf"\b(?:om|in) {_COUNT} (?:manad|manader|months?)\b", _month_ahead),
        (r"\b(?:nasta manad|next month)\b", lambda m, t: _next_month(t)),
        (r"\b(?:nasta vecka|next week)\b", lambda m, t: _week(t, 1)),
        (r"\b(?:den har veckan|denna vecka|i veckan|this week)\b", lambda m, t: (t, _week(t, 0)[1])),
        (r"\b(?:vecka|v\.?|week) ?(?P<n>\d{1,2})\b", _numbered_week),
        (r"\b(?:nasta helg|next weekend)\b", lambda m, t: _weekend(t, 1)),
        (r"\b(?:i helgen|till helgen|this weekend|the weekend|at the weekend)\b", lambda m, t: _weekend(t, 0)),
        (r"\bden (?P<dom>\d{1,2})(?::?e|:?a)?\b(?! (?:ar|kr))", _day_of_month),
        (r"\b(?:on |till )?(?:the |den )(?P<dom>\d{1,2})(?:st|nd|rd|th)\b", _day_of_month),
    )
]


def find_days(text: str, today: date) -> Optional[Days]:
    """The first day or stretch of days to come that the text names; a day that has been ("i måndags") is none.

    Of two readings of the same words the earlier rule wins: "torsdag nästa vecka" before "nästa vecka".
    """
    folded = fold(text)
    best: Optional[Days] = None
    for pattern, maker in _RULES:
        for match in pattern.finditer(folded):
            made = maker(match, today) if _may_be(match, text, folded) else None
            if made and (best is None or match.end() <= best.start):
                best = Days(*made, match.start(), match.end())
                break
    return best


def _may_be(match: re.Match, text: str, folded: str) -> bool:
    """Whether a match stands for a day: "man" and "son" are words, and "last friday" is over."""
    day = match.groupdict().get("day")
    if day in ("man", "son", "sat", "sun", "mon") and text[slice(*match.span("day"))].lower() in (
        "man",
        "son",
        "sat",
        "sun",
    ):
        return day in ("sat", "sun") and bool(re.match(r" ?(?:at )?\d", folded[match.end("day") :]))
    return not (day and _PAST.search(folded[: match.start()]))
