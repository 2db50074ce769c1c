"""Finds how old somebody is: digits, words, birthdays to come, and years of birth.

An age is whole years today: "jag fyller 18 i maj" is 17. Every number of a message is weighed by the words around it;
the surest reading wins, of equals the first.
"""

import re
from datetime import date
from typing import Iterator, List, NamedTuple, Optional, Tuple

from dialogue.nlu.entities.numbers import PATTERN, number
from dialogue.nlu.entities.words import Found
from dialogue.nlu.normalise import fold

YOUNGEST, OLDEST = 10, 69
SURE, LIKELY, LOOSE = 3, 2, 1

_HALF = r"(?:[.,]5|½| och ett halvt?| och en halv| and a half)?"
_NUMBER = re.compile(
    rf"(?<![\d.,:/+-])(?<![\d] )\b(?P<n>\d{{1,2}}|(?:{PATTERN})(?:\b|(?=ar(?:ing|ig|s)))){_HALF}(?![\d%:/]|[.,]\d|-\d)"
)
_MONTHS = (
    r"(?:januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december|january|february|march|"
    r"may|june|july|august|october|jan|feb|mar|apr|jun|jul|aug|sep|sept|okt|oct|nov|dec)"
)
_MONTH_NUMBERS = {
    name: number
    for number, names in enumerate(
        "jan feb mar apr maj|may jun jul aug sep okt|oct nov dec".split(),
        1,
    )
    for name in names.split("|")
}
_SOFT = (
    r"(?: (?:just|bara|only|precis|like|typ|redan|already|now|nu|faktiskt|actually|fortfarande|still|ju|ungefar|hela|runt|"
    r"around|about|nog|ba|en|a|an|currently|snart|as|sjalv|myself|nyss|alltsa|finally|antligen))*"
)
_OLD = r"(?: ?ars?(?: gammal| ung| gamla)?\b|-? ?ar(?:ing|ig)\w*|-?ars\b| ?bast\b| jordsnurr| varar|-? ?y/?o\b| ?y\b|-? ?years?(?:[- ]old)?\b| ?yrs?(?: old)?\b)"

_OTHER_AFTER = re.compile(
    rf"^(?: ?(?:e|:e|st|nd|rd|th))?(?: of)? ?(?:{_MONTHS}\b(?! (?:gammal|ar))|sedan\b|sen\b|ago\b|tillbaka|framover|veck|week|dag|dar\b|"
    r"day|manad|month|timm|tim\b|hour|h\b|min\b|minut|procent|percent|kr\b|kronor|sek\b|poang|point|credit|hp\b|kurs|"
    r"course|betyg|klass|grade|elever|student|kids|people|pers|barn|children|syskon|sibling|test|prov\b|plats|place|"
    r"ganger|times|skol|school|mil\b|km\b|dollar|euro|merit|i meritvarde|saker|things|val\b|options|lektion|lesson|am\b(?! i\b)|pm\b|kl\b|o'?clock)"
)
_DAY_BEFORE = re.compile(
    r"(?:dag(?:en)?|tors|tis|ons|fre|mon|tue|wed|thu|fri|day|morgon|tomorrow|idag|today)(?: (?:typ|runt|around|ca|vid|at|kring))? $"
)
_YEARS_AGO = re.compile(
    r"^(?: ?ar| ?years?| ?yrs?)(?: sedan| sen| ago| tillbaka| kvar| left| of(?! age)| till| to go)\b"
)
_OTHER_BEFORE = re.compile(
    r"(?:\b(?:om|in|kl|klockan|vecka|v|week|nummer|nr|number|rum|sal|room|kapitel|chapter|page|sida|buss|bus|linje|line|"
    r"grade|arskurs|ak|klass|mellan|between|under|over|till|tills|until|from|fran|fick|har|have|has|got|get|i|for|"
    r"kostar|costs?|den|matte|svenska|engelska|minst|at least|max|de senaste|the last|past|every|var|within|inom|"
    r"mer an|more than|less than|mindre an|betalade|betala|av|of|x|"
    r"(?:mellan|between) \w+ (?:och|o|and)|\d\d (?:och|till|to|and|-))\.?|[a-z]\.|grans\w*(?: \w+){0,2}|limit(?: \w+){0,2}) $"
)
_PAST = re.compile(
    r"(?:\b(?:nar|da|when|since|sen|sedan|while) (?:jag|ja|i|hon|han|he|she|man|you|vi|we|var)(?: (?:bara|only|just|ba|typ))?"
    r"(?: (?:var|va|was|were|ar|is|are|blir|fyller|fyllt|turn|blev|turned|jag))*|\bvar(?:it)? (?:jag )?(?:bara |typ )?|\bi was(?: only| just| like)?)"
    r"(?: typ| like| ba| bara)? $"
)
_NOT_MINE = re.compile(
    r"\b(?:man|you|u|ni|folk|people|de|dom|they|till|until|tills|innan|before|efter|after|fran|de som|if|om)(?: jag| i| ja)?"
    r"(?: (?:ar|are|is|har|have|hunnit|fyllt|fyller|fylla|turn|turned|ha|bli|blir|m|to|need|needs|must|maste|behover|att|ska|should))* $"
)
_NEGATED = re.compile(r"\b(?:inte|inte hunnit|not|haven'?t|ej|aldrig)\b[a-z ]{0,12}$")

