"""Finds forms of education (education_type) and programmes.

Forms of education are patterns; programmes come from data/catalogue/programmes.yml through component.py.
"""

import re
from typing import Any, Dict, Iterator, List, Tuple

from dialogue.nlu.entities.words import Found, Hit, Phrases, Word
from dialogue.nlu.normalise import fold

# In order: an earlier form takes its text away from later ones.
_FORMS: Tuple[Tuple[str, str], ...] = (
    (
        "",
        r"\bgymnasie?exam\w*|\bgymnasiebehorig\w*|\bgymnasieantag\w*|\bgymnasieval\w*|\bhogskole(?:prov|forbered|behor)\w*|\bgymnasiearbet\w*|\bgymnasiebetyg\w*",
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
        r"\bfolk ?hog?skol\w*|\bfolkhogs\w*|\bfolkis\w{0,3}\b|\bfolk[ -]?high[ -]?schools?|\bfolkhighschools?|\bfolk school|\bfolkhog\b|\bpeoples? high school",
    ),
    (
        "sfi",
        r"\bsfi\b|\bs\.f\.i\.?|\bsfi[ -]?(?:kurs|skola|larare|lektion|undervisning|studier|betyg|prov|utbildning|course|school|class)\w*|\bsvenska for invandrare|\bswedish for immigrants|\bsvenska for nyanlanda",
    ),
    (
        "komvux",
        r"\bk[ou]m+v?[uy]x+\w{0,4}\b|\bkonvux\w*|\bkomv[ui]x?\b|\bvux(?:en)?\b(?!\s(?:person|manniska|man|kvinna))|\bvuxenutbild\w*|\bvuxenskola\w*|\bvuxenstudier|\b(?:municipal )?adult (?:ed|edu|education|school|schools|learning|studies|gymnasium)\b|\bschools? for adults|\bskola(?:n)? for vuxna|\beducation for adults",
    ),
    (
        "upper_secondary",
        r"\bgym+nasi(?:et|um|ets|ums|er|erna|umet)\b|\bgym+nasie ?(?:skol|utbildning|program|kurs|niva|studier|linje|plats|elev|sko|ar\b|aren|ettan)\w*|\bgymnasial\w*|\bgymnasie\b|\bgymmet\b(?=\s(?:igen|klart))|\bgymnasyum|\bgymnaset\b|\bgymnasie[t]?\b|\bupper[ -]secondar\w*(?: school| education)?|\bhigh[ -]?schools?\b|\bsenior high|\bsixth form|\bgymnasia\b|\bgymnasiums\b|\bgymansiet|\bgymnaise\w*|\bgymn\b",
    ),
    (
        "university",
        r"\buniversit\w*|\bunis?\b|\buniv\b|\bhogskol(?:a|an|or|orna|e|eutbildning\w*|estudier|ekurs\w*|eprogram\w*|ingenjor\w*)\b|\bhogskolorna|\bcollege\b|\bhigher education\b",
    ),
)
_PATTERNS = tuple((value, re.compile(pattern)) for value, pattern in _FORMS)
_NAMED_SCHOOL = re.compile(r"(?:[A-ZÅÄÖ][\wéåäö:]+s?)\s$")

