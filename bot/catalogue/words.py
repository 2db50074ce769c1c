"""Finds programmes by what somebody wrote: a programme or an occupation, in either language, inflected or misspelt.

Pure: works on a snapshot. Called by the service, for the open question of the search form; within a whole message the
dialogue engine looks for the same words.
"""

from __future__ import annotations

from rapidfuzz import fuzz, process

from bot.catalogue.rules import normalise
from bot.catalogue.snapshot import Snapshot

# Words of this many letters may be mistyped; in shorter ones another letter makes another word.
FUZZY_LENGTH = 6
SIMILAR = 86.0
# Nobody writes a longer name of a programme.
MOST_WORDS = 6
# What is longer is a story, no answer to "which programme?".
LONGEST = 120


class ProgrammeWords:
    """Every word for a programme, as it is compared; built once for each snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._codes: dict[str, str] = {}
        for programme in snapshot.programmes.values():
            code = programme.replaced_by or programme.code
            orientations = [name for one in programme.orientations for name in (one.name_sv, one.name_en)]
            names = (programme.name_sv, programme.name_en, *programme.aliases_sv, *programme.aliases_en)
            for name in (*names, *orientations):
                # A name of the programme itself goes before an orientation of another.
                self._codes.setdefault(normalise(name), code)
        self._long = [word for word in self._codes if len(word) >= FUZZY_LENGTH]

    def find(self, text: str) -> list[str]:
        """Return the codes of the programmes that a text names, in its order; the longest names count first."""
        if len(text) > LONGEST:
            return []
        words = text.split()
        found = self._whole(words) or self._whole([_lemma(word) for word in words])
        return found or self._similar(words)

    def _whole(self, words: list[str]) -> list[str]:
        plain = [normalise(word) for word in words]
        codes: dict[str, None] = {}
        start = 0
        while start < len(plain):
            for end in range(min(len(plain), start + MOST_WORDS), start, -1):
                code = self._codes.get(" ".join(part for part in plain[start:end] if part))
                if code is not None:
                    codes[code] = None
                    start = end - 1
                    break
            start += 1
        return list(codes)

    def _similar(self, words: list[str]) -> list[str]:
        codes: dict[str, None] = {}
        for typed in (normalise(" ".join(words)), *(normalise(word) for word in words)):
            if len(typed) < FUZZY_LENGTH:
                continue
            best = process.extractOne(typed, self._long, scorer=fuzz.ratio, score_cutoff=SIMILAR)
            if best is not None:
                codes[self._codes[best[0]]] = None
        return list(codes)


def _lemma(word: str) -> str:
    """Return the basic form of a word: `elektrikern` is `elektriker`, `hairdressers` is `hairdresser`."""
    # Its dictionaries take a while to load, and most answers need none.
    import simplemma

    plain = word.strip(".,;:!?()\"'").lower()
    return simplemma.lemmatize(plain, lang=("sv", "en")) if plain else ""
