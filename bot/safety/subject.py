"""Tells about whom a found phrase speaks: the writer, or somebody else.

Called by `bot.safety.rules` with normalised words (see `bot.safety.normalise`).
"""

from __future__ import annotations

from enum import StrEnum


class About(StrEnum):
    """Who is in danger."""

    SELF = "self"
    OTHER = "other"


FIRST = frozenset("jag ja jg jak i im ive ill id iam vi we".split())
# The preposition of Swedish, told apart from the English pronoun by `mark_prepositions`.
_PREPOSITION = "uti"
_SWEDISH = frozenset(
    "jag och att det ar inte pa min mig som en ett han hon ska vill har med for av till nar om vad hur mitt skolan ja o e"
    " blir kan var de dom pappa mamma kompis sig klassen".split()
)
_ENGLISH = frozenset(
    "the to and my me you is it of im dont want that was she he they with for have be just if so but when cant feel this".split()
)

ME = frozenset("mig mej maj me oss us myself".split())
_MY = frozenset("min mitt mina my mine our var vart vara".split())
_THEM = frozenset("honom henne hen dem dom him her them hennes hans deras his their sin sitt sina".split())
_PRONOUNS = frozenset(
    "han hon hen de dom dem he she they nan nagon nagra someone somebody everyone"
    " hes shes theyre shell hell theyll hed shed theyd".split()
)
# People who may be in danger in the writer's stead, and people who may be the danger.
_FRIENDS = frozenset(
    "kompis kompisen kompisar kompisarna bastis bastisen van vannen vanner vaninna polare polarn polaren bestie buddy mate"
    " klasskompis klasskompisen klasskamrat tjejkompis killkompis granne grannen elev eleven person personen manniska"
    " friend friends bestfriend bff classmate roommate roomate girl girls girlfriend gf neighbour neighbor student"
    " homie homegirl tjejkompisen killkompisen rumskompis kollega kusin kusinen cousin"
    " syster syrra syrran lillasyster storasyster systrar lillsyrran lillebror lillebrorsan sister sisters"
    " tjejen flickvan flickvannen barn barnen kid kids child children son dotter daughter".split()
)
_PEOPLE = _FRIENDS | frozenset(
    (
        "tjej kille killen pojkvan pojkvannen sambo sambon partner partnern fru frun exet bror brorsan broder broderna"
        " storebror syskon mamma morsan mor pappa farsan far foraldrar foraldrarna styvpappa styvmamma styvfar styvfarsan"
        " kusiner moster faster morbror farbror mormor morfar farmor farfar larare lararen gubbe gubben gang ganget slakten"
        " familj familjen sonen dottern boy boys guy guys boyfriend bf wife husband brother brothers cousins mom mum mother"
        " mommy dad father daddy parents uncle aunt grandma grandpa teacher stepdad stepmom stepfather stepmother"
        " stepbrother stepsister family people folk lillebrorsa brorsa brosha storebrorsan svagerska halvbror halvsyster"
        " bonuspappa"
    ).split()
)
_OWNED_BY = frozenset(word + "s" for word in _PEOPLE) | frozenset("hennes hans deras his their her".split())
_BEFORE_NON_SUBJECT = frozenset(
    "med hos till for av fran at pa om mot utan with to from for at about by of on without against hate hatar love"
    f" alskar saknar miss {_PREPOSITION}".split()
)
_OWNERS = _MY | frozenset("sin sitt sina hans hennes his her their en ett a an the lilla little stora".split())
_RELATIVES = frozenset("som who that whom vars whose".split())
_KNOWING = frozenset("kanner know knows alskar love like gillar met traffat traffade dejtar date dating".split())
_THINKING = frozenset(
    "tror think vet know believe marker ser sag horde heard saw see orolig worried radd scared afraid misstanker suspect"
    " kanner noticed upptackte hittade found fick got undrar wonder saknar".split()
)
_JOINING = frozenset("och o and men but , so sa".split())
# Words of phrases whose subject is the one in danger, not the one who does harm.
_SUFFERING = frozenset(
    "blir blev bli blivit blitt blir vart radd livradd redd radda utsatt utsatts utsattes afraid scared terrified frightened"
    " get gets getting got far fick fatt vagar vagade tors dare raped valdtagen valdtagna misshandlad misshandlade forced"
    " tvingas tvingad tvungen hotad slagen slagna beaten abused giftas bortgift rymt rymde ran escaped trygg tryggt safe"
    " allowed blamarken bruises gomd hiding married being been fear fears tvangsgift skickas sjalv cant skyldig owe".split()
)
_AGREEING = frozenset("wants cuts says talks hurts thinks tries harms".split())


def mark_prepositions(words: list[str]) -> list[str]:
    """Return the words with the Swedish "i" (in) spelled apart from the English "I"."""
    if "i" not in words:
        return words
    swedish = sum(word in _SWEDISH for word in words)
    english = sum(word in _ENGLISH for word in words)
    if swedish <= english:
        return words
    return [_PREPOSITION if word == "i" else word for word in words]