# What makes an occupation or a trade mean a programme: study is spoken of.
_STUDY = re.compile(
    r"\b(?:bli|blir|plugga|pluggar|pluggade|lasa|laser|laste|last|studera|studerar|utbilda|utbildar|utbildning\w*|utb|lara|kurs|kurser|program\w*|"
    r"linje\w*|inriktning\w*|skola|skolan|skolor|gymnasi\w*|gym|komvux|vux|yh|larling\w*|soka|sokte|ansoka|byta|byter|bytte|gar|gick|ga|hoppade?|"
    r"borja|borjade|utbilda|intresserad|vidare|become|becoming|to be|study|studying|studied|train|training|programm?e?s?|course|courses|"
    r"school|schools|learn|learning|education|apply|applied|switch|change|took|take|taking|interested|went|degree|class|classes|"
    r"apprentice\w*|track)\b"
)
# What must stand right before a word that alone says little: "bli psykolog", "become a nurse".
SHORT_NAMES = (
    ("sam", "SA"),
    ("natur", "NA"),
    ("nv", "NA"),
    ("sp", "SA"),
    ("ek", "EK"),
    ("te", "TE"),
    ("est", "ES"),
    ("hum", "HU"),
    ("vvs", "VF"),
)
"""Short for a programme, but only where it is said that somebody studies it."""
_TOWARDS = re.compile(
    r"(?:\b(?:bli|blir|plugga(?:r)?(?: till| inom)?|laser?(?: till| inom)?|lasa(?: till| inom)?|studera(?: till| inom)?|utbildar?(?: mig| sig)?(?: till| inom| som)?|"
    r"utbildning(?:ar|en)?(?: till| inom| som| i)?|program(?:met)?(?: till| inom| for| med)?|become|becoming|be|study(?:ing)?(?: to be| to become)?|"
    r"byta(?: till)?|bytte till|gar(?: pa| i)?|gick(?: pa)?|ga(?: pa)?|switch(?:ing)? to|change to|took|take|"
    r"train(?:ing)?(?: as| to be| to become)?|learn(?: to be)?|program(?:me)? (?:with|for|about)|the)"
    r"(?: (?:en|ett|a|an|typ|the|att|om|like))?|\bvill) $"
)
_NOT_STUDY = re.compile(
    r"(?:\b(?:gillar|alskar|hatar|gilla|like|love|hate|likes|enjoy|sager|sag|says|said|saying|min|mitt|din|hans|hennes|my|his|her|rent|hyra|kop\w*|buy|ring\w*|call)"
    r"(?: (?:bli|en|a|an|att|to|be|become|typ|the))*) $"
)
_NAMES_A_PROGRAMME = re.compile(r"program|linje|utbildning|\w (?:och|o|a|and|&|n) \w|\w&\w|track\b")
_OFTEN_OR = re.compile(
    r"(?:\b(?:lasa|laser|laste|last|plugga|pluggar|studera|ga|gar|gick|inom|om|till|pa|med|program|programmet|linje|linjen|study|studying|och|bli|om|byta|soka|sokt|intresserad av|gillar)|^)[ ,]*$"
)
_STRONG = re.compile(r"(?:programm?e?t?|linjen?|utbildning(?:en)?)$")
LETTERS_OF_IM = ("im", "imv", "ima", "imy", "ims", "imi")
_IM = re.compile(r"\b(?:im|imv|ima|imy|ims|imi)\b")
_I_AM_AFTER = re.compile(
    r"^\s(?:\d|a\b|an\b|so\b|not\b|in\b|at\b|just\b|really\b|from\b|fran\b|ifran\b|the\b|going\b|tired\b|sorry\b|sad\b|still\b|like\b|too\b|very\b|kinda\b|only\b|living\b|new\b|[a-z]+ing\b|[a-z]+ed\b|[a-z]+teen\b|twenty)"
)


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
    return sorted(found, key=lambda one: one.start)


def _is_name(text: str, start: int, matched: str) -> bool:
    """A capitalised word before "gymnasium" or "gymnasiet" makes it the name of a school."""
    if not matched.startswith("gymnasi"):
        return False
    before = _NAMED_SCHOOL.search(text[:start])
    return bool(before and before.start() > 0)


class Programmes:
    """Knows every word for every programme."""

    def __init__(self, data: Dict[str, Any]) -> None:
        # Each language's words count in both: young people mix them ("i took ekonomi").
        self._plain = Phrases(data["plain"], _endings)
        self._if_study = Phrases(data["if_study"], _endings)

    def find(self, text: str, words: List[Word], language: str) -> List[Found]:
        """Programmes named in the message, by code without year."""
        folded = fold(text)
        study = len(words) <= 3 or bool(_STUDY.search(folded))
        hits = [hit for hit in self._plain.hits(words) if _is_meant(hit, words, folded, study)]
        taken = {place for hit in hits for place in range(hit.first, hit.last)}
        for hit in self._if_study.hits(words):
            before = folded[: words[hit.first].start]
            if (
                taken.isdisjoint(range(hit.first, hit.last))
                and _TOWARDS.search(before)
                and not _NOT_STUDY.search(before)
            ):
                hits.append(hit)
        found = [_found(hit, words) for hit in hits]
        if not any(one.value == "IM" for one in found):
            found += _introductory(text, language)
        return _first_of_each(sorted(found, key=lambda one: one.start))


