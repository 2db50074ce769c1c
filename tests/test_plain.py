"""The measures tell plain words from officialese, and name what a youth may not understand."""

from __future__ import annotations

import pytest

from bot import plain
from bot.languages import Language


@pytest.mark.parametrize(("word", "syllables"), [
    ("you", 1), ("school", 1), ("made", 1), ("talked", 1), ("wanted", 2), ("apply", 2), ("about", 2), ("table", 2),
    ("counsellor", 3), ("secondary", 4), ("diagnosis", 4), ("municipality", 6), ("112", 1),
])  # fmt: skip
def test_syllables_of_common_words(word: str, syllables: int) -> None:
    assert plain.syllables(word) == syllables


def test_lix_by_hand() -> None:
    # Six words in two sentences, one of them longer than six letters: 3 + 100/6.
    assert plain.lix("Du kan plugga igen. Fråga vägledaren.") == pytest.approx(3 + 100 / 6)
    assert plain.lix("") == plain.grade("") == 0


def test_an_abbreviation_does_not_end_a_sentence() -> None:
    assert plain.sentences("Vi ses kl. 14.00. Hej då!") == 2


def test_a_legal_text_is_far_over_the_limit() -> None:
    law = "Kommunerna har ett lagstadgat aktivitetsansvar för ungdomar under tjugo år som inte genomför utbildning."
    reading = plain.read(law, Language.SV)
    assert reading.value > 55
    assert reading.faults


def test_a_plain_text_has_no_faults_and_crisis_texts_have_a_stricter_limit() -> None:
    assert plain.read("Du kan börja igen. Vi tar ett steg i taget.", Language.SV).faults == ()
    middling = "Du kan alltid prata med en vägledare om det som känns svårt just nu."
    assert plain.read(middling, Language.SV).faults == ()
    assert plain.read(middling, Language.SV, crisis=True).faults != ()


def test_blame_is_named() -> None:
    assert plain.blaming("Du har hoppat av, det är ett problem.") == ["hoppat av", "problem"]
    assert plain.blaming("You failed") == ["failed"]
    assert plain.blaming("Du tog en paus.") == []


@pytest.mark.parametrize(("text", "titles", "found"), [
    ("Fråga KAA.", "", ["KAA"]),
    ("Fråga KAA.", "Vad är KAA?", []),
    ("KAA är kommunens ansvar för dig.", "", []),
    ("Du läser APL och IM.", "", ["APL", "IM"]),
    ("Skicka ett SMS.", "", []),
    ("Pengarna kommer från CSN.", "", []),
    ("Se csn.se eller ring 112.", "", []),
    ("XYZ hjälper dig.", "", ["XYZ"]),
])  # fmt: skip
def test_short_forms_have_to_be_explained(text: str, titles: str, found: list[str]) -> None:
    assert plain.unexplained(text, titles) == found