_BIRTHDAY_PAST = re.compile(rf"\b(?:fyllde|fyllt|fylld|blev|blivit|turned|hunnit bli){_SOFT} $")
_BIRTHDAY = re.compile(
    rf"\b(?:fyller|fylla|ska bli|blir|bli|turning|turn|turns|will be|ll be|gonna be|going to be|about to be|be){_SOFT} $"
)
_TODAY = re.compile(r"^ (?:ar )?(?:idag|i dag|today)\b")
_ALMOST = re.compile(rf"\b(?:snart|nastan|almost|nearly|soon|going on|strax|mot){_SOFT} $")
_SPAN = r"(?:\d{1,2}|an?|en|ett|one|two|tva|three|tre|four|fyra|five|fem|six|sex|a few|nagra|ett par|a couple of)"
_SOON = re.compile(
    rf"^(?: ar| years)? (?:in|om) {_SPAN} (?:days?|dagar?|weeks?|veckor|vecka|months?|manader|manad)\b|"
    r"^ (?:o|och|men|and|but|fast) (?:det|that) (?:fyller|blir|ar|turn|am|will) (?:jag|i)\b|"
    r"^,? (?:vilket|which|som) (?:jag|i) (?:fyller|blir|turn|will be)\b"
)
""" "24 in two weeks", "18, och det fyller jag i februari": a birthday told after the number."""
_COMING = re.compile(rf"^(?: ar| years)? (?:soon|snart|next\b|till (?:varen|sommaren|hosten)|(?:in|i) {_MONTHS}\b)")
_MINE = re.compile(
    rf"(?:\b(?:jag|ja|jg|iag|i) (?:ar|e|a|am|m)|\b(?:ar|e) (?:jag|ja)|\bi'm|\bim|\bjag|(?:^|[.!?] )(?:ar|e|a|am)|"
    rf"\b(?:jag|i) (?:sjalv|myself)|\b(?:o|och|and|a|men|but|nu|now|jo|ja|yes|yeah|hej|hi),? (?:ar|e|am)|>,? ?(?:a |och |o )?(?:ar|e)|"
    rf"\bbeing|\bmyself){_SOFT},? $"
)
_THEIRS = re.compile(
    r"(?:\b(?:hon|han|hen|he|she|lillasyrran|storasyrran|storasyster|storebror|storebrorsan|lillebrorsan|son|dotter|dottern|sonen|bror|brorsa|brorsan|syster|syrra|syrran|lillebror|lillasyster|kompis|friend|"
    rf"brother|sister|daughter|kid|child|unge|kusin|cousin|girlfriend|boyfriend|tjejen|killen)(?: som| who)?(?:'s| ar| e| is|s)?){_SOFT} $"
)
_PARTNERS = re.compile(
    rf"\b(?:bf|gf|boyfriend|girlfriend|husband|wife|sambo|sambon|pojkvan|pojkvannen|flickvan|flickvannen|mamma|pappa|mom|mum|dad)"
    rf"(?:'s| ar| e| is|s)?{_SOFT} $"
)
_HAVE_YEARS_BEFORE = re.compile(r"(?:^|\b)(?:jag|ja|i) (?:har|have)(?: bara| only| nu)? $")
_HAVE_YEARS_AFTER = re.compile(
    r"^ (?:ar|years?)(?! (?:of|av|kvar|left|till|to|i|in|pa|erfarenhet|experience|sen|sedan|ago|bakom)\b)\b"
)
""" "Jag har 24 år": as many languages say it."""
_ABOUT_ME = re.compile(
    r"\b(?:jag|ja|mig|i|im|i'm|i've|ive) (?:har|ar|e|vill|kan|far|inte|have|am|want|dont|don't|can|got|bara|just|only|feel|ligger|sitter)\b|\b(?:men|but) (?:jag|i)\b"
)
"""Beside a sister's age: the message is about the writer, whose age it does not tell."""
_AGE_BEFORE = re.compile(r"\b(?:age|aged|alder|aldern|years old|gammal)(?: of)?[:,]? ?(?:is |ar |e )?$")
_TOO_OLD = re.compile(
    r"^(?: ar| years)?(?: gammal)? ?(?:too old|for gammal|too young|for ung|for sent|too late|gammalt)\b"
)
_IS = re.compile(r"(?:^|\b)(?:is|ar|e) $")
_AT = re.compile(r"\b(?:vid|at|som|as)(?: (?:a|an|age|en))? $")
_AGE_IS_ASKED = re.compile(r"\b(?:gammal|gamla|old|young|ung|late|sent|alder\w*|age)\b")
_PERSON = r"(?:kille|tjej|pojke|flicka|girl|boy|guy|dude|female|male|kvinna|grabb|brud|man|woman)"
_PERSON_BEFORE = re.compile(rf"\b{_PERSON},? (?:pa )?$")
_PERSON_AFTER = re.compile(rf"^,? {_PERSON}\b")
_ITEM_BEFORE = re.compile(
    r"(?:^|[,;:\n(/>.!?-] ?|\b(?:va|vara|pa|me|mig|ju|typ|bara|only|just|o|och|and|a|men|but|so|sa|nu|now|is|ar|e|being|be|of|still|finally) )$"
)
_ITEM_AFTER = re.compile(
    r"^(?:$|[,;.!?)/\n+]|[fm]\b| (?:och|o|a|and|utan|no|without|typ|fyllda|going on|nearly|almost|snart|now|nu|ish|from|fran|i|in|"
    r"som|who|with|med|men|but|so|sa|pa det|pa|at|soon|va|ju|bor|lives?|living|just nu|rn|for a|haha|lol|bro|here|f|m|k|har|have|vill|want|"
    r"kan|can|am i|is|ar|e)\b|ish\b)"
)
_ALONE = re.compile(
    rf"^\W*(?:ja|yes|yeah|mm|hm|eh|oh|ok|typ|ca|cirka|about)?\W*{_NUMBER.pattern}(?:{_OLD})?"
    r"(?: (?:gammal|gamla|ar|old|just nu|va|ju|nu|now|bro|haha|lol|typ|ish|fyllda|tror jag|i think))*\W*$"
)
_SHORT_FORM = re.compile(r"^(?:hej |hi |hey )?[mfk](?P<n>[12]\d)\b")
""" "m20 linköping": as in a list of ads."""
_BORN = re.compile(
    r"\b(?:fodd|fodda|foddes|fodes|fott|born|birth year|fodelsear|argang)(?: ar| in| i| on| den| the| year| varen| sommaren| hosten| vintern| spring| summer| autumn| fall| winter| of|:)* ?"
    rf"(?:\d{{1,2}}(?::?e|st|nd|rd|th)?(?: of)? )?(?P<month>{_MONTHS})?(?:\d{{1,2}}/\d{{1,2}}[ -]?)? ?['-]?(?P<y>(?:19|20)\d\d|\d\d)\b(?!-)"
)
_COHORT = re.compile(
    r"(?:^(?=\d\d:?an?\b)|\b(?:ar|e|en|im|i'm|a|am)\s)(?:en |a |an )?'?-?(?P<y>20(?:0\d|1\d)|(?:0\d|1\d)(?=:?a\b|:?an\b|-a\b|:?or\b))(?::?a|:?an|-a|:?or)?\b(?! ?(?:kr|kronor|sek|spann|:-))"
)