def _is_meant(hit: Hit, words: List[Word], folded: str, study: bool) -> bool:
    """A programme by its name always is; an occupation or a trade only where study is spoken of."""
    start, end = words[hit.first].start, words[hit.last - 1].end
    if _NAMES_A_PROGRAMME.search(folded[start:end]):
        return True
    return study and not _NOT_STUDY.search(folded[:start]) and not _is_or(hit, words, folded)


def _is_or(hit: Hit, words: List[Word], folded: str) -> bool:
    """Young people write "el" for "eller": a trade only after a word of study, or before its programme or place."""
    word = words[hit.first]
    if hit.last - hit.first > 1 or word.folded != "el" or len(words) <= 2:
        return False
    after = words[hit.first + 1].folded if hit.first + 1 < len(words) else ""
    if after in ("i", "pa", "programmet", "linjen", "linje", "program") and "?" not in folded[word.end : word.end + 2]:
        return not _OFTEN_OR.search(folded[: word.start])
    return not re.search(
        r"\b(?:lasa|laser|laste|plugga|pluggar|studera|inom|gar|byta till|study|bli|om|vill ga)[ ,]*$",
        folded[: word.start],
    )


def _introductory(text: str, language: str) -> Iterator[Found]:  # type: ignore[misc]
    """IM by its letters: in an English message, "im" is mostly "I'm"."""
    folded = fold(text)
    for match in _IM.finditer(folded):
        word, rest = text[match.start() : match.end()], folded[match.end() :]
        if match.group() == "im" and not word.isupper():
            after = rest.split()
            if language == "en":
                before = folded[: match.start()].split()
                asked = before[-1:] in (
                    ["is"],
                    ["on"],
                    ["the"],
                    ["in"],
                    ["about"],
                    ["to"],
                    ["for"],
                    ["does"],
                    ["an"],
                    ["or"],
                )
                if not asked or _I_AM_AFTER.match(rest):
                    continue
            elif _I_AM_AFTER.match(rest) and after[:1] != ["linkoping"]:
                continue
        yield Found("programme", "IM", match.start(), match.end())


def _first_of_each(found: List[Found]) -> List[Found]:
    seen: Dict[str, Found] = {}
    for one in found:
        seen.setdefault(one.value, one)
    return list(seen.values())


def _found(hit: Hit, words: List[Word]) -> Found:
    return Found("programme", hit.value, words[hit.first].start, words[hit.last - 1].end)


def _endings(word: str) -> Iterator[str]:
    """Forms of an alias's last word: genitive, definite, and the words that say it is a programme."""
    if _STRONG.search(word) or len(word) < 3:
        return
    yield from (word + ending for ending in ("programmet", "program", "linjen", "linje", "utbildning", "utbildningen"))
    if len(word) >= 6:
        yield from (word + ending for ending in ("n", "en", "s"))


def gazetteer(programmes: List[Dict[str, Any]]) -> Dict[str, Any]:
    """What the model keeps of the catalogue file: every alias with its code."""
    plain: List[Tuple[str, str]] = []
    codes = {row["code"] for row in programmes}
    if_study: List[Tuple[str, str]] = [(name, code) for name, code in SHORT_NAMES if code in codes]
    for row in programmes:
        code = row.get("replaced_by") if row.get("closed") and not row.get("kind") else row["code"]
        names = [row.get("name_sv"), row.get("name_en"), *(row.get("aliases_sv") or []), *(row.get("aliases_en") or [])]
        plain += [(name, code) for name in names if name and name.lower() not in LETTERS_OF_IM]
        later = [*(row.get("aliases_if_study_sv") or []), *(row.get("aliases_if_study_en") or [])]
        if_study += [(name, code) for name in later]
    return {"plain": plain, "if_study": if_study}
