"""Misspelt copies of examples: another spelling, the same labels, and the same every time."""

from __future__ import annotations

from rapidfuzz import fuzz

from bot.safety.train import Example
from bot.safety.typing_errors import mistyped

EXAMPLES = [
    Example(f"{text} {number}", "violence", other=True)
    for number in range(100)
    for text in ("min pappa slår mig när han är arg och jag vågar inte gå hem efter skolan", "han slår mig", "é")
]


def test_some_examples_come_once_more_in_another_spelling() -> None:
    copies = list(mistyped(EXAMPLES))

    assert 0.1 * len(EXAMPLES) < len(copies) < 0.35 * len(EXAMPLES)
    texts = {example.text for example in EXAMPLES}
    assert not [copy.text for copy in copies if copy.text in texts]
    assert all((copy.label, copy.other) == ("violence", True) for copy in copies)


def test_a_misspelt_copy_can_still_be_read() -> None:
    long = [example for example in EXAMPLES if len(example.text) > 40]
    copies = list(mistyped(long))

    assert copies
    assert min(fuzz.ratio(copy.text, long[0].text) for copy in copies) > 80


def test_short_ones_come_with_their_letters_apart_and_long_ones_never_do() -> None:
    apart = [copy.text for copy in mistyped(EXAMPLES) if "h a n" in copy.text or "h an" in copy.text]
    assert apart
    assert not [text for text in apart if len(text) > 60]


def test_the_same_examples_give_the_same_copies() -> None:
    assert list(mistyped(EXAMPLES)) == list(mistyped(reversed(EXAMPLES)))[::-1]