def subject_of(words: list[str], start: int, end: int) -> About | None:
    """Return who does or suffers what stands at the words `start` to `end`; None if the sentence names nobody."""
    for place in (start - 1, start - 2):
        if place >= 0 and words[place] in FIRST and not _aside(words, place):
            return About.SELF
        if place >= 0 and (words[place] in _PRONOUNS or words[place] in _RELATIVES or words[place] == "."):
            break
    inside = _candidates(words, start, end)
    if inside:
        return inside[0][1]
    # "that makes me want to die"
    if start > 1 and words[start - 1] in ME and words[start - 2] not in _THINKING:
        return About.SELF
    before = _candidates(words, _sentence_start(words, start), start)
    if not before:
        return None
    nearest = before[-1]
    joined = any(words[place] in _JOINING for place in range(nearest[0] + 1, start))
    if joined and len(before) > 1 and words[start] not in _AGREEING:
        # "I hate my dad and want to die": the subject of the clause before goes on.
        return (_without_thinkers(words, before) or [nearest])[0][1]
    return nearest[1]


def about_whom(words: list[str], start: int, end: int, whom: str | None, *, violence: bool) -> About:
    """Return who is in danger in a phrase of danger at the words `start` to `end`.

    `whom` is the object that the phrase captured, if any.
    """
    if whom is not None:
        last = whom.removesuffix(" sjalv").split()[-1]
        if last in ME:
            return About.SELF
        if violence:
            return About.OTHER
        # "ways to take one's life": nobody is named, so the writer asks for themself.
        return subject_of(words, start, end) or About.SELF
    here = words[start:end]
    if not violence:
        if any(word in ME for word in here[1:]):
            return About.SELF
        return subject_of(words, start, end) or leading_subject(words)
    if here[0] in _SUFFERING or any(word in _SUFFERING for word in here[:2]):
        subject = subject_of(words, start, end)
        if subject is not None:
            return subject
    return _object_of(words, start, end)


def leading_subject(words: list[str]) -> About:
    """Return whom a whole message is about, where no single phrase tells."""
    candidates = _candidates(words, 0, len(words))
    chosen = _without_thinkers(words, candidates) or candidates
    return chosen[0][1] if chosen else About.SELF


def _object_of(words: list[str], start: int, end: int) -> About:
    """Return who suffers the harm in an active phrase: "he gave me a black eye", "her brother guards her"."""
    if start > 0 and words[start - 1] in _OWNED_BY - {"mammas", "pappas"}:
        return About.OTHER
    for place in range(start, end):
        following = words[place + 1] if place + 1 < len(words) else ""
        if words[place] in ME or (words[place] in _MY and following not in _PEOPLE):
            return About.SELF
        if words[place] in _THEM and place > start:
            return About.OTHER
    sentence = words[_sentence_start(words, start) : end]
    if any(word in FIRST or word in ME for word in sentence):
        return About.SELF
    return About.OTHER if any(word in _FRIENDS for word in sentence) else About.SELF


def _candidates(words: list[str], start: int, end: int) -> list[tuple[int, About]]:
    """Return the possible subjects among the words, in order."""
    result = []
    for place in range(start, end):
        word = words[place]
        after = words[place + 1] if place + 1 < len(words) else ""
        if word in FIRST:
            if not _aside(words, place):
                result.append((place, About.SELF))
        elif word in _PRONOUNS or word in _PEOPLE or _husband(words, place):
            first = place
            while first > start and (words[first - 1] in _OWNERS or words[first - 1] in _OWNED_BY):
                first -= 1
            governed = first > start and words[first - 1] in _BEFORE_NON_SUBJECT
            if not governed or after in _RELATIVES:
                result.append((place, About.OTHER))
    return result


def _aside(words: list[str], place: int) -> bool:
    """Tell whether "I" only belongs to a clause about somebody: "a girl I know", "min kompis som jag gillar"."""
    before = words[place - 1] if place else ""
    after = words[place + 1] if place + 1 < len(words) else ""
    return (before in _RELATIVES or before in _PEOPLE) and after in _KNOWING


def _without_thinkers(words: list[str], candidates: list[tuple[int, About]]) -> list[tuple[int, About]]:
    return [
        (place, who)
        for place, who in candidates
        if who is not About.SELF or not _THINKING.intersection(words[place + 1 : place + 4])
    ]


def _husband(words: list[str], place: int) -> bool:
    # "man" alone is Swedish for "one".
    return words[place] == "man" and place > 0 and words[place - 1] in ("min", "hennes", "my", "sin", "a", "en")


def _sentence_start(words: list[str], place: int) -> int:
    while place > 0 and words[place - 1] != ".":
        place -= 1
    return place
