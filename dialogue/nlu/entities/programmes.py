"""Finds programmes: by name, by a trade or occupation, by everyday words where study is meant.

The words come from data/catalogue/programmes.yml through component.py. How sure a word must be depends on its kind:
a programme's name always counts; an occupation counts unless it is somebody's ("min läkare"); an everyday word
("musik", "bil") only beside a word of study, or in a message that the classifier takes for a question about studies.
"""

import re
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from dialogue.nlu.entities.programme_words import (
    ANSWER_INTENTS,
    AS_INFINITIVE,
    EVERYDAY,
    IM,
    IM_ASKED,
    IM_IS_I_AM,
    IS_AFTER,
    KIN_IS_BEFORE,
    LETTERS_OF_IM,
    NAMES_A_PROGRAMME,
    NOT_STUDY_AFTER,
    NOT_STUDY_BEFORE,
    OR_BEFORE,
    SCHOOL_SUBJECT_AFTER,
    SCHOOL_SUBJECT_BEFORE,
    SHORT_NAMES,
    STRONG,
    STUDY,
    STUDY_AFTER,
    STUDY_ASKED_AFTER,
    STUDY_BEFORE,
    STUDY_INTENTS,
    THE_BEFORE,
    TO_BECOME_AFTER,
    TOWARDS,
    WANTED_BEFORE,
    WORK,
)
from dialogue.nlu.entities.words import Found, Hit, Phrases, Word, distance, is_ordinary, words_of
from dialogue.nlu.normalise import fold

LONG = 7
"""Letters from which a word is looked up with a slip in it."""
SHORT = 3
"""A message of so many words at most is an answer or a catchword: what it names is meant."""


class Message:
    """What the rules look at: the words in the forms of the gazetteer, and whether study is spoken of."""

    def __init__(self, text: str, language: str, intent: Optional[str], school: bool) -> None:
        self.text, self.language = text, language
        self.folded = fold(text)
        self.words = [_infinitive(word) for word in words_of(text)]
        self.short = len(self.words) <= SHORT
        self.answers = len(self.words) == 1 or intent is None or intent in STUDY_INTENTS | ANSWER_INTENTS
        self.asks = intent in STUDY_INTENTS or school
        self.about_im = intent == "ask_introductory_programme"
        self.unrelated = intent == "nlu_fallback"
        self.study = bool(STUDY.search(self.folded))

    def before(self, hit: Hit) -> str:
        """The folded text up to a hit."""
        return self.folded[: self.words[hit.first].start]

    def phrase(self, hit: Hit) -> str:
        """The folded text of a hit."""
        return self.folded[self.words[hit.first].start : self.words[hit.last - 1].end]

    def plain(self, hit: Hit) -> str:
        """The words of a hit as the gazetteer has them."""
        return " ".join(word.folded for word in self.words[hit.first : hit.last])

    def after(self, hit: Hit) -> str:
        """The folded text from a hit's end on."""
        return self.folded[self.words[hit.last - 1].end :]


def _infinitive(word: Word) -> Word:
    """Phrases of the gazetteer stand in the infinitive ("jobba med barn"); people write "jobbar"."""
    plain = AS_INFINITIVE.get(word.folded)
    return Word(plain, fold(plain), word.start, word.end) if plain else word


class Programmes:
    """Knows every word for every programme."""

    def __init__(self, data: Dict[str, Any]) -> None:
        # Each language's words count in both: young people mix them ("i took ekonomi").
        self._plain = Phrases(data["plain"], _endings)
        self._basic = Phrases(data["plain"])
        self._if_study = Phrases(data["if_study"], _programme_endings)
        self._spelled = {
            fold(name): code for name, code in reversed(data["plain"]) if len(name) >= LONG and name.isalpha()
        }

    def find(self, text: str, language: str, intent: Optional[str] = None, school: bool = False) -> List[Found]:
        """Programmes named in the message, by code without year.

        `intent` is what the classifier made of it, `school` whether the message names a school.
        """
        message = Message(text, language, intent, school)
        hits = [hit for hit in self._plain.hits(message.words) if self._is_meant(hit, message)]
        taken = {place for hit in hits for place in range(hit.first, hit.last)}
        for hit in self._if_study.hits(message.words):
            if taken.isdisjoint(range(hit.first, hit.last)) and _is_aim(hit, message):
                hits.append(hit)
        taken |= {place for hit in hits for place in range(hit.first, hit.last)}
        hits += [hit for hit in self._misspelled(message, taken) if self._is_meant(hit, message)]
        found = [_found(hit, message.words) for hit in hits]
        if not any(one.value == "IM" for one in found):
            found += _introductory(message)
        return _first_of_each(sorted(found, key=lambda one: one.start))

    def _misspelled(self, message: Message, taken: Set[int]) -> Iterator[Hit]:
        """Long words that are a slip or two away from one of the gazetteer, and no word of a dictionary."""
        for place, word in enumerate(message.words):
            if place in taken or len(word.folded) < LONG or not word.folded.isalpha():
                continue
            most = 1 if len(word.folded) < 10 else 2
            near = min(
                ((distance(word.folded, name, most), name) for name in self._spelled if name[0] == word.folded[0]),
                default=(most + 1, ""),
            )
            if 0 < near[0] <= most and not is_ordinary(word.text.lower()):
                yield Hit(self._spelled[near[1]], place, place + 1)

    def _is_meant(self, hit: Hit, message: Message) -> bool:
        phrase, before, after = message.phrase(hit), message.before(hit), message.after(hit)
        if NAMES_A_PROGRAMME.search(phrase) or phrase.startswith("introdu"):
            return True
        if _is_at_hand(before, after):
            return False
        if phrase == "el":
            return _is_trade(hit, message)
        if TOWARDS.search(before):
            return True
        plain = message.plain(hit)
        definite = plain not in self._basic and plain in self._plain
        if definite or plain in EVERYDAY:
            near = bool(STUDY_BEFORE.search(before) or STUDY_AFTER.search(after))
            return near or (message.short and message.answers) or (message.asks and not definite)
        return message.asks or message.study or message.short or not message.unrelated or " " in phrase