class _Reading(NamedTuple):
    """A number taken for an age: how sure, the years today, and where."""

    sure: int
    years: int
    span: Tuple[int, int]


def find(text: str, today: date) -> List[Found]:
    """The age in a message, as at most one entity with digits for its value."""
    folded = fold(text)
    readings = [one for one in _readings(folded) if YOUNGEST <= one.years <= OLDEST]
    best = max(readings, key=lambda one: (one.sure, -one.span[0]), default=None)
    born = _by_birth(folded, today)
    if born is not None and (best is None or best.sure < LIKELY):
        best = born
    return [Found("age", str(best.years), *best.span)] if best else []


def _readings(folded: str) -> Iterator[_Reading]:
    alone = _ALONE.match(folded)
    if alone:
        yield _Reading(SURE, number(alone.group("n")) or 0, alone.span("n"))
        return
    short = _SHORT_FORM.match(folded)
    if short:
        yield _Reading(LIKELY, int(short.group("n")), short.span("n"))
    for match in _NUMBER.finditer(folded):
        said, before, after = number(match.group("n")), folded[: match.start()], folded[match.end() :]
        if said is None:
            continue
        read = _read(before, after, folded)
        if read is not None:
            sure, shift = read
            yield _Reading(sure, said + shift, match.span("n"))


