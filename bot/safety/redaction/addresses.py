"""Finds street addresses and school classes. Called by `bot.safety.redact`.

A place alone is no address: the bot needs the municipality and says it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.safety.redaction.spans import Kind, Span
from bot.safety.redaction.word_lists import phrases

_L = "A-Za-zÀ-ɏ"
_STREET_END = (
    r"gatan|vägen|vagen|gränden|gränd|allén|allen|stigen|torget|backen|esplanaden|gata|väg|stig|backe|promenaden"
    r"|kajen|slingan"
    r"|kroken|stråket|svängen|terrassen|liden|leden|ringen|platsen|plan|parken|gården|bron|stranden|berget|höjden"
    r"|dalen|hagen"
)
_NUMBER = (
    r"(?:nr\.?\s|nummer\s)?\d{1,4}(?:\s?[A-Ha-h](?![A-Za-zÀ-ɏ]))?(?:\s?-\s?\d{1,4}[A-Ha-h]?)?(?![\dA-Za-zÀ-ɏ:%]"
    r"|[.,]\d)"
)
_FLAT = r"(?:,?\s{0,2}(?:lgh|lägenhet|apt\.?|flat|våning|vån\.?|tr\.?)\s?\.?:?\s?\d{1,4}|,?\s{0,2}\d{1,2}\s?tr(?!\w))?"
_TOWN = rf"[{_L}]{{2,30}}(?:\s(?-i:[A-ZÅÄÖ])[{_L}]{{2,20}})?"
_POST = rf"(?:(?:,|\s|\bi\b){{1,4}}(?:se?-?\s?)?[1-9]\d{{2}}\s?\d{{2}}(?!\d)(?:,?\s(?P<town>{_TOWN}))?)?"
_ONE_WORD = re.compile(
    rf"(?<![\w-])(?P<street>[{_L}-]{{2,40}}?(?:{_STREET_END}))\s{{1,2}}(?P<number>{_NUMBER}){_FLAT}{_POST}",
    re.IGNORECASE,
)
_MORE_WORDS = re.compile(
    rf"(?<![\w-])(?P<street>(?:s:t|s:ta"
    rf"|[A-ZÅÄÖ][{_L}.]{{0,25}})(?:\s[{_L}.]{{2,25}}){{0,2}}\s(?i:{_STREET_END}))\s{{1,2}}(?P<number>{_NUMBER}){_FLAT}{_POST}"
)
_SAINT = re.compile(
    rf"(?<![\w-])(?P<street>(?:s:t|s:ta|sankt|sankta|östra|västra|norra|södra|nya|gamla|stora|lilla|övre|nedre"
    rf"|inre|yttre)\s[{_L}]{{2,25}}(?:{_STREET_END}"
    rf"|\s(?:{_STREET_END})))\s{{1,2}}(?P<number>{_NUMBER}){_FLAT}{_POST}",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    rf"(?<![\w-])\d{{1,4}}[A-Ha-h]?\s(?:[A-Z][{_L}']{{1,25}}\s){{1,3}}(?:Street|Road|Avenue|Lane|Drive|Close|Court"
    rf"|St|Rd|Ave)\b\.?"
)
_CUED = re.compile(
    rf"\b(?:adress(?:en)?|address|bor på|bor pa|live at|lives at)(?:\s(?:är"
    rf"|is))?\s?:?\s?(?P<place>[{_L}:-]{{3,40}}(?:\s[{_L}]{{3,25}})?\s{_NUMBER}){_FLAT}{_POST}",
    re.IGNORECASE,
)
_POSTCODE = re.compile(
    rf"(?<![\d\-+./])(?P<code>[1-9]\d{{2}}\s\d{{2}}|[1-9]\d{{4}})(?![\d\-.:/]),?\s(?P<town>[{_L}]{{2,30}})"
)
_POSTCODE_WORD = re.compile(
    r"\b(?:post(?:nummer|nr|kod|al code|code)|zip(?: code)?)\s?(?:är|is)?\s?:?\s?(?P<code>\d{3}\s?\d{2})(?!\d)",
    re.IGNORECASE,
)
# Ends that are ordinary words or parts of them as well: then the street must be written with a capital.
_WEAK = re.compile(
    r"(?:leden|ringen|platsen|plan|parken|gården|bron|stranden|berget|höjden|dalen|hagen|stig|backe|väg|gata"
    r"|liden|kroken|svängen)$",
    re.IGNORECASE,
)
_NOT_STREET = re.compile(
    r"^(?:riks|läns|motor|europa|järn|genvägen|utvägen|omvägen|skol(?:plan|gården|vägen)$|läro|studie|kurs|tids"
    r"|hand(?:lings)?plan|individuella|"
    r"vanliga|samma|rätt|lång|halv|fot|sim|bak|upp|under|emot|fram|bort|hem(?:vägen|väg)$)",
    re.IGNORECASE,
)
_NO_HOUSE = re.compile(
    r"\s?(?:år|gång|dag|kron|kr\b|min|tim|st\b|%|procent|gymn|poäng|veck|månad|meter|km|m\b|elev|platser|ggr"
    r"|times|days|years|hours|kl\b)"
)

_CLASS_NAME = (
    r"[A-ZÅÄÖa-zåäö]{1,4}\d{2}[A-ZÅÄÖa-zåäö]{0,3}|[1-9]\s?:?[A-Za-z]{1,2}\d?|[A-ZÅÄÖa-zåäö]{2,4}[1-3][A-Za-z]?"
)
_CLASS = re.compile(
    rf"(?:\b[Kk]lass(?:en)?|\b[Kk]lasskod|\b[Cc]lass|\b[Gg](?:år|ick|å) i|\b[Bb]örja(?:de)? i|\b[Ee]lev i"
    rf"|\b[Mm]entor för|\bi (?:åk|åttan|nian)|\b[Ii]n)(?: är| var| heter| hette| is| was| called|:)?"
    rf"\s(?P<name>{_CLASS_NAME})(?![\w])"
)
_CLASS_AFTER = re.compile(rf"(?<![\w-])(?P<name>{_CLASS_NAME})[-\s](?:klassen|klass)\b")
_PROGRAMMES = (
    "BA|BF|BI|EE|EK|ES|FS|FT|FX|HA|HT|HU|HV|IB|IM|IN|IMA|IMS|IMV|IMY|NA|NB|NAT|RL|RX|SA|SAM|SX|TE|TEK|VE|VF|VO|VX"
)
_CLASS_ALONE = re.compile(
    rf"(?<![\w-])(?P<name>(?:{_PROGRAMMES})(?:[12]\d[A-Za-z]{{0,3}}|[1-3][A-Z])|[7-9][A-F])(?![\w-])"
)
# "in 2b" and "I go in it" must not both be classes; a year, a term, a grade and a programme of Gy25 are none.
_NO_CLASS = re.compile(
    r"^(?:\d{1,2}(?:am|pm|kr|år|st|an|or|nd|rd|th|e|a:?n?)|[vV]\d{1,2}|[kK]l\d*|åk\d|ht\d\d|vt\d\d|b[12]|a[12]"
    r"|c[12]|e\d+|q\d|[A-Z]{2}25)$",
    re.IGNORECASE,
)


def find_addresses(text: str) -> Iterator[Span]:
    """Find streets with a number, with the postcode and town that follow, and postcodes with a town."""
    for pattern in (_SAINT, _MORE_WORDS, _ONE_WORD):
        for match in pattern.finditer(text):
            if not _ordinary_words(match["street"], text, match.end("number")):
                yield _address(match[0], match.start())
    for match in _ENGLISH.finditer(text):
        yield _address(match[0], match.start())
    for match in _CUED.finditer(text):
        if match["place"][0].isupper() and not _NO_HOUSE.match(text, match.end("place")):
            yield _address(text[match.start("place") : match.end()], match.start("place"))
    for match in _POSTCODE.finditer(text):
        if (match["town"].lower(),) in phrases("keep"):
            yield _address(match[0], match.start())
    for match in _POSTCODE_WORD.finditer(text):
        yield _address(match["code"], match.start("code"))


def _ordinary_words(street: str, text: str, after: int) -> bool:
    last = street.split()[-1]
    if _NO_HOUSE.match(text, after) or _NOT_STREET.match(last):
        return True
    return _WEAK.search(last) is not None and not street[0].isupper()


def _address(value: str, start: int) -> Span:
    bare = value.rstrip(" ,.")
    return Span(Kind.ADDRESS, bare, start, start + len(bare))


def find_classes(text: str) -> Iterator[Span]:
    """Find the names of school classes beside a word for class, and such as TE22B anywhere."""
    for pattern in (_CLASS, _CLASS_AFTER, _CLASS_ALONE):
        for match in pattern.finditer(text):
            name = match["name"]
            cue = text[match.start() : match.start("name")].strip().lower()
            if _NO_CLASS.match(name) or (cue == "in" and not re.fullmatch(r"[A-Z]{2,4}\d\d?[A-Za-z]?|\d[A-Z]", name)):
                continue
            yield Span(Kind.CLASS, name, match.start("name"), match.end("name"))
