"""Finds forms of education (entity education_type) by patterns, and long words with a slip of the finger."""

import re
from typing import Iterator, List, Tuple

from dialogue.nlu.entities.words import Found, distance, words_of
from dialogue.nlu.normalise import fold

# In order: an earlier form takes its text away from later ones. An empty value only takes text away.
_FORMS: Tuple[Tuple[str, str], ...] = (
    (
        "",
        r"\bgymnasie?exam\w*|\bgymnasiebehorig\w*|\bgymnasieantag\w*|\bgymnasieval\w*|\bhogskole(?:prov|forbered|behor)\w*|\bgymnasiearbet\w*|\bgymnasiebetyg\w*|\buniversity preparatory",
    ),
    (
        "adapted_upper_secondary",
        r"\banpassa\w*\s(?:gymnasi\w+|skola\w*)|\badapted (?:upper[ -]secondary|gymnasi\w+|school|high ?school|secondary)(?: school| education)?|\bgymnasiesar\w*|\bsar(?:skol|gymnasi|vux)\w*|\bspecial(?: needs)? (?:upper secondary|gymnasi\w+)",
    ),
    ("", r"\bintroduktionsprogram\w*|\bintroductory program\w*"),
    (
        "higher_vocational",
        r"\byrkeshog?skol\w*|\byrkeshogsk\w*|\byh(?:\b|-?(?:utbildning|kurs|program|skola|examen|poang)\w*)|\bhigher vocational(?: education| school| training| college)?|\bvocational (?:university|college|higher education)|\bpolytech\w*",
    ),
    (
        "folk_high_school",
        r"\bfolk ?hog?skol\w*|\bfolkhog(?:s\w*|is|et|an)?\b|\bfolkis\w{0,3}\b|\bfolk[ -]?high[ -]?schools?|\bfolkhighschools?|\bfolk school|\bpeoples? high school",
    ),
    (
        "sfi",
        r"\bsfi\b|\bs\.f\.i\.?|\bsfi[ -]?(?:kurs|skola|larare|lektion|undervisning|studier|betyg|prov|utbildning|course|school|class)\w*|\bsvenska for (?:in|im)vandrare|\bswedish for (?:immigrants|newcomers|foreigners)|\bsvenska for nyanlanda",
    ),
    (
        "komvux",
        r"\bk[ou]m+v?[uy]x+\w{0,4}\b|\bkonvux\w*|\bkomv[ui]x?\b|\bvux\b|\bpa vuxen\b|\bvuxenutbild\w*|\bvuxenskola\w*|\bvuxenstudier|\b(?:municipal )?adult (?:ed|edu|education|school|schools|learning|studies|gymnasium)\b|(?<!secondary )\bschools? for (?:adults|grown ?ups)|\bskola(?:n)? for vuxna|\beducation for adults",
    ),
    (
        "upper_secondary",
        r"\bgym+nasi(?:et|um|ets|ums|er|erna|umet)\b|\bgym+nasie ?(?:skol|utbildning|program|kurs|niva|studier|linje|plats|elev|sko|ar\b|aren|ettan|tvaan|trean)\w*|\bgymnasial\w*|\bgymnasie\b|\bgymmet\b(?=\s(?:igen|klart))|\bgymnasyum|\bgymnaset\b|\bgymnasiet\b|\bupper[ -]secondar\w*(?: school| education)?|\b(?<!junior )(?<!folk )high[ -]?schools?\b|\bsenior high|\bsixth form|\bgymnasia\b|\bgymnasiums\b|\bgymn\b",
    ),
    (
        "university",
        r"\buniversit\w*|\bunis?\b|\buniv\b|\bhogskol(?:a|an|or|orna|e|eutbildning\w*|estudier|ekurs\w*|eprogram\w*|ingenjor\w*)\b|\bhogskolorna|\bcollege\b|\bhigher education\b",
    ),
)
_PATTERNS = tuple((value, re.compile(pattern)) for value, pattern in _FORMS)
_NAMED_SCHOOL = re.compile(r"(?:[A-ZÅÄÖ][\wéåäö:]+s?)\s$")
_LONG_WORDS = {
    "gymnasiet": "upper_secondary",
    "gymnasium": "upper_secondary",
    "gymnasieskola": "upper_secondary",
    "folkhogskola": "folk_high_school",
    "folkhogskolan": "folk_high_school",
    "yrkeshogskola": "higher_vocational",
    "yrkeshogskolan": "higher_vocational",
    "vuxenutbildning": "komvux",
    "vuxenutbildningen": "komvux",
    "universitet": "university",
    "universitetet": "university",
    "university": "university",
    "sarskolan": "adapted_upper_secondary",
}


def find_forms(text: str) -> List[Found]:
    """Forms of education named in the message; names of schools are no forms."""
    folded = fold(text)
    taken: List[Tuple[int, int]] = []
    found: List[Found] = []
    for value, pattern in _PATTERNS:
        for match in pattern.finditer(folded):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            taken.append((start, end))
            if value and not (value == "upper_secondary" and _is_name(text, start, match.group())):
                found.append(Found("education_type", value, start, end))
    found += [one for one in _misspelled(text) if not any(one.start < end and start < one.end for start, end in taken)]
    return sorted(found, key=lambda one: one.start)


def _misspelled(text: str) -> Iterator[Found]:
    """Long words with one or two slips; they are unlike all other words."""
    for word in words_of(text):
        if len(word.folded) < 8 or not word.folded.isalpha():
            continue
        near = min((distance(word.folded, meant, 2), meant) for meant in _LONG_WORDS)
        if near[0] <= 2 and near[1][0] == word.folded[0]:
            yield Found("education_type", _LONG_WORDS[near[1]], word.start, word.end)


def _is_name(text: str, start: int, matched: str) -> bool:
    """A capitalised word before "gymnasium" or "gymnasiet" makes it the name of a school."""
    if not matched.startswith("gymnasi"):
        return False
    before = _NAMED_SCHOOL.search(text[:start])
    return bool(before and before.start() > 0)
