"""Finds when somebody wants something: one entity `time`, ISO 8601 in Swedish local time.

A day, a time, both, or an interval "start/end": "2026-03-05", "2026-03-05T14:00", "14:00",
"2026-03-05T12:00/2026-03-05T17:00", "2026-03-09/2026-03-15".
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import List, Optional, Tuple

from dialogue.clock import STOCKHOLM
from dialogue.nlu.entities.dates import Days, find_days
from dialogue.nlu.entities.numbers import small_number
from dialogue.nlu.entities.words import Found
from dialogue.nlu.normalise import fold


@dataclass(frozen=True)
class Clock:
    """A time of day, or the beginning and end of a part of the day."""

    first: str
    last: Optional[str]
    start: int
    end: int


_PARTS: Tuple[Tuple[str, str, str], ...] = (
    (r"\b(?:efter lunch\w*|after lunch)\b", "13:00", "17:00"),
    (r"\b(?:innan lunch\w*|fore lunch\w*|before lunch|before noon)\b", "08:00", "12:00"),
    (r"\b(?:vid lunch\w*|pa lunchen|lunchtid|at lunch\w*|around noon|at noon|mitt pa dagen)\b", "11:30", "13:00"),
    (r"\b(?:efter skolan|after school|efter jobbet|after work|sen eftermiddag|late afternoon)\b", "15:00", "18:00"),
    (r"\b(?:eftermiddag(?:en|ar)?|eftermiddan|afternoons?)\b", "12:00", "17:00"),
    (r"\b(?:formiddag(?:en|ar)?|formiddan)\b", "08:00", "12:00"),
    (
        r"\b(?:pa morgonen|pa morronen|(?:morgon |morron )?bitti|tidigt|mornings?|early|(?<!i )(?<!over)morgon(?:en)?)\b",
        "08:00",
        "10:00",
    ),
    (r"\b(?:(?:pa |i ?)?kvall(?:en|ar)?|evenings?|tonight)\b", "17:00", "20:00"),
)
_HOUR_WORDS = (
    "ett|tva|tre|fyra|fem|sex|sju|atta|nio|tio|elva|tolv|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
)
_HOUR = rf"(?P<h>\d{{1,2}}|{_HOUR_WORDS})"
_SPAN = re.compile(
    rf"\b(?:mellan|between|fran|from|kl\.?|klockan)? ?{_HOUR}(?:[:.](?P<m>[0-5]\d))? ?(?P<half>am|pm)? ?(?:-|–|till?|to|och|o|and|until) ?"
    rf"(?P<h2>\d{{1,2}}|{_HOUR_WORDS})(?:[:.](?P<m2>[0-5]\d))? ?(?P<half2>am|pm)?\b(?! ?(?:ar|years|%|kr|dagar|days|veckor|weeks|poang))"
)
_SPAN_SAID = re.compile(r"^(?:mellan|between|fran|from|kl|klockan)|-|–|[:.]|am|pm")
_SOON = re.compile(
    rf"\b(?:om|in) (?:(?P<half>en halvtimme|en halv timme|half an hour|a half hour)|(?P<n>\d{{1,3}}|{_HOUR_WORDS}|en|a|an|ett par|a couple of) "
    r"(?P<unit>tim\w*|hours?|min\w*))\b"
)
_AT = r"(?:\b(?:kl|klockan|klocka|kl\.|at|runt|around|vid|about|by|after|efter|before|innan|fore|from|fran)\.? )"
_EXACT: Tuple[Tuple[re.Pattern, int], ...] = tuple(
    (re.compile(pattern), minutes)
    for pattern, minutes in (
        (rf"\b(?:kl |klockan |at )?halv {_HOUR}\b", -30),
        (rf"\b(?:kl |klockan )?kvart over {_HOUR}\b|\bquarter past (?P<h2>\d{{1,2}}|{_HOUR_WORDS})\b", 15),
        (rf"\b(?:kl |klockan )?kvart i {_HOUR}\b|\bquarter to (?P<h2>\d{{1,2}}|{_HOUR_WORDS})\b", -15),
        (rf"\b(?:at )?half past {_HOUR}\b", 30),
        (r"\b(?P<h>[01]?\d|2[0-3])[:.](?P<m>[0-5]\d)\b(?: ?(?P<half>am|pm|a\.m\.|p\.m\.))?", 0),
        (rf"\b{_HOUR} ?(?P<half>am|pm|a\.m|p\.m|o'?clock)\b", 0),
        (
            rf"{_AT}(?:halv )?{_HOUR}\b(?:(?<=\d)|(?=\W*$|[,.!?]| (?:pa|on|i|in|imorgon|tomorrow|today|idag|ikvall|eller|or|och|and|om|if|nasta|next|da|o|passar|works|funkar|monday|tuesday|wednesday|thursday|friday|mandag|tisdag|onsdag|torsdag|fredag)\b))(?! ?(?:ar|years|%|kr|dagar|days|veckor|weeks|gymnasi|skolor|schools|platser))",
            0,
        ),
    )
)
_FROM = re.compile(
    rf"\b(?:efter|after|fran|from|tidigast|earliest|inte fore|not before)(?: kl\.?| klockan| at)? (?=\d|halv|kvart|(?:{_HOUR_WORDS})\b)"
)
_UNTIL = re.compile(
    rf"\b(?:fore|innan|before|senast|latest|till)(?: kl\.?| klockan| at)? (?=\d|halv|kvart|(?:{_HOUR_WORDS})\b)"
)
DAY_ENDS, DAY_BEGINS = "18:00", "08:00"


def find(text: str, now: datetime) -> List[Found]:
    """The time in a message, as at most one entity; `now` is Swedish local time."""
    folded = fold(text)
    soon = _soon(folded, now)
    if soon is not None:
        return [soon]
    days = find_days(text, now.date())
    clock = _clock(folded, days)
    if days is None and clock is None:
        return []
    start = min(part.start for part in (days, clock) if part)
    end = max(part.end for part in (days, clock) if part)
    return [Found("time", _iso(days, clock), start, end)]


def _soon(folded: str, now: datetime) -> Optional[Found]:
    """ "om två timmar": counted in real hours, so also right in the night when the clocks change."""
    match = _SOON.search(folded)
    if match is None:
        return None
    count = 30 if match.group("half") else _count(match.group("n"))
    if not count:
        return None
    minutes = count if match.group("half") or match.group("unit").startswith("min") else 60 * count
    then = (now.astimezone(timezone.utc) + timedelta(minutes=minutes)).astimezone(STOCKHOLM)
    return Found("time", f"{then:%Y-%m-%dT%H:%M}", *match.span())


def _count(said: str) -> Optional[int]:
    if said in ("elva", "eleven", "tolv", "twelve"):
        return 11 if said.startswith("el") else 12
    return (
        int(said) if said.isdigit() else small_number(said.replace("a couple of", "couple").replace("ett par", "par"))
    )


def _clock(folded: str, days: Optional[Days]) -> Optional[Clock]:
    """The time of day, read outside the words that named the day."""
    rest = folded if days is None else folded[: days.start] + "#" * (days.end - days.start) + folded[days.end :]
    span = _span(rest, folded)
    if span is not None:
        return span
    for pattern, shift in _EXACT:
        match = pattern.search(rest)
        if match is None:
            continue
        exact = _hour(match, shift, folded)
        if exact is None:
            continue
        before = rest[: match.end()]
        since, until = _FROM.search(before), _UNTIL.search(before)
        if since and since.start() <= match.start() <= since.end():
            return Clock(exact, max(DAY_ENDS, exact), since.start(), match.end())
        if until and until.start() <= match.start() <= until.end():
            return Clock(min(DAY_BEGINS, exact), exact, until.start(), match.end())
        return Clock(exact, None, match.start(), match.end())
    if days is not None:
        bare = re.match(
            r",? (?:typ |ca |runt |kring )?(?P<h>[01]?\d|2[0-3])(?:\b(?![/%]| ?(?:ar|years|kr|min|st|pers)))",
            folded[days.end :],
        )
        hour = _hour(bare, 0, folded) if bare else None
        if bare and hour:
            return Clock(hour, None, days.end + bare.start("h"), days.end + bare.end())
    for pattern_text, first, last in _PARTS:
        match = re.search(rf"(?<!varje )(?<!every )(?:{pattern_text})", folded)
        if match and not (days and first == "08:00" and days.start <= match.start() < days.end):
            return Clock(first, last, match.start(), match.end())
        if match and first == "08:00" and last == "10:00" and "bitti" in match.group():
            return Clock(first, last, match.start(), match.end())
    return None


def _span(rest: str, folded: str) -> Optional[Clock]:
    """ "mellan 13 och 15", "9-11": a stretch of hours."""
    for match in _SPAN.finditer(rest):
        said = match.group().strip()
        beside_a_day = rest[: match.start()].rstrip(" ,").endswith("#")
        if not (_SPAN_SAID.match(said) or (_SPAN_SAID.search(said) and (beside_a_day or len(folded) == len(said)))):
            continue
        groups = match.groupdict()
        first = _time_of(groups["h"], groups["m"], groups["half"] or groups["half2"], folded)
        last = _time_of(groups["h2"], groups["m2"], groups["half2"], folded)
        if first and last and first < last:
            return Clock(first, last, match.start() + len(match.group()) - len(match.group().lstrip()), match.end())
        if first and last:
            morning = _time_of(groups["h"], groups["m"], "am", folded)
            if morning and morning < last:
                return Clock(morning, last, match.start(), match.end())
    return None


def _hour(match: re.Match, shift: int, folded: str) -> Optional[str]:
    groups = match.groupdict()
    return _time_of(groups.get("h") or groups.get("h2") or "", groups.get("m"), groups.get("half"), folded, shift)


def _time_of(said: str, minute: Optional[str], half: Optional[str], folded: str, shift: int = 0) -> Optional[str]:
    """A time "HH:MM"; without am or pm, an hour from one to seven is in the afternoon, as meetings are."""
    hour = _count(said)
    if hour is None or hour > (12 if half == "am" else 23):
        return None
    half = (half or "").replace(".", "")
    written_out = bool(minute) and len(said) == 2
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    elif half != "am" and not written_out and 1 <= hour <= 7 and not re.search(r"\b(?:morgonen|morning|natt)", folded):
        hour += 12  # nobody meets a counsellor at three in the night
    minutes = hour * 60 + int(minute or 0) + shift
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _iso(days: Optional[Days], clock: Optional[Clock]) -> str:
    if days is None:
        assert clock is not None
        return f"{clock.first}/{clock.last}" if clock.last else clock.first
    if clock is None:
        return days.first.isoformat() if days.first == days.last else f"{days.first}/{days.last}"
    if clock.last is None and days.first == days.last:
        return f"{days.first}T{clock.first}"
    if clock.last is None:
        return f"{days.first}T{clock.first}/{days.last}T{clock.first}"
    return f"{days.first}T{clock.first}/{days.last}T{clock.last}"
