"""Names that are nearly what was typed: none is lost by looking at the letters first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz, process

from bot.catalogue.names import MOST_SIMILAR, SIMILAR_PROVIDER
from bot.catalogue.rules import normalise
from bot.catalogue.similar import SimilarNames
from tests.catalogue.test_shipped_data import CONTENT

NAMES = sorted({normalise(name) for row in CONTENT.providers for name in (row.name, *row.aliases, *row.former_names)})
CUTOFF = SIMILAR_PROVIDER - 0.5
_few_letters = st.text(alphabet="abåö 1", max_size=12)
_letter = st.sampled_from("aeiknorst ")


@st.composite
def slips(draw: st.DrawFn) -> str:
    """A name of the catalogue with up to four slips of the finger."""
    name = draw(st.sampled_from(NAMES))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(name)))
        name = name[:place] + draw(_letter | st.just("")) + name[place + draw(st.integers(0, 1)) :]
    return name


def one_by_one(typed: str, names: list[str]) -> list[tuple[int, float]]:
    found = process.extract(typed, names, scorer=fuzz.ratio, score_cutoff=CUTOFF, limit=MOST_SIMILAR)
    return [(number, score) for _, score, number in found]


@given(slips())
def test_a_mistyped_name_finds_what_comparing_all_names_finds(typed: str) -> None:
    assert list(SimilarNames(NAMES).find(typed, CUTOFF, MOST_SIMILAR)) == one_by_one(typed, NAMES)


@given(st.lists(_few_letters, max_size=30), _few_letters)
def test_names_of_any_letters_and_lengths_are_found_likewise(names: list[str], typed: str) -> None:
    assert list(SimilarNames(names).find(typed, CUTOFF, MOST_SIMILAR)) == one_by_one(typed, names)
