"""Finds how old somebody is: digits, words, birthdays to come, and years of birth.

An age is whole years today: "jag fyller 18 i maj" is 17.
"""

import re
from datetime import date
from typing import List, Optional, Tuple

from dialogue.nlu.entities.numbers import PATTERN, number
from dialogue.nlu.entities.words import Found
from dialogue.nlu.normalise import fold

YOUNGEST, OLDEST = 10, 69
_N = rf"(?P<n>\d{{1,2}}|{PATTERN})"
_UNIT = r"(?:\s?ar\b(?!\s+sedan)|\s?-?\s?aring|\s?bast\b|\s?jordsnurr|\s?varar|\s?yo\b|\s?y/o|\s?-?\s?years?(?:\s?-?\s?old)|\s?yrs? old|\s?yr old)"
_I_AM = r"(?:\b(?:ar|e|va|var|ar ju|ar nu) (?:jag|ja|hon|han|hen)|\bja?g? (?:ar|e|a|va|var|har hunnit bli)|\bar|\bja|\bi am|\bi'm|\bim|\bi m|\b(?:s?he|she|he)(?:'s| is|s)|\bis|\bbeing)"
_SOFT = r"(?:\s(?:just|bara|only|precis|like|typ|redan|already|now|nu|faktiskt|actually|fortfarande|still|ju|ungefar|snart hela|over|runt|around|about|nog|ba|en|a))*"

# In order: the first that matches wins. The number is how much to add to the number said.
_PATTERNS: Tuple[Tuple[re.Pattern, int], ...] = tuple(
    (re.compile(pattern), shift)
    for pattern, shift in (
        # birthdays that have been
        (rf"\b(?:fyllde|fyllt|blev|blivit|turned|just turned){_SOFT}\s{_N}\b", 0),
        (rf"\b(?:fyller|turning|turn|blir){_SOFT}\s{_N}{_UNIT}?\s(?:idag|i dag|today)\b", 0),
        # an age said outright
        (
            rf"{_I_AM}{_SOFT}\s{_N}(?:[.,]5|½)?(?:{_UNIT}|(?=\s*(?:[,.!?;]|$|\s(?:och|o|a|and|n|men|but|so|sa|am|is|can|kan|har|have|snart|now|nu|with|who|som|utan|i|pa)\b)))",
            0,
        ),
        (rf"\b{_N}(?:[.,]5|½)?{_UNIT}", 0),
        (rf"\b(?:age|aged|alder|aldern)[:\s](?:is |ar )?{_N}\b", 0),
        (rf"\b(?:vid|at|when i was|at the age of) {_N}{_UNIT}?\b(?!\s?(?:\d|:|\.\d|%|kr))", 99),
        # birthdays to come
        (
            rf"\b(?:fyller|fylla|ska bli|blir|bli|snart|nastan|turning|turn|will be|ll be|be|about to be|soon|almost|nearly){_SOFT}\s{_N}\b(?!\s?(?:%|kr|:|min|tim|hours|days|dagar|veck|week|man|procent))",
            -1,
        ),
        (
            rf"\b{_I_AM}\s{_N}\s(?:soon|snart|next|in (?:january|february|march|april|may|june|july|august|september|october|november|december|a))",
            -1,
        ),
    )
)
_NOT_MINE = re.compile(
    r"\b(?:man|you|u|ni|folk|people|de|dom|they|till|until|tills|under|over|innan|before|efter|after|fran)\s(?:ar |are |is |fyllt |man ar |ni ar |du ar |you are |you're |har fyllt |fyller |turn |ha fyllt )*$"
)
_ALONE = re.compile(
    rf"^\W*(?:ja|yes|yeah|mm|hm|eh|oh|ok)?\W*(?:jag ar |jag e |i am |i'm |im |ar )?{_N}(?:[.,]5|½)?(?:{_UNIT})?(?:\s(?:gammal|gamla|years|years old|old|ar|ar gammal|just nu|snart \w+|va|ju|nu|now|bro|haha|lol))*\W*$"
)
_BORN = re.compile(
    r"\b(?:fodd|fodda|born)(?:\s(?:ar|in|i|on|den|the|year))*\s(?:\d{1,2}\s?[a-z]+\s|\d{1,2}/\d{1,2}[\s-]?)?'?(?P<y>(?:19|20)\d\d|\d\d)(?:[-/.]?(?P<m>\d\d)[-/.]?(?P<d>\d\d))?(?:a|:a|an|talet)?\b"
)
_COHORT = re.compile(r"\b(?:ar|e|en|im|i'm)\s(?:en\s)?'?(?P<y>(?:20)?(?:0[0-9]|1[0-9]))(?:a|:a|:an|-a)\b")
_AFTER_PERIOD = re.compile(
    r"^\s?(?:sedan|sen|ago|tillbaka|framover|veckor|vecka|weeks|dagar|days|manader|months|timmar|hours|min|procent|%|kr|kronor|poang|points|credits|hp|kurser|courses|betyg|klass|grade)"
)
_BEFORE_PERIOD = re.compile(
    r"(?:\bom|\bin|\bfor|\bi|\bunder|\bevery|\bvar|\bover|\bmer an|\bmore than|\bpa|\binom|\bwithin|\bkl|\bklockan|\bat|\bvecka|\bnummer|\brum|\bsal|\bkapitel|\bde senaste|\bthe last)\s$"
)


def find(text: str, today: date) -> List[Found]:
    """The age in a message, as at most one entity with digits for its value."""
    folded = fold(text)
    alone = _ALONE.match(folded)
    if alone:
        return _entity(number(alone.group("n")), alone.span("n"))
    for pattern, shift in _PATTERNS:
        for match in pattern.finditer(folded):
            years = number(match.group("n"))
            if years is None or shift == 99 or _is_something_else(folded, match):
                continue
            found = _entity(years + shift, match.span("n"))
            if found:
                return found
    return _by_birth(folded, today)


def _is_something_else(folded: str, match: re.Match) -> bool:
    """A period ("om 14 dagar"), a limit ("innan man fyllt 20") or the like."""
    before, after = folded[: match.start("n")], folded[match.end("n") :]
    if _AFTER_PERIOD.match(after):
        return True
    if _NOT_MINE.search(folded[: match.start()] + " ") or _NOT_MINE.search(before):
        return True
    spoken_of_years = re.match(r"\s?ar\b(?! gammal| ung|,|\.|$| och| som| men| i | nu| fyllda)", after)
    return bool(_BEFORE_PERIOD.search(before) and (spoken_of_years or not re.match(_UNIT, after)))


def _by_birth(folded: str, today: date) -> List[Found]:
    match = _BORN.search(folded) or _COHORT.search(folded)
    if not match:
        return []
    year = int(match.group("y"))
    if year < 100:
        year += 2000 if year <= today.year % 100 else 1900
    groups = match.groupdict()
    month, day = int(groups.get("m") or 0), int(groups.get("d") or 0)
    # Without the day of birth, the likelier of the two ages: in the second half of the year most have had it.
    had = (today.month, today.day) >= (month, day) if 1 <= month <= 12 else today.month >= 7
    return _entity(today.year - year - (0 if had else 1), match.span("y"))


def _entity(years: Optional[int], span: Tuple[int, int]) -> List[Found]:
    if years is None or not YOUNGEST <= years <= OLDEST:
        return []
    return [Found("age", str(years), *span)]
