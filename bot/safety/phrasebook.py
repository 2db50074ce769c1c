"""Reads the phrases of danger and of harmless look-alikes, and finds them in normalised words.

Called by `bot.safety.screen`. How a phrase is written is explained in docs/safety.md.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from bot.safety.normalise import fold

FOLDER = Path(__file__).parent / "phrases"

# Words between the elements of a phrase: anything but the end of a sentence or a hidden word.
_GAP = {"..": r"(?:[^ ._]+ ){0,2}", "...": r"(?:[^ ._]+ ){0,5}"}
_OWNERS = (
    "min mina mitt sin sina sitt hans hennes deras var vara vart din en ett den det"
    " my his her their our your the a an that this"
).split()
_NEAR = "lilla lille stora storre yngre aldre basta gamla little big older younger best old ex nya new own hela whole".split()
# Kinds of whom-elements: their match says whether the message is about the writer.
_ME = "mig mej maj oss me us".split()
_REFLEXIVE = (
    "mig mej maj sig sej myself himself herself themself themselves hisself meself myslf myslef mysef ourselves".split()
)
_TOO_COMMON = frozenset(
    "jag ja i im ive id att to inte not dont vill want ska will det it och and om if nu now i_am a en ett the har have for"
    " mig me min my jg kan can vara be va is ar e pa on in av of sig du you han he hon she dom de they no nej sa so".split()
)


@dataclass(frozen=True)
class Hit:
    """A phrase found at the words `start` (included) to `end` (excluded)."""

    kind: str
    level: str
    start: int
    end: int
    whom: str | None


@dataclass(frozen=True)
class Phrase:
    """One line of a phrase file, with the words of which one must occur for it to match."""

    kind: str
    level: str
    text: str
    keys: tuple[str, ...]
    pattern: str = field(repr=False)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Compiled when first needed: most phrases never are in the life of a process."""
        return re.compile(self.pattern)