def _read(before: str, after: str, folded: str) -> Optional[Tuple[int, int]]:
    """How sure it is that the number between `before` and `after` is an age, and what to add to it."""
    if _DAY_BEFORE.search(before) or _OTHER_AFTER.match(after) or _YEARS_AGO.match(after) or _PAST.search(before):
        return None
    if _SOON.match(after) and (_MINE.search(before) or _ITEM_BEFORE.search(before)):
        return LIKELY, -1
    birthday = _birthday(before, after)
    if birthday is not None:
        return birthday if birthday[0] else None
    if _HAVE_YEARS_BEFORE.search(before) and _HAVE_YEARS_AFTER.match(after):
        return SURE, 0
    if _PARTNERS.search(before):
        return None
    if _OTHER_BEFORE.search(before) or _NOT_MINE.search(before):
        return None
    if _ALMOST.search(before) and not _MINE.search(_ALMOST.sub("", before) + " "):
        return LOOSE, -1
    if _ALMOST.search(before) or (
        _COMING.match(after) and (after.startswith(" ar") or not _ITEM_BEFORE.search(before))
    ):
        return LIKELY, -1
    if _MINE.search(before):
        return SURE, 0
    if _AGE_BEFORE.search(before) or (_IS.search(before) and _TOO_OLD.match(after)):
        return SURE, 0
    if _THEIRS.search(before) and _ABOUT_ME.search(before + after):
        return None
    if re.match(_OLD, after) or _THEIRS.search(before) or _PERSON_BEFORE.search(before) or _PERSON_AFTER.match(after):
        return LIKELY, 0
    if _AT.search(before):
        return (LIKELY, 0) if _AGE_IS_ASKED.search(folded) else None
    return (LOOSE, 0) if _ITEM_BEFORE.search(before) and _ITEM_AFTER.match(after) else None


def _birthday(before: str, after: str) -> Optional[Tuple[int, int]]:
    """A birthday that has been or will be; sure 0 when it is nobody's ("innan man fyllt 20"), None when there is none."""
    past, coming = _BIRTHDAY_PAST.search(before), _BIRTHDAY.search(before)
    said = past or coming
    if said is None:
        return None
    if _NOT_MINE.search(before[: said.start()] + " ") or _NOT_MINE.search(before[: said.start()]):
        return 0, 0
    if past:
        return SURE, -1 if _NEGATED.search(before[: past.start()]) else 0
    if _TODAY.match(after):
        return SURE, 0
    return LIKELY, -1


def _by_birth(folded: str, today: date) -> Optional[_Reading]:
    match = _BORN.search(folded) or _COHORT.search(folded)
    if not match:
        return None
    year = int(match.group("y"))
    if year < 100:
        year += 2000 if year <= today.year % 100 else 1900
    month = match.groupdict().get("month")
    # Without the day of birth, the likelier of the two ages: in the second half of the year, or month, most have had it.
    if month is None:
        had = today.month >= 7
    else:
        born_in = _MONTH_NUMBERS[month[:3]]
        had = today.month > born_in or (today.month == born_in and today.day > 15)
    years = today.year - year - (0 if had else 1)
    return _Reading(SURE, years, match.span("y")) if YOUNGEST <= years <= OLDEST else None