def _is_at_hand(before: str, after: str) -> bool:
    """Whether the words around a hit make it somebody or something at hand: "min läkare", "the bus driver was rude"."""
    if THE_BEFORE.search(before) and IS_AFTER.match(after):
        return True
    if KIN_IS_BEFORE.search(before) or SCHOOL_SUBJECT_AFTER.match(after) or SCHOOL_SUBJECT_BEFORE.search(before):
        return True
    return bool(NOT_STUDY_BEFORE.search(before) or NOT_STUDY_AFTER.search(after))


def _is_aim(hit: Hit, message: Message) -> bool:
    """Words that mean a programme only as an aim: "bli psykolog", "läkare vill jag bli", "nurse, what do i study"."""
    before, after = message.before(hit), message.after(hit)
    if _is_at_hand(before, after):
        return False
    if TOWARDS.search(before) or TO_BECOME_AFTER.search(after):
        return True
    if WORK.match(message.plain(hit)) and (WANTED_BEFORE.search(before) or STUDY_ASKED_AFTER.search(after)):
        return True
    return message.asks and len(message.phrase(hit)) > 4


def _is_trade(hit: Hit, message: Message) -> bool:
    """Young people write "el" for "eller": a trade only after a word of study, or before its programme or place."""
    words, before = message.words, message.before(hit)
    if len(words) <= 2:
        return True
    after = words[hit.first + 1].folded if hit.first + 1 < len(words) else ""
    if after in ("i", "pa", "programmet", "linjen", "linje", "program") and not message.after(hit).startswith("?"):
        return not before or bool(OR_BEFORE.search(before))
    return bool(
        re.search(
            r"\b(?:lasa|laser|laste|plugga|pluggar|studera|inom|gar|byta till|study|bli|om|vill ga)[ ,]*$", before
        )
    )


def _introductory(message: Message) -> Iterator[Found]:
    """IM by its letters: the English "im" is mostly "I'm", and young people mix the languages."""
    shouted = message.text.isupper()
    for match in IM.finditer(message.folded):
        word, before, rest = message.text[match.start() : match.end()], match.start(), message.folded[match.end() :]
        if match.group() == "im" and not (word.isupper() and not shouted):
            if IM_IS_I_AM.match(rest) and not message.about_im:
                continue
            asked = IM_ASKED.search(message.folded[:before])
            if not (asked or message.about_im or (message.language == "sv" and message.asks)):
                continue
        yield Found("programme", "IM", match.start(), match.end())


def _first_of_each(found: List[Found]) -> List[Found]:
    seen: Dict[str, Found] = {}
    for one in found:
        seen.setdefault(one.value, one)
    return list(seen.values())


def _found(hit: Hit, words: List[Word]) -> Found:
    return Found("programme", hit.value, words[hit.first].start, words[hit.last - 1].end)


def _programme_endings(word: str) -> Iterator[str]:
    """Forms of an alias's last word that say that it is a programme."""
    if not STRONG.search(word) and len(word) >= 2:
        for ending in ("programmet", "program", "linjen", "linje", "utbildning", "utbildningen", "programet"):
            yield word + ending


def _endings(word: str) -> Iterator[str]:
    """Forms of an alias's last word: as a programme, genitive and definite."""
    yield from _programme_endings(word)
    if not STRONG.search(word) and len(word) >= 6:
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