class Words:
    """The named groups of words.yml."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._raw = {fold(name): str(value) for name, value in data["groups"].items()}
        self._nouns = {name: _alternatives(str(value)) for name, value in data["nouns"].items()}
        self.common = [fold(word) for word in str(data["common"]).split()]
        self.mended = _mended(data["mended"])
        self.not_mended = _mended(data["not_mended"])

    def group(self, name: str) -> list[str]:
        """Return the folded alternatives of a group, groups within it included."""
        result: list[str] = []
        for word in _alternatives(self._raw[fold(name)]):
            result.extend(self.group(word[1:]) if word.startswith("@") else [word])
        return result

    def whom(self, name: str) -> str | None:
        """Return the expression of an element that says whom it is about; None for other groups."""
        if name in ("whom", "whom_self"):
            return _either([*_REFLEXIVE, *(f"{word} sjalv" for word in ("mig", "mej", "sig", "sej"))])
        if name not in ("victim", "victim_en", "target", "target_en", "feared"):
            return None
        noun = self._nouns[name.removesuffix("_en")]
        owned = f"(?:(?:{'|'.join(_OWNERS)}) )?(?:(?:{'|'.join(_NEAR)}) )?{_either(noun)}"
        if name.startswith("victim"):
            pronouns = [*_ME, *"honom henne hen dem dom him her them".split()]
            return f"(?:{owned}|{_either(pronouns)})"
        return owned

    def vocabulary(self) -> set[str]:
        """Return every word of the groups and nouns."""
        lists = [*(self.group(name) for name in self._raw), *self._nouns.values(), self.common, _REFLEXIVE, _ME]
        return {part for words in lists for word in words for part in word.replace("_", " ").split()}


class Phrasebook:
    """The phrases of some files, found through the rarest words of each."""

    def __init__(self, phrases: list[Phrase]) -> None:
        self.phrases = phrases
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._by_beginning: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for number, phrase in enumerate(phrases):
            for key in phrase.keys:
                if key.endswith("*"):
                    self._by_beginning[key[:2]].append((key[:-1], number))
                else:
                    self._by_word[key].append(number)

    def find(self, words: list[str]) -> list[Hit]:
        """Return every phrase that occurs, at each of its places."""
        candidates: set[int] = set()
        for word in set(words):
            candidates.update(self._by_word.get(word, ()))
            candidates.update(
                number for start, number in self._by_beginning.get(word[:2], ()) if word.startswith(start)
            )
        if not candidates:
            return []
        text = " " + " ".join(words) + " "
        index_of = _word_starts(text)
        hits: list[Hit] = []
        for number in sorted(candidates):
            phrase = self.phrases[number]
            for found in phrase.regex.finditer(text):
                start = index_of[found.start()]
                end = start + found.group().strip().count(" ") + 1
                whom = found.groupdict().get("whom")
                hits.append(Hit(phrase.kind, phrase.level, start, end, whom))
        return hits


def read_words() -> Words:
    """Read words.yml."""
    return Words(yaml.safe_load((FOLDER / "words.yml").read_text(encoding="utf-8")))


def read_phrases(name: str, levels: tuple[str, ...], words: Words) -> list[Phrase]:
    """Read the given lists of one phrase file.

    Raises:
        ValueError: a phrase cannot be read; the message names the file and the phrase.
    """
    data = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    result = []
    for level in levels:
        for line in data.get(level, ()):
            try:
                pattern, keys = _compile(line, words)
            except (KeyError, ValueError) as error:
                raise ValueError(f"{name}.yml: cannot read the phrase {line!r}: {error}") from error
            result.append(Phrase(str(data.get("kind", level)), level, line, keys, pattern))
    return result


def vocabulary(phrases: list[Phrase]) -> set[str]:
    """Return the whole words that the phrases spell out."""
    found: set[str] = set()
    for phrase in phrases:
        for element in fold(phrase.text).replace("[", "").replace("]", "").split():
            if not element.startswith(("@", ".")):
                found.update(part for part in re.split(r"[/_]", element) if part and not part.endswith("*"))
    return {word for word in found if word.isalpha()}


def _compile(line: str, words: Words) -> tuple[str, tuple[str, ...]]:
    """Return the regular expression of a phrase and the words of which one must occur."""
    pattern = "(?<= )"
    choices: list[tuple[str, ...]] = []
    captured = False
    elements = line.split()
    for edge in (elements[0], elements[-1]):
        if edge in _GAP or edge.startswith("["):
            raise ValueError(f"{edge} says nothing at the edge of a phrase")
    for element in elements:
        if element in _GAP:
            pattern += _GAP[element]
            continue
        optional = element.startswith("[") or element.endswith("]")
        element = element.strip("[]")
        if element.startswith("@") and (whom := words.whom(element[1:])):
            # Whom one fears is not the one in danger.
            named = not captured and element != "@feared"
            pattern += f"(?P<whom>{whom}) " if named else f"{whom} "
            captured = captured or named
            choices.append(())
            continue
        options = words.group(element[1:]) if element.startswith("@") and "/" not in element else []
        if not options:
            for word in element.split("/"):
                options.extend(words.group(word[1:]) if word.startswith("@") else _alternatives(word))
        if not options:
            raise ValueError(f"nothing in {element!r}")
        expression = _either(options) + " "
        pattern += f"(?:{expression})?" if optional else expression
        if not optional:
            choices.append(tuple(option.split("_")[0] for option in options))
    usable = [choice for choice in choices if choice]
    if not usable:
        raise ValueError("no word of its own")
    return pattern, min(usable, key=lambda choice: (sum(word in _TOO_COMMON for word in choice), len(choice)))


def _alternatives(text: str) -> list[str]:
    return [fold(word) for word in re.split(r"[/\s]+", text) if word]


def _mended(text: str) -> list[str]:
    return sorted({part for word in str(text).split() for part in fold(word).split("_")})


def _either(options: list[str]) -> str:
    # The longest first, so that "ta livet av mig" is preferred to "ta".
    unique = sorted(set(options), key=lambda option: (-option.count("_"), -len(option), option))
    return "(?:" + "|".join(_literal(option) for option in unique) + ")"


def _literal(option: str) -> str:
    return r"\w*".join(re.escape(part) for part in option.replace("_", " ").split("*")).replace(r"\ ", " ")


def _word_starts(text: str) -> dict[int, int]:
    starts: dict[int, int] = {}
    number = -1
    for place, char in enumerate(text):
        if char != " " and text[place - 1] == " ":
            number += 1
            starts[place] = number
    return starts
